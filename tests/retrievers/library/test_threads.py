"""Threads and asyncio tasks on one handle: consistent answers, no exception, nothing left open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from octavo.errors import LibraryBusy, UnknownDocument
from octavo.retrievers.library import Library
from octavo.retrievers.library.lock import LibraryLock
from octavo.retrievers.types import Filters
from octavo.tests.retrievers.library.material import MAKER, add, document, passage, vector, versions_found

SECONDS = 1.5
NAMES = ("a.pdf", "b.pdf")
STEADY = document("steady.pdf")


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    """Threads take turns a hundred times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 100)
    yield
    sys.setswitchinterval(usual)


def consistent(library: Library, filters: Filters = Filters()) -> None:  # noqa: B008 (frozen)
    """In one snapshot all ways of looking show the same versions, each with all of its passages."""
    with library.snapshot():
        versions = {d.id: d for d in library.documents() if not filters.documents or d.id in filters.documents}
        expected = {passage(d, n).id for d in versions.values() for n in range(6)}
        assert {i for i, _ in library.dense(vector("any"), 100, filters)} == expected
        assert {i for i, _ in library.lexical(["everyth"], 100, filters)} == expected
        assert set(library.token_vectors(sorted(expected))) == expected
        for d in versions.values():
            assert [page.regions[0].id for page in library.pages(d.id)] == [f"{d.version}.{n}.0" for n in (1, 2, 3)]


def write(library: Library, name: str, turn: int) -> None:
    add(library, document(name, f"v{turn}"))
    if turn % 3 == 2:
        library.remove(document(name).id)


def open_files(folder: Path) -> list[str]:
    handles = (os.readlink(handle) for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink())
    return [name for name in handles if name.startswith(str(folder))]


@pytest.mark.parametrize("cached", [None, 0])
def test_threads_on_one_handle(tmp_path: Path, cached: int | None) -> None:
    counts: dict[str, int] = {}
    problems: list[BaseException] = []
    library = Library.open(tmp_path, maker=MAKER)
    if cached is not None:  # every scan reads anew
        library._scanner._limit = cached
    add(library, STEADY)
    until = time.monotonic() + SECONDS

    def again(name: str, work: Callable[[int], object]) -> None:
        turn = 0
        try:
            while time.monotonic() < until:
                work(turn)
                turn += 1
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is a finding)
            problems.append(error)
        counts[name] = turn

    def read_pages(turn: int) -> None:
        with contextlib.suppress(UnknownDocument):  # not there, or replaced between two of its pages
            assert len(list(library.pages(document("a.pdf").id))) == 3

    works: dict[str, Callable[[int], object]] = {
        "everything": lambda turn: consistent(library),
        "everything too": lambda turn: consistent(library),
        "one": lambda turn: consistent(library, Filters(documents=(document("a.pdf").id,))),
        "tables": lambda turn: library.dense(vector(turn), 5, Filters(kinds=("table",))),
        "pages": read_pages,
        "write a": lambda turn: write(library, "a.pdf", turn),
        "write b": lambda turn: write(library, "b.pdf", turn),
        "steady": lambda turn: library.neighbours(passage(STEADY, 2).id)[0],
    }
    threads = [threading.Thread(target=again, args=item) for item in works.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert all(counts[name] > 1 for name in works), counts
    assert library.verify() == []
    assert len(library._database._idle) <= 8
    library.close()
    assert open_files(tmp_path) == []


def test_tasks_and_what_outlives_their_snapshots(tmp_path: Path) -> None:
    """A task that was begun inside a snapshot, and goes on after it, must not read from what it gave back."""
    until = time.monotonic() + SECONDS

    async def reader(library: Library) -> int:
        turns = 0
        while time.monotonic() < until:
            with library.snapshot():
                before = await asyncio.to_thread(versions_found, library)
                late = asyncio.create_task(late_reader(library))
                assert await asyncio.to_thread(versions_found, library) == before
            await late
            turns += 1
        return turns

    async def late_reader(library: Library) -> None:
        await asyncio.to_thread(consistent, library)
        await asyncio.sleep(0)
        await asyncio.to_thread(consistent, library)

    async def writer(library: Library, name: str) -> int:
        turn = 0
        while time.monotonic() < until:
            await asyncio.to_thread(write, library, name, turn)
            turn += 1
        return turn

    async def run(library: Library) -> list[int]:
        return await asyncio.gather(*(reader(library) for _ in range(4)), *(writer(library, name) for name in NAMES))

    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, STEADY)
        assert min(asyncio.run(run(library))) > 1
        assert library.verify() == []
    assert open_files(tmp_path) == []


def test_closing_waits_for_what_is_being_written(tmp_path: Path) -> None:
    """Else the next owner of the lock would meet a transaction of this one."""
    library = Library.open(tmp_path, maker=MAKER)
    begun, go_on = threading.Event(), threading.Event()

    def write() -> None:
        with library._database.writing() as connection:
            connection.execute("INSERT INTO meta VALUES ('test', 'x')")
            begun.set()
            go_on.wait(30)

    writer, closer = threading.Thread(target=write), threading.Thread(target=library.close)
    writer.start()
    assert begun.wait(30)
    closer.start()
    time.sleep(0.2)
    with pytest.raises(LibraryBusy):
        LibraryLock(tmp_path).acquire()
    go_on.set()
    writer.join(30)
    closer.join(30)
    with LibraryLock(tmp_path).held():
        assert open_files(tmp_path) == [str(tmp_path / "library.lock")]


def test_closing_under_readers_ends_them_with_a_word(tmp_path: Path) -> None:
    library = Library.open(tmp_path, maker=MAKER)
    add(library, STEADY)
    said: list[BaseException] = []

    def read() -> None:
        try:
            while True:
                library.dense(vector("any"), 50)
        except BaseException as error:  # noqa: BLE001
            said.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    library.close()
    for thread in threads:
        thread.join(30)
    assert len(said) == 6
    assert all(str(error).endswith(": the library is closed") for error in said), said
    assert open_files(tmp_path) == []
