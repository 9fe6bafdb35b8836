"""Bringing a library in line with folders: new files are added, changed ones replaced, vanished ones removed.

Additions come first, so that a file that was moved is never absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from threading import Event
from typing import Any

from ...errors import OctavoError
from ..reports import SyncReport
from .adding import add_found
from .indexer import Indexer
from .running import Run, Stopped, Watcher
from .survey import Survey, folder_of


def sync(
    indexer: Indexer,
    folders: Iterable[str | Path],
    *,
    metadata: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    allow_empty: bool = False,
    progress: Watcher | None = None,
    stopped: Event | None = None,
) -> SyncReport:
    """Add, replace and remove what is new, changed and gone in `folders`.

    Documents that were added from elsewhere are not touched. A file that fails to be read keeps its old version.

    Args:
        metadata: Kept with each document, over what files and sidecars say.
        dry_run: Only say what would be done.
        allow_empty: Remove the documents of a folder that is missing or empty, too.
        progress: Called from this thread with each step.
        stopped: When set, the work ends at the next step; the next call goes on there.

    Raises:
        SettingsError: One of `folders` is a file or a pattern.
    """
    places = [folder_of(folder) for folder in folders]
    run = Run(indexer, progress, stopped)
    with suppress(Stopped), nullcontext() if dry_run else run.library.changing():
        survey = Survey(indexer, places, metadata or {}, allow_empty)
        run.total = len(survey.found) + len(survey.vanished)
        for error in survey.troubles:
            run.fail(error, str(error.where), 0, record=False)
        if dry_run:
            _foresee(run, survey)
        else:
            add_found(run, survey.found)
            _remove(run, survey)
    return SyncReport(**run.facts(), dry_run=dry_run, changes=tuple(run.changes))


def _foresee(run: Run, survey: Survey) -> None:
    """Tell what would be done; nothing is written."""
    held = run.library.held()
    for number, file in enumerate(survey.found, start=1):
        if isinstance(file, OctavoError):
            run.fail(file, str(file.where), number, record=False)
            continue
        try:
            state = run.indexer.compare(file, held)
        except OctavoError as error:
            run.fail(error, file.source, number, record=False)
            continue
        run.done("unchanged" if state.unchanged else "replaced" if state.held else "added", file.source, number)
    for number, source in enumerate(survey.vanished, start=len(survey.found) + 1):
        run.done("removed", source, number)


def _remove(run: Run, survey: Survey) -> None:
    for number, (source, id) in enumerate(survey.vanished.items(), start=len(survey.found) + 1):
        if survey.may_remove(source):  # reading took a while: it may be back
            run.library.remove(id)
            run.done("removed", source, number)
    for failure in run.library.failures():
        # What is wrong with files that are gone is wrong no more.
        if failure.page is None and survey.concerns(failure.source) and survey.may_remove(failure.source):
            run.library.clear_failures(failure.source)
