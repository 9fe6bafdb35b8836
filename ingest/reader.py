"""Reading a file page by page: text layer or OCR, layout, regions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import PageFailed
from .files import open_document
from .graphics import marks_of, pictures_of, with_graphics
from .layout import blocks_of
from .ocr import read_page as ocr_page
from .options import IngestOptions
from .regions import build_regions
from .sections import Sections
from .types import BBox, Page, Region, Value, Word
from .words import distrust

if TYPE_CHECKING:
    import pymupdf

_FEW_WORDS = 30  # a page with fewer words and a large picture is taken for a scan with a stamp
_BIG_PICTURE = 0.6  # share of the page
_LABEL_REACH = 60  # how far a printed page number may be from the page's place in the file
_ROMAN = re.compile(r"(?=[ivx])x{0,3}(ix|iv|v?i{0,3})")
_KEEP, _REMOVE = 0, 0  # PyMuPDF's PDF_REDACT_IMAGE_NONE, _LINE_ART_NONE and _TEXT_REMOVE


class FileInfo(Value):
    """What a file says of itself. `outline` holds its bookmarks as (level from 1, title, 1-based page)."""

    page_count: int
    title: str | None = None
    outline: tuple[tuple[int, str, int], ...] = ()
    metadata: dict[str, str] = {}


def info_of(path: Path, options: IngestOptions) -> FileInfo:
    """The file's own description. Raises `UnreadableFile` or `EncryptedFile`."""
    with open_document(path, options.password) as document:
        raw = {key: str(value) for key, value in (document.metadata or {}).items() if value}
        outline = tuple((int(e[0]), str(e[1]).strip(), int(e[2])) for e in document.get_toc() if str(e[1]).strip())
        return FileInfo(
            page_count=document.page_count,
            title=raw.get("title", "").strip() or None,
            outline=outline,
            metadata={key: raw[key] for key in ("author", "subject", "keywords", "creationDate") if key in raw},
        )


def read(path: Path, options: IngestOptions | None = None, *, version: str = "", first_page: int = 1) -> Iterator[Page]:
    """The pages of a file from `first_page` on, one at a time, with their regions and section paths.

    A page that cannot be read comes out without regions and with a note that says why; the others go on.
    Raises `UnreadableFile` or `EncryptedFile` when the file as a whole cannot be read.
    """
    options = options or IngestOptions()
    sections = Sections(info_of(path, options).outline)
    for page in read_pages(path, options, version=version, first=1):
        placed = sections.apply(page)
        if page.number >= first_page:
            yield placed


def read_pages(
    path: Path, options: IngestOptions, *, version: str, first: int, last: int | None = None
) -> Iterator[Page]:
    """Pages `first` to `last` (1-based, inclusive) without section paths; each depends on itself alone."""
    with open_document(path, options.password) as document:
        for number in range(first, min(last or document.page_count, document.page_count) + 1):
            try:
                yield read_one(document, number, options, version=version)
            except (RuntimeError, ValueError, IndexError, KeyError, TypeError, ArithmeticError, MemoryError) as error:
                # Broken pages make MuPDF and the models raise nearly anything; the page is marked, the file goes on.
                yield failed_page(number, f"{type(error).__name__}: {error}"[:300])


def failed_page(number: int, reason: str) -> Page:
    """The mark that a page could not be read, to be kept in its place."""
    return Page(number=number, width=0, height=0, notes=(f"failed: {reason}",))


def failure_of(page: Page, path: Path) -> PageFailed | None:
    """The error that a page's notes record, if reading it failed."""
    for note in page.notes:
        if note.startswith("failed: "):
            where = f"{path}, page {page.number}"
            return PageFailed(note.removeprefix("failed: "), where=where, cure="look at the page in a viewer")
    return None


