"""Two runs over the same questions, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..ingest.types import Value
from .measures import Interval, bootstrap, bootstrap_mean
from .scoring import STATISTICS, Statistic, at, mean
from .types import Report, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Difference(Value):
    """`second - first` of one measure over the same `n` questions, with its 95 % interval where there is one."""

    measure: str
    group: str
    n: int
    first: float
    second: float
    difference: float
    interval: tuple[float, float] | None


class Comparison(Value):
    """Two runs of the same questions. `left_out` counts the questions that failed in either."""

    differences: tuple[Difference, ...]
    left_out: int


def compare(first: Report, second: Report, *, seed: int = 0) -> Comparison:
    """Paired differences over all questions ("all") and by breakdown, bootstrapped over documents.

    Raises:
        SettingsError: The runs are not of the same questions and labels.
    """
    if first.config["questions"] != second.config["questions"]:
        raise SettingsError(
            "These two runs asked different questions, or their labels differ",
            cure="Compare runs of one question file.",
        )
    left, right = ({row.id: row for row in report.rows if row.error is None} for report in (first, second))
    pairs = [(row, right[id]) for id, row in left.items() if id in right]
    groups = ["all", *sorted({g for row, _ in pairs for g in row.groups}, key=lambda name: ("." in name, name))]
    differences = [d for group in groups for d in _differences(group, _in(group, pairs), seed)]
    return Comparison(differences=tuple(differences), left_out=first.counts.questions - len(pairs))


def _in(group: str, pairs: Sequence[tuple[Row, Row]]) -> list[tuple[Row, Row]]:
    return [pair for pair in pairs if group == "all" or group in pair[0].groups]


def _differences(group: str, pairs: Sequence[tuple[Row, Row]], seed: int) -> Iterable[Difference]:
    for name in dict.fromkeys(name for row, _ in pairs for name in row.measures):
        both = [(a, b) for a, b in pairs if name in a.measures and name in b.measures]
        if not both:
            continue
        old, new = [a.measures[name] for a, _ in both], [b.measures[name] for _, b in both]
        change = [b - a for a, b in zip(old, new, strict=True)]
        interval = bootstrap_mean(change, [a.doc for a, _ in both], seed=seed)
        yield _difference(name, group, len(both), mean(old), mean(new), interval)
    judged = [(a, b) for a, b in pairs if a.confidence is not None and b.confidence is not None]
    if group == "all" and judged:
        yield from (d for name, s in STATISTICS.items() if (d := _of_statistic(name, s, judged, seed)) is not None)


def _of_statistic(name: str, statistic: Statistic, pairs: Sequence[tuple[Row, Row]], seed: int) -> Difference | None:
    old, new = at(statistic, [a for a, _ in pairs]), at(statistic, [b for _, b in pairs])
    was, now = old(None), new(None)
    if was is None or now is None:
        return None

    def change(positions: NDArray[np.intp]) -> float | None:
        a, b = old(positions), new(positions)
        return None if a is None or b is None else b - a

    interval = bootstrap(change, [a.doc for a, _ in pairs], seed=seed)
    return _difference(name, "all", len(pairs), was, now, interval)


def _difference(name: str, group: str, n: int, was: float, now: float, interval: Interval | None) -> Difference:
    return Difference(measure=name, group=group, n=n, first=was, second=now, difference=now - was, interval=interval)
