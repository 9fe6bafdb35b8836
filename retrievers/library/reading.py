"""The reading half of a library: documents, pages, passages, and the primitives of search."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import OctavoError, UnreadableFile
from ...ingest.office.kinds import kind_of
from ...ingest.types import Document, Page, Passage, Region
from ..types import Filters
from . import catalogue, content, failures, lexical, renditions
from .backup import ByteWatcher, Manifest, write
from .codec import decode_text, decode_vectors
from .database import Database
from .dense import Dense
from .index import Index
from .originals import Originals
from .scan import CACHED_BY_READERS, CACHED_NUMBERS, Scanner
from .scope import resolve
from .snapshots import Snapshot
from .values import Failure, Held, Maker, Staged

_EVERYTHING = Filters()
_PAGES_AT_ONCE = 8


class Reading:
    """What a library tells. Its methods may be called from any thread.

    Every method sees one state of the library; `snapshot` makes several see the same.
    """

    def __init__(self, folder: Path, database: Database, index: Index) -> None:
        self.folder = folder
        self._database = database
        self._index = index
        self._originals = Originals(folder / "originals")
        self._scanner = Scanner(self.maker.dimension, CACHED_BY_READERS if database.read_only else CACHED_NUMBERS)
        self._dense = Dense(database, index, self._scanner)

    @property
    def maker(self) -> Maker:
        """The embedder whose vectors this library holds."""
        return self._database.meta.maker

    def snapshot(self) -> AbstractContextManager[None]:
        """A block in which this task, and the threads it hands work to, sees one state of the library.

        A search of several steps belongs in one: whatever is replaced or removed meanwhile stays as it was, whole.
        """
        return self._database.snapshot()

    def hold(self) -> Snapshot:
        """The same for what is no block, such as a generator: a state to be entered at each step, and closed."""
        return self._database.hold()

    # Documents

    def documents(self) -> list[Document]:
        """All documents, by name."""
        with self._database.reading() as connection:
            return catalogue.live_documents(connection)

    def document(self, name_or_id: str) -> Document:
        """The document with this id, name, source, stem or beginning of a name.

        Raises:
            UnknownDocument: None fits, or several do; the message lists them.
        """
        with self._database.reading() as connection:
            return catalogue.named(connection, name_or_id)

    def find(self, document_id: str) -> Document | None:
        """The document with this id."""
        with self._database.reading() as connection:
            return catalogue.find(connection, document_id)

    def stat_of(self, document_id: str) -> Held | None:
        """What is needed to tell whether a document's file has changed; None if the library does not have it."""
        with self._database.reading() as connection:
            return catalogue.held(connection, document_id).get(document_id)

    def held(self) -> dict[str, Held]:
        """What `stat_of` says, for all documents at once, by id."""
        with self._database.reading() as connection:
            return catalogue.held(connection)

    def failed_pages(self) -> dict[str, list[int]]:
        """The pages of live documents that could not be read: their numbers (1-based) by the document's id."""
        with self._database.reading() as connection:
            return catalogue.failed_pages(connection)

    def rendition(self, source: str, content: str) -> Path | None:
        """The PDF that was made of these bytes, if the library has one that is whole."""
        rendition = self._originals.rendition(Path(source), content)
        return rendition if renditions.whole(rendition) else None

    def renditions_lost(self) -> set[str]:
        """The ids of documents whose pages are those of a PDF that was made of them, and that is gone or damaged."""
        return {lost.document for lost in renditions.lost(self._database, self._originals)}

    def shown(self, document_id: str) -> Path:
        """The file whose pages were read: the PDF that was made of the original, or else the original.

        Raises:
            UnreadableFile: Neither is there.
        """
        with self._database.reading() as connection:
            catalogue.live_key(connection, document_id)
            source, content = connection.execute(
                "SELECT source, content FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        if rendition := self.rendition(decode_text(source), content):
            return rendition
        original = self.original(document_id)
        if kind_of(original) is not None:
            cure = "`octavo refresh` makes another, and reads the document again"
            raise UnreadableFile("the PDF that was made of it is gone or damaged", where=decode_text(source), cure=cure)
        return original

    def original(self, document_id: str) -> Path:
        """The file a document was read from: the library's copy, or else the file itself.

        Raises:
            UnreadableFile: Neither is there.
        """
        with self._database.reading() as connection:
            catalogue.live_key(connection, document_id)
            kept, source = connection.execute(
                "SELECT original, source FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
        for path in (self._originals.folder / kept if kept else None, Path(decode_text(source))):
            if path is not None and path.exists():
                return path
        raise UnreadableFile("the file is gone", where=decode_text(source), cure="put it back, or add it again")

    def staged(self) -> list[Staged]:
        """Documents that were begun and not finished."""
        with self._database.reading() as connection:
            return catalogue.staged(connection)

    def outline(self, document_id: str) -> list[tuple[int, str, int]]:
        """The bookmarks of a live document as (level from 1, title, 1-based page)."""
        with self._database.reading() as connection:
            key = catalogue.live_key(connection, document_id)
            (outline,) = connection.execute("SELECT outline FROM versions WHERE key = ?", (key,)).fetchone()
        return [(level, title, page) for level, title, page in json.loads(outline)]

    def kept(self, document_id: str) -> Path | None:
        """The library's own copy of the file a document was read from, if it has one."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT original FROM documents WHERE id = ?", (document_id,)).fetchone()
        path = self._originals.folder / row[0] if row and row[0] else None
        return path if path is not None and path.exists() else None

    def pages_staged(self, document_id: str, version: str) -> int:
        """How many pages of an unfinished version are there already: the pages 1 to this one."""
        with self._database.reading() as connection:
            return catalogue.pages_staged(connection, document_id, version)

    def failures(self) -> list[Failure]:
        """What could not be read."""
        with self._database.reading() as connection:
            return failures.listed(connection)

    # Pages and passages

    def page(self, document_id: str, number: int) -> Page:
        """A page of a live document, with its regions.

        Raises:
            UnknownDocument: There is no such document.
            OctavoError: It has no such page.
        """
        with self._database.reading() as connection:
            key = catalogue.live_key(connection, document_id)
            pages = content.load_pages(connection, key, number, number)
            if pages:
                return pages[0]
            document = catalogue.find(connection, document_id)
        assert document is not None
        raise OctavoError(f"there is no page {number}", where=document.name, cure=f"it has {document.page_count} pages")

    def pages(self, document_id: str, first: int = 1) -> Iterator[Page]:
        """The pages of a live document from `first` on, in order, a few in memory at a time.

        Raises:
            UnknownDocument: There is no such document, or it was replaced or removed while its pages were read.
        """
        with self._database.reading() as connection:
            key = catalogue.live_key(connection, document_id)
            count = connection.execute("SELECT max(number) FROM pages WHERE owner = ?", (key,)).fetchone()[0] or 0
        # Each few pages in a transaction of their own: a reader in no hurry must not hold up the write-ahead log.
        for start in range(first, count + 1, _PAGES_AT_ONCE):
            with self._database.reading() as connection:
                if catalogue.live_key(connection, document_id) != key:
                    raise catalogue.unknown(document_id)
                some = content.load_pages(connection, key, start, start + _PAGES_AT_ONCE - 1)
            yield from some

    def regions_of(self, document_id: str, ids: Sequence[str]) -> list[Region]:
        """Regions of a live document in the order of `ids`; ids it does not have are left out."""
        with self._database.reading() as connection:
            return content.load_regions(connection, catalogue.live_key(connection, document_id), ids)

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """Passages in the order of `ids`; those that are not live are left out."""
        with self._database.reading() as connection:
            return content.load_passages(connection, ids)

    def neighbours(self, passage_id: str, n: int = 1) -> list[Passage]:
        """Up to `n` passages before and `n` after one, in reading order, without itself."""
        with self._database.reading() as connection:
            return content.load_neighbours(connection, passage_id, n)

    def dense_vectors(self, ids: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The unit vectors (d,) of live passages."""
        with self._database.reading() as connection:
            blobs = content.load_blobs(connection, "vectors", "dense", ids)
        return dict(zip(blobs, decode_vectors(list(blobs.values()), self.maker.dimension), strict=True))

    def token_vectors(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The token vectors of live passages, as they were given; passages without are left out."""
        with self._database.reading() as connection:
            return content.load_blobs(connection, "token_vectors", "tokens", ids)

    # Backup

    def backup(self, to: str | Path, progress: ByteWatcher | None = None) -> Manifest:
        """Write all of the library to one file, as it is now, also while another process changes it.

        Args:
            to: The file; it appears when it is whole, in place of an earlier one.
            progress: Called with the bytes done and the bytes in all.

        Raises:
            OctavoError: The disk is full, or may not be written to.
        """
        return write(self._database, self._originals, Path(to).absolute(), progress)

    # Search

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters = _EVERYTHING) -> list[tuple[str, float]]:
        """Up to `k` passages within `filters`, with their cosine to `vector` (d,), best first.

        Exact where the filters leave few passages; else by the vector index (see `dense.py` for what it finds).

        Raises:
            ServerUnavailable: The Chroma server does not answer.
        """
        return self._dense.search(vector, k, filters)

    def lexical(
        self,
        terms: Sequence[str],
        k: int,
        filters: Filters = _EVERYTHING,
        weights: tuple[float, float] = (1.0, 1.0),
    ) -> list[tuple[str, float]]:
        """Up to `k` passages within `filters` that hold any of `terms`, with their BM25 score (> 0), best first.

        `terms` are tokens of `analyse`; `weights` those of a passage's context and of its text.
        """
        with self._database.reading() as connection:
            return lexical.search(connection, resolve(connection, filters), terms, k, weights)

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of `terms` stands."""
        with self._database.reading() as connection:
            return lexical.document_frequency(connection, terms)

    def passage_count(self) -> int:
        """How many passages can be found."""
        with self._database.reading() as connection:
            return catalogue.passage_count(connection)

    def pages_named(self, names: Sequence[int], filters: Filters = _EVERYTHING) -> list[tuple[str, int]]:
        """Pages in scope that readers would call by these numbers: (document id, 1-based page).

        In each document a number is a printed label where a page has it, else the page's place in the file.
        """
        with self._database.reading() as connection:
            return resolve(connection, filters).pages_named(connection, names)

    def passage_ids(self, filters: Filters = _EVERYTHING, limit: int | None = None) -> list[str]:
        """Passages within `filters`, document by document in reading order."""
        with self._database.reading() as connection:
            return resolve(connection, filters).ids(connection, limit)
