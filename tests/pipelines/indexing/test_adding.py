"""Adding: what is skipped, replaced and recorded. Real files, real workers, a real library."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from octavo import AddReport, DocumentQA, Progress
from octavo.errors import LibraryBusy, OctavoError
from octavo.ingest.identity import document_id
from octavo.pipelines.indexing import reading
from octavo.pipelines.indexing.embedding import searched_text
from octavo.pipelines.settings import Settings
from octavo.retrievers.library.lock import LibraryLock
from octavo.retrievers.library.methods import opened

from ..conftest import GARDEN, LIGHTHOUSE, PoolHere, write_pdf


def test_what_is_there_is_not_read_again(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm")
    with DocumentQA.open(tmp_path / "library") as qa:
        first = qa.add(one)
        assert (first.added, first.pages) == (1, 2)
        assert first.passages == qa.status().passages > 0
        again = qa.add(one, one)
        assert (again.added, again.unchanged, again.pages) == (0, 1, 0)
        os.utime(one, (1, 1))  # the same bytes with another date
        assert qa.add(one).unchanged == 1
        assert pool.reads == [("one.pdf", 1)]


def test_token_vectors_are_stored_pooled(tmp_path: Path, quick: dict[str, Any]) -> None:
    with DocumentQA.open(tmp_path / "library", **quick) as qa:
        qa.add(write_pdf(tmp_path / "one.pdf", ["the ferry sails at night: net debt"]))
        library = qa._core._library
        stored = library.token_vectors(library.passage_ids())
        texts = [searched_text(passage) for passage in library.passages(list(stored))]
        made = qa._core._parts.embedder.embed_documents(texts).tokens
    assert made
    for blob, tokens in zip(stored.values(), made, strict=True):
        count, width = tokens.values.shape
        assert 0 < len(blob) == -(-count // 3) * (width + 4)


def test_a_multi_vector_model_by_name(tmp_path: Path, pool: type[PoolHere], tiny_colbert: Path) -> None:
    pool.plainly = True
    one = write_pdf(tmp_path / "one.pdf", ["the ferry sails at night: net debt"])
    with DocumentQA.open(tmp_path / "library", embedder={"model": str(tiny_colbert)}) as qa:
        qa.add(one)
        library = qa._core._library
        assert library.maker.dimension == 8
        assert [len(blob) % 12 for blob in library.token_vectors(library.passage_ids()).values()] == [0]
        (hit,) = qa.search("when does the ferry sail?")
    assert 0 < hit.via["maxsim"] <= 1


def test_other_settings_of_reading_make_another_version(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN, "Growing tomatoes")
    with DocumentQA.open(tmp_path / "library") as qa:
        qa.add(one)
    with DocumentQA.open(tmp_path / "library", ingest={"passage_tokens": 40}) as qa:
        assert qa.add(one).replaced == 1
        assert len(qa.documents()) == 1
    with DocumentQA.open(tmp_path / "library", ingest={"passage_tokens": 40, "workers": 2}) as qa:
        assert qa.add(one).unchanged == 1


def test_a_changed_file_replaces_its_old_version(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN, "Growing tomatoes")
    with DocumentQA.open(tmp_path / "library") as qa:
        qa.add(one)
        old = qa.document("one.pdf")
        write_pdf(one, LIGHTHOUSE, "Ravensholm")
        assert qa.add(one).replaced == 1
        new = qa.document("one.pdf")
        assert (new.id, new.version == old.version) == (old.id, False)
        assert all("omato" not in hit.text for hit in qa.search("tomatoes in the sun", k=50))
        originals = {path.name for path in (tmp_path / "library" / "originals").iterdir()}
        assert originals == {f"{new.content}.pdf"}


def test_a_vanished_vector_index_is_made_anew_though_nothing_is_new(tmp_path: Path, quick: dict[str, Any]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN)
    for handle in range(2):
        with DocumentQA.open(tmp_path / "library", **quick) as qa:
            assert qa.add(one).unchanged == handle
            for _ in range(2):  # under an open handle as well
                assert qa.verify() == []
                shutil.rmtree(tmp_path / "library" / "chroma")
                assert "the vector index is gone" in qa.verify()[0]
                assert qa.add(one).unchanged == 1
        shutil.rmtree(tmp_path / "library" / "chroma")


def test_who_only_reads_is_refused_though_nothing_is_new(tmp_path: Path, quick: dict[str, Any]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN)
    with DocumentQA.open(tmp_path / "library", **quick) as qa:
        qa.add(one)
    with DocumentQA.open(tmp_path / "library", read_only=True, **quick) as qa:
        for work in (partial(qa.add, one), partial(qa.sync, tmp_path), qa.refresh, partial(qa.remove, "one.pdf")):
            with pytest.raises(OctavoError, match="opened for reading only"):
                work()
        assert qa.sync(tmp_path, dry_run=True).unchanged == 1


def test_what_is_not_a_file_s_fault_is_not_remembered_of_it(
    tmp_path: Path, quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside a Chroma server that is gone, and beside another writer."""
    monkeypatch.setattr(opened, "_PATIENCE_S", 0.1)
    (tmp_path / "files").mkdir()
    for name in ("a", "b", "c"):
        write_pdf(tmp_path / "files" / f"{name}.pdf", GARDEN)
    beside = LibraryLock(tmp_path / "library")

    def elsewhere(event: Progress) -> None:
        with pytest.raises(LibraryBusy):  # not even between two files
            beside.acquire()

    place = {"path": tmp_path / "library", "chroma": "http://127.0.0.1:9"}
    with DocumentQA.open(settings=Settings.checked({**quick, "library": place})) as qa:
        report = qa.add(tmp_path / "files", progress=elsewhere)
        assert (report.added, len(report.failed), report.untried) == (0, 1, 2)
        assert "does not answer" in report.failed[0].message
        assert "chroma run" in str(report.failed[0].cure)
        with beside.held(), pytest.raises(LibraryBusy):
            qa.add(tmp_path / "files")
        assert qa.status().failures == ()
    with DocumentQA.open(tmp_path / "library", **quick) as qa:
        assert qa.add(tmp_path / "files").added == 3
        assert qa.verify() == []


