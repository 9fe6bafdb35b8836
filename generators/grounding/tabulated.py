"""What can be worked out from the rows and columns of a table that a claim names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations

from ...retrievers.analysis import analyse
from .agreement import units_agree
from .durations import time_between
from .facts import Facts, content_words, spoken
from .numbers import Number
from .prose import abbreviates
from .reckoning import CHANGE, RATIO, Operand, Reckoned, changes, compared, gathered, may_be, ratio
from .tables import Figure, Table, values_in

_ROWS = 8  # rows whose changes are looked at; a claim that names more of them names none
_THAN = re.compile(r"\b(?:than|ahead|behind|above|below|exceed\w*|compared|als)\b", re.I)
_BASE = re.compile(  # what is named next is what something is compared to
    r"(?:%|\bper ?cent|\bas an? \w+|\bProzent|\bals \w+) (?:of|von|de[rs])\b|\b(?:from|von|between|zwischen)\b"
    r"|^\W*(?:out )?(?:of|compared|against|relative|gegenüber|verglichen|gemessen)\b",
    re.I,
)
_AND = re.compile(r"\b(?:and|und)\b")
_SHARE_OF = re.compile(r"(?:%|\bper ?cent) of\b|\bshare|\bAnteil", re.I)
_MARGIN = re.compile(r"margin|marge\b", re.I)
_REVENUE = re.compile(r"(?:total |net )?(?:revenues?|sales|turnover)\b|umsatz", re.I)
_TOTAL = re.compile(r"(?:(?:sub-?)?total|zwischensumme|all|sum|season|summe|gesamt|insgesamt)\b", re.I)


def from_table(claim: Facts, table: Table, number: Number) -> Iterator[Reckoned]:
    """Results of the cells that the claim names, the surest first."""
    said = analyse(claim.text)
    rows, columns = table.rows_named((), said), table.columns_named((), said)
    figures = [f for f in table.figures if not f.number.year]
    alike = [f for f in figures if may_be(number, f.number.unit or f.unit)]
    if (both := either(claim, table)) and len(rows) == 1:
        pair = [_operand(table, f, number) for f in values_in(alike, rows, both)]
        yield from gathered(claim, pair, sole=True, summed=True)
    if CHANGE.search(claim.text):
        yield from _changes(claim, table, number, alike, rows[:_ROWS], columns)
    yield from _sums(claim, table, alike, rows, columns)
    if number.unit in ("minute", "hour"):
        yield from time_between(claim, table, rows, columns)
    if RATIO.search(claim.text):
        if rows and all(_TOTAL.match(table.labels[row].text) for row in rows):
            # "Chairs make up 35% of the subtotal": the part may be named less fully than the whole.
            rows = table.rows_named(analyse(claim.text[: number.start]), ()) or rows
        yield from _ratios(claim, table, figures, rows[:_ROWS], columns)


def _changes(
    claim: Facts, table: Table, number: Number, figures: Sequence[Figure], rows: Sequence[int], columns: Sequence[int]
) -> Iterator[Reckoned]:
    """From year to year or from what is named first to what is next, along a row and down a column."""
    beside = len(rows) > 1 and _THAN.search(claim.text)  # compared with each other
    along = rows
    if not rows and len(columns) == 2 and number.unit and compared(claim.text, number):
        # "The P90 is 2 kg heavier than the P40": what is measured in that unit is meant, if that is one row only.
        inside = [f for f in values_in(figures, (), columns) if f.number.unit or f.unit]
        within = {f.cell.row for f in inside if units_agree(number.unit, f.number.unit or f.unit)}
        along = sorted(within) if len(within) == 1 else rows
    for row in along:
        across = [f for f in figures if f.cell.row == row]
        here = values_in(across, [row], columns)
        if dated := [(table.years[f.cell.col], f) for f in table.in_time(across, columns)]:
            pair, sole = _in_time(dated, claim)
        elif columns:
            pair, sole = _as_said(claim, table, here), True
            if len(here) == 1 and _THAN.search(claim.text):  # "2 mg above the limit"
                pair, sole = [*here, *(f for f in across if f not in here and f.unit == here[0].unit)], False
        else:
            pair, sole = across, True
        yield from _step(table, pair, sole=sole and not beside)
    columns = columns or _shortened(table, claim, number)
    for col in columns or sorted({f.cell.col for f in figures if number.unit and f.unit == number.unit}):
        down = [f for f in figures if f.cell.col == col]
        here = values_in(down, rows, [col])
        dated = [(table.row_years[f.cell.row], f) for f in table.down_in_time(down, rows)]
        if dated and all(row in table.row_years for row in rows):
            pair, sole = _in_time(dated, claim)
        else:
            pair, sole = _as_said(claim, table, here if len(rows) == 2 else []), True
        yield from _step(table, pair, sole=sole)


def either(claim: Facts, table: Table) -> list[int]:
    """The two columns that a claim joins by "or": "satisfied or very satisfied" are both of them together."""
    said = f" {spoken(claim.text)} "
    names = {col: spoken(cells[-1].text) for col, cells in table.names.items() if col}
    for one, other in permutations((col for col, name in names.items() if name and f" {name} " in said), 2):
        if any(f" {names[one]} {word} {names[other]} " in said for word in ("or", "oder", "ou")):
            return sorted((one, other))
    return []


def _shortened(table: Table, claim: Facts, number: Number) -> list[int]:
    """The column whose name is short for what a claim counts, if it is one only: "Pts" for points."""
    found = re.match(r"\s*([^\W\d_]{4,})", claim.text[number.end :])
    noun = found[1].lower() if found else ""
    labels = max((cell.col for cell in table.labels.values()), default=0)
    names = {col: cells[-1].text.lower().rstrip(".") for col, cells in table.names.items() if col > labels}
    some = [col for col, name in names.items() if noun and abbreviates(name, noun)]
    return some if len(some) == 1 else []


def _step(table: Table, pair: Sequence[Figure], *, sole: bool) -> Iterator[Reckoned]:
    """The change between two figures. Those of one cell may be a range, "-40 to 85", or not: "12 (10)"."""
    if len(pair) == 2:
        yield from changes([_operand(table, f) for f in pair], sole=sole and pair[0].cell != pair[1].cell)


def _in_time(dated: Sequence[tuple[int, Figure]], claim: Facts) -> tuple[list[Figure], bool]:
    """Of figures by year the first and last of the years that a claim names; of one year the step to it, else the last.

    And whether the claim leaves no choice of them.
    """
    figures = [figure for _, figure in dated]
    named = [figure for year, figure in dated if year in claim.years]
    if len(named) > 1:
        return [named[0], named[-1]], True
    at = max(figures.index(named[0]) if named else len(figures) - 1, 1)
    return figures[at - 1 : at + 1], bool(named) or len(figures) == 2


def _as_said(claim: Facts, table: Table, figures: Sequence[Figure]) -> list[Figure]:
    """From which to which of two figures a difference leads: "from A to B", but "more in B than in A"."""
    if len(figures) != 2:
        return []
    named = table.as_named(figures, analyse(claim.text))
    return named[::-1] if _THAN.search(claim.text) else named


def _sums(
    claim: Facts, table: Table, figures: Sequence[Figure], rows: Sequence[int], columns: Sequence[int]
) -> Iterator[Reckoned]:
    numbers = [n for n in claim.numbers if not n.year]
    for col in columns or sorted({f.cell.col for f in figures}):
        down = [f for f in figures if f.cell.col == col]
        own = [_operand(table, f) for f in down if f.cell.row in rows] if len(rows) > 1 else []
        # "22 days in March and April"
        summed = len(numbers) == 1 and bool(_AND.search(claim.text))
        yield from gathered(claim, own, sole=len(columns) == 1)
        if summed:
            yield from gathered(claim, own, sole=False, summed=True)
        if len(rows) < 2:
            every = [_operand(table, f) for f in down if not _sums_up(table, f)]
            yield from gathered(claim, every, sole=len(columns) == 1 and not rows)
    if len(rows) == 1:
        along = values_in(figures, rows, columns)
        heads = {table.names[f.cell.col][-1].text for f in along if f.cell.col in table.names}
        years = any(n.unit == "year" and n.value == len(along) for n in numbers)  # "over the five years"
        yield from gathered(claim, [_operand(table, f) for f in along], sole=len(heads) == 1 or years)


def _ratios(
    claim: Facts, table: Table, figures: Sequence[Figure], rows: Sequence[int], columns: Sequence[int]
) -> Iterator[Reckoned]:
    base = _BASE.search(claim.text)
    whole_of = set(content_words(claim.text[base.end() :])[:1]) if base else set()
    every = columns or sorted({f.cell.col for f in figures})
    for col in every:
        down = [f for f in figures if f.cell.col == col]
        parts = [f for f in down if f.cell.row in rows]
        if len(parts) == 2:
            yield from _as_compared(claim, table, parts, sole=len(columns) == 1)
        totals = [f for f in down if _sums_up(table, f)]
        revenue = [f for f in down if _MARGIN.search(claim.text) and _REVENUE.match(table.labels[f.cell.row].text)]
        for figure in parts:
            part = _operand(table, figure)
            kinds = [f for f in down if f.cell.row in table.kinds_of(figure.cell.row)]
            for whole in (*revenue, *kinds):
                yield from ratio(part, _operand(table, whole), sole=False)
            if whole_of & table.stems_of_row(figure.cell.row):
                continue  # "25% of the pumps" are no share of all that is in the column
            for whole in totals:
                yield from ratio(part, _operand(table, whole), sole=False)
            if not totals and (columns or len(every) == 1) and _SHARE_OF.search(claim.text):
                yield from ratio(part, _together([_operand(table, f) for f in down]), sole=False)
    if len(rows) == 1:
        along = values_in(figures, rows, columns)
        if len(along) == 2:
            yield from _as_compared(claim, table, along, sole=False)
        elif len(along) == 1 and _SHARE_OF.search(claim.text):
            wholes = [f for f in figures if f.cell.row == rows[0] and f.unit == along[0].unit]
            for whole in wholes:
                yield from ratio(_operand(table, along[0]), _operand(table, whole), sole=False)


def _as_compared(claim: Facts, table: Table, pair: Sequence[Figure], *, sole: bool) -> Iterator[Reckoned]:
    """The first that a claim names by the second: "A has twice as many as B", but "6% of B are A"."""
    base = _BASE.search(claim.text)
    named = table.as_named(pair, analyse(claim.text[base.end() if base else 0 :]))
    one, other = (_operand(table, f) for f in (named[::-1] if base else named))
    yield from ratio(one, other, sole=sole)


def _together(operands: Sequence[Operand]) -> Operand:
    pieces = tuple(dict.fromkeys(piece for one in operands for piece in one.pieces))
    return operands[0]._replace(value=sum((one.value for one in operands), Decimal(0)), pieces=pieces)


def _operand(table: Table, figure: Figure, said: Number | None = None) -> Operand:
    """A figure to reckon with; one without a unit is in per cent, as the number `said` is, if the table may say so."""
    number = figure.number
    scale = number.scale or figure.scale or Decimal(1)
    value = number.readings[0] * scale * (-1 if number.negative else 1)
    share = "%" if said and said.unit == "%" and table.gives_share(figure) else ""
    return Operand(value, scale, number.unit or figure.unit or share, table.pieces(figure.cell))


def _sums_up(table: Table, figure: Figure) -> bool:
    return bool(_TOTAL.match(table.labels[figure.cell.row].text))
