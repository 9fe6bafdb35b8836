"""One reading process: it does one thing at a time, and whatever becomes of it is known at once.

Each process has a pipe of its own, so that one that dies takes no other's work with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from types import ModuleType
from typing import Any, NoReturn, TypeVar

from ...errors import WorkerFailed
from .serving import LOOK, serve

T = TypeVar("T")

_LONGER = "if it is just large, raise ingest.page_timeout_s; then `octavo refresh --failed`"
_LARGER = "if it is just large, raise ingest.worker_memory_mb; then `octavo refresh --failed`"


class ReadingProcess:
    """A process that calls functions for its parent, under limits.

    Args:
        memory_mb: Address space it may use beyond its start.
        start_s: Seconds allowed for its start, the loading of the layout model included.

    Raises:
        WorkerFailed: The system has no room for another process.
    """

    def __init__(self, memory_mb: int, start_s: float) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self.calls = 0
        try:
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(
                target=serve, args=(theirs, memory_mb), name="octavo-reading-process", daemon=True
            )
            with _main_left_alone():
                self._process.start()
        except OSError as error:  # too many processes or open files, or too little memory
            raise _cannot_start(str(error)) from error
        self._start_s: float | None = start_s  # until it has started
        theirs.close()  # or its death would not close the pipe

    @property
    def alive(self) -> bool:
        return not self._pipe.closed and self._process.is_alive()

    def call(self, function: Callable[..., T], *args: Any, limit_s: float) -> T:
        """What `function(*args)` returns there; both have to be importable and to pickle.

        Raises `WorkerFailed` when the process cannot start, and after a crash, a lack of memory, or more than `limit_s`
        seconds, after which the process is gone; and whatever error of Octavo's the function raises.
        """
        self._await_start()
        self.calls += 1
        try:
            self._pipe.send((function, args, limit_s))
            if not wait([self._pipe, self._process.sentinel], limit_s):
                self.kill()
                raise WorkerFailed(f"reading took longer than {limit_s:g} s and was stopped", cure=_LONGER)
            # What it sent before it died is still there.
            error, result = self._pipe.recv() if self._pipe.poll() else self._died()
        except (EOFError, OSError):
            self._died()
        if isinstance(error, MemoryError):
            self.kill()  # what is left of the memory may not do for the next page
            raise WorkerFailed("reading ran out of memory", cure=_LARGER)
        if error is not None:
            raise error
        value: T = result
        return value

    def _await_start(self) -> None:
        if self._start_s is None:
            return
        try:
            if not self._pipe.poll(self._start_s):
                raise TimeoutError(f"it took longer than {self._start_s:g} s")
            self._pipe.recv()
        except (EOFError, OSError) as error:
            raise _cannot_start(str(error) or _said(self.kill())) from error
        self._start_s = None

    def _died(self) -> NoReturn:
        code = self.kill()
        raise WorkerFailed(f"the reading process crashed ({_said(code)})", cure=LOOK)

    def kill(self) -> int | None:
        """Ends it, with whatever it has started; may be called from another thread. Gives the exit code."""
        if hasattr(os, "killpg") and self._process.pid and self._process.exitcode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # gone, or not yet a group of its own
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        return self._process.exitcode

    def stop(self) -> None:
        """Ends it when it has nothing to do."""
        self.kill()
        self._pipe.close()


def _cannot_start(why: str) -> WorkerFailed:
    return WorkerFailed(f"a reading process cannot start ({why})", cure="`octavo doctor` tries each part")


def _said(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


@contextlib.contextmanager
def _main_left_alone() -> Iterator[None]:
    """A spawned process runs its parent's main script again, to know what that defines.

    A reading process needs nothing of it, and a script that adds documents at its top level would begin anew in there.
    """
    with _starting:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


_starting = threading.Lock()
