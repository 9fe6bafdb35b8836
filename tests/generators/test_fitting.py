"""Prompts that fit: the context, the pictures that a model takes, and servers that find them too long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from llama_index.core.llms import ChatMessage, ImageBlock

from octavo.errors import PromptTooLong
from octavo.generators.base import answer
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits
from octavo.tests.generators.answering import ASKED, CHART, YARD, generator, hits, prompted
from octavo.tests.generators.evidence.material import Pages
from octavo.tests.generators.material import region


@pytest.mark.parametrize("context", [1100, 1500, 2000, 5000])
def test_a_prompt_never_overruns_the_context(context: int) -> None:
    paragraphs = [region(f"Paragraph {n}. " + "The yard has many cranes. " * 30, id=f"r{n}") for n in range(8)]
    llm = ScriptedLLM(replies=["It has [1]."])
    made = generator(llm, *paragraphs, limits=Limits(context=context, pictures=0), max_tokens=256)
    found = asyncio.run(answer(made, ASKED, hits(*paragraphs)))
    messages, arguments = llm.requests[0]
    chat = LlamaIndexChat(llm)
    assert asyncio.run(chat.count(prompted(messages))) + arguments["max_tokens"] <= context
    assert len(found.trace["left_out"]) + len(found.trace["shown"]) == 8
    assert bool(found.trace["left_out"]) == (context < 5000)


def test_long_names_of_documents_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pages, "document_name", lambda self, document: "港湾年度报告" * 19 + ".pdf")
    paragraphs = [region(f"Crane {n}.", id=f"r{n}") for n in range(12)]
    llm = ScriptedLLM(replies=["It has [1]."])
    made = generator(llm, *paragraphs, limits=Limits(context=1800, pictures=0), max_tokens=256)
    found = asyncio.run(answer(made, ASKED, hits(*paragraphs)))
    messages, arguments = llm.requests[0]
    assert asyncio.run(LlamaIndexChat(llm).count(prompted(messages))) + arguments["max_tokens"] <= 1800
    assert 0 < len(found.trace["shown"]) < 12


def test_pictures_are_as_many_as_the_model_takes() -> None:
    charts = [CHART.model_copy(update={"id": f"c{n}"}) for n in range(3)]
    for most, limits in ((2, Limits(context=30_000, pictures=2)), (0, Limits(context=30_000, pictures=0))):
        llm = ScriptedLLM(replies=["It has [1]."])
        asyncio.run(answer(generator(llm, *charts, limits=limits), ASKED, hits(*charts)))
        blocks = llm.requests[0].messages[1].blocks
        assert sum(isinstance(block, ImageBlock) for block in blocks) == most


def test_a_context_that_holds_no_evidence_is_an_error() -> None:
    made = generator(ScriptedLLM(replies=[]), YARD, limits=Limits(context=500, pictures=0))
    with pytest.raises(PromptTooLong, match="no evidence fits"):
        asyncio.run(answer(made, ASKED, hits(YARD)))


def test_a_prompt_that_the_server_finds_too_long_is_made_shorter() -> None:
    lengths: list[int] = []

    def reply(messages: Sequence[ChatMessage]) -> str:
        lengths.append(len(prompted(messages)))
        if len(lengths) < 3:
            raise PromptTooLong("too long", where="scripted")
        return "The yard has many cranes [1]."

    paragraphs = [region(f"Paragraph {n}. " + "The yard has many cranes. " * 30, id=f"r{n}") for n in range(8)]
    made = generator(ScriptedLLM(replies=reply), *paragraphs, limits=Limits(context=6000, pictures=0))
    found = asyncio.run(answer(made, ASKED, hits(*paragraphs)))
    assert found.text == "The yard has many cranes [1]."
    assert lengths[0] > lengths[1] > lengths[2]
