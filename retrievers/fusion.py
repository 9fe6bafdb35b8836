"""Fusion: of ranked lists by reciprocal rank, of scores by reciprocal rank or by z-scores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def reciprocal_rank_fusion(rankings: Iterable[Sequence[str]], k: float = 60.0) -> list[tuple[str, float]]:
    """Ids with Σ 1 / (k + rank) over the rankings that hold them, best first; ranks count from 1.

    Equal sums keep the order of first appearance. Source: Cormack, Clarke & Büttcher, SIGIR 2009.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, 1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def reciprocal_ranks(values: NDArray[np.float32], k: float = 60.0) -> NDArray[np.float32]:
    """1 / (k + rank) of each of `values`, (n,), of which the highest has rank 1 and equal ones share theirs.

    The lowest have 0: they are what is said of a candidate that the channel did not offer.
    """
    rank = 1 + np.searchsorted(-np.sort(values)[::-1], -values)
    return np.where(values > values.min(), 1.0 / (k + rank), 0.0).astype(np.float32)


def z_scores(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """`values`, (n,), in standard deviations from their mean; 0 where all are alike."""
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-6 else np.zeros_like(values)
