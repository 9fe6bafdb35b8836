"""Which parts of a page are shown as pictures, and which pieces of evidence stand in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from ...ingest.types import BBox, Page, Region
from .legibility import is_large_print
from .pieces import Piece
from .tables import doubtful
from .types import EvidenceSource

_MARGIN = 12.0  # points around a crop: boxes of regions hug their words, labels of axes stand beside them
_LARGER = 1.3  # times what two parts cover: within a common box of no more, text belongs to a picture
_MUCH = 0.1  # of a page
_HEADED = 24.0  # points: what stands over a figure or table as near as that, and is no paragraph, heads it
_PARAGRAPH = 30.0  # points: text of three lines or more


class Unit(NamedTuple):
    """Pieces of one page that become one piece of evidence, and the crop that shows them, if one does."""

    pieces: tuple[Piece, ...]
    crop: BBox | None

    @property
    def relevance(self) -> float:
        return max(piece.relevance for piece in self.pieces)

    @property
    def passages(self) -> tuple[str, ...]:
        """The ids of its hits, the most relevant first."""
        hits = sorted((hit for piece in self.pieces for hit in piece.hits), key=lambda hit: -(hit.relevance or 0.0))
        return tuple(dict.fromkeys(hit.ref.id for hit in hits))

    def told(self) -> Unit:
        """What is left of it without its picture; no pieces if nothing is."""
        return Unit(tuple(told for piece in self.pieces if (told := piece.told()).hits), None)


class _Part(NamedTuple):
    """A box and the pieces (by number) that stand in it; `pictorial` if text does not tell what it shows."""

    box: BBox
    pieces: frozenset[int]
    pictorial: bool


def units_of(
    pieces: Sequence[Piece], page: Page, source: EvidenceSource, cost: Callable[[BBox], float] | None
) -> list[Unit]:
    """The pieces of a page, each with the crop it needs; those that share a crop are together.

    Shown are figures, tables of doubtful structure, all tables where several hits fell on the page (how they stand to
    the rest tells, too), and what is drawn and no region's, with the text that stands in it or right beside it. A page
    in large print (a slide) is shown whole, without blank margins, if it has several hits or something is drawn on it.

    Args:
        cost: Visual tokens of a legible picture of a part of the page; infinite where there can be none. None if
            there are no pictures at all: then nothing is drawn.
    """
    if cost is None:
        return [Unit((piece,), None) for piece in pieces]
    several = sum(len(piece.hits) for piece in pieces) > 1
    drawn = source.drawn(pieces[0].document, page)
    if is_large_print(page) and (several or drawn.pictures):
        found = [place.bbox for piece in pieces for place in piece.places if place.page == page.number]
        return [Unit(tuple(pieces), _crop(BBox.union([drawn.extent, *found]), page))]
    parts = [part for n, piece in enumerate(pieces) for part in _parts(piece, n, page, several)]
    pictures = [_Part(box, frozenset(), True) for box in drawn.pictures]
    merged = _merged([*parts, *pictures], page, cost)
    alone = sum(part.box.area for part in merged if not part.pieces)
    if several and alone > _MUCH:
        # A picture without words of its own can be found only by what stands around it.
        merged = [part if part.pieces else part._replace(pieces=frozenset({0})) for part in merged]
    return _units([part for part in merged if part.pieces], pieces, page)


def _parts(piece: Piece, number: int, page: Page, several: bool) -> Iterator[_Part]:
    for region in piece.regions:
        pictorial = _needs_picture(region, several)
        yield _Part(_labelled(region, page) if pictorial else region.bbox, frozenset({number}), pictorial)
    if not piece.regions:
        yield _Part(piece.places[0].bbox, frozenset({number}), False)


def _needs_picture(region: Region, several: bool) -> bool:
    """Whether text does not tell all that the region shows."""
    if region.kind == "table":
        return several or doubtful(region)
    return region.kind == "figure" or region.source == "vlm"


def _labelled(region: Region, page: Page) -> BBox:
    """The box of a table or figure with its captions and what heads it: its title, its units, its lead-in."""
    captions = [one.bbox for one in page.regions if one.kind == "caption" and one.text == region.caption]
    box = BBox.union([region.bbox, *captions])
    heads = [one.bbox for one in page.regions if _may_head(one, page)]
    while (over := next((head for head in heads if _is_over(head, box, page)), None)) is not None:
        box = BBox.union((box, over))
    return box


def _may_head(region: Region, page: Page) -> bool:
    if region.kind in ("title", "heading", "caption"):
        return True
    return region.kind in ("text", "list") and region.bbox.height * page.height < _PARAGRAPH


def _is_over(head: BBox, box: BBox, page: Page) -> bool:
    """Whether `head` ends right above the upper edge of `box`, half of it or more over it."""
    across = min(head.x1, box.x1) - max(head.x0, box.x0)
    return head.y0 < box.y0 and 0.0 <= (box.y0 - head.y1) * page.height + 1 <= _HEADED and across > 0.5 * head.width


def _merged(parts: Sequence[_Part], page: Page, cost: Callable[[BBox], float]) -> list[_Part]:
    """Pictures put together where that costs no more, and with text that stands in them or right beside them."""

    def belong(a: _Part, b: _Part) -> bool:
        common = BBox.union((a.box, b.box))
        if a.pictorial and b.pictorial:
            return cost(_crop(common, page)) <= cost(_crop(a.box, page)) + cost(_crop(b.box, page))
        return common.area <= _LARGER * (a.box.area + b.box.area - a.box.intersection(b.box))

    left = list(parts)
    while pair := next((p for p in combinations(left, 2) if (p[0].pictorial or p[1].pictorial) and belong(*p)), None):
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
    """`box` with a margin and without words cut at its edge."""
    x, y = _MARGIN / page.width, _MARGIN / page.height
    wide = BBox(max(box.x0 - x, 0.0), max(box.y0 - y, 0.0), min(box.x1 + x, 1.0), min(box.y1 + y, 1.0))
    words = [word.bbox for region in page.regions for word in region.words]
    return BBox.union([wide, *(word for word in words if 0.0 < word.intersection(wide) < word.area)])
