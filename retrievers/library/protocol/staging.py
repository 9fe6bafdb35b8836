"""Writing a document: pages, then passages, then the flip. Whatever is staged survives; nothing is seen before commit.

    version row ─▶ pages … ─▶ passages (rows, then vectors) … ─▶ flip (one transaction) ─▶ sweep of the old version

Rows of passages are committed before their vectors go to the vector index, so that every vector there belongs to a row
here, and whatever may be missing there can be written again from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....ingest.types import Document, Page, Passage
from ..chroma import repair
from ..chroma.index import Index
from ..chroma.vectors import VectorRow
from ..failpoints import reached
from ..files import renditions
from ..files.originals import Originals
from ..sqlite import codec, content
from ..sqlite.database import Database
from . import flip
from .sweep import Sweeper

_PAGES_AT_ONCE = 8


class Staging:
    """A version being written; made by `Library.stage`, used by one thread at a time, a context manager.

    Leaving it without `commit` keeps what was staged: staging the same version again goes on there.

    Attributes:
        pages_done: Pages staged; they are the pages 1 to this one.
        passages_done: Passages staged, in `library.db` and in the vector index; they have the orders below this one.
        reader_state: What was given with the last pages.
    """

    def __init__(
        self,
        key: int,
        document: Document,
        database: Database,
        index: Index,
        sweeper: Sweeper,
        originals: Originals,
        close: Callable[[], None],
    ) -> None:
        self.document = document
        self._key = key
        self._database = database
        self._index = index
        self._sweeper = sweeper
        self._originals = originals
        self._close: Callable[[], None] | None = close
        with database.latest() as connection:
            self.pages_done: int
            (self.pages_done,) = connection.execute("SELECT count(*) FROM pages WHERE owner = ?", (key,)).fetchone()
            stored, state, indexed = connection.execute(
                "SELECT (SELECT count(*) FROM passages WHERE owner = key), reader_state, indexed FROM versions"
                " WHERE key = ?",
                (key,),
            ).fetchone()
        self.reader_state: dict[str, Any] | None = None if state is None else json.loads(state)
        if stored > indexed:  # stopped before it was known whether these vectors had arrived
            repair.index_staged(database, index.opened(), key, indexed)
        self.passages_done: int = stored

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others write this document; a second call does nothing."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def add_pages(self, pages: Sequence[Page], reader_state: dict[str, Any]) -> None:
        """Stage the next pages, and what the reader needs to go on after them, in one transaction.

        Raises:
            ValueError: They are not the pages that follow `pages_done`. A page that cannot be read is staged empty.
        """
        self._check_open()
        if [page.number for page in pages] != list(range(self.pages_done + 1, self.pages_done + 1 + len(pages))):
            raise ValueError(f"pages {[page.number for page in pages]} do not follow page {self.pages_done}")
        if any(region.page != page.number for page in pages for region in page.regions):
            raise ValueError("a region names another page than the one it is on")
        with self._database.writing() as connection:
            content.store_pages(connection, self._key, pages)
            connection.execute(
                "UPDATE versions SET reader_state = ? WHERE key = ?", (codec.encode_json(reader_state), self._key)
            )
        self.pages_done += len(pages)
        self.reader_state = reader_state
        reached("pages staged")

    def pages(self, first: int = 1) -> Iterator[Page]:
        """The staged pages from `first` on, in order, a few in memory at a time."""
        done = self.pages_done
        for start in range(first, done + 1, _PAGES_AT_ONCE):
            with self._database.latest() as connection:
                some = content.load_pages(connection, self._key, start, min(start + _PAGES_AT_ONCE - 1, done))
            yield from some

    def add_passages(
        self, passages: Sequence[Passage], dense: NDArray[np.float32], tokens: Sequence[bytes | None] | None = None
    ) -> None:
        """Stage the next passages.

        Args:
            passages: In order, following `passages_done`.
            dense: Their vectors, shape (n, d); brought to unit length and float16.
            tokens: Their token vectors, if any, as bytes.

        Raises:
            ValueError: Numbers, orders, owners or shapes do not fit.
        """
        self._check_open()
        first = self.passages_done
        if [passage.order for passage in passages] != list(range(first, first + len(passages))):
            raise ValueError(f"passages {[passage.order for passage in passages]} do not follow {first - 1}")
        mine = (self.document.id, self.document.version)
        if any((passage.document, passage.version) != mine for passage in passages):
            raise ValueError(f"a passage of another document or version than {mine}")
        dimension = self._database.meta.maker.dimension
        if dense.shape != (len(passages), dimension):
            raise ValueError(f"vectors of shape {dense.shape} for {len(passages)} passages of {dimension} numbers")
        if not passages:
            return
        # The vector index gets what `library.db` keeps, rounding and all: both give the same scores.
        vectors = codec.unit_rows(codec.unit_rows(dense).astype(np.float16))
        terms = content.analysed(passages)
        with self._database.writing() as connection:
            content.store_passages(connection, self._key, passages, vectors, tokens or [None] * len(passages), terms)
            # Said one batch late, which spares a transaction a batch: at worst one batch is upserted twice.
            connection.execute("UPDATE versions SET indexed = ? WHERE key = ?", (first, self._key))
        reached("passages staged")
        try:
            self._index.upsert([_vector_row(passage) for passage in passages], vectors)
        except BaseException:
            self.close()  # rows without vectors: staging this version again writes them
            raise
        self.passages_done += len(passages)
        reached("vectors upserted")

    def keep_rendition(self, pdf: Path) -> None:
        """Copy the PDF that was made of the file into the library, unless it is there whole. Pages come after it."""
        self._check_open()
        with self._originals.guard:
            kept = self._originals.rendition(Path(self.document.source), self.document.content)
            if not renditions.whole(kept):
                self._originals.copy(pdf, kept.name)
        reached("rendition kept")

    def keep_original(self, path: Path) -> None:
        """Copy the file into the library, unless it has those bytes already. Raises UnreadableFile if they changed."""
        self._check_open()
        with self._originals.guard:
            with self._database.writing() as connection:
                name = self._originals.name(path, self.document.content)
                connection.execute("UPDATE versions SET original = ? WHERE key = ?", (name, self._key))
            reached("original named")
            # Named before it is copied: a sweep that looks for the last user of these bytes sees this one.
            self._originals.keep(path, self.document.content)
        reached("original kept")

    def commit(self) -> None:
        """Make this version the live one, in one transaction, and forget the one before.

        When the forgetting fails (a server gone, a full disk) the version is live all the same, and the next opening of
        the library finishes the sweep.

        Raises:
            ValueError: Pages are missing.
        """
        self._check_open()
        if self.pages_done < self.document.page_count:
            raise ValueError(f"{self.pages_done} of {self.document.page_count} pages are staged")
        reached("before flip")
        with self._database.writing() as connection:
            flip.go_live(connection, self._key)
        reached("flipped")
        try:
            self._sweeper.sweep_quietly(self.document.id)
        finally:
            self.close()

    def _check_open(self) -> None:
        if self._close is None:
            raise ValueError("this staging is closed")


def _vector_row(passage: Passage) -> VectorRow:
    pages = passage.pages
    return VectorRow(passage.id, passage.document, passage.version, passage.kind, min(pages), max(pages))
