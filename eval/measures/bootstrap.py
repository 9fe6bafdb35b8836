"""Percentile bootstrap intervals (Efron & Tibshirani, 1993), in clusters.

Questions about one document are not independent, so documents are drawn, each with all of its questions (the cluster
bootstrap: Field & Welsh, JRSS B 2007). For a paired comparison of two systems give the differences, question by
question (Sakai, SIGIR 2006): the same draws then hit both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95


class Interval(NamedTuple):
    low: float
    high: float


def bootstrap_mean(
    values: Sequence[float],
    clusters: Sequence[Hashable] | None = None,
    *,
    resamples: int = 2000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval | None:
    """Interval of the mean of `values`; None with fewer than two clusters, which say nothing of the spread.

    Args:
        values: One per question, not empty.
        clusters: The document of each question; without it every question stands for itself.
        resamples: How many draws.
        seed: Of the draws; the same seed gives the same interval.
        level: Share of the draws that the interval holds.

    Raises:
        ValueError: No values.
    """
    import numpy as np

    array, members = np.asarray(values, dtype=np.float64), _members(len(values), clusters)
    if len(members) < 2:
        return None
    sums = np.array([array[m].sum() for m in members])
    sizes = np.array([len(m) for m in members], dtype=np.float64)
    draws = np.random.default_rng(seed).multinomial(len(members), np.full(len(members), 1 / len(members)), resamples)
    return _interval((draws @ sums) / (draws @ sizes), level)


def bootstrap(
    statistic: Callable[[NDArray[np.intp]], float | None],
    clusters: Sequence[Hashable],
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: float = LEVEL,
) -> Interval | None:
    """Interval of any statistic of a run; None with fewer than two clusters, or where no draw gave a number.

    Args:
        statistic: From the positions of the questions drawn (with repetitions) to its value there, or None where it
            is undefined; such draws are left out.
        clusters: The document of each question.
        resamples: How many draws.
        seed: Of the draws.
        level: Share of the draws that the interval holds.
    """
    import numpy as np

    members = _members(len(clusters), clusters)
    if len(members) < 2:
        return None
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(members), size=(resamples, len(members)))
    found = (statistic(np.concatenate([members[i] for i in draw])) for draw in draws)
    values = [value for value in found if value is not None]
    return _interval(np.array(values), level) if values else None


def _members(count: int, clusters: Sequence[Hashable] | None) -> list[NDArray[np.intp]]:
    """Positions of the questions of each cluster."""
    import numpy as np

    if not count:
        raise ValueError("an empty list has no mean")
    if clusters is None:
        return [np.array([i]) for i in range(count)]
    if len(clusters) != count:
        raise ValueError("every question needs its cluster")
    groups: dict[Hashable, list[int]] = {}
    for position, cluster in enumerate(clusters):
        groups.setdefault(cluster, []).append(position)
    return [np.array(positions) for positions in groups.values()]


def _interval(values: NDArray[np.float64], level: float) -> Interval:
    import numpy as np

    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
