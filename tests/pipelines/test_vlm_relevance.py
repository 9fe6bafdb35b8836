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
from octavo.generators.chat.types import Reply, Usage
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
    no = Reply(text="No", first={"No": -0.01, "Yes": -4.6}, usage=Usage(prompt=100, completion=1, cached=64))
    llm = ScriptedLLM(replies=lambda messages: no)
    with DocumentQA.open(library, llm=llm, generator=EXTRACTIVE, relevance={"kind": "vlm", "judged": 3}) as qa:
        nothing = qa.ask(BUILT)
        assert not nothing.answerable
        assert nothing.usage == {"prompt_tokens": 300, "completion_tokens": 3, "cached_tokens": 192}
        assert qa.ask(BUILT, k=1).confidence == pytest.approx(0.01, abs=0.001)


def test_all_that_a_question_costs_is_counted(library: Path) -> None:
    def reply(messages: Sequence[ChatMessage]) -> Reply:
        said = messages[-1].content or ""
        if "Reply yes or no." in said:
            return about_1874(messages).model_copy(update={"usage": Usage(prompt=1000, completion=1)})
        if "Further question:" in said:
            return Reply(text=BUILT, usage=Usage(prompt=100, completion=20))
        return Reply(text="In 1874 [1].", usage=Usage(prompt=10, completion=5, cached=8))

    llm, before = ScriptedLLM(replies=reply), [("Where is the lighthouse?", "At Ravensholm.")]
    with DocumentQA.open(library, llm=llm, relevance={"kind": "vlm", "judged": 2}) as qa:
        found = qa.ask("When was it built?", history=before)
        again = qa.ask(BUILT)
    assert found.trace["tokens"] == {
        "rewrite": {"prompt": 100, "completion": 20, "cached": 0},
        "search": {"prompt": 2000, "completion": 2, "cached": 0},
        "write": {"prompt": 10, "completion": 5, "cached": 8},
    }
    tokens = [found.usage[f"{name}_tokens"] for name in ("prompt", "completion", "cached")]
    assert tokens == [2110, 27, 8]
    assert again.usage["prompt_tokens"] == 2010, "each question by itself"


def test_without_a_model_the_setting_is_named(library: Path) -> None:
    with DocumentQA.open(library, relevance={"kind": "vlm"}) as qa, pytest.raises(SettingsError) as caught:
        qa.search(BUILT)
    assert caught.value.where == "vlm.base_url"
