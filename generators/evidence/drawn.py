"""What is drawn on a page and stands in none of its tables and figures: pictures that the layout model missed.

Text alone does not tell what a chart shows whose labels were taken for paragraphs. So the page is drawn small, its
words are wiped out, and what is left with enough edges, close together, is a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...ingest.types import BBox, Page

if TYPE_CHECKING:
    from PIL import Image

LONG_SIDE = 600
"""Pixels of the small page's longer side."""
_EDGE = 24  # of 255: difference of neighbours that is no shading
_NEAR = 6  # pixels: edges as near as that belong together
_LEAST = 0.05  # of the page's width and height: what is smaller is an icon or a rule
_FILLED = 0.4  # of the inside of its box lies near edges


class Drawn(NamedTuple):
    """The pictures on a page outside its tables, figures and words, and the box of all that is on it."""

    pictures: tuple[BBox, ...]
    extent: BBox


def drawn_on(page: Page, picture: Image.Image) -> Drawn:
    """What is drawn on a page; `picture` is the page, small."""
    known = [region.bbox for region in page.regions if region.kind in ("table", "figure")]
    words = [word.bbox.grown(0.004) for region in page.regions for word in region.words]
    edges = _edges(picture)
    extent = _extent(edges)
    return Drawn(tuple(_clusters(_wiped(edges, [*known, *words]))), extent)


def _extent(edges: NDArray[np.bool_]) -> BBox:
    """The box of all edges; of a blank page, the whole."""
    height, width = edges.shape
    ys, xs = np.nonzero(edges)
    if not len(xs):
        return BBox(0.0, 0.0, 1.0, 1.0)
    return BBox.of((xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), width, height)


def _edges(picture: Image.Image) -> NDArray[np.bool_]:
    """Where a pixel differs from the one right of it or below it, (height, width)."""
    found = np.zeros((picture.height, picture.width), bool)
    for channel in picture.convert("RGB").split():
        values = np.asarray(channel, np.int16)
        found[:, :-1] |= np.abs(np.diff(values, axis=1)) > _EDGE
        found[:-1] |= np.abs(np.diff(values, axis=0)) > _EDGE
    return found


def _wiped(edges: NDArray[np.bool_], boxes: Sequence[BBox]) -> NDArray[np.bool_]:
    height, width = edges.shape
    for box in boxes:
        x0, y0, x1, y1 = box.scaled(width, height)
        edges[int(y0) : int(y1) + 1, int(x0) : int(x1) + 1] = False
    return edges


def _clusters(edges: NDArray[np.bool_]) -> list[BBox]:
    from scipy import ndimage

    height, width = edges.shape
    near = ndimage.maximum_filter(edges, size=2 * _NEAR + 1)
    labels, _ = ndimage.label(near)
    found: list[BBox] = []
    for number, (ys, xs) in enumerate(ndimage.find_objects(labels), start=1):
        # The filter has made it larger on every side; a frame around text has nothing inside.
        box = BBox.of((xs.start + _NEAR, ys.start + _NEAR, xs.stop - _NEAR, ys.stop - _NEAR), width, height)
        inside = labels[ys, xs][2 * _NEAR : -2 * _NEAR, 2 * _NEAR : -2 * _NEAR] == number
        if inside.size and min(box.width, box.height) > _LEAST and inside.mean() > _FILLED:
            found.append(box)
    return found
