"""What a library holds, and how it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..ingest.types import Value
from .reports import Failure, said_once

if TYPE_CHECKING:
    from ..retrievers.library import Library


class Unfinished(Value):
    """A document whose adding was interrupted; adding it again goes on there."""

    name: str
    source: str
    pages_done: int
    page_count: int


class Status(Value):
    """A library in numbers."""

    path: str
    embedder: str
    documents: int
    pages: int
    passages: int
    megabytes: float
    unfinished: tuple[Unfinished, ...] = ()
    failures: tuple[Failure, ...] = ()

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and value of each line to be shown."""
        yield "library", f"{self.path} ({self.megabytes:.1f} MB)"
        yield "embedder", self.embedder
        yield "documents", f"{self.documents} ({self.pages} pages, {self.passages} passages)"
        for one in self.unfinished:
            yield "unfinished", f"{one.name}: {one.pages_done} of {one.page_count} pages read; add it again to go on"
        for said in said_once(self.failures):
            yield "failed", said


def status_of(library: Library) -> Status:
    documents = library.documents()
    return Status(
        path=str(library.folder),
        embedder=str(library.maker),
        documents=len(documents),
        pages=sum(document.page_count for document in documents),
        passages=library.passage_count(),
        megabytes=_bytes_in(library.folder) / 1e6,
        unfinished=tuple(
            Unfinished(name=one.name, source=one.source, pages_done=one.pages_done, page_count=one.page_count)
            for one in library.staged()
        ),
        failures=tuple(
            Failure(source=one.source, message=one.message, cure=one.cure, page=one.page) for one in library.failures()
        ),
    )


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:  # SQLite's own files come and go
            continue
    return total
