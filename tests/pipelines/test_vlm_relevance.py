"""Relevance by a model that is asked yes or no, from settings to answers; the model is the scripted one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from llama_index.core.llms import ChatMessage

from octavo import DocumentQA
from octavo.errors import SettingsError
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Reply
from octavo.tests.pipelines.conftest import BUILT

EXTRACTIVE = {"kind": "extractive"}


def about_1874(messages: Sequence[ChatMessage]) -> Reply:
    yes = 0.8 if "1874" in (messages[-1].content or "") else 0.2
    return Reply(text="Yes", first={"Yes": math.log(yes), "No": math.log(1 - yes)})


def test_the_model_judges_and_its_yes_is_the_relevance(library: Path) -> None:
    llm = ScriptedLLM(replies=about_1874)
    with DocumentQA.open(library, llm=llm, generator=EXTRACTIVE, relevance={"kind": "vlm", "judged": 2}) as qa:
        hits = qa.search(BUILT)
        assert [hit.relevance for hit in hits[:2]] == [pytest.approx(0.8), pytest.approx(0.2)]
        assert {hit.relevance for hit in hits[2:]} == {None}
        assert "maxsim" in hits[0].via, "late interaction chose which are judged"
        assert len(llm.requests) == 2
        answer = qa.ask(BUILT)
    assert "1874" in answer.text
    assert answer.confidence == pytest.approx(0.8)
    assert [citation.relevance for citation in answer.citations] == [pytest.approx(0.8)] * len(answer.citations)


def test_no_for_everything_is_no_answer(library: Path) -> None:
    llm = ScriptedLLM(replies=lambda messages: Reply(text="No", first={"No": -0.01, "Yes": -4.6}))
    with DocumentQA.open(library, llm=llm, generator=EXTRACTIVE, relevance={"kind": "vlm"}) as qa:
        assert not qa.ask(BUILT).answerable
        assert qa.ask(BUILT, k=1).confidence == pytest.approx(0.01, abs=0.001)


def test_without_a_model_the_setting_is_named(library: Path) -> None:
    with DocumentQA.open(library, relevance={"kind": "vlm"}) as qa, pytest.raises(SettingsError) as caught:
        qa.search(BUILT)
    assert caught.value.where == "vlm.base_url"
