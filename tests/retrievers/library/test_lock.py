"""The lock where a file system or a fork makes it difficult."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import LibraryBusy, OctavoError
from octavo.retrievers.library import Library
from octavo.retrievers.library.lock import LibraryLock
from octavo.tests.retrievers.library.material import MAKER, PROCESSES, add, document


@pytest.mark.parametrize(
    ("number", "said"), [(errno.ENOLCK, "fails to lock"), (errno.ENOSYS, "cannot lock files"), (errno.EIO, "Input")]
)
def test_a_file_system_that_cannot_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    """filelock would make itself a lock file instead, which a killed owner leaves behind for good."""

    def flock(fd: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", flock)
    for _ in range(2):
        with pytest.raises(OctavoError, match=said) as caught:
            Library.open(tmp_path, maker=MAKER)
        assert not isinstance(caught.value, LibraryBusy)
        assert caught.value.where == str(tmp_path)
        assert caught.value.cure
    monkeypatch.undo()
    Library.open(tmp_path, maker=MAKER).close()


def lock_as_somebody_else(folder: Path, pipe: Any) -> None:
    if os.geteuid() == 0:
        os.setuid(65534)
    for path in (folder, folder / "new"):
        try:
            Library.open(path, maker=MAKER)
        except OctavoError as error:
            pipe.send(error)


def test_a_folder_that_may_not_be_written_to() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o555)
        mine, theirs = PROCESSES.Pipe()
        child = PROCESSES.Process(target=lock_as_somebody_else, args=(folder, theirs))
        child.start()
        assert mine.poll(60)
        there, new = mine.recv(), mine.recv()
        child.join(60)
        child.close()
        assert "cannot be locked (Permission denied)" in there.what
        assert "read_only=True" in there.cure
        assert "folder cannot be made (Permission denied)" in new.what
        assert "--library" in new.cure
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_an_owner_that_cannot_say_its_name_still_owns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk must not keep anyone from making room."""
    (tmp_path / "owner.json").write_text('{"pid": 1, "command": "long gone", "since": "2001"}')

    def full(*args: object, **named: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    with LibraryLock(tmp_path).held():
        monkeypatch.undo()
        with pytest.raises(LibraryBusy, match="in use by another process"):
            LibraryLock(tmp_path).acquire()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 5}', '{"pid": "x", "command": 1, "since": 2, "more": 3}'])
def test_an_unreadable_owner_is_another_process(tmp_path: Path, text: str) -> None:
    with LibraryLock(tmp_path).held():
        (tmp_path / "owner.json").write_text(text)
        with pytest.raises(LibraryBusy, match="in use by another process"):
            LibraryLock(tmp_path).acquire()


def test_waiting_ends_in_time(tmp_path: Path) -> None:
    with LibraryLock(tmp_path).held():
        begun = time.perf_counter()
        with pytest.raises(LibraryBusy, match="this process itself"):
            Library.open(tmp_path, maker=MAKER, wait=0.4)
        assert 0.3 < time.perf_counter() - begun < 10


def use_after_fork(library: Library, pipe: Any) -> None:
    """What a forked child may do with its parent's library: nothing, and closing it does no harm."""
    for use in (library.documents, lambda: library.remove(document().id), lambda: library.clear_failures("/a")):
        try:
            pipe.send(use())
        except OctavoError as error:
            pipe.send(error)
    library.close()
    pipe.send("closed")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_inherits_no_library(library: Library) -> None:
    add(library, document())
    context = multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()
    child = context.Process(target=use_after_fork, args=(library, theirs))
    child.start()
    for _ in range(3):
        assert mine.poll(60)
        found = mine.recv()
        assert isinstance(found, OctavoError)
        assert "before this process was forked" in found.what
    assert mine.recv() == "closed"
    child.join(60)
    child.close()
    with pytest.raises(LibraryBusy):  # the lock is still ours
        LibraryLock(library.folder).acquire()
    assert len(library.documents()) == 1
    assert library.verify() == []
