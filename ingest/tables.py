"""Tables from words and the layout model's grid: rows, columns, spanning headers, HTML.

The model's grid is good at columns and wraps, but merges rows between rules and columns whose rules are missing.
So both are refined by the words themselves: lines that carry numbers in the same column are rows of their own, and a
white gap that runs through nearly all lines parts two columns.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Sequence
from html import escape
from statistics import median
from typing import NamedTuple

from .layout import Grid
from .types import BBox, Cell, Word
from .words import join, lines_of, union_box

_NUMBER = re.compile(
    r"^[(\[<>~≈±+\-–—−]*[$€£¥]?[(\-–−]*\d[\d,.\u00a0'’]*[%)\]*†‡a-z]{0,3}([(±][\d.,±−–-]*\)?)?$|^[-–—−]$|^n/?a$", re.I
)
_YEAR = re.compile(r"^(19|20)\d\d[,.]?$")
_CURRENCY = frozenset(["$", "€", "£", "¥", "US$", "C$", "A$", "HK$", "RMB", "Rs.", "₹", "CHF"])
_SUFFIX = frozenset(["%", ")", "%)", ")%", "†", "‡", "*", "x", "bps"])
_DAY = re.compile(r"^\d{1,2},?$")
_MAX_HEADER_ROWS = 4

Row = list[list[Word]]
"""One list of words per column."""

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


def is_number(text: str) -> bool:
    """Whether a cell holds a figure (or the dash that stands for none)."""
    parts = text.replace("$", " ").replace("€", " ").split()
    return bool(parts) and sum(bool(_NUMBER.match(p)) for p in parts) * 2 > len(parts)


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


class Phrase(NamedTuple):
    """Words of a line that belong to one cell, and the box that says to which column."""

    words: tuple[Word, ...]
    box: BBox


def build_table(words: Sequence[Word], bbox: BBox, grid: Grid | None, aspect: float) -> Table | None:
    """The table that `words` form inside `bbox`, or None when they form none (one row, or nothing).

    Args:
        aspect: page width ÷ page height, to compare horizontal with vertical distances.
    """
    printed = lines_of(words)
    if not printed:
        return None
    height = median(w.bbox.height for w in words) / aspect  # in units of page width
    lines = [_phrases(line, height) for line in printed]
    borders = _columns(lines, bbox, grid, height)
    rows = _rows([_into_columns(line, borders) for line in lines], printed, grid)
    if len(rows) < 2:
        return None
    return _cells(rows, borders, bbox)


def _phrases(line: Sequence[Word], height: float) -> list[Phrase]:
    """Words with ordinary spaces between them, and figures with their sign, however far a currency sign stands."""
    groups: list[list[Word]] = []
    for word in line:
        before = groups[-1][-1] if groups else None
        if before is None:
            groups.append([word])
            continue
        gap = word.bbox.x0 - before.bbox.x1
        figure = is_number(word.text)
        if word.text in _CURRENCY:
            joined = False
        elif before.text in _CURRENCY:
            joined = figure and len(groups[-1]) == 1
        elif word.text in _SUFFIX:
            joined = is_number(before.text) and gap < 4 * height
        else:
            dated = bool(_DAY.match(before.text) and _YEAR.match(word.text))
            joined = gap < 0.35 * height and (dated or not is_number(before.text))
        groups[-1].append(word) if joined else groups.append([word])
    return [Phrase(tuple(g), union_box([w for w in g if w.text not in _CURRENCY] or g)) for g in groups]


def _columns(lines: list[list[Phrase]], bbox: BBox, grid: Grid | None, height: float) -> list[float]:
    """Inner column borders, ascending: the model's, and every white gap through nearly all lines."""
    borders = [x for x in grid.xs if bbox.x0 < x < bbox.x1] if grid else []
    edges = [bbox.x0, *borders, bbox.x1]
    for left, right in itertools.pairwise(edges):
        borders += _gaps([[p.box for p in line if left <= p.box.center[0] < right] for line in lines], height)
    borders.sort()
    kept: list[float] = []
    for border in borders:
        # A border with nothing between it and the one before parts nothing.
        left = kept[-1] if kept else bbox.x0 - 1
        if any(left <= p.box.center[0] < border for line in lines for p in line):
            kept.append(border)
    if kept and not any(p.box.center[0] >= kept[-1] for line in lines for p in line):
        kept.pop()
    return kept


def _gaps(lines: list[list[BBox]], height: float) -> list[float]:
    """Middles of white gaps at least half as wide as a line is high, with phrases on both sides in three lines."""
    several = [line for line in lines if len(line) > 1]
    if len(several) < 3:
        return []
    found: list[float] = []
    for x in sorted({box.x0 for line in several for box in line[1:]}):
        probe = x - height / 4
        crossing = sum(any(b.x0 < probe < b.x1 for b in line) for line in lines)
        sides = [
            (max(b.x1 for b in before), min(b.x0 for b in after))
            for line in several
            if (before := [b for b in line if b.x1 <= probe]) and (after := [b for b in line if b.x0 >= probe])
        ]
        if len(sides) < max(3, 0.6 * len(several)) or crossing > 0.1 * len(lines):
            continue
        start, end = max(s for s, _ in sides), min(e for _, e in sides)
        middle = (start + end) / 2
        if end - start > height / 2 and not (found and abs(found[-1] - middle) < height):
            found.append(middle)
    return found


def _into_columns(line: Sequence[Phrase], borders: Sequence[float]) -> Row:
    row: Row = [[] for _ in range(len(borders) + 1)]
    for phrase in line:
        row[bisect_right(borders, phrase.box.center[0])] += phrase.words
    return row


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
    """How many rows at the top name the columns: those before the first with figures other than years."""
    for r, row in enumerate(rows[: _MAX_HEADER_ROWS + 1]):
        values = [_text(cell) for cell in row[1:] if cell]
        figures = [v for v in values if is_number(v) and not all(_YEAR.match(p) for p in v.split())]
        if figures:
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
