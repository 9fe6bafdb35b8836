"""Adding many files: what the library has already is skipped, the rest is read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from ...errors import OctavoError
from ...ingest.sources import SourceFile, discover
from ..reports import AddReport
from .indexer import Indexer
from .jobs import Job
from .reading import ReadAhead
from .running import Run, Stopped, Watcher

if TYPE_CHECKING:
    from ...retrievers.library import Held


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
    run = Run(indexer, progress, stopped)
    with suppress(Stopped), run.library.changing():
        found = list(discover(paths, metadata))
        run.total = len(found)
        add_found(run, found)
    return AddReport(**run.facts())


def add_found(run: Run, found: Sequence[SourceFile | OctavoError]) -> None:
    """Read those of the files that are new or changed.

    Raises:
        Stopped: The caller wants no more.
    """
    # Loaded at once: asking for each of thousands of files would take a transaction each.
    held = run.library.held()

    def jobs(ahead: ReadAhead) -> Iterator[Job]:
        for number, file in enumerate(found, start=1):
            if (job := job_of(run, file, number, held, ahead)) is not None:
                yield job

    run.index(jobs)


def job_of(
    run: Run, file: SourceFile | OctavoError, number: int, held: Mapping[str, Held], ahead: ReadAhead
) -> Job | None:
    """The reading of a file, begun; None when it is told already what became of it."""
    if isinstance(file, OctavoError):
        run.fail(file, os.path.abspath(file.where) if file.where else "", number)
        return None
    try:
        state = run.indexer.compare(file, held)
        job = None if state.unchanged else run.indexer.start(state, number, ahead)
    except OctavoError as error:
        run.fail(error, file.source, number)
        return None
    if job is None:
        run.indexer.take_over(state)
        if file.source in run.failing:  # a change that could not be read, and was undone
            run.library.clear_failures(file.source, pages=False)
        run.done("unchanged", file.source, number)
    return job
