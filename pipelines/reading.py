"""Reading ahead: the next files are read while the one before them is embedded."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..ingest.types import Page

if TYPE_CHECKING:
    from ..ingest.reader import FileInfo
    from ..ingest.workers import ReadingPool

_PAGES_AHEAD = 64  # pages that wait at most, so that memory stays bounded whatever the file
_POLL_S = 0.2


class Reading:
    """One file on its way: `info`, then its pages in order, each once. Errors of the file come out of either."""

    def __init__(self) -> None:
        self._info: Future[FileInfo] = Future()
        self._pages: queue.Queue[Page | None] = queue.Queue(_PAGES_AHEAD)
        self._run: Future[None] | None = None

    @property
    def info(self) -> FileInfo:
        """What the file says of itself; waits for its turn."""
        return self._info.result()

    def __iter__(self) -> Iterator[Page]:
        while (page := self._pages.get()) is not None:
            yield page
        if self._run is not None:
            self._run.result()

    def fill(self, pool: ReadingPool, path: Path, version: str, first_page: int, stopped: Event) -> None:
        """Runs on the reading thread."""
        try:
            try:
                info = pool.info(path)
            except BaseException as error:
                self._info.set_exception(error)
                raise
            self._info.set_result(info)
            if stopped.is_set():
                return
            for page in pool.read(path, version=version, first_page=first_page, info=info):
                if not self._put(page, stopped):
                    return
        finally:
            self._put(None, stopped)

    def start(self, run: Future[None]) -> Self:
        self._run = run
        return self

    def _put(self, page: Page | None, stopped: Event) -> bool:
        """Waits for room; False when nobody wants the pages any more."""
        while not stopped.is_set():
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
        self._lanes = ThreadPoolExecutor(max_workers=lanes, thread_name_prefix="octavo-reading")
        self._stopped = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.stop()
        self._stopped.set()
        self._lanes.shutdown(cancel_futures=True)

    def stop(self) -> None:
        """Give up what is being read."""
        self._stopped.set()
        self._pool.close(cancel=True)

    def start(self, path: Path, *, version: str, first_page: int = 1) -> Reading:
        """Queue a file; its pages wait in the `Reading` that comes back."""
        reading = Reading()
        return reading.start(self._lanes.submit(reading.fill, self._pool, path, version, first_page, self._stopped))
