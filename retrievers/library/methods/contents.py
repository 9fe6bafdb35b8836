"""What stands in documents: pages, regions, passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ....errors import OctavoError, counted
from ....ingest.types import Page, Passage, Region
from ..sqlite import catalogue, content
from ..sqlite.codec import decode_vectors
from .opened import Opened

_PAGES_AT_ONCE = 8


class Contents(Opened):
    """What a library holds of its documents."""

    def page(self, document_id: str, number: int) -> Page:
        """A page of a live document, with its regions.

        Raises:
            UnknownDocument: There is no such document.
            OctavoError: It has no such page.
        """
        with self._database.reading() as connection:
            key = catalogue.live_key(connection, document_id)
            document = catalogue.live(connection, document_id)
            # Asked first: SQLite takes no number of more than 64 bits.
            if 0 < number <= document.page_count and (pages := content.load_pages(connection, key, number, number)):
                return pages[0]
        cure = f"it has {counted(document.page_count, 'page')}"
        raise OctavoError(f"there is no page {number}", where=document.name, cure=cure)

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

    def terms(self, ids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
        """The lexical tokens of live passages: of the context, and of the text with what the index marks it by."""
        with self._database.reading() as connection:
            return content.load_terms(connection, ids)

    def token_vectors(self, ids: Sequence[str]) -> dict[str, bytes]:
        """The token vectors of live passages, as they were given; passages without are left out."""
        with self._database.reading() as connection:
            return content.load_blobs(connection, "token_vectors", "tokens", ids)
