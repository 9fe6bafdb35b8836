"""Indexing one file: read, cut into passages, embedded, and made visible in one step.

What a killed process had done stays staged, and the next call goes on there. A page that fails is missing from a
document that is there otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...errors import UnreadableFile
from ...ingest.descriptions import crop_hash, describable, with_descriptions
from ...ingest.identity import CUTTER, PARSER, version_of
from ...ingest.options import IngestOptions
from ...ingest.passages import build_passages
from ...ingest.sections import Sections
from ...ingest.types import BBox, Document, Page
from ..reports import Failure, Stage
from .comparing import Comparison, compare, read_as, stat_of
from .embedding import batches, embedded
from .jobs import Job, held_back, noting
from .reading import ReadAhead

if TYPE_CHECKING:
    from ...ingest.sources import SourceFile
    from ...retrievers.embedders import Embedder
    from ...retrievers.library import Held, Library, Staging

Teller = Callable[[Stage, int, int], None]
"""Takes a stage, the last page that is done in it, and the number of pages."""

_PAGES_PER_CHECKPOINT = 4  # a page of OCR takes seconds


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
        self.collection = collection

    def compare(self, file: SourceFile, held: Mapping[str, Held]) -> Comparison:
        """What a file is to the library, which holds `held`. Raises UnreadableFile."""
        return compare(file, self.collection, self.options, held)

    def start(self, state: Comparison, number: int, ahead: ReadAhead) -> Job | None:
        """Start to read a file that is new or changed; None when somebody else has added it meanwhile."""
        known = self.library.stat_of(state.document)
        if known != state.held:
            state = self.compare(state.file, {state.document: known} if known is not None else {})
            if state.unchanged:
                return None
        version, attempt = self.next_version(state.content, known)
        reading = ahead.start(
            state.file.path,
            version=version,
            first_page=1 + self.library.pages_staged(state.document, version),
            kept=self.library.rendition(state.file.source, state.content),
        )
        return Job(
            file=state.file,
            number=number,
            document=state.document,
            content=state.content,
            version=version,
            attempt=attempt,
            stat=state.stat,
            replaces=known is not None,
            keep=self.options.keep_originals,
            again=False,
            reading=reading,
        )

    def next_version(self, content: str, held: Held | None) -> tuple[str, int]:
        """The version that a new reading of these bytes becomes, and which attempt at them it is."""
        version = version_of(content, self.options)
        if held is None or held.content != content or not read_as(held, self.options):
            return version, 0
        return version_of(content, self.options, held.attempt + 1), held.attempt + 1

    def take_over(self, state: Comparison) -> None:
        """Of a file that has not changed: new metadata, and a new time stamp on the same bytes."""
        held = state.held
        if held is None:
            return
        wanted = {**held.metadata, **state.file.metadata}
        if wanted != held.metadata or (held.size, held.mtime_ns) != tuple(state.stat):
            self.library.update_document(state.document, metadata=wanted, stat=state.stat)

    def index(self, job: Job, tell: Teller) -> tuple[Document, list[Failure], int]:
        """Take a file's pages as they come, and make it live. Gives the pages that failed, and counts passages."""
        with closing(job.reading):
            return self._index(job, tell)

    def _index(self, job: Job, tell: Teller) -> tuple[Document, list[Failure], int]:
        info = job.reading.info
        converter = {"converter": info.producer} if job.reading.rendition is not None and info.producer else {}
        document = Document(
            id=job.document,
            name=PurePosixPath(job.file.source).name,
            source=job.file.source,
            content=job.content,
            version=job.version,
            title=info.title,
            page_count=info.page_count,
            metadata={**info.metadata, **converter, **job.file.metadata},
        )
        with self.library.stage(
            document,
            options=self.options.model_dump(mode="json", exclude={"password"}) | {"cutter": CUTTER},
            parser=PARSER,
            stat=job.stat,
            outline=info.outline,
            attempt=job.attempt,
        ) as staging:
            if job.reading.rendition is not None:
                staging.keep_rendition(job.reading.rendition)
            failures: list[Failure] = []
            pages = noting(self._staged(job, staging, tell), job.file, failures)
            passages = self._embed(document, staging, pages, tell)
            if job.keep:
                staging.keep_original(job.file.path)
            elif not job.again and stat_of(job.file.path) != job.stat:
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
        described = self._described(job)
        for pages in batches(held_back(job, staging), _PAGES_PER_CHECKPOINT):
            staging.add_pages([described(sections.apply(page)) for page in pages], sections.state())
            tell("reading", staging.pages_done, info.page_count)
            # From the library, which rounds: whoever goes on after an interruption gets the same passages.
            yield from staging.pages(first=pages[0].number)

    def _described(self, job: Job) -> Callable[[Page], Page]:
        """Gives pages of a document that was described the descriptions of what looks as it did."""
        if not job.anew or not self.library.is_described(job.document):
            return lambda page: page
        from ...ingest.pictures import rendered

        path = job.reading.rendition or job.file.path

        def draw(page: int, bbox: BBox, size: tuple[int, int]) -> bytes:
            return rendered(path, page, bbox, size, password=self.options.password)

        def described(page: Page) -> Page:
            contents = {region.id: crop_hash(page, region, draw) for region in describable(page)}
            known = self.library.latest_descriptions(list(contents.values()))
            return with_descriptions(page, {id: known[c] for id, c in contents.items() if c in known}, job.version)

        return described

    def _embed(self, document: Document, staging: Staging, pages: Iterator[Page], tell: Teller) -> int:
        """Passages of `pages`, embedded and staged while the next pages are read."""
        embedder = self._embedder()
        passages = build_passages(document, pages, embedder.count_tokens, self.options, embedder.max_tokens)
        for some in embedded(passages, staging.passages_done, embedder):
            staging.add_passages(*some)
            tell("embedding", some.passages[-1].pages[-1], document.page_count)
        return staging.passages_done
