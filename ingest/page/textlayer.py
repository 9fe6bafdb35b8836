"""The words of a page: from its text layer, or by OCR where that is missing, partial or garbled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..options import IngestOptions
from ..text.bidi import Character, is_arabic, words_by_place
from ..text.words import distrust
from ..types import BBox, Word
from .ocr import read_page as ocr_page

if TYPE_CHECKING:
    import pymupdf

_FEW_WORDS = 30  # a page with fewer words and a large picture is taken for a scan with a stamp
_BIG_PICTURE = 0.6  # share of the page
_KEEP, _REMOVE = 0, 0  # PyMuPDF's PDF_REDACT_IMAGE_NONE, _LINE_ART_NONE and _TEXT_REMOVE


def words_of(page: pymupdf.Page, options: IngestOptions) -> tuple[list[Word], list[str]]:
    """The page's words, from its text layer or by OCR, and what was done and why."""
    words = _text_layer(page)
    reason = _why_ocr(page, words, options)
    if reason is None:
        return words, []
    lines = ocr_page(page, options)
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
    for text, x0, y0, x1, y1 in _printed(page, flags & ~pymupdf.TEXT_PRESERVE_LIGATURES):
        box = BBox.of((x0, y0, x1, y1), width, height)
        # Some programs print a word twice, a hair apart, to make it bold.
        spot = (text, round(box.center[0] * 250), round(box.center[1] * 250))
        if box.area > 0 and text.strip() and spot not in seen:
            seen.add(spot)
            words.append(Word(text, box))
    return words


def _printed(page: pymupdf.Page, flags: int) -> Iterator[Character]:
    """Words and their boxes in points; those of level lines of Arabic script are put together here."""
    words = page.get_text("words", flags=flags)
    arabic = {block for *_, text, block, _, _ in words if is_arabic(text)}
    blocks = page.get_text("rawdict", flags=flags)["blocks"] if arabic else []
    done: set[tuple[int, int]] = set()
    for block in sorted(arabic):
        for numbers, line in _level_lines(blocks[block]["lines"]):
            if is_arabic("".join(c.text for c in line)):
                yield from words_by_place(line)
                done |= {(block, number) for number in numbers}
    yield from (Character(text, *box) for *box, text, block, line, _ in words if (block, line) not in done)


def _level_lines(lines: Sequence[dict[str, Any]]) -> list[tuple[list[int], list[Character]]]:
    """The lines of a block with their numbers; MuPDF's, of which several stand on one level, as one."""
    found: list[tuple[list[int], list[Character]]] = []
    for number, line in enumerate(lines):
        if round(line["dir"][0]) != 1:
            continue
        _, y0, _, y1 = line["bbox"]
        characters = [Character(c["c"], *c["bbox"]) for span in line["spans"] for c in span["chars"]]
        for numbers, beside in found:
            if characters and abs(beside[0].y0 + beside[0].y1 - y0 - y1) < 0.5 * (y1 - y0):
                numbers.append(number)
                beside += characters
                break
        else:
            found.append(([number], characters))
    return [(numbers, line) for numbers, line in found if line]


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
        return "no text layer" if picture > 0 or _has_drawings(page) else None
    if len(words) < _FEW_WORDS and picture > _BIG_PICTURE:
        return "hardly any text on a page-wide picture"
    return None


def _has_drawings(page: pymupdf.Page) -> bool:
    """Faster by far than `get_drawings` on a page with a million lines."""
    return any(kind.endswith("-path") for kind, _ in page.get_bboxlog())


def _picture_share(page: pymupdf.Page) -> float:
    """Area of the largest picture as a share of the page."""
    import pymupdf

    boxes = [pymupdf.Rect(image["bbox"]) & page.rect for image in page.get_image_info()]
    return float(max((abs(box) for box in boxes if not box.is_empty), default=0.0) / abs(page.rect))


def has_picture(pictures: Sequence[BBox], box: BBox) -> bool:
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
