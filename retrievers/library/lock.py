"""One owner of a library's folder: an embedded Chroma that two processes open is broken for good."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, SoftFileLock, Timeout

from ...errors import LibraryBusy, OctavoError
from .sqlite.schema import now

_UNLOCKABLE = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


class Owner(NamedTuple):
    """Who holds the lock."""

    pid: int
    command: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} (`{self.command}`, since {self.since})"


class LibraryLock:
    """A lock of the operating system on `folder`, which goes with its process however that ends.

    The owner's description lies in a file of its own: it informs, it does not lock. A killed owner leaves it behind;
    the next one overwrites it. A library on a Chroma server is `shared`: it is locked only while it is written to.
    """

    def __init__(self, folder: Path, *, shared: bool = False) -> None:
        self._folder = folder
        self._shared = shared
        # thread_local: whoever closes the library need not be the thread that opened it.
        self._lock = FileLock(folder / "library.lock", thread_local=False)
        self._guard = threading.Lock()
        self._holds = 0
        self._process = os.getpid()
        self._owner_file = folder / "owner.json"

    def acquire(self, wait: float = 0.0) -> None:
        """Take the lock, waiting up to `wait` seconds; or take it once more, if this object has it already.

        Raises:
            LibraryBusy: Another process, or another open library of this one, holds it.
            OctavoError: The folder may not be written to, or its file system cannot lock.
        """
        with self._guard:
            if self.inherited():
                raise self._failed("the library was opened before this process was forked", "open it in this process")
            if self._holds == 0:
                self._take(wait)
                self._say_who()
            self._holds += 1

    def release(self) -> None:
        """Undo one `acquire`; the last one lets go."""
        with self._guard:
            if self._holds == 1:
                self._let_go()
            self._holds = max(self._holds - 1, 0)

    def close(self) -> None:
        """Let go at once, however often it was taken."""
        with self._guard:
            if self._holds:
                self._let_go()
            self._holds = 0

    def inherited(self) -> bool:
        """Whether this is a child of the process that made it: the lock is the parent's to give up."""
        return os.getpid() != self._process

    @contextmanager
    def held(self, wait: float = 0.0) -> Iterator[None]:
        """The lock for the length of a block."""
        self.acquire(wait)
        try:
            yield
        finally:
            self.release()

    def owner(self) -> Owner | None:
        """Who says to hold the lock; None if nobody does, or not yet."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            said = json.loads(self._owner_file.read_text(encoding="utf-8"))
            return Owner(int(said["pid"]), str(said["command"]), str(said["since"]))
        return None

    def _take(self, wait: float) -> None:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is an error below
                self._lock.acquire(timeout=max(wait, 0.0), poll_interval=0.05)
            if isinstance(self._lock, SoftFileLock):
                # What filelock makes of itself where the system cannot lock: a file, which a killed owner leaves there.
                self._lock.release()
                raise NotImplementedError
        except Timeout:
            raise self._busy() from None
        except NotImplementedError as error:
            raise self._failed("this file system cannot lock files", "keep the library on a local disk") from error
        except OSError as error:
            if error.errno in _UNLOCKABLE:
                cure = "keep the library on a local disk, or see that its server offers locks (NFS: a running lockd)"
                raise self._failed(f"the file system fails to lock ({error.strerror})", cure) from error
            cure = "see to the folder and its permissions; reading alone needs no lock (`read_only=True`)"
            raise self._failed(f"the library cannot be locked ({error.strerror})", cure) from error

    def _failed(self, what: str, cure: str) -> OctavoError:
        return OctavoError(what, where=str(self._folder), cure=cure)

    def _let_go(self) -> None:
        if self.inherited():
            return
        with suppress(OSError):  # it informs, it does not lock
            self._owner_file.unlink(missing_ok=True)
        self._lock.release()

    def _say_who(self) -> None:
        me = Owner(os.getpid(), _command(), now())
        # Written aside and renamed: a reader sees the old text or the new one.
        draft = self._owner_file.with_suffix(f".{me.pid}")
        try:
            draft.write_text(json.dumps(me._asdict()), encoding="utf-8")
            draft.replace(self._owner_file)
        except OSError:  # a full disk must not keep anyone from making room: better no name than the last owner's
            for file in (draft, self._owner_file):
                with suppress(OSError):
                    file.unlink(missing_ok=True)

    def _busy(self) -> LibraryBusy:
        owner = self.owner()
        if owner is None or not _runs(owner.pid):
            time.sleep(0.1)  # the lock may have been taken this very moment
            owner = self.owner()
        who = "another process" if owner is None else str(owner)
        if owner is not None and owner.pid == os.getpid():
            who = "this process itself"
        cure = "wait for it (`--wait SECONDS`), or ask the process that has it"
        if self._shared:
            what = f"the library is being written to by {who}"
        else:
            what = f"the library is in use by {who}"
            cure += "; several processes can share a library on a Chroma server (setting library.chroma)"
        return LibraryBusy(what, where=str(self._folder), cure=cure)


class NoLock(LibraryLock):
    """The lock of a library that was opened for reading: whoever wants to write is refused."""

    def acquire(self, wait: float = 0.0) -> None:
        """Raises OctavoError."""
        raise self._failed("the library was opened for reading only", "open it without `read_only=True` to change it")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno == errno.EPERM  # somebody else's
    return True


def _command() -> str:
    """The command line of this process, shortened."""
    words = [Path(sys.argv[0]).name or "python", *sys.argv[1:]] if sys.argv else ["python"]
    line = " ".join(words)
    return line if len(line) <= 120 else line[:119] + "…"
