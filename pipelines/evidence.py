"""A library as the source of evidence: its regions, pages, and pictures of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..ingest.types import BBox, Page, Region

if TYPE_CHECKING:
    from ..generators.evidence.drawn import Drawn
    from ..retrievers.library import Library

_PAGES = 10_000  # are remembered; what is drawn on them takes a few hundred bytes each


class LibraryEvidence:
    """See `EvidenceSource`. `password` opens documents that ask for one."""

    def __init__(self, library: Library, password: str | None = None) -> None:
        self._library = library
        self._password = password
        self._drawn = lru_cache(_PAGES)(self._look_for_drawn)

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        return self._library.regions_of(document, ids)

    def document_name(self, document: str) -> str:
        known = self._library.find(document)
        return known.name if known is not None else document

    def page(self, document: str, number: int) -> Page:
        return self._library.page(document, number)

    def picture(self, document: str, page: int, bbox: BBox, width: int, height: int) -> bytes:
        """Raises `UnreadableFile` when the document's file is gone, broken or changed."""
        from ..ingest.pictures import rendered

        return rendered(self._file(document), page, bbox, (width, height), password=self._password)

    def drawn(self, document: str, page: Page) -> Drawn:
        """Raises `UnreadableFile` when the document's file is gone, broken or changed."""
        return self._drawn(document, self._library.document(document).version, page.number)

    def _look_for_drawn(self, document: str, version: str, number: int) -> Drawn:
        """`version` is the library's state of the document, which is what is looked at."""
        from ..generators.evidence.drawn import LONG_SIDE, drawn_on
        from ..ingest.pictures import render

        page = self.page(document, number)
        dpi = 72 * LONG_SIDE / max(page.width, page.height)
        return drawn_on(page, render(self._file(document), number, dpi=dpi, password=self._password))

    def _file(self, document: str) -> Path:
        from .qa.pictures import file_of

        return file_of(self._library, self._library.document(document))
