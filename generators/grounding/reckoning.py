"""Differences, changes in per cent, sums, means and ratios of cited numbers, each with what it was made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from .facts import Facts
from .numbers import Number
from .prose import Piece

CHANGE = re.compile(
    r"\b(?:by|chang\w*|growth|differ\w*|increas\w*|decreas\w*|declin\w*|rise|drop\w*|fell|rose|grew|(?<!made )up|down"
    r"|gap|exceed\w*|more|less|fewer|mehr|weniger|not|rest|remain\w*|higher|lower|longer|larger|above|below|ahead|behind|spans?"
    r"|range[sd]?|between|\w{3,}er(?=.{0,80}\bthan\b)|um|Anstieg|Rückgang|Differenz|Unterschied|stieg|sank|wuchs)\b|增加|减少|上升|下降|增长",
    re.I,
)
SUM = re.compile(
    r"\b(?:total\w*|sum|together|combined|altogether|in all|jointly|both|overall|zusammen|insgesamt|Summe)\b|共|合计",
    re.I,
)
RATIO = re.compile(
    r"\b(?:times|ratio|shares?|proportion|percentage of|per ?cent of|of the|margin|accounted|made up|twice|half|fold"
    r"|per|Anteil|Verhältnis|-?fach\w*|mal|entfiel\w*|Prozent de[rs])\b|%\s+of|\dx\b",
    re.I,
)
MEAN = re.compile(r"\b(?:average\w*|mean|on average|Durchschnitt\w*|durchschnittlich|Mittel)\b|平均", re.I)
SHARES = ("%", "pp", "bp", "times")


class Operand(NamedTuple):
    """A cited number that is reckoned with, with its sign and scaled.

    Of a number in running text also its `year`, 0 if it has none, and the `direction` of what is said of it.
    """

    value: Decimal
    scale: Decimal
    unit: str
    pieces: tuple[Piece, ...]
    year: int = 0
    direction: int = 0


class Reckoned(NamedTuple):
    """A result, what it is made of, and in words how. `sole` when the claim leaves no choice of the operands."""

    value: Decimal
    unit: str
    operands: tuple[Operand, ...]
    how: str
    sole: bool = False
    step: bool = False  # from one to another, so that its sign is that of a rise or a fall

    @property
    def scale(self) -> Decimal:
        """What the operands are printed in; shares have no scale."""
        return Decimal(1) if self.unit in SHARES else min(o.scale for o in self.operands)


def may_be(number: Number, unit: str) -> bool:
    """Whether numbers of a unit may add up to a claim's number, or differ by it: money for money."""
    if number.unit == "pp" or unit in SHARES:
        return unit == "%" and number.unit in ("%", "pp")
    return number.unit == "%" or not number.unit or not unit or number.unit == unit


def changes(pair: Sequence[Operand], *, sole: bool) -> Iterator[Reckoned]:
    """The way from `a` to `b`, in their unit and in per cent."""
    a, b = operands = (pair[0], pair[1])
    if a.value < 0 and b.value < 0 and not a.unit.startswith("°"):  # costs, printed as negative
        a, b = a._replace(value=-a.value), b._replace(value=-b.value)
    unit = "pp" if a.unit == b.unit == "%" else a.unit or b.unit
    yield Reckoned(b.value - a.value, unit, operands, f"{shown(b)} − {shown(a)}", sole, step=True)
    if a.value:
        change = (b.value - a.value) / abs(a.value) * 100
        how = f"({shown(b)} − {shown(a)}) ÷ {shown(a)}"
        yield Reckoned(change, "%", operands, how, sole, step=True)


def gathered(claim: Facts, operands: Sequence[Operand], *, sole: bool, summed: bool = False) -> Iterator[Reckoned]:
    """The sum and the mean of numbers of one unit, as far as the claim speaks of them."""
    if len(operands) < 2 or len({o.unit for o in operands if o.unit}) > 1:
        return
    unit = next((o.unit for o in operands if o.unit), "")
    whole = sum((abs(o.value) for o in operands), Decimal(0))
    summed = summed or bool(SUM.search(claim.text))
    if summed:
        yield Reckoned(whole, unit, tuple(operands), " + ".join(map(shown, operands)), sole)
    if MEAN.search(claim.text):
        how = f"({' + '.join(map(shown, operands))}) ÷ {len(operands)}"
        yield Reckoned(whole / len(operands), unit, tuple(operands), how, sole and not summed)


def ratios(a: Operand, b: Operand, *, sole: bool) -> Iterator[Reckoned]:
    """One number by the other, both ways; a share is at most the whole when nothing else is said."""
    yield from ratio(a, b, sole=sole)
    yield from ratio(b, a, sole=sole)


def ratio(one: Operand, other: Operand, *, sole: bool) -> Iterator[Reckoned]:
    """One number by the other, as a share and as a multiple; nothing by zero."""
    if not other.value:
        return
    share = abs(one.value / other.value)
    how = f"{shown(one)} ÷ {shown(other)}"
    yield Reckoned(share * 100, "%", (one, other), how, sole and share < 1)
    yield Reckoned(share, "times", (one, other), how, sole)


def shown(operand: Operand) -> str:
    return f"{(operand.value / operand.scale).normalize():f}"