def read_one(document: pymupdf.Document, number: int, options: IngestOptions, *, version: str) -> Page:
    """One page with its regions; `document` is left as it was."""
    original = document[number - 1]
    turn = _reading_turn(original)
    with _upright(document, number, turn) as copy:
        page = copy[0]
        width, height = page.rect.width, page.rect.height
        words, notes = _words(page, options)
        # A tick is a glyph of a symbol font, which reads as "3" or "4".
        ticks = [_turned_back(box, (360 - turn) % 360) for _, box in _ticks(original)]
        words = [w for w in words if len(w.text) > 1 or not any(box.contains(*w.bbox.center) for box in ticks)]
        pictures = pictures_of(page)
        figures_read: list[BBox] = []

        def read_figure(box: BBox) -> list[Word]:
            # What OCR has read of the whole page it will not read better a second time.
            if options.ocr == "never" or notes or not _has_picture(pictures, box):
                return []
            found = [w for line in ocr_page(page, options.ocr_dpi, options.ocr_language, clip=box) for w in line]
            if found:
                figures_read.append(box)
            return found

        regions = build_regions(
            with_graphics(blocks_of(page), marks_of(page), pictures),
            words,
            page=number,
            version=version,
            aspect=width / height,
            read_figure=read_figure,
            remarks=[(text, _turned_back(box, (360 - turn) % 360)) for text, box in _remarks(original)],
        )
        if figures_read:
            notes.append(f"ocr: text inside {len(figures_read)} picture(s)")
    if turn:
        regions = tuple(_turned(region, turn) for region in regions)
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
            parts = region.text.split()
            found += [p.strip("-–—|•.()[]") for p in (parts[:1] + parts[-1:] if len(parts) > 3 else parts)]
    numerals = [p for p in found if p.isascii() and p.isdigit() and abs(int(p) - number) <= _LABEL_REACH]
    if numerals:
        return min(numerals, key=lambda p: abs(int(p) - number))
    return next((p for p in found if _ROMAN.fullmatch(p)), None)


def _upright(document: pymupdf.Document, number: int, turn: int) -> pymupdf.Document:
    """The page alone in a document of its own, as it is displayed and turned by `turn` degrees more.

    A copy, since OCR writes into the page; converting applies rotation and crop box at once (`remove_rotation` loses
    the crop box).
    """
    import pymupdf

    page = document[number - 1]
    copy = pymupdf.open()
    if page.rotation == 0 and turn == 0:
        copy.insert_pdf(document, from_page=number - 1, to_page=number - 1)
        return copy
    copy.insert_pdf(document, from_page=number - 1, to_page=number - 1)
    copy[0].set_rotation((page.rotation + turn) % 360)
    return pymupdf.open("pdf", copy.convert_to_pdf())


def _reading_turn(page: pymupdf.Page) -> int:
    """Degrees (clockwise) to turn the displayed page by, so that most of its text runs from left to right."""
    votes: dict[tuple[int, int], int] = {}
    for block in page.get_text("dict", flags=0)["blocks"]:
        for line in block.get("lines", ()):
            direction = (round(line["dir"][0]), round(line["dir"][1]))
            votes[direction] = votes.get(direction, 0) + sum(len(span["text"]) for span in line["spans"])
    total = sum(votes.values())
    if total < 100:
        return 0
    winner = max(votes, key=lambda d: votes[d])
    if votes[winner] < 0.7 * total:
        return 0
    # `dir` is given before the page's own rotation: (0, -1) runs upwards and needs a quarter turn clockwise.
    needed = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(winner, 0)
    return (needed - int(page.rotation)) % 360


def _turned(region: Region, turn: int) -> Region:
    """A region of a page read `turn` degrees clockwise, back in the displayed page's fractions."""
    cells = region.cells and tuple(c.model_copy(update={"bbox": _turned_back(c.bbox, turn)}) for c in region.cells)
    words = tuple(Word(w.text, _turned_back(w.bbox, turn), w.source) for w in region.words)
    return region.model_copy(update={"bbox": _turned_back(region.bbox, turn), "words": words, "cells": cells})


