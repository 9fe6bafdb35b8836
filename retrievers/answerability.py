"""Whether the candidates answer the question at all: evidence about the question as a whole.

The best candidate of an unanswerable question often looks as good as any. What tells is what is missing: names, years
and other words of the question that stand in no candidate, or not where the rest of it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .analysis import analyse, query_terms, without_compounds
from .types import Hit

_PAGES = 3  # the best pages, which should have it all
_PIECES = 5  # the best candidates
_NAME = re.compile(r"(?<![.?!:\"“]\s)(?<!^)\b[A-Z][\w-]*")
_COUNTED = 3  # of what is missing: long questions have more words to miss
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d+(?:d\d+)*")  # as the analysis writes it
# Numbers of pages and labels say where to look, and need not stand there. What follows in a list is short: in "Table 3,
# 2018 net income" the year is asked for, and in "Table 3, 1,234 ferries" the number.
_DIRECTION = re.compile(
    r"\b(?:pages?|slides?|fig(?:ure)?s?|tables?|charts?|exhibits?|sections?)\b\.?\s*"
    r"((?!(?:19|20)\d\d\b)\d+(?:\.\d+)*(?:\s*(?:,|-|–|and|to|&)\s*\d{1,3}(?:\.\d+)*\b(?!,\d{3}))*)",
    re.I,
)


def question_evidence(
    question: str,
    hits: Sequence[Hit],
    terms: Sequence[tuple[Sequence[str], Sequence[str]]],
    scores: NDArray[np.float32],
    best: NDArray[np.float32],
    idf: Mapping[str, float],
) -> dict[str, float]:
    """Evidence by name.

    Args:
        terms: index terms of the hits, of context and of text.
        scores: of the hits, (n,); what orders them.
        best: the best cosine of each question token in each hit, (n, q).
        idf: weight of each term of the question.
    """
    order = np.argsort(-scores, kind="stable")
    anywhere = set[str]().union(*(part for both in terms for part in both))
    pages = list(dict.fromkeys((hits[i].ref.document, hits[i].page) for i in order))[:_PAGES]
    best_terms = [both for both, hit in zip(terms, hits, strict=True) if (hit.ref.document, hit.page) in pages]
    there = set[str]().union(*(part for both in best_terms for part in both))
    # Who asks for long-term debt does not ask for "longterm" as well.
    asked = without_compounds(question, list(idf))
    idf = {term: idf[term] for term in asked}
    names = {term for name in _NAME.findall(question) for term in query_terms(name)} & set(asked)
    directions = {term for numbers in _DIRECTION.findall(question) for term in analyse(numbers)}
    numbers = [term for term in asked if _NUMBER.fullmatch(term) and term not in directions]
    whole = sum(idf.values()) or 1.0
    top = best[order[:_PIECES]]
    return {
        "dense": max(hit.via.get("dense", 0.0) for hit in hits),
        "tokens found": float(top.max(axis=0).mean()) if top.size else 0.0,
        "covered": sum(weight for term, weight in idf.items() if term in there) / whole,
        "absent": _missing((term for term in asked if term not in directions), anywhere),
        "absent names": _missing(names, anywhere),
        "absent years": _missing((n for n in numbers if _YEAR.fullmatch(n)), anywhere),
        "numbers elsewhere": _missing(numbers, there),
        "statement": float(any(hit.via.get("statement") for hit in hits)),
    }


def _missing(terms: Iterable[str], there: set[str]) -> float:
    return float(min(sum(term not in there for term in terms), _COUNTED))
