"""A page to draw on: set lines and paragraphs of text, lines and areas; remembers where things stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import pymupdf

from .setting import Line, Style, lines_of, pieces_of

Align = Literal["left", "right", "center"]
Colour = tuple[float, float, float]
Point = tuple[float, float]

INK: Colour = (0.13, 0.15, 0.18)
SLATE: Colour = (0.38, 0.43, 0.48)
MIST: Colour = (0.92, 0.945, 0.96)
RULE: Colour = (0.74, 0.78, 0.82)
SEA: Colour = (0.05, 0.33, 0.45)
LAGOON: Colour = (0.22, 0.59, 0.66)
AMBER: Colour = (0.88, 0.56, 0.17)
WHITE: Colour = (1.0, 1.0, 1.0)


class Mark(NamedTuple):
    """Where something stands: page (1-based) and box in PDF points, origin at the top left."""

    page: int
    rect: pymupdf.Rect

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        return float(self.rect.x0), float(self.rect.y0), float(self.rect.x1), float(self.rect.y1)


class Canvas:
    """One page. Text is gathered by colour and written, over the drawings, by `finish`."""

    def __init__(self, document: pymupdf.Document, number: int, marks: dict[str, list[Mark]]) -> None:
        self.number = number
        self._document = document
        self._marks = marks
        self._runs: list[tuple[Colour, pymupdf.TextWriter]] = []

    @property
    def page(self) -> pymupdf.Page:
        """Loaded anew, since a page object dies when another page is added to its document."""
        return self._document[self.number - 1]

    def mark(self, key: str, rect: pymupdf.Rect) -> None:
        """Remember `rect` as (a further part of) the evidence named `key`."""
        self._marks.setdefault(key, []).append(Mark(self.number, rect))

    def text(self, x: float, baseline: float, text: str, style: Style, align: Align = "left") -> pymupdf.Rect:
        """One line whose left edge, right edge or centre is `x`; returns its box."""
        pieces = pieces_of(text, style)
        width = sum(piece.width for piece in pieces)
        left = x - {"left": 0.0, "right": width, "center": width / 2}[align]
        at = left
        for piece in pieces:
            self._append(at, baseline - piece.rise, piece.text, piece.font, piece.size, style.colour)
            at += piece.width
        return _around(left, left + width, baseline, baseline, style)

    def block(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        style: Style,
        *,
        justify: bool = False,
        align: Align = "left",
        key: str = "",
    ) -> pymupdf.Rect:
        """A paragraph whose first line box begins at `y`. Returns the full block, `key` marks the inked part."""
        lines = lines_of(text, style, width)
        return self.lines(x, y, width, lines, style, justify=justify, align=align, key=key)

    def lines(
        self,
        x: float,
        y: float,
        width: float,
        lines: list[Line],
        style: Style,
        *,
        justify: bool = False,
        align: Align = "left",
        key: str = "",
    ) -> pymupdf.Rect:
        """The same for lines already broken; a line that ends its paragraph is not justified."""
        baseline = y + (style.leading - style.size) / 2 + 0.8 * style.size
        first, left, right = baseline, x + width, x
        for line in lines:
            stretch = (width - line.width) / line.gaps if justify and line.gaps and not line.last else 0.0
            start = x
            if align != "left":
                start += (width - line.width) / (2 if align == "center" else 1)
            end = self._line(start, baseline, line, stretch, style)
            left, right = min(left, start), max(right, end)
            baseline += style.leading
        if key:
            self.mark(key, _around(left, right, first, baseline - style.leading, style))
        return pymupdf.Rect(x, y, x + width, y + len(lines) * style.leading)

    def bullets(
        self, x: float, y: float, width: float, items: list[str], style: Style, *, gap: float = 0.0, key: str = ""
    ) -> float:
        """A bulleted list; returns where it ends. `key` marks each item as `key.1`, `key.2`, …"""
        indent = 1.15 * style.size
        for number, item in enumerate(items, 1):
            self.text(x, y + (style.leading - style.size) / 2 + 0.8 * style.size, "•", style)
            block = self.block(x + indent, y, width - indent, item, style, key=f"{key}.{number}" if key else "")
            y = block.y1 + gap
        return y - gap

    def upright(self, x: float, y: float, text: str, style: Style) -> None:
        """A line that reads from bottom to top, centred on `y`, with its baseline at `x`."""
        pieces = pieces_of(text, style)
        at = x - sum(piece.width for piece in pieces) / 2
        writer = pymupdf.TextWriter(self.page.rect)
        for piece in pieces:
            writer.append((at, y - piece.rise), piece.text, font=piece.font, fontsize=piece.size)
            at += piece.width
        self.finish()
        writer.write_text(self.page, color=style.colour, morph=(pymupdf.Point(x, y), pymupdf.Matrix(90)))

    def area(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: Colour | None,
        line: Colour | None = None,
        w: float = 0.7,
    ) -> pymupdf.Rect:
        """A rectangle."""
        rect = pymupdf.Rect(x0, y0, x1, y1)
        self.page.draw_rect(rect, color=line, fill=fill, width=w)
        return rect

    def rule(self, x0: float, y0: float, x1: float, y1: float, colour: Colour = RULE, w: float = 0.6) -> None:
        """A straight line."""
        self.page.draw_line((x0, y0), (x1, y1), color=colour, width=w)

    def path(self, points: Sequence[Point], colour: Colour, w: float = 1.4, dashes: str | None = None) -> None:
        """An open line through `points`."""
        self.page.draw_polyline(list(points), color=colour, width=w, dashes=dashes, lineJoin=1, lineCap=1)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        """A filled outline."""
        self.page.draw_polyline(list(points), color=None, fill=fill, closePath=True)

    def dot(self, x: float, y: float, radius: float, fill: Colour, line: Colour | None = None) -> None:
        """A filled circle."""
        self.page.draw_circle((x, y), radius, color=line, fill=fill, width=0.8)

    def finish(self) -> None:
        """Write the gathered text."""
        for colour, writer in self._runs:
            writer.write_text(self.page, color=colour)
        self._runs.clear()

    def _line(self, x: float, baseline: float, line: Line, stretch: float, style: Style) -> float:
        for piece in line.pieces:
            self._append(x, baseline - piece.rise, piece.text, piece.font, piece.size, style.colour)
            x += piece.width + stretch * piece.gap
        return x

    def _append(self, x: float, y: float, text: str, font: pymupdf.Font, size: float, colour: Colour) -> None:
        if not self._runs or self._runs[-1][0] != colour:
            self._runs.append((colour, pymupdf.TextWriter(self.page.rect)))
        self._runs[-1][1].append((x, y), text, font=font, fontsize=size)


def _around(x0: float, x1: float, first: float, last: float, style: Style) -> pymupdf.Rect:
    return pymupdf.Rect(x0 - 1, first - 0.8 * style.size, x1 + 1, last + 0.26 * style.size)
