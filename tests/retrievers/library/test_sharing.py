"""Processes, threads, and a Chroma server."""

from __future__ import annotations

import asyncio
import multiprocessing.synchronize
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from octavo.errors import LibraryBusy, OctavoError, ServerUnavailable, SettingsError
from octavo.retrievers.library import Library
from octavo.retrievers.library.lock import LibraryLock
from octavo.retrievers.types import Filters
from octavo.tests.retrievers.library.material import (
    MAKER,
    PROCESSES,
    add,
    document,
    hold,
    stage,
    vector,
    versions_found,
)


@contextmanager
def held(folder: Path, chroma: str | None = None) -> Iterator[tuple[int, multiprocessing.synchronize.Event]]:
    """Another process that has the library; gives its pid, and the event that makes it let go."""
    taken, let_go = PROCESSES.Event(), PROCESSES.Event()
    child = PROCESSES.Process(target=hold, args=(folder, chroma, taken, let_go))
    child.start()
    try:
        assert taken.wait(60)
        assert child.pid is not None
        yield child.pid, let_go
    finally:
        let_go.set()
        child.join(60)
        child.close()


def test_a_second_process_is_told_the_owner_and_the_cure(tmp_path: Path) -> None:
    with held(tmp_path) as (pid, _), pytest.raises(LibraryBusy) as caught:
        Library.open(tmp_path, maker=MAKER)
    message = str(caught.value)
    assert f"process {pid} (`" in message
    assert "--wait" in message
    assert "library.chroma" in message
    Library.open(tmp_path, maker=MAKER).close()


def test_waiting_for_the_owner(tmp_path: Path) -> None:
    with held(tmp_path) as (_, let_go):
        with pytest.raises(LibraryBusy):
            Library.open(tmp_path, maker=MAKER, wait=0.2)
        threading.Timer(0.3, let_go.set).start()
        with Library.open(tmp_path, maker=MAKER, wait=30) as library:
            assert library.documents() == []


def test_a_killed_owner_owns_nothing(tmp_path: Path) -> None:
    taken, let_go = PROCESSES.Event(), PROCESSES.Event()
    child = PROCESSES.Process(target=hold, args=(tmp_path, None, taken, let_go))
    child.start()
    assert taken.wait(60)
    child.kill()
    child.join(60)
    child.close()
    assert (tmp_path / "owner.json").exists()  # what it said of itself is left, and believed by nobody
    Library.open(tmp_path, maker=MAKER).close()
    assert not (tmp_path / "owner.json").exists()


def test_one_process_may_not_open_it_twice_either(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER), pytest.raises(LibraryBusy, match="this process itself"):
        Library.open(tmp_path, maker=MAKER)


def test_the_lock_counts(tmp_path: Path) -> None:
    mine, other = LibraryLock(tmp_path), LibraryLock(tmp_path)
    mine.acquire()
    with mine.held():
        pass
    with pytest.raises(LibraryBusy):
        other.acquire()
    mine.release()
    mine.release()  # once too often: nothing happens
    with other.held():
        owner = other.owner()
        assert owner is not None
        assert owner.pid == os.getpid()
        with pytest.raises(LibraryBusy):
            mine.acquire()


def test_closing_gives_the_library_up_whatever_is_unfinished(tmp_path: Path) -> None:
    library = Library.open(tmp_path, maker=MAKER)
    staging = stage(library, document())
    library.close()
    with Library.open(tmp_path, maker=MAKER) as again:
        staging.close()
        with pytest.raises(LibraryBusy):
            Library.open(tmp_path, maker=MAKER)
        with pytest.raises(OctavoError, match="closed"):
            library._index.opened().count()
        assert len(again.staged()) == 1


