"""A file that has to be read, and its pages as they come: which are new, and which could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...errors import PageFailed, UnreadableFile, counted
from ...ingest.reader import failure_of
from ...ingest.types import Page
from ..reports import Failure
from .reading import Reading

if TYPE_CHECKING:
    from ...ingest.sources import SourceFile
    from ...retrievers.library import FileStat, Staging


class Job(NamedTuple):
    """A file that has to be read. `number` counts from 1.

    With `keep` its bytes are copied into the library; `stat` is kept of it, and without a copy has to be true of it
    still when it was read. With `again` the library has the document, and failing leaves it as it is. `anew`: its pages
    come from the file, not from the library.
    """

    file: SourceFile
    number: int
    document: str
    content: str
    version: str
    attempt: int
    stat: FileStat | None
    replaces: bool
    keep: bool
    again: bool
    reading: Reading
    anew: bool = True


class StillFailing(PageFailed):
    """None of the pages that were read again could be read; the live version stays."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(f"{counted(len(failures), 'page')} still cannot be read", where=failures[0].source)
        self.failures = failures


def held_back(job: Job, staging: Staging) -> Iterator[Page]:
    """The pages that are not staged yet.

    Failed ones wait for the first good one, so that a file of which nothing can be read leaves nothing behind.
    """
    nothing_good = staging.pages_done == 0
    failed: list[Page] = []
    for page in job.reading:
        if page.number <= staging.pages_done:
            continue
        if nothing_good and not page.regions and failure_of(page, job.file.path) is not None:
            failed.append(page)
            continue
        nothing_good = False
        yield from failed
        failed.clear()
        yield page
    if failed:
        why = failure_of(failed[0], job.file.path)
        none = "its only page could not" if len(failed) == 1 else f"none of its {len(failed)} pages could"
        raise UnreadableFile(
            f"{none} be read (page {failed[0].number}: {why.what if why else 'failed'})",
            where=job.file.source,
            cure=why.cure if why else None,
        )


def noting(pages: Iterator[Page], file: SourceFile, failures: list[Failure]) -> Iterator[Page]:
    """`pages`, of which those that could not be read are noted on the way."""
    for page in pages:
        if (failure := failed(page, file.source)) is not None:
            failures.append(failure)
        yield page


def failed(page: Page, source: str) -> Failure | None:
    """Why a page could not be read; None if it could."""
    error = failure_of(page, Path(source))
    if error is None:
        return None
    return Failure(source=source, message=error.what, cure=error.cure, page=page.number)
