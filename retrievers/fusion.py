"""Reciprocal rank fusion of ranked lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def reciprocal_rank_fusion(rankings: Iterable[Sequence[str]], k: float = 60.0) -> list[tuple[str, float]]:
    """Ids with Σ 1 / (k + rank) over the rankings that hold them, best first; ranks count from 1.

    Equal sums keep the order of first appearance. Source: Cormack, Clarke & Büttcher, SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])
