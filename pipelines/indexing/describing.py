"""New descriptions for a document: a new version of it, made of the pages that the library has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ...ingest.descriptions import with_descriptions
from ...ingest.identity import described_version
from ...ingest.reader import FileInfo
from ...ingest.sources import SourceFile
from ...ingest.types import Page
from .jobs import Job
from .reading import ReadAhead
from .refreshing import of_version
from .running import Run

if TYPE_CHECKING:
    from ...ingest.processes.pool import ReadingPool


def renew(run: Run, document: str, texts: Mapping[str, str]) -> None:
    """Give a live document these descriptions (by region), in place of those it has, in one step.

    Interrupted, what was staged is gone on with only by a call with the same descriptions. Raises `Stopped`.
    """
    from ...retrievers.library import FileStat

    indexer, library = run.indexer, run.library
    held, known = library.stat_of(document), library.document(document)
    assert held is not None  # it is live, and the caller holds the lock
    version, attempt = indexer.next_version(held.content, held)
    version = described_version(version, texts)
    info = FileInfo(page_count=known.page_count, title=known.title, outline=tuple(library.outline(document)))
    first = 1 + library.pages_staged(document, version)

    def read(pool: ReadingPool) -> tuple[FileInfo, Iterator[Page]]:
        pages = library.pages(document, first)
        return info, (of_version(with_descriptions(page, texts, version), version) for page in pages)

    def jobs(ahead: ReadAhead) -> Iterator[Job]:
        stat = FileStat(held.size, held.mtime_ns) if held.size is not None and held.mtime_ns is not None else None
        kept = library.kept(document)
        yield Job(
            file=SourceFile(path=kept or Path(held.source), source=held.source, metadata=held.metadata),
            number=run.total,
            document=document,
            content=held.content,
            version=version,
            attempt=attempt,
            stat=stat,
            replaces=True,
            keep=kept is not None,
            again=True,
            reading=ahead.start_with(read),
            anew=False,
        )

    run.index(jobs)
