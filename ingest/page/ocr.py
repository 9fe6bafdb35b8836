"""Reading text in pictures with RapidOCR (PP-OCR models inside the package): words with boxes."""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...errors import PageFailed
from ..options import IngestOptions
from ..types import BBox, Word
from .ocrmodels import model_for

if TYPE_CHECKING:
    import numpy as np
    import pymupdf
    from numpy.typing import NDArray

_MIN_SCORE = 0.5
_MAX_SIDE = 2000  # RapidOCR shrinks larger pictures itself; rendering more pixels is lost work
_NARROW = 60.0  # times as long as wide: RapidOCR fails on little more, and takes minutes for that
_TALL, _SLICE, _OVERLAP = 3.0, 1.5, 0.1  # in widths of what is read


@functools.lru_cache(maxsize=2)
def _engine(language: str, model: str | None) -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    params: dict[str, Any] = {
        # The orientation classifier turns good upright lines around.
        "Global.use_cls": False,
        "Global.log_level": "error",
        "Global.return_word_box": True,
    }
    if language != "ch" or model is not None:
        params["Rec.model_path"] = str(model_for(language, model))
    return RapidOCR(params=params)


def read_picture(pixels: NDArray[np.uint8], language: str = "ch", model: str | None = None) -> list[list[Word]]:
    """Lines of words in an RGB picture of shape (height, width, 3); boxes are fractions of the picture.

    Words below a confidence of .5 are left out by the recogniser.
    """
    import numpy as np

    height, width = pixels.shape[:2]
    result = _engine(language, model)(np.ascontiguousarray(pixels[:, :, ::-1]), use_cls=False, return_word_box=True)
    if result.boxes is None:
        return []
    lines: list[list[Word]] = []
    for box, text, score, parts in zip(result.boxes, result.txts, result.scores, result.word_results, strict=True):
        if score < _MIN_SCORE or not text.strip():
            continue
        words = [
            Word(part, _box(corners, width, height), "ocr")
            for part, _, corners in parts
            if part.strip() and corners is not None
        ]
        # The recogniser drops spaces inside "words" it cannot place; its line text is then the better reading.
        whole = "".join(text.split()) == "".join("".join(w.text.split()) for w in words)
        lines.append(words if words and whole else _spread(text, _box(box, width, height)))
    return lines


def _box(corners: Any, width: int, height: int) -> BBox:
    xs = [float(c[0]) for c in corners]
    ys = [float(c[1]) for c in corners]
    return BBox.of((min(xs), min(ys), max(xs), max(ys)), width, height)


def _spread(text: str, box: BBox) -> list[Word]:
    """The line's words with boxes by their share of its characters."""
    words: list[Word] = []
    for start, part in _parts(text):
        x0 = box.x0 + box.width * start / len(text)
        x1 = box.x0 + box.width * (start + len(part)) / len(text)
        words.append(Word(part, BBox(x0, box.y0, x1, box.y1), "ocr"))
    return words


def _parts(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for part in text.split():
        at = text.index(part, at)
        found.append((at, part))
        at += len(part)
    return found


def read_page(page: pymupdf.Page, options: IngestOptions, clip: BBox | None = None) -> list[list[Word]]:
    """Lines of words found by rendering `page` (or the part `clip` of it); boxes are fractions of the page.

    Raises `PageFailed` for a page too narrow for its length; in such a part of one there is no text.
    """
    part = clip or BBox(0.0, 0.0, 1.0, 1.0)
    width, height = part.width * page.rect.width, part.height * page.rect.height
    if max(width, height) > _NARROW * min(width, height):
        if clip is not None:
            return []
        raise PageFailed("the page is too long and narrow to be read by OCR", cure="cut the picture into parts")
    native = _native_dpi(page, options.ocr_dpi)
    found: list[list[Word]] = []
    for piece, top, bottom in _slices(part, page.rect.width / page.rect.height):
        lines = _read_part(page, options, piece, native)
        found += [line for line in lines if top <= BBox.union(w.bbox for w in line).center[1] < bottom]
    return found


def _slices(part: BBox, aspect: float) -> Iterator[tuple[BBox, float, float]]:
    """A tall part in slices, which are drawn large enough to be read, each with the lines it is there for: those whose
    middles lie between two heights. Slices overlap, so that no line is cut."""
    width = part.width * aspect  # in heights of the page
    if part.height <= _TALL * width:
        yield part, -math.inf, math.inf
        return
    count = math.ceil(part.height / (_SLICE * width))
    step = part.height / count
    for n in range(count):
        top, bottom = part.y0 + n * step, part.y0 + (n + 1) * step
        y0, y1 = max(top - _OVERLAP * width, part.y0), min(bottom + _OVERLAP * width, part.y1)
        yield BBox(part.x0, y0, part.x1, y1), top if n else -math.inf, bottom if n < count - 1 else math.inf


def _read_part(page: pymupdf.Page, options: IngestOptions, part: BBox, native: float) -> list[list[Word]]:
    import numpy as np
    import pymupdf

    rect = pymupdf.Rect(part.scaled(page.rect.width, page.rect.height))
    sharpest = _MAX_SIDE / max(rect.width, rect.height, 1.0) * 72
    pixmap = page.get_pixmap(clip=rect, dpi=int(max(min(options.ocr_dpi, sharpest, native), 36)), alpha=False)
    if pixmap.width < 8 or pixmap.height < 8:
        return []
    pixels = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, pixmap.n)[:, :, :3]
    lines = read_picture(pixels, options.ocr_language, options.ocr_model)
    return [[Word(w.text, _within(w.bbox, part), w.source) for w in line] for line in lines]


def _native_dpi(page: pymupdf.Page, dpi: int) -> float:
    """The resolution of a page that is one picture: rendering it any larger shows the recogniser nothing new."""
    area = abs(page.rect)
    for image in page.get_image_info():
        box = image["bbox"]
        covered = (box[2] - box[0]) * (box[3] - box[1])
        if covered > 0.9 * area and box[2] > box[0]:
            native: float = image["width"] / (box[2] - box[0]) * 72
            return max(native, 96.0)
    return float(dpi)


def _within(box: BBox, part: BBox) -> BBox:
    return BBox(
        part.x0 + box.x0 * part.width,
        part.y0 + box.y0 * part.height,
        part.x0 + box.x1 * part.width,
        part.y0 + box.y1 * part.height,
    )
