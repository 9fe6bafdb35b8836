"""A library opened for reading only: beside whoever writes, and in folders nobody may write to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.errors import LibraryBusy, LibraryMismatch, OctavoError
from octavo.retrievers.library import Library
from octavo.retrievers.types import Filters
from octavo.tests.data import keep_library
from octavo.tests.retrievers.library.material import (
    MAKER,
    PROCESSES,
    add,
    dense,
    document,
    killed_add,
    page,
    passage,
    run_and_die,
    stage,
    vector,
    versions_found,
)


def reader(folder: Path) -> Library:
    return Library.open(folder, maker=MAKER, read_only=True)


def replace_often(folder: Path, times: int, ready: Any) -> None:
    """What the writing process does."""
    with Library.open(folder, maker=MAKER) as library:
        ready.set()
        for turn in range(times):
            add(library, document(version=f"v{turn}"))


def test_a_reader_sees_each_change_of_another_process_whole(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document(version="first"))
    ready = PROCESSES.Event()
    child = PROCESSES.Process(target=replace_often, args=(tmp_path, 20, ready))
    seen = set()
    with reader(tmp_path) as library:
        child.start()
        assert ready.wait(60)
        while child.is_alive():
            found = versions_found(library)
            assert len({frozenset(versions) for versions in found.values()}) == 1, found
            (version,) = found["listed"]
            seen.add(version)
        assert child.exitcode == 0
        assert versions_found(library)["dense"] == {"v19"}
    assert len(seen) > 3
    child.close()


def test_a_reader_reads_past_the_lock_and_what_a_killed_writer_left(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document(version="old"))
        with reader(tmp_path) as beside:
            assert beside.page(document().id, 2) == page(document(version="old"), 2)
    run_and_die(killed_add, tmp_path, document(version="new"), "flipped", 1)
    assert (tmp_path / "library.db-wal").stat().st_size > 0
    with reader(tmp_path) as library:
        assert all(versions == {"new"} for versions in versions_found(library).values())
        assert len(library.dense(vector("any"), 50)) == 6


def test_search_is_exact_and_as_through_the_index(library: Library) -> None:
    for n in range(5):
        add(library, document(f"{n}.pdf"), pages=20)
    query = vector("a question")
    everything = [(passage(document(f"{n}.pdf"), o), vector(f"{n}.pdf", "v1", o)) for n in range(5) for o in range(40)]
    for filters in (Filters(), Filters(kinds=("table",)), Filters(documents=(document("3.pdf").id,))):
        allowed = [
            (float(v @ query), p.id)
            for p, v in everything
            if (not filters.kinds or p.kind in filters.kinds)
            and (not filters.documents or p.document in filters.documents)
        ]
        with reader(library.folder) as beside:
            found = beside.dense(query, 25, filters)
        assert [score for _, score in found] == pytest.approx(
            sorted((s for s, _ in allowed), reverse=True)[:25], abs=2e-3
        )
        assert [i for i, _ in found] == [i for i, _ in library.dense(query, 25, filters)]


def test_a_reader_loads_no_chroma_and_makes_no_file_but_sqlites(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document())
    shutil.rmtree(tmp_path / "chroma")
    before = {path.name for path in tmp_path.rglob("*")}
    code = (
        "import sys\nfrom octavo.retrievers.library import Library\n"
        "from octavo.tests.retrievers.library.material import MAKER, vector\n"
        f"library = Library.open({str(tmp_path)!r}, maker=MAKER, read_only=True)\n"
        "assert len(library.dense(vector('any'), 50)) == 6\nassert 'chromadb' not in sys.modules\nlibrary.close()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {path.name for path in tmp_path.rglob("*")} - before <= {"library.db-wal", "library.db-shm"}


@pytest.mark.parametrize(
    "write",
    [
        lambda library: stage(library, document("b.pdf")),
        lambda library: library.remove(document().id),
        lambda library: library.update_document(document().id, title="x"),
        lambda library: library.record_failure("/a", OctavoError("x")),
        lambda library: library.clear_failures("/a"),
        lambda library: library.repair(),
    ],
)
def test_writing_is_refused(library: Library, write: Callable[[Library], object]) -> None:
    add(library, document())
    with reader(library.folder) as beside, pytest.raises(OctavoError, match="opened for reading only") as caught:
        write(beside)
    assert "read_only=True" in (caught.value.cure or "")


def test_nothing_is_made_or_migrated(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="no library here"):
        reader(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with tarfile.open(Path(keep_library.__file__).with_name("library-schema-1.tar.xz")) as tar:
        tar.extractall(tmp_path, filter="data")
    assert Library.outdated(tmp_path / "library")
    with pytest.raises(LibraryMismatch, match="has schema 1") as caught:
        reader(tmp_path / "library")
    assert "octavo status" in (caught.value.cure or "")
    Library.open(tmp_path / "library", maker=MAKER).close()
    assert not Library.outdated(tmp_path / "library")
    reader(tmp_path / "library").close()


def test_a_library_put_in_its_place_is_noticed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with Library.open(tmp_path / name, maker=MAKER) as library:
            add(library, document(version=name))
    with reader(tmp_path / "a") as library:
        assert library.documents()[0].version == "a"
        (tmp_path / "b" / "library.db").replace(tmp_path / "a" / "library.db")
        with pytest.raises(LibraryMismatch, match="another library has taken its place"):
            library.documents()
        (tmp_path / "a" / "library.db").unlink()
        with pytest.raises(OctavoError, match="the library is gone"):
            library.documents()


def test_passages_made_anew_by_the_same_embedder_are_noticed(library: Library) -> None:
    """They are other rows: what a reader keeps in memory of the old ones must not be read by them."""
    for name in ("a.pdf", "b.pdf"):
        add(library, document(name))
    library.remove(document("a.pdf").id)
    doc = document("b.pdf")
    with reader(library.folder) as beside:
        assert len(beside.dense(vector("any"), 50)) == 6
        with library.rebuilding(MAKER, token_vectors=False) as rebuild:
            for version in rebuild.versions():
                some = [passage(doc, order) for order in range(6)]
                rebuild.add_passages(version, some, dense(doc, some), None)
                rebuild.finish(version)
            rebuild.commit()
        with pytest.raises(LibraryMismatch, match="made anew") as caught:
            beside.dense(vector("any"), 50)
        assert caught.value.cure == "open it again"
    with reader(library.folder) as beside:
        assert len(beside.dense(vector("any"), 50)) == 6
        assert beside.token_vectors(beside.passage_ids()) == {}


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that other users can get at."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def as_somebody_else(folder: Path, pipe: Any) -> None:
    """Reads without the right to write, also where the tests run as root."""
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        with reader(folder) as library:
            found = versions_found(library)
            pipe.send(next(iter(found.values())) if len({frozenset(v) for v in found.values()}) == 1 else found)
            if pipe.recv():
                pipe.send(versions_found(library)["dense"])
    except OctavoError as error:
        pipe.send(error)


def without_rights(folder: Path, meanwhile: Callable[[], object] | None = None) -> Any:
    """What somebody who may not write finds, first, or after something happened `meanwhile`."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    mine, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=as_somebody_else, args=(folder, theirs))
    child.start()
    try:
        assert mine.poll(60)
        found = mine.recv()
        if meanwhile is not None:
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
            meanwhile()
            mine.send(True)
            found = mine.recv()
        else:
            mine.send(False)
    finally:
        child.join(60)
        child.close()
    return found


