"""Whether a number of a claim says what a printed one does."""

from __future__ import annotations

import operator
from decimal import Decimal

from .numbers import Number
from .units import same_measure

BOUNDS = {"more": operator.gt, "least": operator.ge, "less": operator.lt, "most": operator.le}
_OPPOSITE = [{above, below} for above in ("more", "least") for below in ("less", "most", "up")]
_SHARES = frozenset(["%", "pp", "bp", "times"])


def agree(said: Number, found: Number, scale: Decimal | None = None, unit: str = "") -> bool:
    """Whether a claim's number says what a printed one does, apart from the sign.

    `scale` and `unit` are what the surroundings of the printed number say of it ("in millions of euros"). A claim may
    round what is printed, and may leave out its scale together with its unit; it may not be more exact.
    """
    unit = found.unit or unit
    worth = found.scale or scale
    if not units_agree(said.unit, unit) or (found.year and said.unit) or (worth and not unit and said.unit in _SHARES):
        return False
    if {said.hedge, found.hedge} in _OPPOSITE:
        return False
    if not found.hedge and _within(said, found.readings[0] * (worth or 1), unit):
        return True
    if found.hedge in (said.hedge, "about"):
        said = said._replace(hedge=said.hedge and "about")  # "over 14" is what the text says, too
    exact = bool(said.unit) and not unit and not said.hedge  # only what has the same unit is rounded
    if not exact and near(said, said.readings[0], found.readings[0], worth, unit):
        return True
    # Other readings of 1.234 and 1,234 must be equal: the same digits in other groups, of the same scale and unit.
    if (said.scale and worth and said.scale != worth) or (said.unit and unit and said.unit != unit):
        return False
    if said.hedge in ("more", "less"):
        return False
    return any(mine * (said.scale or 1) == theirs * (worth or 1) for mine in said.readings for theirs in found.readings)


def _within(said: Number, found: Decimal, unit: str) -> bool:
    """Whether a number keeps to the bound that is said ("more than 300"), and not by so much that another is meant."""
    if said.hedge not in BOUNDS or bool(said.unit) != bool(unit):
        return False
    bound, value = same_measure(said.value, said.unit)[0], same_measure(found, unit)[0]
    return BOUNDS[said.hedge](value, bound) and max(value, bound) <= 2 * min(value, bound)


def near(said: Number, mine: Decimal, theirs: Decimal, scale: Decimal | None, unit: str) -> bool:
    """Whether `mine`, a reading of what is said, is `theirs` rounded; a hedge ("about", "over") allows a twentieth.

    `scale` and `unit` are those of `theirs`. Who says no scale and no unit speaks in the scale of what is cited.
    """
    step = Decimal(1).scaleb(int(mine.as_tuple().exponent))
    factors = {said.scale or Decimal(1)}
    if said.scale is None and scale and not said.unit:
        factors.add(scale)
    for factor in factors:
        one, half, other = mine * factor, step * factor / 2, theirs * (scale or 1)
        if unit and said.unit:
            one, half = (same_measure(value, said.unit)[0] for value in (one, half))
            other = same_measure(other, unit)[0]
        too_far = said.hedge in BOUNDS and not BOUNDS[said.hedge](other, one)
        apart, room = abs(one - other), abs(other) / 20
        if not too_far and (apart <= min(half, room) or (said.hedge and apart <= room)):
            return True
    return False


def units_agree(one: str, other: str) -> bool:
    """Whether two units are the same, or one of them is not known."""
    return not one or not other or same_measure(Decimal(1), one)[1] == same_measure(Decimal(1), other)[1]