def test_threads_search_while_others_write(library: Library) -> None:
    """Each search sees every document in exactly one version, and all of it, while versions come and go."""
    names = [f"{n}.pdf" for n in range(3)]
    for name in names:
        add(library, document(name, version="0"))
    stop = threading.Event()

    def write(name: str) -> None:
        for version in range(1, 6):
            add(library, document(name, version=str(version)), batch=6)

    def read(seed: int) -> int:
        looks = 0
        while not stop.is_set():
            filters = Filters(documents=(document(names[0]).id, document(names[1]).id)) if seed % 2 else Filters()
            expected = 12 if seed % 2 else 18
            with library.snapshot():
                by_vector = {i for i, _ in library.dense(vector(seed), 50, filters)}
                by_words = {i for i, _ in library.lexical(["everyth"], 50, filters)}
                assert len(by_vector) == expected
                assert by_vector == by_words == {p.id for p in library.passages(sorted(by_vector))}
                assert set(library.token_vectors(sorted(by_vector))) == by_vector
            looks += 1
        return looks

    with ThreadPoolExecutor(8) as pool:
        readers = [pool.submit(read, seed) for seed in range(4)]
        writers = [pool.submit(write, name) for name in names]
        try:
            for writer in writers:
                writer.result(60)
        finally:
            stop.set()
        assert min(reader.result(60) for reader in readers) > 3
    assert library.verify() == []
    assert library._index.opened().count() == 18


def test_a_snapshot_belongs_to_its_task_and_the_threads_it_calls(library: Library) -> None:
    async def look(version: str, turn: asyncio.Event, done: asyncio.Event) -> set[str]:
        with library.snapshot():
            await asyncio.to_thread(library.documents)
            done.set()
            await turn.wait()
            return {doc.version for doc in await asyncio.to_thread(library.documents)}

    async def both() -> tuple[set[str], set[str]]:
        turn, done = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(look("old", turn, done))
        await done.wait()
        await asyncio.to_thread(add, library, document(version="new"))
        second = {doc.version for doc in library.documents()}
        turn.set()
        return await first, second

    add(library, document(version="old"))
    assert asyncio.run(both()) == ({"old"}, {"new"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server of our own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    command = ["chroma", "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def test_a_library_on_a_server(tmp_path: Path, server: str) -> None:
    with Library.open(tmp_path, maker=MAKER, chroma=server) as library:
        add(library, document(version="old"))
        add(library, document(version="new"))
        assert all(found == {"new"} for found in versions_found(library).values())
        assert library.verify() == []
        assert library.dense(vector("report.pdf", "new", 3), 1)[0][1] == pytest.approx(1, abs=1e-3)
    assert not (tmp_path / "chroma").exists()


def test_many_read_and_one_writes_on_a_server(tmp_path: Path, server: str) -> None:
    with Library.open(tmp_path, maker=MAKER, chroma=server) as library:
        add(library, document())
        with held(tmp_path, server) as (pid, let_go):
            assert len(library.dense(vector(1), 50)) == 6
            with pytest.raises(LibraryBusy, match=f"process {pid}"):
                add(library, document("b.pdf"))
            with pytest.raises(LibraryBusy), library.snapshot():
                library.remove(document().id)
            let_go.set()
        add(library, document("b.pdf"))
        with Library.open(tmp_path, maker=MAKER, chroma=server) as reader:
            with reader.snapshot():
                assert len(reader.documents()) == 2
                library.remove(document().id)  # elsewhere, vectors and all
                assert len(reader.dense(vector(1), 50)) == 12
            assert len(reader.dense(vector(1), 50)) == 6


def test_a_library_moves_between_embedded_and_server(tmp_path: Path, server: str) -> None:
    for turn, chroma in enumerate((None, server, None, server)):
        with Library.open(tmp_path, maker=MAKER, chroma=chroma) as library:
            assert len(library.dense(vector(1), 50)) == 6 * turn
            add(library, document(f"{turn}.pdf"))
            assert library.verify() == []


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    with Library.open(tmp_path, maker=MAKER, chroma="http://127.0.0.1:9") as library:
        with pytest.raises(ServerUnavailable) as caught:
            add(library, document())
        assert "chroma run" in str(caught.value)
        assert "http://127.0.0.1:9" in str(caught.value)
        assert library.documents() == []
        assert library.staged()[0].pages_done == 3  # what was read is kept
    with (
        Library.open(tmp_path / "b", maker=MAKER, chroma="ftp://here") as library,
        pytest.raises(SettingsError, match="no address"),
    ):
        add(library, document())
