"""Reading order of boxes on a page: recursive XY-cut (Nagy & Seth 1984) that prefers columns to rows."""

from __future__ import annotations

from collections.abc import Sequence

from ..types import BBox

# Boxes of layout models overlap a little; a cut may run through this much of them (page fractions).
_SLACK = 0.004
_LONGEST_RUN = 60  # bands that are tried as one group at most: bounds the work on pages of hundreds of boxes


def reading_order(boxes: Sequence[BBox], *, right_to_left: bool = False) -> list[int]:
    """Indices of `boxes` in the order in which a reader takes them.

    A page is cut into columns where a vertical gap runs through; where something spans the columns (a title, a wide
    table), it is first cut into bands, and bands that can be cut into the same columns stay together, so that a
    column is read to its end before the next begins.
    """
    if len(boxes) <= 1:
        return list(range(len(boxes)))
    return _cut(boxes, list(range(len(boxes))), right_to_left)


def _cut(boxes: Sequence[BBox], members: list[int], rtl: bool) -> list[int]:
    if len(members) <= 1:
        return members
    columns = _split(boxes, members, axis=0)
    if _side_by_side(boxes, columns):
        ordered = reversed(columns) if rtl else columns
        return [i for column in ordered for i in _cut(boxes, column, rtl)]
    bands = _bands(boxes, members)
    if len(bands) > 1:
        return [i for band in bands for i in _cut(boxes, band, rtl)]
    return _overlapping(boxes, members, rtl)


def _overlapping(boxes: Sequence[BBox], members: list[int], rtl: bool) -> list[int]:
    """Boxes that no straight line parts: take the widest out, order the rest, and put it back by its top edge."""
    wide = max(members, key=lambda i: boxes[i].width)
    rest = [i for i in members if i != wide]
    if _side_by_side(boxes, _split(boxes, rest, axis=0)) or len(_split(boxes, rest, axis=1)) > 1:
        ordered = _cut(boxes, rest, rtl)
        at = next((n for n, i in enumerate(ordered) if boxes[i].y0 >= boxes[wide].y0), len(ordered))
        return [*ordered[:at], wide, *ordered[at:]]
    return sorted(members, key=lambda i: (round(boxes[i].y0, 2), -boxes[i].x0 if rtl else boxes[i].x0))


def _split(boxes: Sequence[BBox], members: Sequence[int], axis: int) -> list[list[int]]:
    """Groups of members that straight gaps part along `axis` (0: columns, left to right; 1: bands, top to bottom)."""
    groups: list[list[int]] = []
    end = float("-inf")
    for i in sorted(members, key=lambda i: boxes[i][axis]):
        if not groups or boxes[i][axis] >= end - _SLACK:
            groups.append([])
        groups[-1].append(i)
        end = max(end, boxes[i][axis + 2])
    return groups


def _side_by_side(boxes: Sequence[BBox], columns: Sequence[Sequence[int]]) -> bool:
    """Whether groups parted by vertical gaps are columns: something in each stands beside something in another."""
    if len(columns) < 2:
        return False
    beside: set[int] = set()
    ends = [float("-inf")] * len(columns)  # how far down each column reaches so far
    for y0, c, i in sorted((boxes[i].y0, c, i) for c, column in enumerate(columns) for i in column):
        level = {d for d, end in enumerate(ends) if d != c and min(end, boxes[i].y1) - y0 > _SLACK}
        beside |= level | ({c} if level else set())
        ends[c] = max(ends[c], boxes[i].y1)
    return len(beside) == len(columns)


def _bands(boxes: Sequence[BBox], members: Sequence[int]) -> list[list[int]]:
    """Groups of members from top to bottom: as few as there can be, where bands are one group only if they share
    columns; of equally few, those with the longest columns."""
    bands = _split(boxes, members, axis=1)
    best: list[tuple[int, float]] = [(0, 0.0)]
    cuts: list[int] = [0]
    for end in range(1, len(bands) + 1):
        options: list[tuple[tuple[int, float], int]] = []
        for start in range(max(end - _LONGEST_RUN, 0), end):
            run = [i for band in bands[start:end] for i in band]
            if start == end - 1 or _side_by_side(boxes, _split(boxes, run, axis=0)):
                length = max(boxes[i].y1 for i in run) - min(boxes[i].y0 for i in run)
                count, weight = best[start]
                options.append(((count + 1, weight - length**2), start))
        chosen, start = min(options)
        best.append(chosen)
        cuts.append(start)
    groups: list[list[int]] = []
    end = len(bands)
    while end:
        groups.append([i for band in bands[cuts[end] : end] for i in band])
        end = cuts[end]
    return groups[::-1]