def test_a_folder_nobody_may_write_to(shelf: Path) -> None:
    with Library.open(shelf / "library", maker=MAKER) as library:
        add(library, document(version="old"))
    assert without_rights(shelf / "library") == {"old"}

    def replace() -> None:
        with Library.open(shelf / "library", maker=MAKER) as library:
            add(library, document(version="new"))

    assert without_rights(shelf / "library", replace) == {"new"}


def test_a_writer_seen_from_without_its_rights(shelf: Path) -> None:
    with Library.open(shelf / "library", maker=MAKER) as library:
        add(library, document(version="old"))
        assert without_rights(shelf / "library") == {"old"}  # most of it is in the log only


def test_a_copy_that_lacks_part_of_the_log_says_so(shelf: Path) -> None:
    with Library.open(shelf / "library", maker=MAKER) as library:
        add(library, document())
        shutil.copytree(shelf / "library", shelf / "copy", ignore=shutil.ignore_patterns("*-shm", "library.lock"))
    found = without_rights(shelf / "copy")
    assert isinstance(found, OctavoError)
    assert "copied while it was in use" in found.what
    assert "backup" in (found.cure or "")


def test_a_change_under_a_frozen_reader_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document())
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with reader(tmp_path) as library:
        state = library.hold()
        with state.active():
            assert len(library.documents()) == 1
        with Library.open(tmp_path, maker=MAKER) as writer:
            add(writer, document("b.pdf"))
        with pytest.raises(LibraryBusy, match="changed while it was read"):
            state.close()
        assert len(library.documents()) == 2


def test_many_threads_of_one_reader(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        for n in range(4):
            add(library, document(f"{n}.pdf"))
    wrong: list[object] = []
    with reader(tmp_path) as library:

        def look() -> None:
            for _ in range(20):
                found = library.dense(vector("any"), 50)
                if len(found) != 24 or not np.all(np.diff([score for _, score in found]) <= 0):
                    wrong.append(found)

        threads = [threading.Thread(target=look) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not wrong
