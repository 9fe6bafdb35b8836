"""Layout retrieval: are the boxes that people drew around the evidence among the regions found?

The task is that of MMDocIR (Dong et al., 2025, arXiv:2501.08828), whose human boxes rarely equal a parser's regions:
one table in one, three paragraphs in the other. So boxes are compared by clipped overlap: the retrieved boxes of the
human box's page are clipped to it, and the share of its area that their union covers counts, each spot once. A human
box is found when that share reaches `COVERED`. Covering is all it asks: a region as large as the page finds every
box on it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import TypeVar

from ...ingest.types import BBox

COVERED = 0.5
"""Share of a human box's area that retrieved boxes must cover for it to count as found."""

PageKey = TypeVar("PageKey", bound=Hashable)


def covered_share(box: BBox, others: Sequence[BBox]) -> float:
    """Share of the area of `box` under the union of `others`, in [0, 1].

    A box without area is covered wholly if one of `others` holds its centre, else not at all.
    """
    if box.area <= 0:
        return float(any(other.contains(*box.center) for other in others))
    clipped = [
        BBox(max(o.x0, box.x0), max(o.y0, box.y0), min(o.x1, box.x1), min(o.y1, box.y1))
        for o in others
        if o.intersection(box) > 0
    ]
    edges = sorted({x for b in clipped for x in (b.x0, b.x1)})
    covered = 0.0
    for left, right in pairwise(edges):  # vertical slabs between neighbouring edges
        height, reached = 0.0, box.y0
        for b in sorted((b for b in clipped if b.x0 <= left and b.x1 >= right), key=lambda b: b.y0):
            height += max(b.y1 - max(b.y0, reached), 0.0)
            reached = max(reached, b.y1)
        covered += (right - left) * height
    return min(covered / box.area, 1.0)


def layout_recall(
    gold: Sequence[tuple[PageKey, BBox]],
    ranking: Sequence[Sequence[tuple[PageKey, BBox]]],
    k: int,
    covered: float = COVERED,
) -> float:
    """Share of one question's human boxes that the top `k` regions find.

    Args:
        gold: Human boxes with their pages; not empty. Boxes are page fractions.
        ranking: Regions, best first, each with the places it stands in.
        k: How many regions count.
        covered: Share of a human box's area that must be covered.

    Raises:
        ValueError: No human boxes.
    """
    if not gold:
        raise ValueError("recall of nothing is undefined: gold must not be empty")
    found = 0
    for page, box in gold:
        boxes = [other for region in ranking[:k] for place, other in region if place == page]
        # The tolerance is for areas that are exactly at the limit on paper and a rounding below it in floats.
        found += covered_share(box, boxes) >= covered - 1e-9
    return found / len(gold)
