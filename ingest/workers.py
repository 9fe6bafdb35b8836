"""Reading in worker processes: a crash, a hang or a bomb in one file hurts that file's pages and nothing else.

Workers are spawned, work on runs of pages, and are replaced after a while (layout models leak). A run that fails is
read again page by page, so that only the pages that really fail are lost.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from ..errors import WorkerFailed
from .options import IngestOptions
from .reader import FileInfo, failed_page, info_of, read_pages
from .types import Page

if TYPE_CHECKING:
    from pebble import ProcessFuture, ProcessPool

_TASKS_PER_WORKER = 40


class ReadingPool:
    """A pool of reading processes; a context manager. Its methods may be called from several threads.

    Page content, ids and order do not depend on the number of workers.

    Args:
        start_s: seconds that are allowed for loading the models, which a worker does with its first page.
    """

    def __init__(self, options: IngestOptions | None = None, *, start_s: float = 60.0) -> None:
        self.options = options or IngestOptions()
        self._start_s = start_s
        self._lock = Lock()
        # Two single-threaded readers outrun one reader with two threads by half.
        self.workers = self.options.workers or _cpu_count()
        self._pool: ProcessPool | None = None
        self._closed = False
        self._asked: WeakSet[ProcessFuture[Any]] = WeakSet()

    def __enter__(self) -> ReadingPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(cancel=kind is not None)

    def close(self, *, cancel: bool = False) -> None:
        """Ends the workers; with `cancel`, without waiting for what they are at."""
        with self._lock:
            self._closed = True
            pool: Any = self._pool
            self._pool = None
        if pool is None:
            return
        if cancel:
            # Stopping alone would leave whoever waits for these futures waiting for ever.
            asked: list[Any] = list(self._asked)
            for future in asked:
                future.cancel()
            pool.stop()
        else:
            pool.close()
        pool.join()

    def info(self, path: Path) -> FileInfo:
        """The file's own description, read in a worker.

        Raises `UnreadableFile`, `EncryptedFile`, or `WorkerFailed` when opening the file crashes or hangs.
        """
        info: FileInfo = _result(self._schedule(info_of, path, self.options), path)
        return info

    def read(self, path: Path, *, version: str, first_page: int = 1, info: FileInfo | None = None) -> Iterator[Page]:
        """Pages from `first_page` on, in order, without section paths; a few runs of pages ahead.

        A page that crashes, hangs or breaks its reader comes out without regions and with a note saying so
        (`reader.failure_of`). Raises as `info` does when the file as a whole cannot be read.
        """
        count = (info or self.info(path)).page_count
        step = self.options.pages_per_task
        # Short files are cut finer, so that all workers get a share.
        step = max(1, min(step, -(-(count - first_page + 1) // self.workers)))
        waiting = iter(range(first_page, count + 1, step))
        running: deque[tuple[int, int, Any]] = deque()
        try:
            while True:
                while len(running) < self.workers + 1 and (first := next(waiting, None)) is not None:
                    last = min(first + step - 1, count)
                    running.append((first, last, self._run(path, version, first, last)))
                if not running:
                    return
                first, last, future = running.popleft()
                try:
                    pages: list[Page] = _result(future, path)
                except WorkerFailed:
                    pages = self._one_by_one(path, version, first, last)
                yield from pages
        finally:
            for _, _, future in running:  # the caller wants no more, or the file failed
                future.cancel()

    def _one_by_one(self, path: Path, version: str, first: int, last: int) -> list[Page]:
        pages: list[Page] = []
        for number in range(first, last + 1):
            try:
                pages += _result(self._run(path, version, number, number), path)
            except WorkerFailed as error:
                pages.append(failed_page(number, error.what))
        return pages

    def _run(self, path: Path, version: str, first: int, last: int) -> ProcessFuture[list[Page]]:
        return self._schedule(_read_run, path, self.options, version, first, last, pages=last - first + 1)

    def _schedule(self, function: Any, *args: Any, pages: int = 1) -> ProcessFuture[Any]:
        # Most pages take a small part of what the worst may take.
        timeout = self._start_s + self.options.page_timeout_s * (1 + (pages - 1) * 0.25)
        with self._lock:
            if self._closed:
                raise WorkerFailed("reading was stopped", where=str(args[0]))
            if self._pool is None:
                self._pool = self._started()
            future = self._pool.schedule(function, args=list(args), timeout=timeout)
            self._asked.add(future)
            return future

    def _started(self) -> ProcessPool:
        import multiprocessing

        from pebble import ProcessPool

        return ProcessPool(
            max_workers=self.workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=_prepare,
            initargs=(self.options.worker_memory_mb,),
            context=multiprocessing.get_context("spawn"),
        )


def _result(future: ProcessFuture[Any], path: Path) -> Any:
    from pebble import ProcessExpired

    cure = "raise ingest.page_timeout_s or ingest.worker_memory_mb if the file is just large"
    try:
        return future.result()
    except FutureTimeout as error:
        raise WorkerFailed("reading took too long and was stopped", where=str(path), cure=cure) from error
    except ProcessExpired as error:
        raise WorkerFailed(f"the reading process died (exit code {error.exitcode})", where=str(path)) from error
    except MemoryError as error:
        raise WorkerFailed("reading ran out of memory", where=str(path), cure=cure) from error
    except (BrokenExecutor, CancelledError) as error:
        what = "the reading processes cannot start" if isinstance(error, BrokenExecutor) else "reading was stopped"
        raise WorkerFailed(what, where=str(path), cure="`octavo doctor` tries each part") from error


def _read_run(path: Path, options: IngestOptions, version: str, first: int, last: int) -> list[Page]:
    return list(read_pages(path, options, version=version, first=first, last=last))


def _cpu_count() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _prepare(memory_mb: int) -> None:
    """Makes a fresh worker a modest one: one thread, bounded memory, silent, deaf to Ctrl-C (its parent stops it)."""
    import signal
    import sys

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ["OMP_NUM_THREADS"] = "1"
    _one_thread_per_session()
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - for the life of the process; PyMuPDF prints
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
    with open("/proc/self/statm") if os.path.exists("/proc/self/statm") else open(os.devnull) as file:
        size = (file.read().split() or ["0"])[0]
    used = int(size) * resource.getpagesize()
    limit = used + megabytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
