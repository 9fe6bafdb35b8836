"""Indexing one file: read, cut into passages, embedded, and made visible in one step.

What a killed process had done stays staged, and the next call goes on there. A page that fails is missing from a
document that is there otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ..errors import UnreadableFile
from ..ingest.identity import PARSER, content_hash, document_id, version_of
from ..ingest.options import IngestOptions
from ..ingest.passages import build_passages
from ..ingest.reader import failure_of
from ..ingest.sections import Sections
from ..ingest.types import Document, Page, Passage
from .reading import ReadAhead, Reading
from .reports import Failure, Stage

if TYPE_CHECKING:
    from ..ingest.sources import SourceFile
    from ..retrievers.embedders import Embedder
    from ..retrievers.library import FileStat, Library, Staging

T = TypeVar("T")
Teller = Callable[[Stage, int, int], None]
"""Takes a stage, the last page that is done in it, and the number of pages."""

_PAGES_PER_CHECKPOINT = 4  # a page of OCR takes seconds
_PASSAGES_PER_WINDOW = 128  # the embedder sorts these by length; while it works on them, pages wait unstaged


class Job(NamedTuple):
    """A file that has to be read. `number` counts from 1."""

    file: SourceFile
    number: int
    document: str
    content: str
    version: str
    stat: FileStat
    replaces: bool
    reading: Reading


class Indexer:
    """Brings files into one library.

    Args:
        library: Where they go.
        embedder: Gives the library's embedder; called when the first passages are there, since loading takes seconds.
        options: How files are read.
        collection: Part of every document's id.
    """

    def __init__(
        self, library: Library, embedder: Callable[[], Embedder], options: IngestOptions, collection: str
    ) -> None:
        self.library = library
        self._embedder = embedder
        self.options = options
        self._collection = collection

    def plan(self, file: SourceFile, number: int, ahead: ReadAhead) -> Job | None:
        """Start to read a file; None when its live version is the one it would become."""
        stat = _stat_of(file.path)
        document = document_id(self._collection, file.source)
        held = self.library.stat_of(document)
        unmoved = held is not None and (held.size, held.mtime_ns) == tuple(stat)
        content = held.content if held is not None and unmoved else _hash_of(file.path)
        version = version_of(content, self.options)
        if held is not None and held.live_version == version:
            self._refresh(document, file, None if unmoved else stat)
            return None
        done = [s.pages_done for s in self.library.staged() if (s.document, s.version) == (document, version)]
        reading = ahead.start(file.path, version=version, first_page=1 + sum(done))
        return Job(file, number, document, content, version, stat, held is not None, reading)

    def _refresh(self, document: str, file: SourceFile, stat: FileStat | None) -> None:
        """Take over new metadata, and a new time stamp on the same bytes."""
        known = self.library.find(document)
        had = known.metadata if known is not None else {}
        wanted = {**had, **file.metadata}
        if wanted != had or stat is not None:
            self.library.update_document(document, metadata=wanted, stat=stat)

    def index(self, job: Job, tell: Teller) -> tuple[Document, list[Failure], int]:
        """Take a file's pages as they come, and make it live. Gives the pages that failed, and counts passages."""
        info = job.reading.info
        document = Document(
            id=job.document,
            name=job.file.path.name,
            source=job.file.source,
            content=job.content,
            version=job.version,
            title=info.title,
            page_count=info.page_count,
            metadata={**info.metadata, **job.file.metadata},
        )
        with self.library.stage(
            document,
            options=self.options.model_dump(mode="json", exclude={"password"}),
            parser=PARSER,
            stat=job.stat,
            outline=info.outline,
        ) as staging:
            failures: list[Failure] = []
            pages = _noting(self._staged(job, staging, tell), job.file, failures)
            passages = self._embed(document, staging, pages, tell)
            if self.options.keep_originals:
                staging.keep_original(job.file.path)
            elif _stat_of(job.file.path) != job.stat:
                raise UnreadableFile("the file changed while it was read", where=job.file.source, cure="add it again")
            for failure in failures:
                error = UnreadableFile(failure.message, where=failure.source, cure=failure.cure)
                self.library.record_failure(failure.source, error, page=failure.page, version=job.version)
            staging.commit()
        return document, failures, passages

    def _staged(self, job: Job, staging: Staging, tell: Teller) -> Iterator[Page]:
        """All pages as they are stored: those staged before, then each few that come from the reader."""
        yield from staging.pages()
        info = job.reading.info
        sections = Sections(info.outline, staging.reader_state)
        for pages in _batches(_held_back(job, staging), _PAGES_PER_CHECKPOINT):
            staging.add_pages([sections.apply(page) for page in pages], sections.state())
            tell("reading", staging.pages_done, info.page_count)
            # From the library, which rounds: whoever goes on after an interruption gets the same passages.
            yield from staging.pages(first=pages[0].number)

    def _embed(self, document: Document, staging: Staging, pages: Iterator[Page], tell: Teller) -> int:
        """Passages of `pages`, embedded and staged while the next pages are read."""
        embedder = self._embedder()
        passages = build_passages(document, pages, embedder.count_tokens, self.options, embedder.max_tokens)
        # Passages come out the same each time: those that are staged already are only counted.
        for window in _batches(islice(passages, staging.passages_done, None), _PASSAGES_PER_WINDOW):
            embedding = embedder.embed_documents([searched_text(passage) for passage in window])
            tokens = None if embedding.tokens is None else [vectors.to_bytes() for vectors in embedding.tokens]
            staging.add_passages(window, embedding.dense, tokens)
            tell("embedding", window[-1].pages[-1], document.page_count)
        return staging.passages_done


def searched_text(passage: Passage) -> str:
    """What is embedded of a passage: where it stands, and what it says."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def _held_back(job: Job, staging: Staging) -> Iterator[Page]:
    """The pages that are not staged yet.

    Failed ones wait for the first good one, so that a file of which nothing can be read leaves nothing behind.
    """
    nothing_good = staging.pages_done == 0
    failed: list[Page] = []
    for page in job.reading:
        if page.number <= staging.pages_done:
            continue
        if nothing_good and failure_of(page, job.file.path) is not None:
            failed.append(page)
            continue
        nothing_good = False
        yield from failed
        failed.clear()
        yield page
    if failed:
        why = failure_of(failed[0], job.file.path)
        raise UnreadableFile(
            f"none of its {len(failed)} pages could be read (page {failed[0].number}: {why.what if why else 'failed'})",
            where=job.file.source,
            cure="look at the file in a viewer",
        )


def _noting(pages: Iterator[Page], file: SourceFile, failures: list[Failure]) -> Iterator[Page]:
    """`pages`, of which those that could not be read are noted on the way."""
    for page in pages:
        if (error := failure_of(page, file.path)) is not None:
            failures.append(Failure(source=file.source, message=error.what, cure=error.cure, page=page.number))
        yield page


def _stat_of(path: Path) -> FileStat:
    from ..retrievers.library import FileStat

    try:
        stat = path.stat()
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    return FileStat(stat.st_size, stat.st_mtime_ns)


def _hash_of(path: Path) -> str:
    try:
        return content_hash(path)
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror})", where=str(path)) from error


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
