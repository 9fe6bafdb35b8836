"""Which parts of a page are shown as pictures, and which pieces of evidence stand in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...ingest.types import BBox, Page, Region
from .legibility import PAGE, is_large_print
from .pieces import Piece
from .tables import doubtful
from .types import EvidenceSource

_MARGIN = 12.0  # points around a crop: boxes of regions hug their words, labels of axes stand beside them
_LARGER = 1.3  # times what two parts cover: a common box of no more is shown as one crop
_NEARLY_ALL = 0.7  # of a page: then it is shown whole
_MUCH = 0.1  # of a page


class Unit(NamedTuple):
    """Pieces of one page that become one piece of evidence, and the crop that shows them, if one does."""

    pieces: tuple[Piece, ...]
    crop: BBox | None

    @property
    def relevance(self) -> float:
        return max(piece.relevance for piece in self.pieces)


class _Part(NamedTuple):
    """A box and the pieces (by number) that stand in it; `pictorial` if text does not tell what it shows."""

    box: BBox
    pieces: frozenset[int]
    pictorial: bool


def units_of(pieces: Sequence[Piece], page: Page, source: EvidenceSource) -> list[Unit]:
    """The pieces of a page, each with the crop it needs; those that share a crop are together.

    Shown are figures, tables of doubtful structure, all tables where several hits fell on the page (how they stand to
    the rest tells, too), and what is drawn and no region's, with the text that stands in it or right beside it. A page
    in large print with several hits (a slide) is shown whole.
    """
    several = sum(len(piece.hits) for piece in pieces) > 1
    if several and is_large_print(page):
        return [Unit(tuple(pieces), PAGE)]
    parts = [part for n, piece in enumerate(pieces) for part in _parts(piece, n, page, several)]
    drawn = [_Part(box, frozenset(), True) for box in source.drawn(pieces[0].document, page)]
    merged = _merged([*parts, *drawn])
    alone = sum(part.box.area for part in merged if not part.pieces)
    if several and alone > _MUCH:
        # A picture without words of its own can be found only by what stands around it.
        merged = [part if part.pieces else part._replace(pieces=frozenset({0})) for part in merged]
    return _units([part for part in merged if part.pieces], pieces, page)


def _parts(piece: Piece, number: int, page: Page, several: bool) -> Iterator[_Part]:
    for region in piece.regions:
        if region.page == page.number:
            pictorial = _needs_picture(region, several)
            boxes = [region.bbox, *(_captions(region, page) if pictorial else ())]
            yield _Part(BBox.union(boxes), frozenset({number}), pictorial)
    if not piece.regions:
        yield _Part(piece.places[0].bbox, frozenset({number}), False)


def _needs_picture(region: Region, several: bool) -> bool:
    """Whether text does not tell all that the region shows."""
    if region.kind == "table":
        return several or doubtful(region)
    return region.kind == "figure" or region.source == "vlm"


def _captions(region: Region, page: Page) -> list[BBox]:
    return [other.bbox for other in page.regions if other.kind == "caption" and other.text == region.caption]


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """Pictorial parts put together with others as long as the common box is hardly larger than what the two cover."""

    def belong(a: _Part, b: _Part) -> bool:
        covered = a.box.area + b.box.area - a.box.intersection(b.box)
        return a is not b and BBox.union((a.box, b.box)).area <= _LARGER * covered

    left = list(parts)
    while pair := next(((a, b) for a in left if a.pictorial for b in left if belong(a, b)), None):
        a, b = pair
        left = [part for part in left if part is not a and part is not b]
        left.append(_Part(BBox.union((a.box, b.box)), a.pieces | b.pieces, True))
    return left


def _units(parts: Sequence[_Part], pieces: Sequence[Piece], page: Page) -> list[Unit]:
    """Parts of the same pieces put together; a crop is around the pictorial ones."""
    units: list[tuple[frozenset[int], list[BBox]]] = []
    for part in parts:
        same = [unit for unit in units if not unit[0].isdisjoint(part.pieces)]
        units = [unit for unit in units if unit not in same]
        boxes = [box for unit in same for box in unit[1]] + [part.box] * part.pictorial
        units.append((part.pieces.union(*(unit[0] for unit in same)), boxes))
    return [
        Unit(tuple(pieces[n] for n in sorted(numbers)), _crop(BBox.union(boxes), page) if boxes else None)
        for numbers, boxes in units
    ]


def _crop(box: BBox, page: Page) -> BBox:
    """`box` with a margin and without words cut at its edge; the page, if that is nearly all of it."""
    x, y = _MARGIN / page.width, _MARGIN / page.height
    wide = BBox(max(box.x0 - x, 0.0), max(box.y0 - y, 0.0), min(box.x1 + x, 1.0), min(box.y1 + y, 1.0))
    words = [word.bbox for region in page.regions for word in region.words]
    crop = BBox.union([wide, *(word for word in words if 0.0 < word.intersection(wide) < word.area)])
    return PAGE if crop.area > _NEARLY_ALL else crop
