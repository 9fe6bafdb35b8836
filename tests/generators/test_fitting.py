"""Prompts that fit: the context, the pictures that a model takes, and servers that find them too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage, ImageBlock

from octavo.errors import PromptTooLong, TooManyPictures, UnreadableFile
from octavo.generators.base import answer
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits
from octavo.generators.types import Answer
from octavo.ingest.types import Region
from octavo.tests.generators.answering import ASKED, CHART, YARD, asked, generator, hits, prompted
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


class Refusing:
    """A model whose server refuses what is `too_much`; `asked` is what it was shown: prompts, and pictures in each."""

    def __init__(self, too_much: Callable[[str, int], PromptTooLong | None]) -> None:
        self._too_much = too_much
        self.asked: list[tuple[str, int]] = []

    def __call__(self, messages: Sequence[ChatMessage]) -> str:
        self.asked.append((prompted(messages), sum(isinstance(block, ImageBlock) for block in messages[1].blocks)))
        if error := self._too_much(*self.asked[-1]):
            raise error
        return "The yard has 14 cranes [1]."

    def answer(self, *regions: Region, **options: Any) -> Answer:
        limits = Limits(context=32_768, pictures=8)
        made = generator(ScriptedLLM(replies=self), *regions, limits=limits, **options)
        return asyncio.run(answer(made, ASKED, hits(*regions)))

    @property
    def pictures(self) -> list[int]:
        return [pictures for _, pictures in self.asked]


LONG = PromptTooLong("the prompt of 33000 tokens does not fit", where="the server")
MANY = TooManyPictures("more pictures than the 1 that the model takes", where="the server")


def test_a_prompt_that_the_server_finds_too_long_is_made_shorter() -> None:
    paragraphs = [region(f"Paragraph {n}. " + "The yard has many cranes. " * 30, id=f"r{n}") for n in range(8)]
    model = Refusing(lambda said, _: LONG if said.count("Paragraph") > 2 else None)
    found = model.answer(*paragraphs)
    assert [said.count("Paragraph") for said, _ in model.asked] == [8, 4, 2]
    assert [shown["hits"] for shown in found.trace["shown"]] == [["hit-r0"], ["hit-r1"]]


def test_a_long_piece_that_is_the_most_relevant_stays() -> None:
    long, short = (
        region("Crane. " * 120 + "The yard has 14 cranes.", id="long"),
        region("It opened in 1962.", id="short"),
    )
    model = Refusing(lambda said, _: LONG if "1962" in said else None)
    found = model.answer(long, short)
    assert (len(model.asked), found.trace["left_out"]) == (2, ["hit-short"])
    assert found.citations[0].regions == ("long",)


def test_where_nothing_less_can_be_shown_the_server_has_its_say() -> None:
    model = Refusing(lambda *_: LONG)
    with pytest.raises(PromptTooLong) as caught:
        model.answer(YARD)
    assert caught.value is LONG
    assert len(model.asked) == 1
    with pytest.raises(PromptTooLong) as caught:
        model.answer(CHART)
    assert caught.value is LONG


def test_a_lone_chart_becomes_smaller_and_at_last_text() -> None:
    model = Refusing(lambda _, pictures: LONG if pictures else None)
    found = model.answer(CHART)
    assert model.pictures[0] == 1
    assert model.pictures[-1] == 0
    assert len(model.asked) <= 3
    assert [(shown["hits"], shown["picture"]) for shown in found.trace["shown"]] == [(["hit-chart"], None)]


def test_pictures_that_are_too_dear_cost_no_text() -> None:
    charts = [CHART.model_copy(update={"id": f"c{n}"}) for n in range(4)]
    model = Refusing(lambda _, pictures: LONG if pictures > 2 else None)
    found = model.answer(*charts, YARD)
    assert model.pictures[0] == 4
    assert all("It opened in 1962" in said for said, _ in model.asked)
    assert found.trace["left_out"] == []


def test_too_many_pictures_are_fewer_whatever_they_cost() -> None:
    charts = [CHART.model_copy(update={"id": f"c{n}"}) for n in range(3)]
    paragraphs = [region(f"Paragraph {n}. " + "The yard has many cranes. " * 30, id=f"r{n}") for n in range(12)]
    model = Refusing(lambda _, pictures: MANY if pictures > 1 else None)
    found = model.answer(*charts, *paragraphs)
    assert model.pictures == [3, 1]
    assert [said.count("Paragraph") for said, _ in model.asked] == [12, 12]
    assert found.trace["left_out"] == []
    none = Refusing(lambda _, pictures: MANY if pictures else None)
    none.answer(CHART)
    assert none.pictures == [1, 0]


@pytest.mark.parametrize("lost", ["drawn", "picture"])  # at once, or after it was looked at for pictures
def test_what_cannot_be_drawn_is_shown_as_text(
    lost: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: object) -> None:
        raise UnreadableFile("the file is gone", where="/yard.pdf", cure="put it back")

    monkeypatch.setattr(Pages, lost, gone)
    found, llm = asked("It has 14 cranes [1].", CHART, YARD)
    assert not any(isinstance(block, ImageBlock) for block in llm.requests[0].messages[1].blocks)
    assert [(shown["hits"], shown["picture"]) for shown in found.trace["shown"]] == [
        (["hit-chart"], None),
        (["hit-yard"], None),
    ]
    pages = [(one["document"], one["page"], one["why"]) for one in found.trace["undrawn"]]
    assert pages == [("doc", page, "the file is gone") for page in ((1, 2) if lost == "drawn" else (1,))]
    assert len(caplog.records) == 1
    assert "could not be drawn, and went as text: /yard.pdf" in caplog.text
    wordless = CHART.model_copy(update={"text": "", "words": (), "caption": None})
    with pytest.raises(UnreadableFile, match="the file is gone"):
        asked("It has 14 cranes [1].", wordless)
