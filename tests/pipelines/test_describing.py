"""Figures described by a model, here the scripted one: found by it, never proven by it, and never paid for twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from anyio import to_thread
from llama_index.core.llms import ChatMessage, ChatResponse
from llama_index.core.schema import MetadataMode

from octavo import DocumentQA
from octavo.errors import SettingsError
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Reply
from octavo.generators.quotes import quotes_of
from octavo.generators.relevance.judged import text_of
from octavo.ingest.identity import region_id
from octavo.ingest.types import BBox, Cell, Page, Region, Word
from octavo.pipelines.llamaindex import OctavoRetriever
from octavo.pipelines.reports import Estimate
from octavo.retrievers.library import failpoints
from octavo.tests.pipelines.album import BOXES, TEXT, descriptions, end_before_the_flip, found_by, told, write
from octavo.tests.pipelines.album import open_ as open_
from octavo.tests.pipelines.album import pdf as pdf
from octavo.tests.pipelines.album import settings as settings
from octavo.tests.pipelines.conftest import PoolHere


def test_a_description_finds_its_figure_and_is_not_quoted(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    llm = ScriptedLLM(replies=told)
    with open_(llm) as qa:
        qa.add(pdf)
        before = qa.document("album.pdf").version
        report = qa.describe()
        assert (report.described, report.changed, report.failed) == (2, 1, ())
        assert (report.estimate.regions, report.estimate.known, report.estimate.documents) == (2, 0, 1)
        assert qa.document("album.pdf").version != before
        assert descriptions(qa) == ["A harbour with fishing boats.", "A snowy mountain with a hut."]
        best = qa.search("fishing boats in a harbour")[0]
        (figure,) = qa._core._library.regions_of(best.ref.document, best.regions)
        assert (figure.kind, figure.source, figure.order, best.text) == ("figure", "text-layer", 0, "")
        assert best.places[0].bbox == pytest.approx(BOXES["harbour"], abs=1e-3)
        assert "boats" not in qa.ask("Which boats lie in the harbour?").text
        assert qa.verify() == []
    shown = llm.requests[0].messages[-1]
    assert f"Text around it: {TEXT}" in (shown.content or "")
    assert any(block.block_type == "image" for block in shown.blocks)


def read_table(pool: PoolHere, path: Path, *, version: str, first_page: int = 1, **more: Any) -> Iterator[Page]:
    """A table of the revenue of ferries, in no unit."""
    said = [["Segment", "2022", "2023"], ["Revenue of ferries", "411", "523"], ["Revenue of tugs", "120", "133"]]
    cells = [
        Cell(row=n, col=m, bbox=BBox(m / 4, n / 10, (m + 1) / 4, (n + 1) / 10), text=text, header=n == 0)
        for n, row in enumerate(said)
        for m, text in enumerate(row)
    ]
    words = tuple(Word(cell.text, cell.bbox) for cell in cells)
    table = Region(
        id=region_id(version, 1, 0),
        page=1,
        order=0,
        kind="table",
        bbox=BBox(0, 0, 0.75, 0.3),
        text="\n".join(" ".join(row) for row in said),
        section=("Shipping",),
        words=words,
        cells=tuple(cells),
    )
    yield Page(number=1, width=600, height=800, regions=(table,))


def test_only_search_reads_a_description(
    open_: Callable[..., DocumentQA], pdf: Path, pool: type[PoolHere], monkeypatch: pytest.MonkeyPatch
) -> None:
    def replies(messages: Sequence[ChatMessage]) -> str | Reply:
        if "Describe it" in (messages[-1].content or ""):
            return "The revenue of ferries and tugs. All amounts are in billions of dollars."
        return Reply(text="yes", first={"yes": -0.1, "no": -3.0})

    monkeypatch.setattr(pool, "read", read_table)
    llm = ScriptedLLM(replies=replies)
    with open_(llm, relevance={"kind": "vlm"}) as qa:
        qa.add(pdf)
        qa.describe()
        llm.requests.clear()
        hits = qa.search("What was the revenue of ferries in 2023, in billions of dollars?")
        (found,) = (hit for hit in hits if hit.description)
        (table,) = qa._core._library.regions_of(found.ref.document, found.regions)
        quoted = [quote.text for quote in quotes_of(table, found)]
        assert "523" in " ".join(quoted)
        shown = [node.node.get_content(MetadataMode.LLM) for node in OctavoRetriever(qa).retrieve("ferries")]
        judged = [request.messages[-1].content or "" for request in llm.requests]
        assert len(judged) >= 2, "the table's own passage, and that of its description"
        assert sum("Revenue of ferries 411 523" in said for said in judged) >= 2
        evidence = [said.partition("</evidence>")[0] for said in judged]
        for texts in (quoted, shown, evidence, map(text_of, hits)):
            assert not [text for text in texts if "billions" in text]


def test_nothing_is_asked_twice_whatever_happens(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    with open_() as qa:
        qa.add(pdf)
    with open_() as qa, pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "hook", end_before_the_flip)
        with pytest.raises(RuntimeError, match="the end"):
            qa.describe()
    nobody = ScriptedLLM(replies=[])
    with open_(nobody) as qa:
        assert descriptions(qa) == [], "wholly or not at all"
        report = qa.describe()
        assert (report.described, report.changed, report.estimate.known) == (0, 1, 2)
        assert len(descriptions(qa)) == 2
        again = qa.describe()
        assert (again.described, again.changed) == (0, 0)
        assert qa.verify() == []


def test_a_document_read_again_keeps_the_descriptions_of_what_looks_as_it_did(
    open_: Callable[..., DocumentQA], pdf: Path, pool: type[PoolHere]
) -> None:
    with open_() as qa:
        qa.add(pdf)
        qa.describe()
        write(pdf, 0.2, 0.5)
        assert qa.add(pdf).replaced == 1
        assert descriptions(qa) == ["A harbour with fishing boats."]
        assert any("fishing" in text for text in found_by(qa))
        assert (qa.describe().described, len(descriptions(qa))) == (1, 2)


def test_what_looks_the_same_is_asked_about_once(open_: Callable[..., DocumentQA], tmp_path: Path) -> None:
    llm = ScriptedLLM(replies=["An empty pier.", "A hut."])
    with open_(llm) as qa:
        qa.add(write(tmp_path / "album.pdf", 0.5, 0.5), write(tmp_path / "second.pdf", 0.5, 0.7))
        report = qa.describe("album.pdf", "second.pdf", "album.pdf")
        assert (report.estimate.regions, report.estimate.documents, report.described, report.changed) == (2, 2, 2, 2)
        assert len(llm.requests) == 2
        assert descriptions(qa) == ["An empty pier.", "An empty pier."]
        qa.remove("album.pdf")
        again = qa.describe("second.pdf", confirm=lambda _: False)
        assert (again.estimate.known, again.estimate.regions) == (2, 0), "it is kept for both"


def while_asked(change: Callable[[], object]) -> ScriptedLLM:
    """Before the first reply something else happens to the library."""
    changes = [change]

    class Meanwhile(ScriptedLLM):
        async def achat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
            if changes:
                await to_thread.run_sync(changes.pop())  # the library's event loop goes on
            reply: ChatResponse = await super().achat(messages, **kwargs)
            return reply

    return Meanwhile(replies=told)


def test_a_document_that_changes_meanwhile_loses_nothing(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    with open_() as qa:
        qa.add(pdf)
        qa.describe()

    def change() -> None:
        write(pdf, 0.2, 0.81)
        assert qa.add(pdf).replaced == 1

    llm = while_asked(change)
    llm.model_name = "another"
    with open_(llm) as qa:
        report = qa.describe()
        assert report.changed == 0
        assert [one.message for one in report.failed] == ["the document changed meanwhile"]
        assert descriptions(qa) == ["A harbour with fishing boats."], "what looks as it did keeps what it had"
        again = qa.describe()
        assert (again.failed, len(descriptions(qa))) == ((), 2)
        assert qa.verify() == []


def test_a_document_that_goes_meanwhile_stops_no_other(open_: Callable[..., DocumentQA], tmp_path: Path) -> None:
    llm = while_asked(lambda: qa.remove("aside.pdf"))
    with open_(llm) as qa:
        qa.add(write(tmp_path / "aside.pdf", 0.2, 0.8), write(tmp_path / "album.pdf", 0.3, 0.8))
        report = qa.describe()
        assert (report.changed, report.failed) == (1, ())
        assert len(descriptions(qa)) == 2, "also of what both showed"
        assert qa.verify() == []


def test_the_estimate_comes_first_and_no_is_no(open_: Callable[..., DocumentQA], pdf: Path) -> None:
    nobody = ScriptedLLM(replies=[])
    said: list[Estimate] = []
    with open_(nobody) as qa:
        qa.add(pdf)

        def no(estimate: Estimate) -> bool:
            said.append(estimate)
            return False

        report = qa.describe(confirm=no)
        assert (report.described, report.changed) == (0, 0)
        assert qa.describe(kinds=["table"]).estimate.regions == 0
    assert said[0] == report.estimate
    assert said[0].visual_tokens > 100
    assert said[0].reply_tokens == 1024
    assert nobody.requests == []


def test_without_a_model_the_setting_is_named(settings: dict[str, Any], tmp_path: Path) -> None:
    with DocumentQA.open(tmp_path / "library", **settings) as qa, pytest.raises(SettingsError) as caught:
        qa.describe()
    assert caught.value.where == "vlm.base_url"
