"""Tables: columns of given width, rows of one line, header cells that span columns, rules or none."""

from __future__ import annotations

from typing import Literal, NamedTuple

import pymupdf

from .canvas import INK, MIST, RULE, SEA, WHITE, Align, Canvas, Colour
from .setting import Style


class Column(NamedTuple):
    width: float
    align: Align = "left"


class Row(NamedTuple):
    """`spans` gives, for a header row, how many columns each of its cells covers."""

    cells: tuple[str, ...]
    kind: Literal["header", "body", "total", "group"] = "body"
    spans: tuple[int, ...] = ()


class Look(NamedTuple):
    """`rules`: none at all, a line under every row, a full grid, or book style (above, below, under the header)."""

    style: Style
    row: float = 17.0
    rules: Literal["none", "rows", "grid", "book"] = "rows"
    head: Colour | None = None
    stripe: Colour | None = None
    pad: float = 5.0


def head_of(look: Look) -> Style:
    """How header cells are set: bold, white on a dark head."""
    return look.style._replace(bold=True, colour=WHITE if look.head == SEA else look.style.colour)


def table(
    canvas: Canvas, x: float, y: float, columns: tuple[Column, ...], rows: list[Row], look: Look, *, key: str = ""
) -> pymupdf.Rect:
    """Draw `rows` from the top left corner (`x`, `y`); returns the table's box, which `key` marks."""
    right = x + sum(column.width for column in columns)
    edges = [x]
    for column in columns:
        edges.append(edges[-1] + column.width)
    top = y
    for number, row in enumerate(rows):
        _row(canvas, edges, columns, row, y, look, number)
        y += look.row
    box = pymupdf.Rect(x, top, right, y)
    if look.rules == "book":
        canvas.rule(x, top, right, top, INK, 1.0)
        canvas.rule(x, y, right, y, INK, 1.0)
    if look.rules == "grid":
        for edge in edges:
            canvas.rule(edge, top, edge, y)
        canvas.rule(x, top, right, top)
    if key:
        canvas.mark(key, box)
    return box


def _row(
    canvas: Canvas, edges: list[float], columns: tuple[Column, ...], row: Row, y: float, look: Look, number: int
) -> None:
    left, right, bottom = edges[0], edges[-1], y + look.row
    header = row.kind == "header"
    if header and look.head:
        canvas.area(left, y, right, bottom, look.head)
    elif row.kind == "total" and look.rules == "rows":
        canvas.area(left, y, right, bottom, MIST)
    elif look.stripe and number % 2 == 0 and row.kind == "body":
        canvas.area(left, y, right, bottom, look.stripe)
    style = look.style
    if header:
        style = head_of(look)
    elif row.kind in ("total", "group"):
        style = style._replace(bold=True)
    baseline = y + look.row / 2 + 0.35 * style.size
    first = 0
    for cell, span in zip(row.cells, row.spans or (1,) * len(row.cells), strict=True):
        align: Align = "center" if span > 1 else columns[first].align
        if cell:
            start, end = edges[first] + look.pad, edges[first + span] - look.pad
            canvas.text({"left": start, "right": end, "center": (start + end) / 2}[align], baseline, cell, style, align)
        if span > 1 and cell and look.rules == "book":
            canvas.rule(edges[first] + look.pad, bottom, edges[first + span] - look.pad, bottom, INK, 0.5)
        first += span
    if look.rules in ("rows", "grid"):
        canvas.rule(
            left, bottom, right, bottom, SEA if row.kind == "total" else RULE, 0.9 if row.kind == "total" else 0.5
        )
    elif look.rules == "book" and header and not any(span > 1 for span in row.spans):
        canvas.rule(left, bottom, right, bottom, INK, 0.6)
    elif look.rules == "book" and row.kind == "total":
        canvas.rule(left, y, right, y, INK, 0.4)
