"""Answers, hits and pictures from a real library."""

from __future__ import annotations

import asyncio
import io
import shutil
import subprocess
import sys
from pathlib import Path

import anyio
import numpy as np
import pytest
from PIL import Image

from octavo import Answer, AsyncDocumentQA, DocumentQA, Settings
from octavo.errors import (
    LibraryBusy,
    LibraryClosed,
    OctavoError,
    SettingsError,
    UnknownComponent,
    UnknownDocument,
    UnreadableFile,
)
from octavo.generators.types import Event
from octavo.ingest.types import BBox
from octavo.retrievers.embedders import SentenceEmbedder
from octavo.retrievers.options import EmbedderOptions
from octavo.retrievers.types import Level

from .conftest import BUILT, write_pdf


def test_an_answer_says_where_it_stands(qa: DocumentQA) -> None:
    answer = qa.ask(BUILT)
    assert answer.answerable
    assert "1874" in answer.text
    first = answer.citations[0]
    assert (first.name, first.page) == ("lighthouse.pdf", 1)
    assert "1874" in first.quote
    assert 0.15 < first.places[0].bbox.y0 < 0.25  # the paragraph begins at 160 of 842 points
    assert answer.confidence > qa.settings.relevance.answerable
    assert all(qa.settings.relevance.least <= (c.relevance or 0) <= answer.confidence for c in answer.citations)
    assert answer.trace["kept"] >= 1
    assert answer.trace["question"]["content"] == answer.question
    assert answer.trace["filters"] == {}
    assert set(answer.trace["seconds"]) == {"search", "generate"}


def test_what_the_documents_do_not_say_is_not_answered(qa: DocumentQA) -> None:
    answer = qa.ask("Which companies build quantum processors from trapped ions?")
    assert not answer.answerable
    assert answer.citations == ()
    assert 0 <= answer.confidence < qa.settings.relevance.answerable


def test_nothing_is_evidence_when_the_threshold_is_not_reached(library: Path) -> None:
    with DocumentQA.open(library, relevance={"threshold": 1.0}) as strict:
        answer = strict.ask(BUILT)
    assert not answer.answerable
    assert answer.trace["kept"] == 0
    assert answer.confidence > strict.settings.relevance.answerable  # of the question: its pieces were cut


def test_filters_are_inferred_only_when_asked(library: Path, qa: DocumentQA) -> None:
    question = "What is said of Ravensholm on page 2 of lighthouse.pdf?"
    assert len({(hit.ref.document, hit.page) for hit in qa.search(question)}) == 3
    answer = qa.ask(question, infer_filters=True)
    assert answer.trace["question"]["pages"] == [2]
    assert {each["page"] for each in answer.trace["evidence"]} == {2}
    document = qa.document("lighthouse.pdf").id
    assert answer.trace["filters"] == {"documents": [document], "first_page": 2, "last_page": 2}
    with DocumentQA.open(library, read_only=True, retrieval={"infer_filters": True}) as inferring:
        assert {hit.page for hit in inferring.search(question)} == {2}
        assert len(inferring.search(question, infer_filters=False)) > 1


def test_a_filter_that_leaves_nothing_is_said(qa: DocumentQA, caplog: pytest.LogCaptureFixture) -> None:
    answer = qa.ask("What is said on page 99 of lighthouse.pdf?", infer_filters=True)
    assert not answer.answerable
    assert answer.trace["note"] == "nothing is within what the question names"
    assert "without infer_filters" in caplog.text


def test_a_stream_ends_with_the_whole_answer(qa: DocumentQA) -> None:
    events = list(qa.stream(BUILT))
    assert [event.answer is not None for event in events] == [False] * (len(events) - 1) + [True]
    whole = events[-1].answer
    assert isinstance(whole, Answer)
    assert [event.citation for event in events if event.citation] == list(whole.citations)


def test_a_stream_that_is_left_early_harms_nothing(qa: DocumentQA) -> None:
    stream = qa.stream(BUILT)
    next(stream)
    stream.close()
    assert qa.ask(BUILT).answerable


def test_an_error_in_a_stream_comes_out(qa: DocumentQA) -> None:
    with pytest.raises(UnknownDocument):
        list(qa.stream(BUILT, documents=["atlantis.pdf"]))


@pytest.mark.parametrize("level", ["passage", "region", "page", "document"])
def test_hits_of_every_level(qa: DocumentQA, level: Level) -> None:
    hits = qa.search("visitors climb the steps of the tower", level=level, k=3)
    assert hits[0].ref.kind == level
    assert qa.document_name(hits[0].ref.document) == "lighthouse.pdf"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= (hit.relevance or 0) <= 1 for hit in hits)
    if level == "page":
        assert hits[0].ref.id == "2"


