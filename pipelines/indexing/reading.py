"""Reading ahead: the next files are read while the one before them is embedded."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

from ...ingest.types import Page

if TYPE_CHECKING:
    from ...ingest.processes.pool import ReadingPool
    from ...ingest.reader import FileInfo

Read = Callable[["ReadingPool"], tuple["FileInfo", Iterator[Page]]]
"""Gives a file's description and its pages, in order."""

_PAGES_AHEAD = 64  # pages that wait at most, so that memory stays bounded whatever the file
_POLL_S = 0.2
_PATIENCE_S = 5.0


class Reading:
    """One file on its way: `info`, then its pages in order, each once. Errors of the file come out of either.

    Attributes:
        rendition: The PDF whose pages they are, where one had to be made of the file; known with `info`, there until
            `close`.
    """

    def __init__(self) -> None:
        self._info: Future[FileInfo] = Future()
        self._pages: queue.Queue[Page | None] = queue.Queue(_PAGES_AHEAD)
        self._end: Future[None] = Future()
        self._unwanted = Event()
        self._at_close = ExitStack()
        self.rendition: Path | None = None

    @property
    def info(self) -> FileInfo:
        """What the file says of itself; waits for its turn."""
        return self._info.result()

    def __iter__(self) -> Iterator[Page]:
        while (page := self._pages.get()) is not None:
            yield page
        self._end.result()

    def close(self) -> None:
        """Take no more pages, and forget what was made to read the file; a second call does nothing."""
        self._unwanted.set()  # or its lane would wait for ever for room
        self._at_close.pop_all().close()

    def as_pdf(self, path: Path, pool: ReadingPool, stopped: Event) -> Path:
        """The file, or the PDF that has to be made of it."""
        return self._at_close.enter_context(pool.as_pdf(path, stopped))

    def fill(self, read: Read, pool: ReadingPool, stopped: Event) -> None:
        """Read the file; runs on a reading thread, and hands every error to the thread that takes the pages."""
        try:
            info, pages = read(pool)
            self._info.set_result(info)
            for page in pages:
                if not self._put(page, stopped):
                    return
            self._end.set_result(None)
        except BaseException as error:  # noqa: BLE001
            for future in (self._info, self._end):
                if not future.done():
                    future.set_exception(error)
        finally:
            self._put(None, stopped)

    def _put(self, page: Page | None, stopped: Event) -> bool:
        """Waits for room; False when nobody wants the pages any more."""
        while not (stopped.is_set() or self._unwanted.is_set()):
            try:
                self._pages.put(page, timeout=_POLL_S)
            except queue.Full:
                continue
            return True
        return False


class ReadAhead:
    """Reads files, `lanes` of them at a time and in the order they were started; a context manager.

    Several lanes keep the reading processes busy when every file has but a page or two.
    """

    def __init__(self, pool: ReadingPool, *, lanes: int) -> None:
        self._pool = pool
        self._stopped = Event()
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        # Daemons: whoever interrupts must not wait for a process that reads a page, nor must the interpreter's end.
        self._lanes = [Thread(target=self._work, name="octavo-reading", daemon=True) for _ in range(lanes)]

    def __enter__(self) -> Self:
        for lane in self._lanes:
            lane.start()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.stop()
        for _lane in self._lanes:
            self._waiting.put(None)
        # Stopped lanes end as soon as they see that their processes are gone; then nobody writes to the disk any more.
        for lane in self._lanes:
            lane.join(_PATIENCE_S if self._stopped.is_set() else None)

    def stop(self) -> None:
        """Give up what is being read."""
        self._stopped.set()
        self._pool.close(cancel=True)

    def start(self, path: Path, *, version: str, first_page: int = 1, kept: Path | None = None) -> Reading:
        """Queue a file; its pages wait in the `Reading` that comes back. `kept`: a PDF made of it before."""
        reading = Reading()

        def read(pool: ReadingPool) -> tuple[FileInfo, Iterator[Page]]:
            pdf = kept or reading.as_pdf(path, pool, self._stopped)
            reading.rendition = pdf if pdf != path else None
            return pool.info(pdf), pool.read(pdf, version=version, first_page=first_page)

        self._queue(reading, read)
        return reading

    def start_with(self, read: Read) -> Reading:
        """Queue something else that gives pages."""
        reading = Reading()
        self._queue(reading, read)
        return reading

    def _queue(self, reading: Reading, read: Read) -> None:
        self._waiting.put(partial(reading.fill, read, self._pool, self._stopped))

    def _work(self) -> None:
        while (read := self._waiting.get()) is not None:
            if not self._stopped.is_set():
                read()
