"""The cut to evidence: up to k pieces, possibly none."""

from __future__ import annotations

from collections.abc import Iterable

from .types import Hit


def up_to_k(hits: Iterable[Hit], k: int, threshold: float) -> list[Hit]:
    """The `k` most relevant hits whose relevance is at least `threshold`, best first; possibly none.

    Hits that nobody judged (`relevance` is None) are never evidence. Equal relevance keeps the given order.
    """
    judged = [hit for hit in hits if hit.relevance is not None and hit.relevance >= threshold]
    return sorted(judged, key=lambda hit: -(hit.relevance or 0.0))[:k]
