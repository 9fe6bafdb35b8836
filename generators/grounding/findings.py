"""What the facts of a claim come to, and how findings of several places are weighed."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..types import Support
from .numbers import Number
from .prose import Piece

COVERED = 0.35  # share of a claim's words that must stand around a number for it to be that of the claim
ABOUT = 0.5  # … and for another number there to contradict it
_UP = re.compile(
    r"\b(?:grew|grow[ns]?|growing|rose|risen|rises?|rising|increas\w*|climb\w*|gain\w*|improv\w*|up|higher|more"
    r"|stieg\w*|gestiegen|wuchs\w*|gewachsen|erhöht\w*)\b",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:fell|fall(?:en|s|ing)?|drop\w*|declin\w*|decreas\w*|reduc\w*|shrank|shrunk|down|lower|less|fewer|worsen\w*"
    r"|sank\w*|gesunken|fiel\w*|gefallen|gesenkt|verringert\w*)\b",
    re.I,
)
_BY = re.compile(
    r"\b(?:by|um|(?:increase|decrease|rise|fall|drop|decline|growth|difference|gap|change) of)"
    r"(?: (?:about|around|some|nearly|almost|roughly|rund|etwa))?\s*$",
    re.I,
)
_THAN = re.compile(
    r"\s*(?:\w+ )?(?:less|more|fewer|\w{3,}er)\b(?:\W+\w+){0,4}? than\b(?! \d)|\s*(?:lower|higher|longer|shorter)\b",
    re.I,
)


class Finding(NamedTuple):
    """What one fact came to. `strength` orders findings of the same kind."""

    support: Support
    pieces: tuple[Piece, ...] = ()
    detail: str = ""
    strength: float = 0.0
    operands: int = 0  # how many numbers it was derived from


def rank(finding: Finding) -> tuple[int, float]:
    """Findings of one fact in several places: the best one decides."""
    order = ("absent", "unchecked", "contradicted", "derived", "supported")
    return order.index(finding.support), finding.strength


def better(one: Finding, other: Finding) -> Finding:
    return max(one, other, key=rank)


def direction(text: str) -> int:
    """1 when a text says that something rose, -1 when it fell, 0 when neither or both."""
    return bool(_UP.search(text)) - bool(_DOWN.search(text))


def reckoned(text: str, number: Number) -> bool:
    """Whether a claim gives the number as a difference ("rose by 4", "4 m longer than"), which no cell need hold."""
    return bool(_BY.search(text[: number.start]) or _THAN.match(text[number.end :]))
