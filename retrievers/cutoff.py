"""The cut to evidence: up to k pieces, possibly none."""

from __future__ import annotations

from collections.abc import Sequence

from .types import Hit


def up_to_k(hits: Sequence[Hit], k: int, threshold: float, answerable: float = 0.0) -> list[Hit]:
    """The `k` most relevant hits whose relevance is at least `threshold`, best first; possibly none.

    None where the question as a whole was judged, and is less likely answered than `answerable`. Hits that
    nobody judged (`relevance` is None) are never evidence. Equal relevance keeps the given order.
    """
    if any(hit.answerable is not None and hit.answerable < answerable for hit in hits):
        return []
    judged = [hit for hit in hits if hit.relevance is not None and hit.relevance >= threshold]
    return sorted(judged, key=lambda hit: -(hit.relevance or 0.0))[:k]


def confidence(hits: Sequence[Hit]) -> float:
    """The probability that `hits` answer their question: what was judged of it, else of the best of them."""
    return max((hit.relevance or 0.0 if hit.answerable is None else hit.answerable for hit in hits), default=0.0)
