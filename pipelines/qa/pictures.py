"""Pictures of pages, with the boxes of what was found on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UnknownDocument, UnreadableFile
from ...generators.types import Citation
from ...ingest.types import BBox, Document
from ...retrievers.types import Hit
from ..build import Parts

if TYPE_CHECKING:
    from ...retrievers.library import Library


def picture_of(parts: Parts, found: Citation | Hit, page: int | None, *, crop: bool) -> bytes:
    """PNG of the first page, or another, of what was found. Raises `UnknownDocument`, `UnreadableFile`."""
    document = _document_of(parts.library, found)
    number = found.page if page is None else page
    boxes = [place.bbox for place in found.places if place.page == number]
    return picture(parts, document, number, boxes, crop=crop)


def picture(parts: Parts, document: Document, page: int, boxes: Sequence[BBox], *, crop: bool = False) -> bytes:
    """PNG of a page with `boxes` highlighted. Raises `UnreadableFile`."""
    from ...ingest.pictures import highlighted

    path = file_of(parts.library, document)
    return highlighted(path, page, boxes, crop=crop, password=parts.settings.ingest.password)


def file_of(library: Library, document: Document) -> Path:
    """The file to draw a document's pages from. Raises `UnreadableFile` when it is not the one that was read."""
    path = library.shown(document.id)
    held = library.stat_of(document.id)
    if path == Path(document.source) and held is not None:
        stat = path.stat()
        if (stat.st_size, stat.st_mtime_ns) != (held.size, held.mtime_ns):
            what = "the file has changed since it was read, and the library keeps no copy"
            raise UnreadableFile(what, where=str(path), cure="add it again")
    return path


def _document_of(library: Library, found: Citation | Hit) -> Document:
    where = found.ref if isinstance(found, Hit) else found
    known = library.find(where.document)
    if known is None or known.version != where.version:
        what = "this version of the document is no longer in the library"
        raise UnknownDocument(what, where=where.document, cure="ask again")
    return known
