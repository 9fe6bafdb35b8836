"""Whether a table shows a greater number than the one that a claim calls the greatest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from ...retrievers.analysis import analyse
from .facts import Facts
from .sense import clauses
from .tables import Figure, Table
from .units import same_measure

_SUPERLATIVE = re.compile(
    r"(?<!\bat )\b(?:(?P<most>most|highest|largest|greatest|biggest|longest|tallest|heaviest|meisten?|höchste[nrs]?"
    r"|größte[nrs]?|längste[nrs]?)|(?:fewest|least|lowest|smallest|shortest|lightest|wenigsten?|niedrigste[nrs]?"
    r"|kleinste[nrs]?|geringste[nrs]?|kürzeste[nrs]?))\b",
    re.I,
)
_OF_WHAT = re.compile(r"\b(?:in|at|with|of|for|by|on|im|am|mit|von|bei|war|was|were|is|are|ist)\b|\d", re.I)
_OF_SOME = re.compile(  # the second highest, the highest of the small ones
    r"\b(?:second|third|(?:four|fif|six|seven|eigh|nin|ten)th|\d+(?:nd|rd|th)|next|one of|among|after|behind|of the"
    r"|except|other|outside|zweit\w*|dritt\w*|nach|unter den|außer)\b",
    re.I,
)


def surpassed(claim: Facts, table: Table, figure: Figure) -> str:
    """The row or column that holds more than a figure that a claim calls the highest, or less than the lowest.

    The superlative must be of what the row or the column is named for: the highest mountain may have the fewest huts.
    Totals are not compared with their parts.
    """
    part = next((part for part in clauses(claim.text) if _SUPERLATIVE.search(part)), "")
    found = _SUPERLATIVE.search(part)
    if found is None or _OF_SOME.search(claim.text):
        return ""
    after = _OF_WHAT.split(part[found.end() :])[0]
    of = frozenset(analyse(after) or analyse(part[: found.start()]))
    cell = figure.cell
    along = table.in_time([f for f in table.figures if f.cell.row == cell.row], [cell.col])
    down = [f for f in table.figures if f.cell.col == cell.col]
    if of & table.stems_of_row(cell.row) and along:
        line = along
    elif of & table.stems_over(cell.col):
        line = [f for f in down if f.number.year == figure.number.year and not _is_total(f, down)]
    else:
        return ""
    way, (mine, unit) = 1 if found["most"] else -1, _value(figure)
    beyond = [
        (value * way, f) for f in line for value, other in [_value(f)] if other == unit and value * way > mine * way
    ]
    return f"the table says {table.said(max(beyond, key=lambda one: one[0])[1].cell)}" if beyond else ""


def _is_total(figure: Figure, down: Sequence[Figure]) -> bool:
    """Whether a figure is what the others of its column come to."""
    rest = sum((_value(f)[0] for f in down if f.cell != figure.cell), Decimal(0))
    return abs(_value(figure)[0] - rest) <= abs(rest) / 50


def _value(figure: Figure) -> tuple[Decimal, str]:
    """A figure with its sign, in the unit that all of its kind are compared in."""
    number = figure.number
    value = number.readings[0] * (number.scale or figure.scale or 1) * (-1 if number.negative else 1)
    return same_measure(value, number.unit or figure.unit)
