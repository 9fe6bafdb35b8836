"""Differences, changes in per cent, sums, means and ratios of cited numbers, each with what it was made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from .agreement import units_agree
from .facts import Facts
from .numbers import Number
from .prose import Piece
from .sense import direction, reckoned, statement
from .units import same_measure

# What is more by a measure, and what is less; what is swift takes less of a time, and has more of a speed.
_ABOVE = (
    r"heavier|taller|wider|bigger|greater|older|deeper|thicker|stronger|dearer|warmer|hotter|schwerer|größer"
    r"|länger|breiter|älter|teurer"
)
_BELOW = (
    r"lighter|cheaper|younger|narrower|thinner|weaker|colder|cooler|leichter|kürzer|schmaler|jünger|billiger"
    r"|günstiger"
)
_SWIFT, _SLOW = r"faster|quicker|ahead|schneller", r"slower|behind|langsamer"
_COMPARED = re.compile(
    rf"\s*(?:[^\W\d_]+\s+){{0,2}}?(?:(?P<above>{_ABOVE})|(?P<below>{_BELOW})|(?P<swift>{_SWIFT})|(?P<slow>{_SLOW})"
    r"|higher|lower|longer|shorter|larger|smaller"
    r"|(?:more|less|fewer|mehr|weniger|\w{3,}er)(?=(?:\W+\w+){0,4}? (?:than|als)\b(?! \d)))\b",
    re.I,
)
ADDED = re.compile(
    r"\b(?:altogether|add(?:s|ed|ing)? up|come to|together|combined|zusammen|ergeben|ensemble|au total)\b", re.I
)
TOGETHER = re.compile(r"\b(?:together|combined|zusammen|ensemble)\b", re.I)  # all that is named
_CONCLUDED = re.compile(
    r"\b(?:therefore|thus|hence|consequently|saves?|saving|daher|somit|folglich|donc)\b|, so (?!that)", re.I
)
_CHANGED = re.compile(  # a "by" that does not stand right before its number, or is French
    r"\b(?:rose|risen|rises?|fell|fallen|falls?|grew|grown|increased?|decreased?|declined?|dropped)\b[^,;\d]{0,40}\bby\b"
    r"|\b(?:augment|progress|diminu|baiss|recul)\w*(?: \w+){0,3} d[e’']\s?(?:environ |près de )?$",
    re.I,
)
CHANGE = re.compile(
    r"\b(?:by|chang\w*|growth|differ\w*|increas\w*|decreas\w*|declin\w*|rise|drop\w*|fell|rose|grew"
    r"|(?<!made )(?<!make )(?<!makes )(?<!add )(?<!adds )(?<!added )up|down"
    r"|gap|exceed\w*|more|less|fewer|mehr|weniger|not|rest|remain\w*|higher|lower|longer|larger|above|below|ahead|behind|spans?"
    rf"|range[sd]?|between|{_ABOVE}|{_BELOW}|{_SWIFT}|{_SLOW}|\w{{3,}}er(?=.{{0,80}}\bthan\b)|saves?"
    r"|augment\w*|progress[eé]\w*|diminu\w*|baiss\w*|recul\w*|hausse|de plus|de moins|um"
    r"|Anstieg|Rückgang|Differenz|Unterschied|stieg|sank|wuchs)\b|增加|减少|上升|下降|增长",
    re.I,
)
SUM = re.compile(
    r"\b(?:total\w*|sum|together|combined|altogether|in all|jointly|both|overall|add(?:s|ed|ing)? up"
    r"|come to|au total|ensemble|zusammen|insgesamt|Summe)\b|共|合计",
    re.I,
)
RATIO = re.compile(
    r"\b(?:times|ratio|shares?|proportion|percentage of|per ?cent of|of the|margin|accounted|made up|twice|half|fold"
    r"|per|make up|makes up|Anteil|Verhältnis|-?fach\w*|mal|entfiel\w*|Prozent de[rs]|représent\w*|part)\b"
    r"|%\s+(?:of|des?|du|de[rs])\b|\dx\b",
    re.I,
)
MEAN = re.compile(r"\b(?:average\w*|mean|on average|Durchschnitt\w*|durchschnittlich|Mittel)\b|平均", re.I)
SHARES = ("%", "pp", "bp", "times")
_TIMES = ("second", "minute", "hour", "day", "week", "month", "year")


def compared(text: str, number: Number) -> bool:
    """Whether a claim says by how much one is more than another ("9 points ahead of"): no cell by itself holds that."""
    return _COMPARED.match(text, number.end) is not None


def reckons(text: str, number: Number) -> bool:
    """Whether a claim says that it worked a number out, so that it need not stand where others of its unit do."""
    part, before = statement(text, number.start, number.end), text[max(0, number.start - 60) : number.start]
    changed = _CHANGED.search(before)
    said = changed or ADDED.search(part) or _CONCLUDED.search(text)
    return bool(said) or reckoned(text, number) or compared(text, number)


def way(text: str, number: Number) -> int:
    """1 when a claim says that something rose or is more, -1 when it fell or is less, 0 when neither or both."""
    found = _COMPARED.match(text, number.end)
    kind = found.lastgroup if found else None
    if kind in ("above", "below"):
        return 1 if kind == "above" else -1
    if kind in ("swift", "slow"):
        return (1 if kind == "swift" else -1) * (-1 if number.unit in _TIMES else 1)
    return direction(text)


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
    return number.unit == "%" or units_agree(number.unit, unit)


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
    if len(operands) < 2 or len({same_measure(o.value, o.unit)[1] for o in operands if o.unit}) > 1:
        return
    if len({o.unit for o in operands}) > 1 and all(o.unit for o in operands):  # 900 g and 12 kg
        measured = [(o, *same_measure(o.value, o.unit)) for o in operands]
        operands = [o._replace(value=value, unit=unit) for o, value, unit in measured]
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
