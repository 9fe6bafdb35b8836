"""Columns of a table: words that stand together, and the borders between them."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from ..page.layout import Grid
from ..text.numerals import CURRENCY, SUFFIX, is_day_of_year, is_number
from ..text.words import union_box
from ..types import BBox, Word

MAX_HEADER_ROWS = 4

Row = list[list[Word]]
"""One list of words per column."""


class Phrase(NamedTuple):
    """Words of a line that belong to one cell, and the box that says to which column."""

    words: tuple[Word, ...]
    box: BBox


def phrases_of(line: Sequence[Word], height: float) -> list[Phrase]:
    """Words with ordinary spaces between them, and figures with their sign, however far a currency sign stands."""
    groups: list[list[Word]] = []
    for word in line:
        before = groups[-1][-1] if groups else None
        if before is None:
            groups.append([word])
            continue
        gap = word.bbox.x0 - before.bbox.x1
        figure = is_number(word.text)
        if word.text in CURRENCY:
            joined = False
        elif before.text in CURRENCY:
            joined = figure and len(groups[-1]) == 1
        elif word.text in SUFFIX:
            joined = is_number(before.text) and gap < 4 * height
        else:
            dated = is_day_of_year(before.text, word.text)
            joined = gap < 0.35 * height and (dated or not is_number(before.text))
        groups[-1].append(word) if joined else groups.append([word])
    return [Phrase(tuple(g), union_box([w for w in g if w.text not in CURRENCY] or g)) for g in groups]


def column_borders(lines: list[list[Phrase]], bbox: BBox, grid: Grid | None, height: float) -> list[float]:
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
    return _without_heads_aside(kept, lines)


def _without_heads_aside(borders: list[float], lines: list[list[Phrase]]) -> list[float]:
    """Borders, less those between a header and its own figures: one set to the left of its column, the others right."""
    kept = list(borders)
    for border in borders[1:]:
        n = kept.index(border)
        right = kept[n + 1] if n + 1 < len(kept) else float("inf")
        before = [i for i, line in enumerate(lines) if any(kept[n - 1] <= p.box.center[0] < border for p in line)]
        after = [i for i, line in enumerate(lines) if any(border <= p.box.center[0] < right for p in line)]
        first, then = (before, after) if min(before) < min(after) else (after, before)
        if max(first) < min(then) and len(first) < MAX_HEADER_ROWS:
            kept.remove(border)
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


def into_columns(line: Sequence[Phrase], borders: Sequence[float]) -> Row:
    row: Row = [[] for _ in range(len(borders) + 1)]
    for phrase in line:
        row[bisect_right(borders, phrase.box.center[0])] += phrase.words
    return row
