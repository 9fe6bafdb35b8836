"""Pictures of pages and regions, with highlights: what a reader is shown as proof."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UnreadableFile
from .files import open_document
from .types import BBox

if TYPE_CHECKING:
    import pymupdf
    from PIL import Image

_DRAWING = threading.Lock()  # MuPDF is not for several threads at a time
_MARK = (255, 214, 0)
_EDGE = (214, 120, 0)
_MAX_PIXELS = 40_000_000


def render(
    path: Path, page: int, *, bbox: BBox | None = None, dpi: float = 110, password: str | None = None
) -> Image.Image:
    """The page (1-based), or the part `bbox` of it, as an RGB picture at `dpi` dots per inch.

    Very large pages come at a lower resolution: at most 40 million pixels.
    """
    import pymupdf

    with _DRAWING, open_document(path, password) as document:
        shown = _page(document, page, path)
        rect = shown.rect
        clip = pymupdf.Rect((bbox or BBox(0.0, 0.0, 1.0, 1.0)).scaled(rect.width, rect.height))
        pixels = clip.width * clip.height * (dpi / 72) ** 2
        zoom = dpi / 72 * min(1.0, (_MAX_PIXELS / max(pixels, 1.0)) ** 0.5)
        pixmap = shown.get_pixmap(matrix=pymupdf.Matrix(zoom, zoom), clip=clip, alpha=False, colorspace=pymupdf.csRGB)
        return _picture(pixmap)


def rendered(path: Path, page: int, bbox: BBox, size: tuple[int, int], *, password: str | None = None) -> bytes:
    """JPEG of the part `bbox` of a page (1-based), of exactly `size` (width, height) pixels.

    For models: made in a tenth of a PNG's time, and read faster. At this quality small print keeps its edges. What is
    asked for with more than 40 million pixels comes with no more.
    """
    import pymupdf

    with _DRAWING, open_document(path, password) as document:
        shown = _page(document, page, path)
        clip = pymupdf.Rect(bbox.scaled(shown.rect.width, shown.rect.height))
        shrink = min(1.0, (_MAX_PIXELS / (size[0] * size[1])) ** 0.5)
        width, height = (max(round(side * shrink), 1) for side in size)
        # Moved to the origin, the part begins with a whole pixel: MuPDF's size would be larger by one otherwise.
        x, y = width / clip.width, height / clip.height
        there = pymupdf.Matrix(x, 0, 0, y, -clip.x0 * x, -clip.y0 * y)
        pixmap = shown.get_pixmap(matrix=there, clip=clip, alpha=False, colorspace=pymupdf.csRGB)
    picture = _picture(pixmap)
    if picture.size != (width, height):
        picture = picture.resize((width, height))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def highlighted(
    path: Path,
    page: int,
    boxes: Sequence[BBox],
    *,
    dpi: int = 110,
    crop: bool = False,
    password: str | None = None,
) -> bytes:
    """PNG of the page with `boxes` marked as by a highlighter; with `crop`, only the surroundings of the boxes."""
    from PIL import Image, ImageChops, ImageDraw

    picture = render(path, page, dpi=dpi, password=password)
    marks = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(marks)
    edges: list[tuple[float, float, float, float]] = []
    for box in boxes:
        x0, y0, x1, y1 = box.grown(0.003).scaled(picture.width, picture.height)
        edges.append((x0, y0, x1, y1))
        draw.rectangle((x0, y0, x1, y1), fill=_MARK)
    # Multiplying keeps the print black under the mark, as ink under a highlighter.
    shown = ImageChops.multiply(picture, marks)
    outline = ImageDraw.Draw(shown)
    for edge in edges:
        outline.rectangle(edge, outline=_EDGE, width=max(1, dpi // 70))
    if crop and boxes:
        around = BBox.union(boxes)
        margin = BBox(
            max(around.x0 - 0.06, 0), max(around.y0 - 0.04, 0), min(around.x1 + 0.06, 1), min(around.y1 + 0.04, 1)
        )
        shown = shown.crop(tuple(round(v) for v in margin.scaled(picture.width, picture.height)))  # type: ignore[arg-type]
    return _png(shown)


def _page(document: pymupdf.Document, number: int, path: Path) -> pymupdf.Page:
    if not 1 <= number <= document.page_count:
        raise UnreadableFile(f"there is no page {number}", where=str(path), cure=f"1 to {document.page_count}")
    return document[number - 1]


def _picture(pixmap: pymupdf.Pixmap) -> Image.Image:
    from PIL import Image

    return Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
