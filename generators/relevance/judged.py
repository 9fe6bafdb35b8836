"""The best candidates judged by a model behind a server. What it does not judge is never evidence."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Protocol

from ...retrievers.relevance import Relevance
from ...retrievers.types import Hit, Query

_log = logging.getLogger(__name__)

_MOST = 30.0  # log-odds: what is as certain as that is certain


class Judge(Protocol):
    """Says how probably each hit answers a question."""

    async def probabilities(self, question: str, hits: Sequence[Hit]) -> list[float | None]:
        """In the order of `hits`, which are not empty; None where the model's reply was no judgement.

        Raises:
            OctavoError: The server fails, or not one reply was a judgement.
        """
        ...


class JudgedRelevance:
    """A `Relevance`: candidates ordered by `first`, and the best of them judged anew by a model.

    Asking a model about each of the hundreds of candidates takes too long. Those that it is not asked about keep their
    order below the others, without a relevance. A hit on which it did not say what can be read has none either, is
    counted in the log, and is marked `unjudged` in its `via`.

    Args:
        first: Orders the candidates; without one they are taken as they come.
        most: So many are judged.
    """

    def __init__(self, judge: Judge, first: Relevance | None, most: int) -> None:
        self._judge = judge
        self._first = first
        self._most = most

    async def score(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """See `Relevance`. Scores are log-odds; whether the question is answered at all, only the pieces tell."""
        if not hits:
            return []
        ordered = await self._first.score(query, hits) if self._first is not None else list(hits)
        places = sorted(range(len(ordered)), key=lambda n: -ordered[n].score)
        asked = places[: self._most]
        found = dict(zip(asked, await self._judge.probabilities(query.text, [ordered[n] for n in asked]), strict=True))
        if lacking := sum(probability is None for probability in found.values()):
            _log.warning(
                "of %d passages %d were not judged: nothing to show, or a reply that says neither yes nor no",
                len(asked),
                lacking,
            )
        return [
            _judged(ordered[n], place, found.get(n), asked=n in found)
            for n, place in sorted((n, place) for place, n in enumerate(places))
        ]


def _judged(hit: Hit, place: int, probability: float | None, *, asked: bool) -> Hit:
    """`hit` as the model judged it; without its judgement below all that have one, in the order of `place`."""
    score = -2 * _MOST - place if probability is None else _log_odds(probability)
    via = {**hit.via, "unjudged": 1.0} if asked and probability is None else hit.via
    return hit.model_copy(update={"score": score, "relevance": probability, "answerable": None, "via": via})


def _log_odds(probability: float) -> float:
    if not 0.0 < probability < 1.0:
        return math.copysign(_MOST, probability - 0.5)
    odds = math.log(probability) - math.log1p(-probability)
    return min(max(odds, -_MOST), _MOST)


def text_of(hit: Hit) -> str:
    """A hit as text, with where it stands. What a model wrote of it is no evidence."""
    return f"{hit.context}\n{hit.text}" if hit.context else hit.text
