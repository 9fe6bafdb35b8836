"""Another embedder: told by status, refused by search, and made good from the pages; killed at every step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chromadb
import pytest

from octavo import DocumentQA
from octavo.errors import LibraryMismatch
from octavo.pipelines.indexing.rebuilding import rebuild
from octavo.pipelines.settings import Settings
from octavo.pipelines.status import status_at

from ..conftest import GARDEN, LIGHTHOUSE, PoolHere, interrupted, write_pdf


class Two:
    """The settings of two embedders, of 16 and of 8 dimensions, for one library; it is made with the first."""

    def __init__(self, folder: Path, first: Path, second: Path) -> None:
        library = {"path": folder / "library"}
        self.first = Settings.checked({"library": library, "embedder": {"model": str(first)}})
        self.second = Settings.checked({"library": library, "embedder": {"model": str(second)}})


@pytest.fixture
def two(tmp_path: Path, pool: type[PoolHere], tiny_model: Callable[..., Path]) -> Two:
    pool.plainly = True
    pool.failing = frozenset({2})
    two = Two(tmp_path, tiny_model(), tiny_model(narrowed_to=8))
    with DocumentQA.open(settings=two.first) as qa:
        qa.add(write_pdf(tmp_path / "one.pdf", [*GARDEN, *LIGHTHOUSE]), write_pdf(tmp_path / "two.pdf", LIGHTHOUSE[:1]))
        (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 half a file")
        qa.add(tmp_path / "bad.pdf")
    for path in tmp_path.glob("*.pdf"):
        path.unlink()  # nothing is read again
    pool.reads.clear()
    return two


def facts(settings: Settings) -> Any:
    """What has to be the same before and after."""
    with DocumentQA.open(settings=settings) as qa:
        assert qa.verify() == []
        pages = {document.name: list(qa.pages(document.id)) for document in qa.documents()}
        originals = sorted(path.name for path in (settings.library.path / "originals").iterdir())
        status = qa.status()
        assert (status.other_embedder, status.stale) == (None, ())
        found = {hit.ref.document for hit in qa.search("the lighthouse", k=50)}
        assert found == {document.id for document in qa.documents()}
        return qa.documents(), pages, originals, status.failures, status.unfinished


def test_another_embedder_is_told_and_made_good(two: Two, pool: type[PoolHere], tmp_path: Path) -> None:
    before = facts(two.first)
    with pytest.raises(LibraryMismatch, match="octavo refresh"):
        DocumentQA.open(settings=two.second)
    status = status_at(two.second)
    assert status.other_embedder is not None
    assert status.other_embedder.startswith(two.second.embedder.model)
    assert any("`octavo refresh` embeds everything anew" in value for _, value in status.lines())
    assert rebuild(two.first).replaced == 0  # nothing to do
    report = DocumentQA.rebuild(two.second)
    assert (report.replaced, report.pages) == (2, 4)
    assert facts(two.second) == before
    assert pool.reads == []
    assert not list(two.first.library.path.glob("rebuild.db*"))
    client = chromadb.PersistentClient(two.first.library.path / "chroma")
    (collection,) = client.list_collections()
    vectors = collection.get(include=["embeddings"])["embeddings"]
    assert vectors is not None
    assert len(vectors[0]) == 8
    client.close()  # type: ignore[attr-defined]
    with pytest.raises(LibraryMismatch):
        DocumentQA.open(settings=two.first)
    DocumentQA.rebuild(two.first)
    assert facts(two.first) == before


def test_a_reader_finishes_and_is_told_to_open_it_again(two: Two) -> None:
    with DocumentQA.open(settings=two.first, read_only=True) as reader:
        assert reader.search("the lighthouse")
        DocumentQA.rebuild(two.second)
        with pytest.raises(LibraryMismatch, match="open it again"):
            reader.search("the lighthouse")


def test_what_was_added_in_between_is_embedded_too(two: Two, tmp_path: Path) -> None:
    with interrupted():
        DocumentQA.rebuild(two.second)
    with DocumentQA.open(settings=two.first) as qa:
        qa.add(write_pdf(tmp_path / "three.pdf", GARDEN))
        qa.remove("two.pdf")
        qa._core._library.update_document(qa.document("one.pdf").id, metadata={"shelf": "A"})
    done: list[str] = []
    DocumentQA.rebuild(two.second, progress=lambda event: done.append(f"{event.stage} {event.name}"))
    assert [said for said in done if said.startswith("embedding")] == ["embedding three.pdf"]
    with DocumentQA.open(settings=two.second) as qa:
        assert [document.name for document in qa.documents()] == ["one.pdf", "three.pdf"]
        assert qa.search("the lighthouse", metadata={"shelf": "A"})
        assert qa.verify() == []


def test_an_unfinished_document_keeps_its_pages(two: Two, pool: type[PoolHere], tmp_path: Path) -> None:
    long = write_pdf(tmp_path / "long.pdf", LIGHTHOUSE * 4)
    with DocumentQA.open(settings=two.first) as qa, interrupted():
        qa.add(long)
    DocumentQA.rebuild(two.second)
    pool.reads.clear()
    with DocumentQA.open(settings=two.second) as qa:
        assert qa.add(long).added == 1
        assert pool.reads == [("long.pdf", 9)]
        assert qa.verify() == []


KILLED = """
import os, signal, sys
from octavo.retrievers.library import failpoints
from octavo.pipelines.indexing.rebuilding import rebuild
from octavo.pipelines.settings import Settings
def hook(step):
    if step == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)
failpoints.hook = hook
rebuild(Settings.model_validate_json(sys.argv[1]))
"""


@pytest.mark.parametrize("step", ["passages rebuilt", "before flip", "flipped"])
def test_killed_it_is_the_old_library_or_the_new_one(two: Two, step: str) -> None:
    before = facts(two.first)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, two.second.model_dump_json(), step], check=False, capture_output=True
    )
    assert killed.returncode == -9, killed.stderr
    if step == "flipped":
        assert facts(two.second) == before
        assert not list(two.first.library.path.glob("rebuild.db*"))
        return
    assert facts(two.first) == before
    DocumentQA.rebuild(two.second)
    assert facts(two.second) == before
