"""A library as the source of evidence: its regions, pages, and pictures of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..ingest.types import BBox, Page, Region

if TYPE_CHECKING:
    from ..retrievers.library import Library


class LibraryEvidence:
    """See `EvidenceSource`. `password` opens documents that ask for one."""

    def __init__(self, library: Library, password: str | None = None) -> None:
        self._library = library
        self._password = password

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
        from .qa.pictures import file_of

        path = file_of(self._library, self._library.document(document))
        return rendered(path, page, bbox, (width, height), password=self._password)
