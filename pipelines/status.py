"""What a library holds, how it is, and what would mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OctavoError, counted, shown
from ..ingest.types import Value
from .build import embedder_named, open_library
from .indexing.staleness import READ_AGAIN, Stale, stale
from .reports import Failure, said_once

if TYPE_CHECKING:
    from ..retrievers.library import Library
    from .settings import Settings

_SHOWN = 20  # failures on a terminal; --json has them all


class Unfinished(Value):
    """A document whose adding was interrupted; adding it again goes on there."""

    name: str
    source: str
    pages_done: int
    page_count: int


class Status(Value):
    """A library in numbers.

    `other_embedder` is the one configured, where the library was made with another: it cannot be searched then.
    `unseen` says why its copied files could not be looked at: what is stale for them is not in `stale` then.
    """

    path: str
    embedder: str
    documents: int
    pages: int
    passages: int
    megabytes: float
    other_embedder: str | None = None
    stale: tuple[Stale, ...] = ()
    unseen: str | None = None
    unfinished: tuple[Unfinished, ...] = ()
    failures: tuple[Failure, ...] = ()

    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and value of each line to be shown."""
        yield "library", f"{shown(self.path)} ({self.megabytes:.1f} MB)"
        yield "embedder", self.embedder
        yield "documents", f"{self.documents} ({counted(self.pages, 'page')}, {counted(self.passages, 'passage')})"
        if self.other_embedder is not None:
            cure = "`octavo refresh` embeds everything anew, and reads no file for it"
            yield "stale", f"the embedder configured is {self.other_embedder}\n→ {cure}"
        for (why, settings), count in Counter((one.why, one.settings) for one in self.stale).items():
            yield "stale", _said(why, settings, count)
        if self.unseen is not None:
            yield "copied files", self.unseen
        for one in self.unfinished:
            done = f"{one.pages_done} of {counted(one.page_count, 'page')} read"
            yield "unfinished", f"{shown(one.name)}: {done}\n→ the same command again goes on there"
        pages = [failure for failure in self.failures if failure.page is not None]
        files = [failure for failure in self.failures if failure.page is None]
        yield from _some("failed", files)
        yield from _some("left out", pages)
        if pages:
            yield "", "`octavo refresh --failed` reads again what failed, and nothing else"


def _some(name: str, failures: Sequence[Failure]) -> Iterator[tuple[str, str]]:
    said = list(said_once(failures))
    yield from ((name, one) for one in said[:_SHOWN])
    if len(said) > _SHOWN:
        yield "", f"… and {len(said) - _SHOWN} more: `octavo status --json`"


def _said(why: str, settings: tuple[str, ...], count: int) -> str:
    were = "one document was" if count == 1 else f"{count} documents were"
    what = {
        "parser": f"{were} read by an older Octavo",
        "settings": f"{were} read with other settings ({', '.join(settings)})",
        "rendition": f"{were} read from a PDF that is gone or damaged",
        "passages": f"{were} cut into passages "
        + (f"with other settings ({', '.join(settings)})" if settings else "by an older Octavo"),
        "token vectors": f"{were} embedded with another value of embedder.token_vectors",
    }[why]
    again = "reads them again" if why in READ_AGAIN else "embeds them again, and reads no file for it"
    return f"{what}\n→ `octavo refresh` {again}"


def status_at(settings: Settings, *, wait: float = 0.0) -> Status:
    """The status of the library these settings name, whatever embedder it was made with."""
    from ..retrievers.library import Library

    shared = settings.library.chroma is not None
    read_only = not shared and not Library.outdated(settings.library.path)
    with open_library(settings, None, wait=wait, create=False, read_only=read_only) as library:
        return status_of(library, settings)


def status_of(library: Library, settings: Settings) -> Status:
    with library.snapshot():
        documents = library.documents()
        name, revision = embedder_named(settings.embedder)
        other = (library.maker.name, library.maker.revision) != (name, revision)
        lost: Set[str] = frozenset()
        unseen = None
        try:
            lost = library.renditions_lost()
        except OctavoError as error:  # the rest is known all the same
            unseen = str(error)
        tokens = settings.embedder.token_vectors
        found = stale(library.held().values(), settings.ingest, token_vectors=tokens, without_rendition=lost)
        return Status(
            path=str(library.folder),
            embedder=str(library.maker),
            documents=len(documents),
            pages=sum(document.page_count for document in documents),
            passages=library.passage_count(),
            megabytes=_bytes_in(library.folder) / 1e6,
            other_embedder=f"{name} (revision {revision})" if other else None,
            stale=tuple(found),
            unseen=unseen,
            unfinished=tuple(
                Unfinished(name=one.name, source=one.source, pages_done=one.pages_done, page_count=one.page_count)
                for one in library.staged()
            ),
            failures=tuple(
                Failure(source=one.source, message=one.message, cure=one.cure, page=one.page)
                for one in library.failures()
            ),
        )


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except OSError:  # SQLite's own files come and go, others may not be looked at
            continue
    return total