def test_restrictions_hold(qa: DocumentQA) -> None:
    garden = qa.document("garden.pdf").id
    assert {hit.ref.document for hit in qa.search(BUILT, documents=["garden"])} == {garden}
    assert {hit.ref.document for hit in qa.search(BUILT, metadata={"subject": "plants"})} == {garden}
    assert qa.search(BUILT, metadata={"subject": "planets"}) == []
    pages = {place.page for hit in qa.search(BUILT, documents=["lighthouse"], pages=(2, None)) for place in hit.places}
    assert pages
    assert 2 in pages
    assert qa.search(BUILT, kinds=["table"]) == []
    assert len(qa.search(BUILT, k=1)) == 1


def test_mistaken_restrictions_are_named(qa: DocumentQA) -> None:
    with pytest.raises(UnknownDocument, match="atlantis"):
        qa.search(BUILT, documents=["atlantis"])
    with pytest.raises(UnknownComponent, match="no kind tables") as caught:
        qa.search(BUILT, kinds=["tables"])  # type: ignore[list-item]
    assert caught.value.cure is not None
    assert "table" in caught.value.cure


def test_pages_and_documents(qa: DocumentQA) -> None:
    assert [document.name for document in qa.documents()] == ["garden.pdf", "lighthouse.pdf"]
    assert qa.document("garden").metadata["year"] == 2021
    assert [page.number for page in qa.pages("lighthouse.pdf")] == [1, 2]
    assert qa.page_size("lighthouse.pdf", 1) == pytest.approx((595, 842))
    with pytest.raises(OctavoError, match="no page 9"):
        qa.page("lighthouse.pdf", 9)


def yellow_share(png: bytes, box: BBox) -> float:
    """Share of highlighter-yellow pixels in a box of a picture."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    x0, y0, x1, y1 = (round(v) for v in box.scaled(*picture.size))
    pixels = np.asarray(picture)[y0:y1, x0:x1]
    return float(((pixels[..., 0] > 200) & (pixels[..., 1] > 150) & (pixels[..., 2] < 80)).mean())


def test_the_picture_is_yellow_where_the_citation_stands(qa: DocumentQA) -> None:
    citation = qa.ask(BUILT).citations[0]
    png = qa.image(citation)
    assert yellow_share(png, citation.places[0].bbox) > 0.5
    assert yellow_share(png, BBox(0, 0.6, 1, 1)) == 0
    crop = Image.open(io.BytesIO(qa.image(citation, crop=True)))
    whole = Image.open(io.BytesIO(png))
    assert crop.height < whole.height / 2
    hit = qa.search(BUILT, k=1)[0]
    assert yellow_share(qa.image(hit), hit.places[0].bbox) > 0.5


def test_a_page_picture_shows_its_regions(qa: DocumentQA) -> None:
    box = qa.page("garden", 1).regions[-1].bbox
    assert yellow_share(qa.page_image("garden", 1), box) == 0
    assert yellow_share(qa.page_image("garden", 1, regions=True), box) > 0.5


def test_it_works_inside_a_running_loop(library: Path) -> None:
    async def cell() -> Answer:
        with DocumentQA.open(library) as qa:
            return qa.ask(BUILT)

    assert "1874" in asyncio.run(cell()).text


def test_a_closed_library_says_so(library: Path) -> None:
    with DocumentQA.open(library) as qa:
        answer = qa.ask(BUILT)
    for asked in (
        qa.documents,
        qa.status,
        qa.verify,
        lambda: qa.ask(BUILT),
        lambda: list(qa.stream(BUILT)),
        lambda: qa.search(BUILT),
        lambda: qa.add(library),
        lambda: qa.sync(library),
        lambda: qa.refresh(),
        lambda: list(qa.pages("garden")),
        lambda: qa.page_image("garden", 1),
        lambda: qa.image(answer.citations[0]),
    ):
        with pytest.raises(LibraryClosed, match="was closed"):
            asked()
    qa.close()


def test_the_asynchronous_core_is_awaited_or_entered(library: Path) -> None:
    async def ask() -> None:
        async with AsyncDocumentQA.open(library) as entered:
            assert len(await entered.documents()) == 2
        with pytest.raises(LibraryClosed):
            await entered.ask(BUILT)
        awaited = await AsyncDocumentQA.open(library)
        assert len(await awaited.documents()) == 2
        await awaited.aclose()
        await awaited.aclose()
        with pytest.raises(LibraryClosed):
            await awaited.documents()

    asyncio.run(ask())


def test_a_library_is_named_by_place_by_name_or_as_a_section(library: Path) -> None:
    with DocumentQA.open(library, library={"collection": "mine"}) as qa:
        assert (qa.settings.library.path, qa.settings.library.collection) == (library, "mine")
    for said in (library, str(library), {"path": library}):
        with DocumentQA.open(library=said) as qa:
            assert qa.settings.library.path == library


def test_the_asynchronous_core(library: Path) -> None:
    async def ask() -> tuple[Answer, list[str]]:
        async with await AsyncDocumentQA.open(library) as qa:
            names = [document.name for document in await qa.documents()]
            answers: list[Answer] = []

            async def one() -> None:
                answers.append(await qa.ask(BUILT))

            async with anyio.create_task_group() as tasks:
                for _ in range(3):
                    tasks.start_soon(one)
            assert answers[0].text == answers[1].text == answers[2].text
            return answers[0], names

    answer, names = anyio.run(ask)
    assert "1874" in answer.text
    assert names == ["garden.pdf", "lighthouse.pdf"]


def test_a_library_has_one_owner(library: Path) -> None:
    with DocumentQA.open(library), pytest.raises(LibraryBusy):
        DocumentQA.open(library)
    DocumentQA.open(library).close()


def test_a_library_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="no library here"):
        DocumentQA.open(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    assert not DocumentQA.exists(Settings(library={"path": tmp_path / "none"}))  # type: ignore[arg-type]


def test_overrides_are_checked(library: Path) -> None:
    with pytest.raises(SettingsError, match=r"relevance\.kk"):
        DocumentQA.open(library, relevance={"kk": 3})
    with pytest.raises(SettingsError, match=r"relevance\.k"):
        DocumentQA.open(library, settings=Settings(), relevance={"k": 0})


def test_the_bundled_embedder_is_who_its_libraries_say(qa: DocumentQA) -> None:
    """`maker_of` spares loading the model: what it says must be what the model says."""
    from octavo.pipelines.build import build_embedder, maker_of

    embedder = build_embedder(EmbedderOptions(device="cpu"))
    assert isinstance(embedder, SentenceEmbedder)
    told = maker_of(EmbedderOptions(), lambda: pytest.fail("the model was loaded"))
    assert told == (embedder.name, embedder.revision, embedder.dimension)


def test_pictures_of_what_was_replaced_or_moved(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "note.pdf", ["The meeting about the harbour wall is on the fourth of May at noon sharp."], "Note"
    )
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        qa.add(path)
        hit = qa.search("When is the meeting?", k=1)[0]
        path.unlink()
        assert qa.image(hit).startswith(b"\x89PNG")  # from the library's own copy
        write_pdf(path, ["The meeting about the harbour wall is on the ninth of June at dusk instead."], "Note")
        assert qa.add(path).replaced == 1
        with pytest.raises(UnknownDocument, match="no longer in the library"):
            qa.image(hit)
        assert "ninth of June" in qa.search("When is the meeting?", k=1)[0].text
        assert qa.remove("note.pdf") == "note.pdf"
        assert qa.search("When is the meeting?") == []
        assert qa.documents() == []


def test_linked_files_are_watched(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "note.pdf", ["The meeting about the harbour wall is on the fourth of May at noon sharp."], "Note"
    )
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1, "keep_originals": False}) as qa:
        qa.add(path)
        hit = qa.search("When is the meeting?", k=1)[0]
        assert qa.image(hit).startswith(b"\x89PNG")
        write_pdf(path, ["Something else, of another length altogether."])
        with pytest.raises(UnreadableFile, match="has changed"):
            qa.image(hit)
        shutil.rmtree(tmp_path / "library" / "originals", ignore_errors=True)
        path.unlink()
        with pytest.raises(UnreadableFile, match="gone"):
            qa.image(hit)


def test_who_forgets_to_close_does_not_wait_at_the_end(tmp_path: Path) -> None:
    program = """
