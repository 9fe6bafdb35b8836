"""A model asked yes or no, by the scripted one; what it is shown, and how its first token is read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock

from octavo.errors import ReplyFailed, ServerUnavailable, SettingsError, UnreadableFile
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Limits, Reply
from octavo.generators.evidence.drawn import Drawn
from octavo.generators.evidence.visual_tokens import PatchGrid
from octavo.generators.prompts.templates import Prompts
from octavo.generators.relevance.yes_no import YesNo, probability_of_yes
from octavo.ingest.types import BBox, Kind, Page, Place, Region
from octavo.retrievers.types import Hit, Ref

BOX = BBox(0.1, 0.2, 0.9, 0.4)


def hit(n: int, text: str, kind: Kind = "text", box: BBox = BOX) -> Hit:
    return Hit(
        ref=Ref(kind="passage", id=str(n), document="doc", version="v"),
        places=(Place(2, box),),
        score=-n,
        kind=kind,
        text=text,
        context="Report > Sales",
    )


class Source:
    """One page without words, of which pictures say what was drawn."""

    def page(self, document: str, number: int) -> Page:
        return Page(number=number, width=600, height=800)

    def picture(self, document: str, page: int, bbox: BBox, width: int, height: int) -> bytes:
        return f"{document} {page} {width}x{height}".encode()

    def drawn(self, document: str, page: Page) -> Drawn:
        raise NotImplementedError

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        raise NotImplementedError

    def document_name(self, document: str) -> str:
        return f"{document}.pdf"


def yes_no(llm: ScriptedLLM, limits: Limits | None = None, source: Source | None = None, **more: Any) -> YesNo:
    chat = LlamaIndexChat(llm, limits=limits or Limits(context=4096, pictures=4))
    return YesNo(chat, source or Source(), Prompts(), PatchGrid(), **more)


def by_evidence(messages: Sequence[ChatMessage]) -> Reply:
    """Yes, nine to one, for evidence of 2023; "The" for what is blank; else no."""
    said = messages[-1].content or ""
    if "blank" in said:
        return Reply(text="The", first={"The": -0.1, "A": -3.0})
    likely, unlikely = math.log(0.9), math.log(0.1)
    return Reply(
        text="Yes", first={"Yes": likely, "No": unlikely} if "2023" in said else {"no": likely, " yes": unlikely}
    )


HITS = [hit(0, "In 2023 sales grew."), hit(1, "Sales of 2021.", "figure"), hit(2, "blank")]


def test_each_hit_is_asked_about_and_what_is_no_judgement_is_none() -> None:
    llm = ScriptedLLM(replies=by_evidence)
    found = anyio.run(yes_no(llm).probabilities, "How did sales grow?", HITS)
    assert found == [pytest.approx(0.9), pytest.approx(0.1), None]
    assert [(r.arguments["max_tokens"], r.arguments["top_logprobs"]) for r in llm.requests] == [(1, 20)] * 3


def test_pictures_first_then_text_and_the_question_last() -> None:
    llm = ScriptedLLM(replies=by_evidence)
    anyio.run(yes_no(llm).probabilities, "How did sales grow? </evidence>", HITS[:2])
    anyio.run(yes_no(llm).probabilities, "Who sold?", HITS[:2])
    shown = sorted((blocks_of(request.messages) for request in llm.requests), key=len)
    words, words_again, (fence, picture, text), (_, picture_again, text_again) = shown
    assert fence == '<evidence number="1" document="doc.pdf" page="2" kind="figure">\n'
    assert picture == picture_again == b"doc 2 753x269"  # 108 dpi, and a little more: whole tokens
    assert text.startswith("Report > Sales\nSales of 2021.\n</evidence>")
    assert text.endswith("Question: How did sales grow? (/evidence>")
    same = common(text, text_again)
    assert same.endswith("Question: ")
    assert "In 2023 sales grew." in common(words[0], words_again[0])
    assert len({request.messages[0].content for request in llm.requests}) == 1


def blocks_of(messages: Sequence[ChatMessage]) -> list[Any]:
    return [
        block.text if isinstance(block, TextBlock) else block.resolve_image().read()
        for block in messages[-1].blocks
        if isinstance(block, TextBlock | ImageBlock)
    ]


def common(a: str, b: str) -> str:
    n = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:n]


@pytest.mark.parametrize(
    "more",
    [
        {"pictures": False},
        {"visual_tokens": 20},
        {"limits": Limits(context=4096, pictures=0)},
        {"limits": Limits(context=60, pictures=4)},
    ],
)
def test_text_alone_where_a_picture_is_not_wanted_or_not_possible(more: dict[str, Any]) -> None:
    llm = ScriptedLLM(replies=by_evidence)
    anyio.run(yes_no(llm, **more).probabilities, "?", HITS[1:2])
    assert [len(blocks_of(request.messages)) for request in llm.requests] == [1]


@pytest.mark.parametrize("more", [{"pictures": False}, {"visual_tokens": 20}])
def test_what_has_no_words_and_no_picture_is_not_asked_about(more: dict[str, Any]) -> None:
    described = hit(3, "", "figure").model_copy(update={"context": "", "description": "Sales of 2023, by port."})
    llm = ScriptedLLM(replies=by_evidence)
    judge = yes_no(llm, source=Wordless(), **more)
    found = anyio.run(judge.probabilities, "How did sales grow?", [*HITS[:2], described])
    assert found == [pytest.approx(0.9), pytest.approx(0.1), None]
    assert len(llm.requests) == 2
    with pytest.raises(SettingsError, match="has no words"):
        anyio.run(judge.probabilities, "How did sales grow?", [described])


class Wordless(Source):
    """Of its regions nothing was read."""

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        return []


class Lost(Source):
    """The file is gone."""

    def picture(self, document: str, page: int, bbox: BBox, width: int, height: int) -> bytes:
        raise UnreadableFile("the file is gone", where=document)


def test_what_cannot_be_drawn_is_judged_by_its_text(caplog: pytest.LogCaptureFixture) -> None:
    bare = hit(3, "", "figure").model_copy(update={"context": ""})
    llm = ScriptedLLM(replies=by_evidence)
    judge = yes_no(llm, source=Lost())
    hits = [*HITS[:2], bare, hit(4, "Sales of 2023.", "table")]
    found = anyio.run(judge.probabilities, "How did sales grow?", hits)
    assert found == [pytest.approx(0.9), pytest.approx(0.1), None, pytest.approx(0.9)]
    assert [len(blocks_of(request.messages)) for request in llm.requests] == [1, 1, 1]
    assert "3 tables and figures could not be drawn" in caplog.text
    with pytest.raises(UnreadableFile):
        anyio.run(judge.probabilities, "How did sales grow?", [bare])


def test_neither_yes_nor_no_for_anything_is_an_error() -> None:
    with pytest.raises(ReplyFailed, match="neither yes nor no, but 'The'"):
        anyio.run(yes_no(ScriptedLLM(replies=by_evidence)).probabilities, "?", [HITS[2], HITS[2]])


def test_a_failing_server_is_told_as_it_is() -> None:
    def gone(messages: Sequence[ChatMessage]) -> Reply:
        raise ServerUnavailable("no connection to the model")

    with pytest.raises(ServerUnavailable, match="no connection"):
        anyio.run(yes_no(ScriptedLLM(replies=gone)).probabilities, "?", HITS)


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({"Yes": math.log(0.6), " yes": math.log(0.2), "YES": math.log(0.1), "No": math.log(0.1)}, 0.9),
        ({"▁no": math.log(0.3), "**Yes": math.log(0.1), "Maybe": math.log(0.6)}, 0.25),
        ({"yes": math.log(0.96), "The": math.log(0.01)}, 96 / 97),  # "no" is no likelier than the least likely listed
        ({"no": math.log(0.9), "Not": math.log(0.06)}, 0.04 / 0.94),  # nor likelier than what the others leave
        ({"yes": math.log(0.98), "The": math.log(0.02)}, 1.0),
        ({"yes": 0.0}, 1.0),
        ({"no": 0.0}, 0.0),
        ({"Not": -0.1, "Yesterday": -2.0}, None),
        ({"yes": -9999.0, "I": 0.0}, None),
        ({}, None),
    ],
)
def test_the_probability_of_yes(first: dict[str, float], expected: float | None) -> None:
    assert probability_of_yes(first) == (pytest.approx(expected) if expected is not None else None)
