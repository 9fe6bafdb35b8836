"""Paper: draw a page, then keep only its picture, as a scanner would have seen it."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable

import pymupdf
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .canvas import Canvas, Mark
from .record import Example

DPI = 150
_PAPER = 236


def scan(example: Example, draw: Callable[[Canvas], None], *, angle: float, seed: int) -> None:
    """Add a page that is a grey JPEG of what `draw` draws, turned by `angle` degrees (anticlockwise).

    Marks made by `draw` are turned with it, so they stand where the picture shows them.
    """
    width, height = example.size
    with pymupdf.open() as sheet:
        sheet.new_page(width=width, height=height)
        marks: dict[str, list[Mark]] = {}
        canvas = Canvas(sheet, 1, marks)
        draw(canvas)
        canvas.finish()
        pixels = sheet[0].get_pixmap(dpi=DPI, colorspace=pymupdf.csGRAY)
    clean = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
    page = example.page()
    page.page.insert_image(page.page.rect, stream=_jpeg(_worn(clean, angle, seed)))
    for key, places in marks.items():
        for place in places:
            page.mark(key, _turned(place.rect, angle, width, height))


def _worn(clean: Image.Image, angle: float, seed: int) -> Image.Image:
    """Grey paper with grain and a shadow along the left edge, soft ink, two punched holes, not quite straight."""
    dice = random.Random(seed)
    width, height = clean.size
    ink = clean.filter(ImageFilter.GaussianBlur(0.7)).point([round(38 + v * (_PAPER - 38) / 255) for v in range(256)])
    turned = ink.rotate(angle, Image.Resampling.BICUBIC, fillcolor=_PAPER)
    grain = Image.frombytes("L", (width // 2, height // 2), dice.randbytes((width // 2) * (height // 2)))
    grain = grain.resize((width, height), Image.Resampling.BILINEAR).point([v * 18 // 255 for v in range(256)])
    shadow = Image.linear_gradient("L").rotate(-90).resize((width, height)).point([max(0, v - 215) for v in range(256)])
    worn = ImageChops.subtract(ImageChops.subtract(turned, grain), shadow)
    pen = ImageDraw.Draw(worn)
    for _ in range(60):
        x, y, r = dice.randrange(width), dice.randrange(height), dice.choice((0.6, 0.8, 1.1))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=dice.randrange(90, 170))
    hole = 17
    for down in (0.36, 0.64):
        middle = down * height
        pen.ellipse((52 - hole, middle - hole, 52 + hole, middle + hole), fill=120, outline=170, width=3)
    return worn


def _jpeg(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=52, optimize=True, dpi=(DPI, DPI))
    return buffer.getvalue()


def _turned(rect: pymupdf.Rect, angle: float, width: float, height: float) -> pymupdf.Rect:
    """The upright box around `rect` after the page has been turned about its centre."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    xs, ys = [], []
    for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y0), (rect.x0, rect.y1), (rect.x1, rect.y1)):
        dx, dy = x - width / 2, y - height / 2
        xs.append(width / 2 + dx * cos + dy * sin)
        ys.append(height / 2 - dx * sin + dy * cos)
    return pymupdf.Rect(min(xs), min(ys), max(xs), max(ys))
