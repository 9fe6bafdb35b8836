"""Descriptions that models write of tables and figures: regions of their own, beside what they describe."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from .identity import region_id
from .types import BBox, Kind, Page, Region

DESCRIBABLE: tuple[Kind, ...] = ("figure", "table")

Draw = Callable[[int, BBox, tuple[int, int]], bytes]
"""Takes a page's number, a part of it and a size in pixels; gives the picture's bytes."""


def describable(page: Page, kinds: Iterable[Kind] = DESCRIBABLE) -> list[Region]:
    """The regions of a page that may be described."""
    wanted = set(kinds)
    return [region for region in page.regions if region.kind in wanted and region.source != "vlm" and region.bbox.area]


def crop_hash(page: Page, region: Region, draw: Draw) -> str:
    """Changes when a region looks different: sha256 of its picture at 72 dots per inch."""
    box = BBox(*(round(side, 4) for side in region.bbox))  # as good as the library keeps them
    size = max(round(box.width * page.width), 1), max(round(box.height * page.height), 1)
    return hashlib.sha256(draw(page.number, box, size)).hexdigest()


def with_descriptions(page: Page, texts: Mapping[str, str], version: str) -> Page:
    """`page` with descriptions (by the id of the region described) as its last regions, in place of earlier ones.

    They have the kind, box, section and caption of what they describe, the source `vlm`, and no words.
    """
    regions = [region for region in page.regions if region.source != "vlm"]
    order = max((region.order for region in regions), default=-1)
    for region in list(regions):
        if text := texts.get(region.id):
            order += 1
            about = {"id": region_id(version, page.number, order), "order": order, "text": text, "source": "vlm"}
            regions.append(region.model_copy(update={**about, "words": (), "cells": None, "html": None}))
    return page.model_copy(update={"regions": tuple(regions)})


def descriptions_on(page: Page) -> dict[str, str]:
    """The descriptions that a page has, by the id of the region described."""
    written = {(r.kind, r.bbox): r.text for r in page.regions if r.source == "vlm"}
    own = [region for region in page.regions if region.source != "vlm"]
    return {r.id: written[r.kind, r.bbox] for r in own if (r.kind, r.bbox) in written}
