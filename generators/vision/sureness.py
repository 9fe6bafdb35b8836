"""How sure an answer of a model is: its question is answerable, its evidence relevant, its claims are supported."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..types import Citation, Support

_STANDS: dict[Support, float] = {
    "verbatim": 1.0,
    "supported": 1.0,
    "derived": 0.9,
    "unchecked": 0.6,
    "absent": 0.2,
    "contradicted": 0.0,
}
_UNCITED = 0.2  # a claim that points nowhere
_DENIED = 0.25


def sureness(answerable: float, uncited: int, citations: Sequence[Citation]) -> float:
    """A number in [0, 1]: the geometric mean of answerability and relevance, times the mean support of the claims.

    Relevance is that of the most relevant evidence cited. The weights of support are round numbers, not fitted: the
    product orders answers and is no calibrated probability.

    Args:
        answerable: The probability that the hits answer the question at all.
        uncited: How many claims cite nothing.
    """
    relevance = max((citation.relevance or 0.0 for citation in citations), default=0.0)
    stands: dict[str, list[float]] = {}
    for citation in citations:
        one = _STANDS[citation.support]
        if citation.support == "unchecked" and citation.checked is not None:
            one = citation.checked  # only the picture can tell, and the model has looked again
        stands.setdefault(citation.claim, []).append(one)
    claims = len(stands) + uncited
    # One source is enough for a claim, but none may say otherwise.
    cited = sum(0.0 if 0.0 in each else max(each) for each in stands.values())
    support = (cited + _UNCITED * uncited) / claims if claims else 0.0
    return round(math.sqrt(answerable * relevance) * support, 6)


def denied(answerable: float) -> float:
    """What is left of the probability that the documents answer, after a model that saw the evidence said no."""
    return _DENIED * answerable
