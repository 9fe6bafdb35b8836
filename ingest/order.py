"""Reading order of boxes on a page: recursive XY-cut (Nagy & Seth 1984) that prefers columns to rows."""

from __future__ import annotations

from collections.abc import Sequence

from .types import BBox

# Boxes of layout models overlap a little; a cut may run through this much of them (page fractions).
_SLACK = 0.004


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
    if len(columns) > 1:
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
    if len(_split(boxes, rest, axis=0)) > 1 or len(_bands(boxes, rest)) > 1:
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


def _bands(boxes: Sequence[BBox], members: Sequence[int]) -> list[list[int]]:
    merged: list[list[int]] = []
    for band in _split(boxes, members, axis=1):
        if merged and len(_split(boxes, merged[-1] + band, axis=0)) > 1:
            merged[-1].extend(band)
        else:
            merged.append(band)
    return merged
