"""Several processes around one library, embedded or on a Chroma server: every answer is wholly one version."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import LibraryBusy, ServerUnavailable
from octavo.retrievers.library import Library
from octavo.tests.retrievers.library.material import (
    MAKER,
    PROCESSES,
    add,
    document,
    passage,
    stage,
    vector,
    versions_found,
)

REPORT, OTHER = document(), document("other.pdf")
ROUNDS = 12


class Server:
    """A Chroma server of our own, which may be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self, data: str) -> None:
        """Serve the folder `data`; another one is another server."""
        where = ["--path", str(self._folder / data), "--host", "127.0.0.1", "--port", str(self._port)]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(["chroma", "run", *where], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self._folder / "log").read_text())

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    server.start("first")
    yield server
    server.kill()


def read_on(folder: Path, chroma: str | None, read_only: bool, stop: Any, pipe: Any) -> None:
    """A reading process: every look has to show one version of each document, in every way of looking."""
    looks, seen, wrong = 0, set(), None
    with Library.open(folder, maker=MAKER, chroma=chroma, read_only=read_only) as library:
        pipe.send("reading")
        while not stop.is_set() and wrong is None:
            with library.snapshot():
                documents = {d.id: d.version for d in library.documents()}
                ids = {i for i, _ in library.dense(vector("any"), 50)}
                expected = {passage(document(version=documents[REPORT.id]), n).id for n in range(6)} | {
                    passage(d, n).id for d in (OTHER,) if d.id in documents for n in range(6)
                }
                if ids != expected or ids != {i for i, _ in library.lexical(["everyth"], 50)}:
                    wrong = (documents, ids)
            seen.add(documents[REPORT.id])
            looks += 1
    pipe.send((looks, seen, wrong))


@contextmanager
def reading(folder: Path, chroma: str | None, *kinds: bool) -> Iterator[list[tuple[int, set[str], object]]]:
    """Processes that read while the block runs; then what each of them saw."""
    stop = PROCESSES.Event()
    results: list[tuple[int, set[str], object]] = []
    children = []
    for read_only in kinds:
        mine, theirs = PROCESSES.Pipe()
        child = PROCESSES.Process(target=read_on, args=(folder, chroma, read_only, stop, theirs))
        child.start()
        children.append((child, mine))
    try:
        for _, pipe in children:
            assert pipe.poll(60)
            assert pipe.recv() == "reading"
        yield results
        time.sleep(0.2)
    finally:
        stop.set()
        for child, pipe in children:
            if pipe.poll(60):
                results.append(pipe.recv())
            child.join(60)
            child.close()


def write_on(library: Library) -> None:
    """Replaces one document again and again, and adds and removes another."""
    for turn in range(ROUNDS):
        add(library, document(version=f"v{turn}"))
        if turn % 2:
            add(library, OTHER)
        elif turn:
            library.remove(OTHER.id)


@pytest.mark.parametrize("served", [False, True])
def test_many_read_while_one_writes(tmp_path: Path, servers: Server, served: bool) -> None:
    chroma = servers.url if served else None
    with Library.open(tmp_path, maker=MAKER, chroma=chroma) as library:
        add(library, document(version="first"))
        kinds = (False, False, True) if served else (True, True)
        with reading(tmp_path, chroma, *kinds) as results:
            write_on(library)
        assert library.verify() == []
    assert len(results) == len(kinds)
    for looks, seen, wrong in results:
        assert wrong is None
        assert looks > 3
        assert len(seen) > 1


def write_for(folder: Path, chroma: str, seconds: float, pipe: Any) -> None:
    """A writing process that stays in the middle of a document."""
    with Library.open(folder, maker=MAKER, chroma=chroma) as library, stage(library, document("long.pdf")):
        pipe.send("writing")
        pipe.poll(seconds)


def test_a_second_writer_waits_or_is_told(tmp_path: Path, servers: Server) -> None:
    Library.open(tmp_path, maker=MAKER, chroma=servers.url).close()
    mine, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=write_for, args=(tmp_path, servers.url, 60, theirs))
    child.start()
    assert mine.poll(60)
    with (
        Library.open(tmp_path, maker=MAKER, chroma=servers.url) as told,
        pytest.raises(LibraryBusy, match=f"process {child.pid} "),
    ):
        add(told, document())
    threading.Timer(0.3, mine.send, ["stop"]).start()
    with Library.open(tmp_path, maker=MAKER, chroma=servers.url, wait=30) as waits:
        add(waits, document())
        assert [d.name for d in waits.documents()] == ["report.pdf"]
    child.join(60)
    child.close()


def kill_while_writing(folder: Path, chroma: str, pipe: Any) -> None:
    with Library.open(folder, maker=MAKER, chroma=chroma) as library:
        for turn in range(10_000):
            add(library, document(version=f"v{turn}"))
            if turn == 2:
                pipe.send("writing")


def test_a_killed_writer_leaves_a_server_the_next_one_can_use(tmp_path: Path, servers: Server) -> None:
    mine, theirs = PROCESSES.Pipe()
    child = PROCESSES.Process(target=kill_while_writing, args=(tmp_path, servers.url, theirs))
    child.start()
    assert mine.poll(60)
    child.kill()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    child.close()
    with Library.open(tmp_path, maker=MAKER, chroma=servers.url) as library:
        (version,) = versions_found(library)["dense"]
        assert all(versions == {version} for versions in versions_found(library).values())
        add(library, document(version="next"))
        library.repair()
        assert library.verify() == []


def test_a_server_that_goes_and_comes_back(tmp_path: Path, servers: Server) -> None:
    """Killed in the middle of a document, it harms nothing; come back as it was, or empty, it is brought up to date."""
    with Library.open(tmp_path, maker=MAKER, chroma=servers.url) as library:
        add(library, document(version="old"))
        staging = stage(library, document(version="new"))
        staging.close()
        servers.kill()
        for work in (lambda: library.dense(vector("any"), 5), lambda: add(library, document(version="new"))):
            with pytest.raises(ServerUnavailable) as caught:
                work()
            assert "chroma run" in (caught.value.cure or "")
            assert caught.value.where == servers.url
        assert {d.version for d in library.documents()} == {"old"}
        assert library.staged()[0].pages_done == 3
    with Library.open(tmp_path, maker=MAKER, read_only=True) as reader:  # needs no server
        assert all(versions == {"old"} for versions in versions_found(reader).values())
    for data in ("first", "empty"):
        servers.start(data)
        try:
            with Library.open(tmp_path, maker=MAKER, chroma=servers.url) as library:
                assert library.dense(vector("report.pdf", "old", 3), 1)[0][1] == pytest.approx(1, abs=1e-3)
                assert library.verify() == []
                if data == "empty":
                    assert add(library, document(version="new")) == {"pages": 0, "passages": 4}
                    assert library.verify() == []
        finally:
            servers.kill()
    servers.start("first")


def test_a_server_that_goes_under_a_handle_and_comes_back_empty(tmp_path: Path, servers: Server) -> None:
    """The handle has looked the index over already; what is missing now must not be taken for the answer."""
    with Library.open(tmp_path, maker=MAKER, chroma=servers.url) as library:
        add(library, document())
        servers.kill()
        with pytest.raises(ServerUnavailable):
            library.dense(vector("any"), 5)
        servers.start("fresh")
        try:
            assert len(library.dense(vector("any"), 5)) == 5
            servers.kill()
            servers.start("fresher")
            assert add(library, OTHER) == {"pages": 3, "passages": 6}
            assert library.verify() == []
            assert len(library.dense(vector("any"), 50)) == 12
        finally:
            servers.kill()
            servers.start("first")