import sys
from octavo import DocumentQA
first = DocumentQA.open(sys.argv[1])
del first  # the library is free again
kept = DocumentQA.open(sys.argv[1])
print(kept.status().documents)
"""
    run = [sys.executable, "-c", program, str(tmp_path / "library")]
    done = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_a_stream_is_one_state_whoever_takes_its_events(library: Path, tmp_path: Path) -> None:
    """The document goes between two events; and each step may be taken by another task."""
    copy = shutil.copytree(library, tmp_path / "library")

    async def run() -> None:
        async with await AsyncDocumentQA.open(copy) as qa:
            stream = qa.stream(BUILT)

            async def step() -> Event:
                return await anext(stream)

            events = [await asyncio.create_task(step())]
            await qa.remove("lighthouse")
            assert [d.name for d in await qa.documents()] == ["garden.pdf"]  # the stream's state is nobody else's
            while not events[-1].answer:
                events.append(await asyncio.create_task(step()))
            assert {citation.name for citation in events[-1].answer.citations} == {"lighthouse.pdf"}
            assert not (await qa.ask(BUILT)).answerable
            left = qa.stream("How much sun do tomatoes want?")
            await anext(left)
            await asyncio.create_task(left.aclose())

    asyncio.run(run())


def test_readers_ask_and_show_and_do_not_write(library: Path, tmp_path: Path) -> None:
    with DocumentQA.open(library) as owner, DocumentQA.open(library, read_only=True) as qa:
        answer = qa.ask(BUILT)
        assert answer.text == owner.ask(BUILT).text
        assert qa.image(answer.citations[0]) == owner.image(answer.citations[0])
        with pytest.raises(OctavoError, match="opened for reading only"):
            qa.remove("garden")
        with pytest.raises(OctavoError, match="opened for reading only"):
            qa.add(write_pdf(tmp_path / "new.pdf", ["Nothing of this is kept."]))
        assert len(owner.documents()) == 2
