"""Figures as they are drawn: the layout model boxes their lettering and overlooks pictures, so the marks decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..types import BBox
from .layout import Block

if TYPE_CHECKING:
    import pymupdf

_MOST_MARKS = 4000  # the largest are looked at on pages with more (maps, technical drawings)
_SMALLEST_PICTURE = 0.02  # share of the page; below are icons and rules
_LARGEST_PART = 0.7  # a mark that covers more of the page is its background
_SPECK = 0.002  # page fractions


def pictures_of(page: pymupdf.Page) -> list[BBox]:
    """Raster pictures on the page; strips of one picture that lie against each other as one."""
    rect = page.rect
    merged: list[BBox] = []
    for box in sorted(BBox.of(image["bbox"], rect.width, rect.height) for image in page.get_image_info()):
        if box.area <= 0:
            continue
        while touching := [other for other in merged if other.grown(_SPECK).intersection(box) > 0]:
            box = BBox.union([box, *touching])
            merged = [other for other in merged if other not in touching]
        merged.append(box)
    return merged


def marks_of(page: pymupdf.Page) -> list[BBox]:
    """Boxes of what is drawn on the page besides text, backgrounds and specks left out; the largest first."""
    rect = page.rect
    marks: list[BBox] = []
    for kind, corners in page.get_bboxlog():
        if kind.endswith(("-path", "-image", "-shade", "-imgmask")):
            box = BBox.of(corners, rect.width, rect.height)
            if max(box.width, box.height) > _SPECK and box.area < _LARGEST_PART:
                marks.append(box)
    marks.sort(key=lambda box: (-box.area, box))
    return marks[:_MOST_MARKS]


def with_graphics(blocks: Sequence[Block], marks: Sequence[BBox], pictures: Sequence[BBox]) -> list[Block]:
    """Blocks with figures as large as what is drawn of them, and a figure for each picture that no block holds."""
    out = list(blocks)
    for n, block in enumerate(out):
        if block.kind == "figure":
            others = [other.bbox for m, other in enumerate(out) if m != n]
            out[n] = block._replace(bbox=_grown(block.bbox, marks, others))
    for picture in pictures:
        shared = sum(block.bbox.intersection(picture) for block in out)
        holds = any(block.bbox.inside(picture) > 0.5 for block in out)
        if picture.area >= _SMALLEST_PICTURE and shared < 0.3 * picture.area and not holds:
            out.append(Block("figure", picture, ()))
    return out


def _grown(figure: BBox, marks: Sequence[BBox], others: Sequence[BBox]) -> BBox:
    """The figure with the marks that belong to it: those that lie partly in it, or it in them, and over no other."""
    rest = list(marks)
    while True:
        kept: list[BBox] = []
        before = figure
        for mark in rest:
            if figure.inside(mark) <= 0.5 and mark.grown(_SPECK).inside(figure) <= 0.25:
                kept.append(mark)
                continue
            larger = BBox.union((figure, mark))
            if all(other.inside(larger) - other.inside(figure) <= 0.1 for other in others):
                figure = larger
        if figure == before:
            return figure
        rest = kept
