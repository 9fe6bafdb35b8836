"""Reading in several processes: a crash, a hang or a bomb on one page hurts that page and nothing else.

Each page is a task of its own, with its own time limit. Processes keep their last documents open, and are replaced
after a while (layout models leak).
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from threading import Event, Lock
from typing import Any, TypeVar

from ...errors import WorkerFailed
from ..office.convert import Ready, converted, made_ready
from ..options import IngestOptions
from ..reader import FileInfo, failed_page
from ..types import Page
from ..workfolder import new_work_folder
from .process import ReadingProcess
from .tasks import Source, describe_file, hold_open, read_held, source_of

T = TypeVar("T")

_CALLS_PER_PROCESS = 1280  # two for each page
_PAGES_AHEAD = 8  # per process, so that a slow page keeps no process waiting and memory stays bounded
_MOST_KILLED = 5  # pages in a row that end their process before the rest of the file is given up


class ReadingPool:
    """A pool of reading processes; a context manager. Its methods may be called from several threads.

    Processes start as they are needed. Page content, ids and order do not depend on their number.

    Args:
        start_s: seconds that are allowed for the start of a process, the loading of its layout model included.
    """

    def __init__(self, options: IngestOptions | None = None, *, start_s: float = 60.0) -> None:
        self.options = options or IngestOptions()
        self._start_s = start_s
        # Two single-threaded readers outrun one reader with two threads by half.
        self.workers = self.options.workers or _cpu_count()
        self._threads = ThreadPoolExecutor(self.workers, "octavo-reading-process")  # one to wait for each process
        self._lock = Lock()
        self._closed = False
        self._idle: list[ReadingProcess] = []
        self._busy: dict[ReadingProcess, Event] = {}  # and what says that their work is not wanted any more
        self._described: dict[Path, tuple[FileInfo, Source]] = {}
        self._scratch = new_work_folder()
        self._folders = count()

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.close(cancel=kind is not None)

    def close(self, *, cancel: bool = False) -> None:
        """Ends the processes; with `cancel`, without waiting for what they are at."""
        with self._lock:
            self._closed = True
            busy = list(self._busy)
        if cancel:
            for process in busy:
                process.kill()
        self._threads.shutdown(cancel_futures=cancel)
        for process in self._idle:
            process.stop()
        self._idle.clear()
        self._scratch.cleanup()

    @contextmanager
    def as_pdf(self, path: Path, stopped: Event | None = None) -> Iterator[Path]:
        """The file itself where it is read as it is; else a PDF of it that is gone at the end.

        Raises as `convert.made_ready` and `convert.converted` do, which is what `stopped` is for.
        """
        folder = Path(self._scratch.name) / f"of-{next(self._folders)}"
        try:
            ready = _result(self._do(Event(), self._make_ready, path, folder), path)
            yield path if ready is None else converted(ready, path, self.options, stopped)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def info(self, path: Path) -> FileInfo:
        """The file's own description.

        Raises `UnreadableFile`, `EncryptedFile`, or `WorkerFailed` when opening the file crashes or hangs.
        """
        self._described[path] = found = self._describe(path)
        return found[0]

    def read(self, path: Path, *, version: str, first_page: int = 1, last_page: int | None = None) -> Iterator[Page]:
        """Pages from `first_page` on, to `last_page` or all, in order, without section paths; a few pages ahead.

        The file has to be what `info` found, where that was asked before.

        A page that crashes, hangs or breaks its reader is not tried again: it comes out without regions and with a
        note saying so (`reader.failure_of`). Raises as `info` does when the file as a whole cannot be read, and
        `UnreadableFile` when it changes meanwhile.
        """
        described = self._described.pop(path, None)
        info, source = self._describe(path) if described is None else described
        last = min(last_page or info.page_count, info.page_count)
        waiting = iter(range(first_page, last + 1))
        running: deque[tuple[int, Future[Page | WorkerFailed]]] = deque()
        unwanted = Event()
        killed = 0
        try:
            while True:
                for number in islice(waiting, _PAGES_AHEAD * self.workers - len(running)):
                    running.append((number, self._do(unwanted, self._page, source, version, number)))
                if not running:
                    return
                number, future = running.popleft()
                found = _result(future, path)
                if isinstance(found, Page):
                    killed = 0
                    yield found
                    continue
                killed += 1
                yield failed_page(number, found.what, found.cure)
                if killed == _MOST_KILLED:
                    why = f"not tried, since the {killed} pages before page {number + 1} had to be given up"
                    for left in range(number + 1, last + 1):
                        yield failed_page(left, why, found.cure)
                    return
        finally:
            self._abandon(unwanted, [future for _, future in running])
            if source.converted is not None:
                source.converted.unlink(missing_ok=True)

    def _describe(self, path: Path) -> tuple[FileInfo, Source]:
        return _result(self._do(Event(), self._file, source_of(path)), path)

    # What follows runs in the threads

    def _make_ready(self, process: ReadingProcess, path: Path, folder: Path) -> Ready | None:
        return process.call(made_ready, path, self.options, folder, limit_s=self.options.page_timeout_s)

    def _file(self, process: ReadingProcess, source: Source) -> tuple[FileInfo, Source]:
        limit = self.options.page_timeout_s
        return process.call(describe_file, source, self.options, Path(self._scratch.name), limit_s=limit)

    def _page(self, process: ReadingProcess, source: Source, version: str, number: int) -> Page | WorkerFailed:
        limit = self.options.page_timeout_s
        process.call(hold_open, source, self.options, limit_s=limit)
        try:
            return process.call(read_held, source, self.options, version, number, limit_s=limit)
        except WorkerFailed as error:
            return error

    # The processes

    def _do(self, unwanted: Event, function: Callable[..., T], *args: Any) -> Future[T]:
        """Has `function(process, *args)` called in a thread, unless nobody wants it by then."""

        def work() -> T:
            process = self._take(unwanted)
            try:
                return function(process, *args)
            finally:
                self._give(process)

        with self._lock:
            if self._closed:
                raise _stopped()
            return self._threads.submit(work)

    def _take(self, unwanted: Event) -> ReadingProcess:
        with self._lock:
            if self._closed or unwanted.is_set():
                raise _stopped()
            process = self._idle.pop() if self._idle else ReadingProcess(self.options.worker_memory_mb, self._start_s)
            self._busy[process] = unwanted
            return process

    def _give(self, process: ReadingProcess) -> None:
        with self._lock:
            del self._busy[process]
            keep = process.alive and process.calls < _CALLS_PER_PROCESS
            if keep:
                self._idle.append(process)
        if not keep:
            process.stop()

    def _abandon(self, unwanted: Event, futures: Iterable[Future[Any]]) -> None:
        """Stop what is done for a reader who wants no more."""
        with self._lock:
            unwanted.set()
            busy = [process for process, whose in self._busy.items() if whose is unwanted]
        for future in futures:
            future.cancel()
        for process in busy:
            process.kill()


def _result(future: Future[T], path: Path) -> T:
    try:
        return future.result()
    except WorkerFailed as error:
        raise WorkerFailed(error.what, where=str(path), cure=error.cure) from error
    except CancelledError as error:
        raise _stopped() from error


def _stopped() -> WorkerFailed:
    return WorkerFailed("reading was stopped")


def _cpu_count() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
