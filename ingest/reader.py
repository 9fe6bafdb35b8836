"""Reading a file page by page: text layer or OCR, layout, regions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PageFailed
from .files import broken, check_memory, open_document, said
from .office.convert import as_pdf
from .options import IngestOptions
from .page.damage import LOOK, check_placeholder, check_present, damage_of, failure
from .page.graphics import marks_of, pictures_of, with_graphics
from .page.layout import blocks_of
from .page.ocr import read_page as ocr_page
from .page.textlayer import has_picture, words_of
from .page.upright import reading_turn, turned, turned_back, upright
from .regions.build import build_regions
from .sections import Sections
from .types import BBox, Page, Region, Value, Word

if TYPE_CHECKING:
    import pymupdf

_FAILED, _DAMAGED, _CURE = "failed: ", "damaged: ", " → "  # in a page's notes
_LABEL_REACH = 60  # how far a printed page number may be from the page's place in the file
_TOTAL = re.compile(r"(\d+)\s*(?:of|von|de|/)\s*\d+", re.I)  # "3 of 12"
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(ix|iv|v?i{0,3})")


class FileInfo(Value):
    """What a file says of itself. `outline` holds its bookmarks as (level from 1, title, 1-based page)."""

    page_count: int
    title: str | None = None
    producer: str | None = None
    outline: tuple[tuple[int, str, int], ...] = ()
    metadata: dict[str, str] = {}


def info_of(path: Path, options: IngestOptions) -> FileInfo:
    """The file's own description. Raises `UnreadableFile` or `EncryptedFile`."""
    with open_document(path, options.password) as document:
        return describe(document)


def describe(document: pymupdf.Document) -> FileInfo:
    """What an open file says of itself; broken bookmarks are left out."""
    raw = {key: str(value) for key, value in (document.metadata or {}).items() if value}
    try:
        outline = tuple((int(e[0]), str(e[1]).strip(), int(e[2])) for e in document.get_toc() if str(e[1]).strip())
    except broken():
        outline = ()
    return FileInfo(
        page_count=document.page_count,
        title=raw.get("title", "").strip() or None,
        producer=raw.get("producer"),
        outline=outline,
        metadata={key: raw[key] for key in ("author", "subject", "keywords", "creationDate") if key in raw},
    )


def read(path: Path, options: IngestOptions | None = None, *, version: str = "", first_page: int = 1) -> Iterator[Page]:
    """The pages of a file from `first_page` on, one at a time, with their regions and section paths.

    A page that cannot be read comes out without regions and with a note that says why; the others go on. MuPDF is not
    for several threads at a time: read in several processes instead.
    Raises `UnreadableFile` or `EncryptedFile` when the file as a whole cannot be read.
    """
    options = options or IngestOptions()
    with as_pdf(path, options) as pdf:
        sections = Sections(info_of(pdf, options).outline)
        for page in read_pages(pdf, options, version=version, first=1):
            placed = sections.apply(page)
            if page.number >= first_page:
                yield placed


def read_pages(
    path: Path, options: IngestOptions, *, version: str, first: int, last: int | None = None
) -> Iterator[Page]:
    """Pages `first` to `last` (1-based, inclusive) without section paths; each depends on itself alone."""
    with open_document(path, options.password) as document:
        for number in range(first, min(last or document.page_count, document.page_count) + 1):
            yield read_page(document, number, options, version=version)


def read_page(document: pymupdf.Document, number: int, options: IngestOptions, *, version: str) -> Page:
    """One page with its regions, or the mark that it could not be read. Raises MemoryError, and nothing else."""
    try:
        return read_one(document, number, options, version=version)
    except PageFailed as error:
        failed = error
    except broken() as error:
        check_memory(error)
        failed = failure(document, error)
    return failed_page(number, failed.what, failed.cure)


def failed_page(number: int, reason: str, cure: str | None = None) -> Page:
    """The mark that a page could not be read, to be kept in its place."""
    return Page(number=number, width=0, height=0, notes=(_FAILED + reason + (_CURE + cure if cure else ""),))


def failure_of(page: Page, path: Path) -> PageFailed | None:
    """The error that a page's notes record, if it could not be read, or not wholly."""
    for note in page.notes:
        if note.startswith((_FAILED, _DAMAGED)):
            reason, _, cure = note.partition(": ")[2].partition(_CURE)
            return PageFailed(reason, where=f"{path}, page {page.number}", cure=cure or LOOK)
    return None


