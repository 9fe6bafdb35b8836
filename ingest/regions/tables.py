"""Tables from words and the layout model's grid: rows, columns, spanning headers, HTML.

The model's grid is good at columns and wraps, but merges rows between rules and columns whose rules are missing.
So both are refined by the words themselves: lines that carry numbers in the same column are rows of their own, and a
white gap that runs through nearly all lines parts two columns.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from html import escape
from statistics import median
from typing import NamedTuple

from ..page.layout import Grid
from ..text.numerals import is_number, is_time
from ..text.words import join, lines_of, union_box
from ..types import BBox, Cell, Word
from .columns import MAX_HEADER_ROWS, Row, column_borders, into_columns, phrases_of

_Ways = dict[int, tuple[float, tuple[tuple[int, int], ...]]]


class Table(NamedTuple):
    """A table's cells in row-major order, its size, its words in reading order, and what it says."""

    rows: int
    cols: int
    cells: tuple[Cell, ...]
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return "\n".join(" | ".join(row) for row in self.matrix() if any(row))

    def matrix(self) -> list[list[str]]:
        """Cell texts by row and column; a spanning cell's text stands in its first slot."""
        slots = [[""] * self.cols for _ in range(self.rows)]
        for cell in self.cells:
            slots[cell.row][cell.col] = cell.text
        return slots

    @property
    def html(self) -> str:
        return cells_html(self.cells)


def cells_html(cells: Sequence[Cell]) -> str:
    """The cells as an HTML table, headers as `th`, spans as attributes."""
    out = ["<table>"]
    row = -1
    for cell in cells:
        if cell.row != row:
            out.append("<tr>" if row < 0 else "</tr>\n<tr>")
            row = cell.row
        tag = "th" if cell.header else "td"
        spans = (f' rowspan="{cell.row_span}"' if cell.row_span > 1 else "") + (
            f' colspan="{cell.col_span}"' if cell.col_span > 1 else ""
        )
        out.append(f"<{tag}{spans}>{escape(cell.text)}</{tag}>")
    out.append("</tr></table>" if row >= 0 else "</table>")
    return "".join(out)


def build_table(words: Sequence[Word], bbox: BBox, grid: Grid | None, aspect: float) -> Table | None:
    """The table that `words` form inside `bbox`, or None when they form none (one row, one column, or nothing).

    Args:
        aspect: page width ÷ page height, to compare horizontal with vertical distances.
    """
    printed = lines_of(words)
    if not printed:
        return None
    height = median(w.bbox.height for w in words) / aspect  # in units of page width
    lines = [phrases_of(line, height) for line in printed]
    borders = column_borders(lines, bbox, grid, height)
    rows = _rows([into_columns(line, borders) for line in lines], printed, grid)
    if len(rows) < 2 or not borders:
        return None
    return _cells(rows, borders, bbox)


def _text(words: Sequence[Word]) -> str:
    return join(words)[0]


def _rows(rows: list[Row], lines: list[list[Word]], grid: Grid | None) -> list[Row]:
    """Printed lines merged into table rows: lines between two of the grid's lines are one row, unless a column holds
    a number in more than one of them."""
    if not grid:
        return rows
    merged: list[list[Row]] = []
    slot = -1
    for row, line in zip(rows, lines, strict=True):
        here = bisect_right(grid.ys, median(w.bbox.center[1] for w in line))
        if here == slot and merged:
            merged[-1].append(row)
        else:
            merged.append([row])
        slot = here
    out: list[Row] = []
    for group in merged:
        numeric = [{c for c, cell in enumerate(row) if c and is_number(_text(cell))} for row in group]
        seen = [c for columns in numeric for c in columns]
        if len(seen) != len(set(seen)):
            out += group
        else:
            out.append([[w for row in group for w in row[c]] for c in range(len(group[0]))])
    return out


def _cells(rows: list[Row], borders: list[float], bbox: BBox) -> Table:
    headers = _header_rows(rows)
    edges = [bbox.x0, *borders, bbox.x1]
    cells: list[Cell] = []
    for r, row in enumerate(rows):
        filled = [c for c, words in enumerate(row) if words]
        if not filled:
            continue
        spans = _spans(row, filled, edges) if r < headers else {}
        covered = {c for at, (first, last) in spans.items() for c in range(first, last + 1) if c != at}
        top = min(row[c][0].bbox.y0 for c in filled)
        bottom = max(w.bbox.y1 for c in filled for w in row[c])
        for c, words in enumerate(row):
            if c in covered:
                continue
            first, last = spans.get(c, (c, c))
            slot = BBox(edges[first], top, edges[last + 1], bottom)
            box = union_box(words) if words else slot
            text = _text(words)
            cells.append(Cell(row=r, col=first, col_span=last - first + 1, bbox=box, text=text, header=r < headers))
    ordered = tuple(w for row in rows for cell in row for w in cell)
    return Table(len(rows), len(borders) + 1, tuple(sorted(cells, key=lambda c: (c.row, c.col))), ordered)


def _header_rows(rows: list[Row]) -> int:
    """How many rows at the top name the columns: those before the first with figures other than years and dates."""
    for r, row in enumerate(rows[: MAX_HEADER_ROWS + 1]):
        values = [_text(cell) for cell in row[1:] if cell]
        if any(is_number(v) and not is_time(v) for v in values):
            return r
    filled = [sum(bool(cell) for cell in row) for row in rows[:2]]
    return 1 if len(filled) == 2 and filled[0] >= 2 else 0


def _spans(row: Row, filled: list[int], edges: list[float]) -> dict[int, tuple[int, int]]:
    """First and last column that each header of a row stands over, where it stands over more than its own.

    A header stands over the middle of its columns: of all ways to part the row among its headers, the one in which
    they are least off their middles. Columns before the first and after the last may go to none.
    """
    owners = [c for c in filled if c > 0]
    if not owners or len(owners) == len(row) - 1:
        return {}
    # By the last column that is given away: how far the headers so far are off, and their spans.
    ways: _Ways = {first - 1: (0.0, ()) for first in range(1, owners[0] + 1)}
    for owner, after in itertools.pairwise([*owners, len(row)]):
        middle = union_box(row[owner]).center[0]
        further: _Ways = {}
        for given, (off, spans) in ways.items():
            for last in range(owner, after):
                here = off + abs((edges[given + 1] + edges[last + 1]) / 2 - middle)
                further[last] = min(further.get(last, (float("inf"), ())), (here, (*spans, (given + 1, last))))
        ways = further
    _, best = min(ways.values())
    return {owner: span for owner, span in zip(owners, best, strict=True) if span[0] != span[1]}
