"""Adding many files: one call's progress and report.

While one file is embedded the next are read. A file that fails is recorded, and the others go on.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

from ..errors import OctavoError
from ..ingest.sources import discover
from ..ingest.workers import ReadingPool
from .indexing import Indexer, Job
from .reading import ReadAhead
from .reports import AddReport, Failure, Progress, Stage

Watcher = Callable[[Progress], None]


class _Stopped(Exception):
    """The caller wants no more."""


def add(
    indexer: Indexer,
    paths: Iterable[str | Path],
    *,
    metadata: Mapping[str, Any] | None = None,
    progress: Watcher | None = None,
    stopped: Event | None = None,
) -> AddReport:
    """Add files, the files in folders, and what globs match.

    Args:
        metadata: Kept with each document, over what files and sidecars say.
        progress: Called from this thread with each step.
        stopped: When set, adding ends at the next step; what was done stays staged.
    """
    return _Run(indexer, paths, metadata or {}, progress or _ignore, stopped or Event()).report()


class _Run:
    """One call of `add`: what was found, and what became of it so far."""

    def __init__(
        self,
        indexer: Indexer,
        paths: Iterable[str | Path],
        metadata: Mapping[str, Any],
        progress: Watcher,
        stopped: Event,
    ) -> None:
        self._indexer = indexer
        self._progress = progress
        self._stopped = stopped
        self._begun = time.perf_counter()
        self._found = list(discover(paths, metadata))
        self._counts: dict[str, int] = dict.fromkeys(("added", "replaced", "unchanged", "pages", "passages"), 0)
        self._failed: list[Failure] = []
        self._failed_pages: list[Failure] = []
        self._without_text: list[str] = []

    def report(self) -> AddReport:
        """Work it off."""
        with ReadingPool(self._indexer.options) as pool, ReadAhead(pool, lanes=pool.workers) as ahead:
            jobs = self._jobs(ahead)
            waiting: deque[Job] = deque(islice(jobs, pool.workers + 1))
            try:
                while waiting:
                    self._index(waiting.popleft())
                    waiting.extend(islice(jobs, 1))
            except _Stopped:
                ahead.stop()
        return AddReport(
            **self._counts,
            failed=tuple(self._failed),
            failed_pages=tuple(self._failed_pages),
            without_text=tuple(self._without_text),
            seconds=time.perf_counter() - self._begun,
        )

    def _jobs(self, ahead: ReadAhead) -> Iterator[Job]:
        """The files that have to be read, each being read from the moment it is asked for."""
        seen: set[str] = set()
        for number, file in enumerate(self._found, start=1):
            if isinstance(file, OctavoError):
                self._fail(file, os.path.abspath(file.where) if file.where else "", number)
                continue
            try:
                job = self._indexer.plan(file, number, ahead) if file.source not in seen else None
            except OctavoError as error:
                self._fail(error, file.source, number)
                continue
            seen.add(file.source)
            if job is not None:
                yield job
            else:
                self._done("unchanged", file.source, number)

    def _index(self, job: Job) -> None:
        def tell(stage: Stage, page: int, pages: int) -> None:
            self._tell(stage, job.file.source, job.number, page=page, pages=pages)

        try:
            document, failures, passages = self._indexer.index(job, tell)
        except OctavoError as error:
            self._fail(error, job.file.source, job.number)
            return
        self._counts["pages"] += document.page_count
        self._counts["passages"] += passages
        self._failed_pages += failures
        if not passages:
            self._without_text.append(job.file.source)
        self._done("replaced" if job.replaces else "added", job.file.source, job.number, document.page_count)

    def _done(self, stage: Stage, source: str, number: int, pages: int = 0) -> None:
        self._counts[stage] += 1
        self._tell(stage, source, number, page=pages, pages=pages)

    def _fail(self, error: OctavoError, source: str, number: int) -> None:
        self._indexer.library.record_failure(source, error)
        self._failed.append(Failure(source=source, message=error.what, cure=error.cure))
        self._tell("failed", source, number, message=error.what)

    def _tell(
        self, stage: Stage, source: str, number: int, *, page: int = 0, pages: int = 0, message: str | None = None
    ) -> None:
        if self._stopped.is_set():
            raise _Stopped
        self._progress(
            Progress(
                source=source,
                name=Path(source).name,
                stage=stage,
                file=number,
                files=len(self._found),
                page=page,
                pages=pages,
                message=message,
            )
        )


def _ignore(_: Progress) -> None:
    pass
