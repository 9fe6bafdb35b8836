"""One reading process: it does one thing at a time, and whatever becomes of it is known at once.

Each process has a pipe of its own, so that one that dies takes no other's work with it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TypeVar

from ..errors import OctavoError, WorkerFailed

T = TypeVar("T")

_CPU_SPARE_S = 60  # processor time beyond its wall-clock limit after which a process ends even without its parent
_LONGER = "if it is just large, raise ingest.page_timeout_s; then `octavo refresh --failed`"
_LARGER = "if it is just large, raise ingest.worker_memory_mb; then `octavo refresh --failed`"
_LOOK = "look at it in a viewer; if it shows there, save it again as PDF"


class ReadingProcess:
    """A process that calls functions for its parent, under limits.

    Args:
        memory_mb: Address space it may use beyond its start.
        start_s: Seconds allowed for its start, the loading of the layout model included.

    """

    def __init__(self, memory_mb: int, start_s: float) -> None:
        import multiprocessing

        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.calls = 0
        self._process = context.Process(
            target=_serve, args=(theirs, memory_mb), name="octavo-reading-process", daemon=True
        )
        with _main_left_alone():
            self._process.start()
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
            why = str(error) or _said(self.kill())
            what = f"a reading process cannot start ({why})"
            raise WorkerFailed(what, cure="`octavo doctor` tries each part") from error
        self._start_s = None

    def _died(self) -> NoReturn:
        code = self.kill()
        raise WorkerFailed(f"the reading process crashed ({_said(code)})", cure=_LOOK)

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


# What runs in the process


def _serve(pipe: Connection, memory_mb: int) -> None:
    _prepare(memory_mb)
    pipe.send(None)
    while True:
        try:
            function, args, limit_s = pipe.recv()
        except (EOFError, OSError):  # the parent is gone
            return
        _limit_cpu(limit_s)
        error: OctavoError | MemoryError | None = None
        result: Any = None
        try:
            result = function(*args)
        except (OctavoError, MemoryError) as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - a border between processes: the parent shall know
            error = WorkerFailed(f"reading broke ({type(raised).__name__}: {raised})", cure=_LOOK)
        pipe.send((error, result))


def _prepare(memory_mb: int) -> None:
    """Makes a fresh process a modest one: one thread, bounded memory, silent, deaf to Ctrl-C (its parent stops it)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()  # what it starts ends with it
    os.environ["OMP_NUM_THREADS"] = "1"
    _one_thread_per_session()
    import pymupdf.layout  # noqa: F401 - the model is loaded before any page's time starts

    for stream in (1, 2):  # MuPDF prints what it thinks of a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    with contextlib.suppress(OSError):  # a machine that is short of memory shall end this process, not its parent
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limit_memory(memory_mb)


def _one_thread_per_session() -> None:
    """onnxruntime takes every core for each model; PyMuPDF offers no setting, so its sessions get one here."""
    import onnxruntime

    class OneThread(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, model: Any, sess_options: Any = None, **kwargs: Any) -> None:
            options = sess_options or onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            super().__init__(model, sess_options=options, **kwargs)

    onnxruntime.InferenceSession = OneThread


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds there
        return
    statm = Path("/proc/self/statm")
    used = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    _lower(resource.RLIMIT_AS, used + megabytes * 1024 * 1024)


def _limit_cpu(seconds: float) -> None:
    """An endless loop shall end even when the parent was killed and stops nobody any more."""
    try:
        import resource
    except ImportError:
        return
    _lower(resource.RLIMIT_CPU, int(time.process_time() + seconds) + _CPU_SPARE_S)


def _lower(kind: int, limit: int) -> None:
    """Sets a soft limit, under the hard one."""
    import resource

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