def _turned_back(box: BBox, turn: int) -> BBox:
    """A box of a page that was turned `turn` degrees clockwise, on the page as it was before."""
    if turn == 90:
        return BBox(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    if turn == 180:
        return BBox(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
    if turn == 270:
        return BBox(1 - box.y1, box.x0, 1 - box.y0, box.x1)
    return box


def _words(page: pymupdf.Page, options: IngestOptions) -> tuple[list[Word], list[str]]:
    """The page's words, from its text layer or by OCR, and what was done and why."""
    words = _text_layer(page)
    reason = _why_ocr(page, words, options)
    if reason is None:
        return words, []
    lines = ocr_page(page, options.ocr_dpi, options.ocr_language)
    found = [w for line in lines for w in line]
    if not found:
        return words, [f"ocr: {reason}; nothing found"] if words else [f"ocr: {reason}; the page seems empty"]
    if words and reason.startswith("garbled"):
        _clear_text(page)
        words = []
    # What the text layer has already read stays: OCR only adds what it lacks.
    fresh = [[w for w in line if not any(w.bbox.inside(k.bbox) > 0.3 for k in words)] for line in lines]
    _write(page, [line for line in fresh if line])
    return words + [w for line in fresh for w in line], [f"ocr: {reason}"]


def _text_layer(page: pymupdf.Page) -> list[Word]:
    import pymupdf

    width, height = page.rect.width, page.rect.height
    flags = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_MEDIABOX_CLIP
    words: list[Word] = []
    seen: set[tuple[str, int, int]] = set()
    for x0, y0, x1, y1, text, *_ in page.get_text("words", flags=flags & ~pymupdf.TEXT_PRESERVE_LIGATURES):
        box = BBox.of((x0, y0, x1, y1), width, height)
        # Some programs print a word twice, a hair apart, to make it bold.
        spot = (text, round(box.center[0] * 250), round(box.center[1] * 250))
        if box.area > 0 and text.strip() and spot not in seen:
            seen.add(spot)
            words.append(Word(text, box))
    return words


def _why_ocr(page: pymupdf.Page, words: list[Word], options: IngestOptions) -> str | None:
    if options.ocr == "never":
        return None
    if options.ocr == "always":
        return "asked for"
    doubt = distrust(words)
    if doubt:
        return f"garbled text layer ({doubt})"
    picture = _picture_share(page)
    if not words:
        return "no text layer" if picture > 0 or page.get_drawings() else None
    if len(words) < _FEW_WORDS and picture > _BIG_PICTURE:
        return "hardly any text on a page-wide picture"
    return None


def _picture_share(page: pymupdf.Page) -> float:
    """Area of the largest picture as a share of the page."""
    import pymupdf

    boxes = [pymupdf.Rect(image["bbox"]) & page.rect for image in page.get_image_info()]
    return float(max((abs(box) for box in boxes if not box.is_empty), default=0.0) / abs(page.rect))


def _has_picture(pictures: Sequence[BBox], box: BBox) -> bool:
    """Whether raster pictures fill a good part of a region: drawn charts have their words in the text layer."""
    return sum(picture.intersection(box) for picture in pictures) > 0.3 * box.area and box.area > 0.004


def _clear_text(page: pymupdf.Page) -> None:
    """Takes the page's text away, so that the layout model sees only what OCR read."""
    page.add_redact_annot(page.rect)
    page.apply_redactions(images=_KEEP, graphics=_KEEP, text=_REMOVE)


def _write(page: pymupdf.Page, lines: list[list[Word]]) -> None:
    """Writes OCR'd lines into the page, each as wide and high as it was found: the layout model reads text."""
    import pymupdf

    font = pymupdf.Font("cjk")
    page.insert_font(fontname="octavo-ocr", fontbuffer=font.buffer)
    for line in lines:
        text = " ".join(w.text for w in line)
        box = pymupdf.Rect(BBox.union(w.bbox for w in line).scaled(page.rect.width, page.rect.height))
        length = font.text_length(text, fontsize=box.height)
        if length > 0 and not box.is_empty:
            page.insert_text(
                pymupdf.Point(box.x0, box.y1 - 0.2 * box.height),
                text,
                fontsize=box.height,
                fontname="octavo-ocr",
                morph=(box.bl, pymupdf.Matrix(box.width / length, 1.0)),
            )


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