def test_a_file_that_another_thread_is_adding_holds_nothing_up(
    tmp_path: Path, quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PAGES_AHEAD", 2)
    long, other = write_pdf(tmp_path / "long.pdf", GARDEN * 9), write_pdf(tmp_path / "other.pdf", GARDEN)
    with DocumentQA.open(tmp_path / "library", **quick) as qa:
        id = document_id("default", long.as_posix())
        monkeypatch.setattr(qa._core._library, "_staging", {id})
        adding = Future[AddReport]()
        Thread(target=lambda: adding.set_result(qa.add(long, other)), daemon=True).start()
        report = adding.result(timeout=300)
        assert (report.added, len(report.failed)) == (1, 1)
        assert "is being added already" in report.failed[0].message


def test_metadata_is_taken_over_without_reading(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN, "Growing tomatoes")
    with DocumentQA.open(tmp_path / "library") as qa:
        qa.add(one, metadata={"year": 2020, "shelf": "A"})
        assert qa.add(one, metadata={"year": 2021}).unchanged == 1
        assert qa.document("one").metadata.items() >= {"year": 2021, "shelf": "A"}.items()
        assert qa.search("tomatoes", metadata={"year": 2021})
        assert not qa.search("tomatoes", metadata={"year": 2020})
        assert len(pool.reads) == 1


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a-broken.pdf").write_bytes(b"%PDF-1.7 and then nothing of the kind")
    (folder / "b-empty.pdf").write_bytes(b"")
    write_pdf(folder / "c-good.pdf", GARDEN, "Growing tomatoes")
    events: list[Progress] = []
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        report = qa.add(folder, folder / "d-absent.pdf", progress=events.append)
        assert report.added == 1
        assert sorted(Path(failure.source).name for failure in report.failed) == [
            "a-broken.pdf",
            "b-empty.pdf",
            "d-absent.pdf",
        ]
        assert {failure.source for failure in qa.status().failures} == {failure.source for failure in report.failed}
        assert [document.name for document in qa.documents()] == ["c-good.pdf"]
        assert qa.status().unfinished == ()
        # Mended, it is added, and the complaint is gone.
        write_pdf(folder / "a-broken.pdf", LIGHTHOUSE, "Ravensholm")
        assert qa.add(folder / "a-broken.pdf").added == 1
        assert len(qa.status().failures) == 2
    ends = [(event.name, event.stage) for event in events if event.stage not in {"reading", "embedding"}]
    assert sorted(ends) == [
        ("a-broken.pdf", "failed"),
        ("b-empty.pdf", "failed"),
        ("c-good.pdf", "added"),
        ("d-absent.pdf", "failed"),
    ]
    assert {event.files for event in events} == {4}


def test_a_page_that_fails_is_left_out_and_told(tmp_path: Path, pool: type[PoolHere]) -> None:
    pool.failing = frozenset({1})
    one = write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm")
    with DocumentQA.open(tmp_path / "library") as qa:
        report = qa.add(one)
        assert report.added == 1
        assert [(failure.page, failure.message) for failure in report.failed_pages] == [(1, "the page is torn")]
        assert [failure.page for failure in qa.status().failures] == [1]
        assert qa.page("one", 1).notes == ("failed: the page is torn",)
        hits = qa.search("the lighthouse at Ravensholm", k=20)
        assert {place.page for hit in hits for place in hit.places} == {2}


def test_a_file_of_which_nothing_can_be_read_leaves_nothing(tmp_path: Path, pool: type[PoolHere]) -> None:
    pool.failing = frozenset({1, 2})
    one = write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm")
    with DocumentQA.open(tmp_path / "library") as qa:
        report = qa.add(one)
        assert (report.added, len(report.failed)) == (0, 1)
        assert "none of its 2 pages" in report.failed[0].message
        assert qa.documents() == []
        pool.failing = frozenset()
        assert qa.add(one).added == 1  # it is tried again, from the first page
        assert pool.reads == [("one.pdf", 1), ("one.pdf", 1)]
        assert qa.status().failures == ()


def test_a_failed_update_keeps_the_old_version(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN, "Growing tomatoes")
    with DocumentQA.open(tmp_path / "library") as qa:
        qa.add(one)
        one.write_bytes(b"%PDF-1.7 half a file")
        report = qa.add(one)
        assert (report.replaced, len(report.failed)) == (0, 1)
        assert "omato" in qa.search("tomatoes", k=1)[0].text


def test_a_document_without_text_is_told(tmp_path: Path, pool: type[PoolHere]) -> None:
    import pymupdf

    blank = pymupdf.open()
    blank.new_page()
    blank.save(str(tmp_path / "blank.pdf"))
    with DocumentQA.open(tmp_path / "library") as qa:
        report = qa.add(tmp_path / "blank.pdf")
    assert (report.added, report.passages) == (1, 0)
    assert report.without_text == (str(tmp_path / "blank.pdf"),)


def test_a_linked_file_that_changes_while_it_is_read(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", GARDEN, "Growing tomatoes")
    options = {"keep_originals": False}

    def change(event: Progress) -> None:
        if event.stage == "reading":
            one.write_bytes(one.read_bytes() + b"\n% more")

    with DocumentQA.open(tmp_path / "library", ingest=options) as qa:
        report = qa.add(one, progress=change)
        assert "changed while it was read" in report.failed[0].message
        assert qa.documents() == []
        assert qa.add(one).added == 1


@pytest.mark.parametrize("piped", [False, True])
def test_a_script_needs_no_guard_around_its_main_part(tmp_path: Path, piped: bool) -> None:
    write_pdf(tmp_path / "one.pdf", GARDEN)
    program = f"""
from octavo import DocumentQA
with DocumentQA.open({str(tmp_path / "library")!r}, ingest={{"workers": 1}}) as qa:
    print(qa.add({str(tmp_path / "one.pdf")!r}).added)
"""
    (tmp_path / "script.py").write_text(program)
    run = [sys.executable, "-" if piped else str(tmp_path / "script.py")]
    done = subprocess.run(run, input=program, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "1\n"), done.stderr
