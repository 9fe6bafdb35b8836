"""What the facts of a claim come to, and how findings of several places are weighed."""

from __future__ import annotations

from typing import NamedTuple

from ..types import Support
from .prose import Piece

COVERED = 0.35  # share of a claim's words that must stand around a number for it to be that of the claim
ABOUT = 0.5  # … and for another number there to contradict it


class Finding(NamedTuple):
    """What one fact came to. `strength` orders findings of the same kind."""

    support: Support
    pieces: tuple[Piece, ...] = ()
    detail: str = ""
    strength: float = 0.0
    operands: int = 0  # how many numbers it was derived from
    denied: bool = False  # one of the two denies what the other says of it


def rank(finding: Finding) -> tuple[int, bool, float]:
    """Findings of one fact in several places: the best one decides."""
    order = ("absent", "unchecked", "contradicted", "derived", "supported")
    return order.index(finding.support), not finding.denied, finding.strength


def better(one: Finding, other: Finding) -> Finding:
    return max(one, other, key=rank)
