"""One owner of a library's folder: an embedded Chroma that two processes open is broken for good."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from ...errors import LibraryBusy
from .schema import now


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
    the next one overwrites it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # thread_local: whoever closes the library need not be the thread that opened it.
        self._lock = FileLock(folder / "library.lock", thread_local=False)
        self._guard = threading.Lock()
        self._holds = 0
        self._owner_file = folder / "owner.json"

    def acquire(self, wait: float = 0.0) -> None:
        """Take the lock, waiting up to `wait` seconds; or take it once more, if this object has it already.

        Raises:
            LibraryBusy: Another process, or another open library of this one, holds it.
        """
        with self._guard:
            if self._holds == 0:
                try:
                    self._lock.acquire(timeout=max(wait, 0.0), poll_interval=0.05)
                except Timeout:
                    raise self._busy() from None
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
        with suppress(OSError, ValueError, TypeError):
            return Owner(**json.loads(self._owner_file.read_text(encoding="utf-8")))
        return None

    def _let_go(self) -> None:
        self._owner_file.unlink(missing_ok=True)
        self._lock.release()

    def _say_who(self) -> None:
        me = Owner(os.getpid(), _command(), now())
        # Written aside and renamed: a reader sees the old text or the new one.
        draft = self._owner_file.with_suffix(f".{me.pid}")
        draft.write_text(json.dumps(me._asdict()), encoding="utf-8")
        draft.replace(self._owner_file)

    def _busy(self) -> LibraryBusy:
        owner = self.owner()
        if owner is None:
            time.sleep(0.1)  # it may have taken the lock this very moment
            owner = self.owner()
        who = "another process" if owner is None else str(owner)
        if owner is not None and owner.pid == os.getpid():
            who = "this process itself"
        return LibraryBusy(
            f"the library is in use by {who}",
            where=str(self._folder),
            cure="wait for it (`--wait SECONDS`), ask the process that has it, or let several processes share a Chroma "
            "server (setting library.chroma)",
        )


def _command() -> str:
    """The command line of this process, shortened."""
    words = [Path(sys.argv[0]).name or "python", *sys.argv[1:]] if sys.argv else ["python"]
    line = " ".join(words)
    return line if len(line) <= 120 else line[:119] + "…"
