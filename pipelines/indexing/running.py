"""One call that indexes files: its progress, and its report.

While one file is embedded the next are read. A file that fails is recorded, and the others go on; but a full
disk, a server that does not answer or a vector index that cannot be mended ends the run: all others would fail as well.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import PurePosixPath
from threading import Event
from typing import Any

from ...errors import DiskFull, IndexDamaged, LibraryBusy, OctavoError, ServerUnavailable
from ...ingest.page import ocrmodels
from ...ingest.processes.pool import ReadingPool
from ..reports import Change, Failure, Outcome, Progress, Stage
from .indexer import Indexer
from .jobs import Job, StillFailing
from .reading import ReadAhead

Watcher = Callable[[Progress], None]

_ENDING = (DiskFull, IndexDamaged, ServerUnavailable)
_NOT_THE_FILES = (*_ENDING, LibraryBusy)  # passes, and says nothing of the file: it is told, and not remembered


class Stopped(Exception):
    """The caller wants no more, or no more can be done."""


class Run:
    """What became of the files of one call so far.

    Attributes:
        total: How many files there are.
        changes: What was done so far.
        failing: Sources that could not be read before it.

    Args:
        progress: Called from the caller's thread with each step.
        stopped: When set, the run ends at its next step; what was done stays staged.
    """

    def __init__(self, indexer: Indexer, progress: Watcher | None, stopped: Event | None) -> None:
        self.indexer = indexer
        self.library = indexer.library
        self.total = 0
        self.changes: list[Change] = []
        self.failing = {failure.source for failure in self.library.failures() if failure.page is None}
        self._failed: list[Failure] = []
        self._counts: dict[str, int] = dict.fromkeys(("added", "replaced", "removed", "unchanged"), 0)
        self._progress = progress or ignore
        self._stopped = stopped or Event()
        self._begun = time.perf_counter()
        self._untried = 0
        self._pages = 0
        self._passages = 0
        self._failed_pages: list[Failure] = []
        self._without_text: list[str] = []

    def index(self, jobs: Callable[[ReadAhead], Iterator[Job]]) -> None:
        """Work off the jobs, each of which is being read from the moment it is asked for."""
        ocrmodels.check(self.indexer.options)
        with ReadingPool(self.indexer.options) as pool, ReadAhead(pool, lanes=pool.workers) as ahead:
            coming = jobs(ahead)
            waiting: deque[Job] = deque(islice(coming, pool.workers + 1))
            try:
                while waiting:
                    self._index(waiting.popleft())
                    waiting.extend(islice(coming, 1))
            except Stopped:
                ahead.stop()
                raise

    def done(self, stage: Outcome, source: str, number: int, pages: int = 0) -> None:
        """Count and tell what became of a file."""
        self._counts[stage] += 1
        if stage != "unchanged":
            self.changes.append(Change(what=stage, source=source))
        self._tell(stage, source, number, page=pages, pages=pages)

    def fail(self, error: OctavoError, source: str, number: int, *, record: bool = True) -> None:
        """Tell of a file that cannot be read; with `record` the library remembers it, if it is the file's own fault."""
        if record and not isinstance(error, _NOT_THE_FILES):
            try:
                self.library.record_failure(source, error)
            except _NOT_THE_FILES as worse:
                error = worse
        # What is no fault of the file is elsewhere: on the disk of the library, say.
        elsewhere = f": {error.where}" if error.where and isinstance(error, _NOT_THE_FILES) else ""
        self._failed.append(Failure(source=source, message=error.what + elsewhere, cure=error.cure))
        self._tell("failed", source, number, message=error.what)
        if isinstance(error, _ENDING):
            self._untried = self.total - number
            raise Stopped

    def facts(self) -> dict[str, Any]:
        """What an `AddReport` says."""
        return {
            **self._counts,
            "failed": tuple(self._failed),
            "failed_pages": tuple(self._failed_pages),
            "without_text": tuple(self._without_text),
            "pages": self._pages,
            "passages": self._passages,
            "untried": self._untried,
            "seconds": time.perf_counter() - self._begun,
        }

    def _index(self, job: Job) -> None:
        def tell(stage: Stage, page: int, pages: int) -> None:
            self._tell(stage, job.file.source, job.number, page=page, pages=pages)

        try:
            document, failures, passages = self.indexer.index(job, tell)
        except StillFailing as error:
            self._failed_pages += error.failures
            self.done("unchanged", job.file.source, job.number)
            return
        except OctavoError as error:
            self.fail(error, job.file.source, job.number, record=not job.again)
            return
        self._pages += document.page_count
        self._passages += passages
        self._failed_pages += failures
        if not passages:
            self._without_text.append(job.file.source)
        self.done("replaced" if job.replaces else "added", job.file.source, job.number, document.page_count)

    def _tell(
        self, stage: Stage, source: str, number: int, *, page: int = 0, pages: int = 0, message: str | None = None
    ) -> None:
        if self._stopped.is_set():
            raise Stopped
        self._progress(
            Progress(
                source=source,
                name=PurePosixPath(source).name,
                stage=stage,
                file=number,
                files=self.total,
                page=page,
                pages=pages,
                message=message,
            )
        )


def ignore(_: Progress) -> None:
    """Watches nothing."""