def read_one(document: pymupdf.Document, number: int, options: IngestOptions, *, version: str) -> Page:
    """One page with its regions; `document` is left as it was."""
    check_present(document, number)
    original = document[number - 1]
    turn = reading_turn(original)
    with upright(document, number, turn) as copy:
        page = copy[0]
        width, height = page.rect.width, page.rect.height
        words, notes = words_of(page, options)
        check_placeholder(words)
        damage = damage_of(document)
        # A tick is a glyph of a symbol font, which reads as "3" or "4".
        try:
            remarks = _remarks(original)
            ticks = [turned_back(box, (360 - turn) % 360) for _, box in _ticks(original)]
        except broken() as error:
            remarks, ticks = [], []
            notes.append(f"its comments and form fields are broken and were left out ({said(error)})")
        words = [w for w in words if len(w.text) > 1 or not any(box.contains(*w.bbox.center) for box in ticks)]
        pictures = pictures_of(page)
        marks = marks_of(page)
        figures_read: list[BBox] = []

        def read_figure(box: BBox) -> list[Word]:
            # What OCR has read of the whole page it will not read better a second time.
            if options.ocr == "never" or notes or not has_picture(pictures, box):
                return []
            found = [w for line in ocr_page(page, options, clip=box) for w in line]
            if found:
                figures_read.append(box)
            return found

        regions = build_regions(
            with_graphics(blocks_of(page) if words or marks or pictures else (), marks, pictures),
            words,
            page=number,
            version=version,
            aspect=width / height,
            read_figure=read_figure,
            remarks=[(text, turned_back(box, (360 - turn) % 360)) for text, box in remarks],
        )
        if figures_read:
            notes.append(f"ocr: text inside {len(figures_read)} picture(s)")
    if damage:
        notes.append(_DAMAGED + damage)
    if number == 1 and document.is_repaired:
        notes.append("the file is damaged and was repaired; pages may be missing")
    if turn:
        regions = tuple(turned(region, turn) for region in regions)
        notes.append(f"read turned by {turn} degrees: its text runs sideways")
    return Page(
        number=number,
        width=original.rect.width,
        height=original.rect.height,
        rotation=original.rotation,
        label=original.get_label() or printed_label(regions, number),
        regions=regions,
        notes=tuple(notes),
    )


def printed_label(regions: Sequence[Region], number: int) -> str | None:
    """The page number printed in a page's header or footer, or None if there is none that can be told.

    `number` is the page's place in the file: of several figures ("2021 Form 10-K 38") the one nearest to it is meant.
    """
    found: list[str] = []
    for region in regions:
        if region.kind in ("header", "footer"):
            parts = _TOTAL.sub(r"\1", region.text).split()
            found += [p.strip("-–—|•.()[]") for p in (parts[:1] + parts[-1:] if len(parts) > 3 else parts)]
    numerals = [p for p in found if p.isascii() and p.isdigit() and abs(int(p) - number) <= _LABEL_REACH]
    if numerals:
        return min(numerals, key=lambda p: abs(int(p) - number))
    return next((p for p in found if _ROMAN.fullmatch(p)), None)


def _remarks(page: pymupdf.Page) -> list[tuple[str, BBox]]:
    """Comments and ticked boxes: what a page says without printing it. Filled-in text fields are printed."""
    matrix, rect = page.rotation_matrix, page.rect
    found: list[tuple[str, BBox]] = []
    for annotation in page.annots() or ():
        content = (annotation.info.get("content") or "").strip()
        if content and annotation.type[1] != "FreeText":
            found.append((content, BBox.of(annotation.rect * matrix, rect.width, rect.height)))
    for widget, box in _ticks(page):
        if widget.field_value not in (None, "", "Off", False):
            name = (widget.field_label or widget.field_name or "").strip()
            found.append((f"{name}: {widget.field_value}", box))
    return found


def _ticks(page: pymupdf.Page) -> list[tuple[pymupdf.Widget, BBox]]:
    """The page's boxes to tick, ticked or not."""
    matrix, rect = page.rotation_matrix, page.rect
    return [
        (widget, BBox.of(widget.rect * matrix, rect.width, rect.height))
        for widget in page.widgets() or ()
        if widget.field_type_string in ("CheckBox", "RadioButton")
    ]
