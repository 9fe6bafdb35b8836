"""What hits show, as text: hits that share a region are one piece."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from ...ingest.text.words import join
from ...ingest.types import BBox, Cell, Place, Region
from ...retrievers.types import Hit
from ..base import RegionSource
from .tables import table_text

_LONG = 2400  # characters: of a longer region only what its hits stand on is shown
_CLOSE = 0.004  # of the page


class Piece(NamedTuple):
    """Hits of one page and the regions they stand on there, in reading order.

    Hits whose regions are not known are pieces of their first page.
    """

    document: str
    version: str
    page: int
    hits: tuple[Hit, ...]
    regions: tuple[Region, ...]

    @property
    def relevance(self) -> float:
        """The probability that some of the hits are relevant, taken as independent of each other."""
        return 1.0 - math.prod(1.0 - (hit.relevance or 0.0) for hit in self.hits)

    @property
    def places(self) -> tuple[Place, ...]:
        shown = (Place(region.page, region.bbox) for region in self.regions)
        return tuple(shown) if self.regions else tuple(place for hit in self.hits for place in hit.places)

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.page for place in self.places))

    @property
    def text(self) -> str:
        texts = map(text_of, self.regions) if self.regions else (hit.text for hit in self.hits)
        return "\n".join(filter(None, texts))

    def told(self) -> Piece:
        """What text tells of it: without the regions that only a picture could show, and the hits on these alone."""
        if not self.regions:
            return self._replace(hits=tuple(hit for hit in self.hits if hit.text))
        regions = {region.id: region for region in self.regions if text_of(region)}
        hits = tuple(hit for hit in self.hits if not regions.keys().isdisjoint(hit.regions))
        return self._replace(hits=hits, regions=tuple(regions.values()))


def pieces_of(hits: Sequence[Hit], source: RegionSource) -> list[Piece]:
    """The pieces of `hits`, those with the most relevant hit first."""
    groups: list[list[Hit]] = []
    unique = {hit.ref: hit for hit in hits}.values()
    for hit in sorted(unique, key=lambda hit: -(hit.relevance or 0.0)):
        shared = [group for group in groups if any(_share(hit, other) for other in group)]
        for group in shared[1:]:
            shared[0] += group
            groups.remove(group)
        if shared:
            shared[0].append(hit)
        else:
            groups.append([hit])
    return [piece for group in groups for piece in _pieces(group, source)]


def text_of(region: Region) -> str:
    """The region as text, its caption first; a description that a model wrote is no evidence."""
    written = region.text if region.source != "vlm" else ""
    text = table_text(region.cells) if region.cells else written
    caption = region.caption or ""
    return "\n".join(filter(None, (caption if caption not in text else "", text)))


def _share(a: Hit, b: Hit) -> bool:
    return a.ref.document == b.ref.document and not set(a.regions).isdisjoint(b.regions)


def _pieces(hits: Sequence[Hit], source: RegionSource) -> Iterator[Piece]:
    """A piece for each page: one that a picture shows shows nothing of another page."""
    ids = dict.fromkeys(region for hit in hits for region in hit.regions)
    document, places = hits[0].ref.document, [place for hit in hits for place in hit.places]
    regions = sorted(source.regions_of(document, list(ids)), key=lambda region: (region.page, region.order))
    shown = tuple(_part(region, places) for region in regions)
    if not shown:
        yield Piece(document, hits[0].ref.version, hits[0].page, tuple(hits), ())
    for page in dict.fromkeys(region.page for region in shown):
        here = {region.id: region for region in shown if region.page == page}
        there = tuple(hit for hit in hits if not here.keys().isdisjoint(hit.regions))
        yield Piece(document, hits[0].ref.version, page, there, tuple(here.values()))


def _part(region: Region, places: Iterable[Place]) -> Region:
    """Of a long region the words and cells that stand in one of `places`, with headers and labels; else the whole."""
    if len(region.text) <= _LONG:
        return region
    boxes = [place.bbox.grown(_CLOSE) for place in places if place.page == region.page]

    def met(box: BBox) -> bool:
        return any(one.contains(*box.center) for one in boxes)

    words = tuple(word for word in region.words if met(word.bbox))
    cells = tuple(_met_or_label(region.cells or (), met))
    if not words and not any(not cell.header for cell in cells):
        return region
    return region.model_copy(
        update={
            "words": words,
            "cells": cells or None,
            "text": join(words)[0] if words else "\n".join(cell.text for cell in cells),
            "html": None,
            "bbox": BBox.union([*(word.bbox for word in words), *(cell.bbox for cell in cells)]),
        }
    )


def _met_or_label(cells: Sequence[Cell], met: Callable[[BBox], bool]) -> Iterator[Cell]:
    """The header rows, the cells that are met, and those beside them that span several rows: their labels.

    A label that is met itself does not bring all of its rows. Of them it spans what is left.
    """
    found = [cell for cell in cells if not cell.header and met(cell.bbox)]
    least = min((cell.row_span for cell in found), default=0)
    rows = {row for cell in found if cell.row_span == least for row in _rows(cell)}
    for cell in cells:
        left = sorted(rows.intersection(_rows(cell)))
        if cell.header:
            yield cell
        elif left and (cell.row_span > 1 or met(cell.bbox)):
            yield cell.model_copy(update={"row": left[0], "row_span": len(left)})


def _rows(cell: Cell) -> range:
    return range(cell.row, cell.row + cell.row_span)
