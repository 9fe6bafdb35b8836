"""Recomputes what a claim worked out itself: differences, changes in per cent, sums, ratios and means of cited numbers.

A claim must say that it reckons ("rose by", "in total", "times"), and the numbers are those of the rows and columns
that it names, or of the sentences that are about it: among all numbers of a table, some pair always fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from typing import NamedTuple

from ...retrievers.analysis import analyse
from .agreement import near
from .facts import Facts
from .findings import ABOUT, COVERED, Finding, direction
from .numbers import Number
from .prose import Piece, Sentence
from .tables import Figure, Table, cells_of, values_in

_CHANGE = re.compile(
    r"\b(?:by|chang\w*|growth|differ\w*|increas\w*|decreas\w*|declin\w*|rise|drop\w*|fell|rose|grew|up|down|gap|exceed\w*"
    r"|more|less|fewer|not|rest|remain\w*|higher|lower|longer|larger|um|Anstieg|Rückgang|Differenz|Unterschied|stieg|sank)\b",
    re.I,
)
_SUM = re.compile(
    r"\b(?:total\w*|sum|together|combined|altogether|in all|jointly|both|overall|zusammen|insgesamt|Summe)\b", re.I
)
_RATIO = re.compile(
    r"\b(?:times|ratio|shares?|proportion|percentage of|per ?cent of|of the|margin|accounted|made up|twice|half|fold"
    r"|per|Anteil|Verhältnis|-?fach\w*|mal)\b|%\s+of|\dx\b",
    re.I,
)
_MEAN = re.compile(r"\b(?:average\w*|mean|on average|Durchschnitt\w*|durchschnittlich|Mittel)\b", re.I)
_JOINS = re.compile(r"\s*(?:to|and|or|of(?: (?:the|these|all|its|our))?|auf|und|bis|von|[–-])\s*", re.I)
_MOST = 6  # numbers of a sentence whose sums are tried


class Operand(NamedTuple):
    """A cited number that is reckoned with, with its sign and scaled."""

    value: Decimal
    scale: Decimal
    unit: str
    pieces: tuple[Piece, ...]
    row: int = -1
    col: int = -1


class Reckoned(NamedTuple):
    """A result, what it is made of, and in words how. `sole` when the claim leaves no choice of the operands."""

    value: Decimal
    unit: str
    operands: tuple[Operand, ...]
    how: str
    sole: bool = False

    @property
    def scale(self) -> Decimal:
        """What the operands are printed in; shares have no scale."""
        return Decimal(1) if self.unit in ("%", "pp", "times") else min(o.scale for o in self.operands)


def derived(number: Number, claim: Facts, tables: Sequence[Table], sentences: Sequence[Sentence]) -> Finding:
    """Whether a number of a claim can be worked out from the numbers that it cites, rounded as the claim shows it."""
    if number.year:
        return Finding("absent")
    wrong: Finding | None = None
    for result in (*_from_tables(claim, tables, number), *_from_prose(claim, sentences, number)):
        if not _comparable(number, result):
            continue
        pieces = tuple(dict.fromkeys(piece for operand in result.operands for piece in operand.pieces))
        opposite = result.value * direction(claim.text) < 0
        if not opposite and near(
            number, number.readings[0], abs(result.value) / result.scale, result.scale, result.unit
        ):
            return Finding("derived", pieces, result.how, operands=len(result.operands))
        if result.sole and wrong is None:
            said = f"{result.value / result.scale:.4g} {result.unit}".rstrip()
            wrong = Finding("contradicted", pieces, f"{result.how} gives {said}")
    return wrong or Finding("absent")


def _comparable(number: Number, result: Reckoned) -> bool:
    """Percent for percent, money for money; a result without unit stands for any unit but these."""
    if result.unit in ("%", "pp", "times"):
        return number.unit == result.unit
    return number.unit not in ("%", "pp", "bp", "times") and (
        not number.unit or not result.unit or number.unit == result.unit
    )


def _from_tables(claim: Facts, tables: Sequence[Table], number: Number) -> Iterator[Reckoned]:
    for table in tables:
        said = analyse(claim.text)
        rows = table.rows_named((), said)
        columns = table.columns_named((), said)
        figures = [f for f in table.figures if not f.number.year]
        by_year = {year: col for col, year in table.years().items()}
        named = sorted(by_year[y] for y in claim.years if y in by_year)
        if _CHANGE.search(claim.text):
            for row in rows:
                across = [f for f in figures if f.cell.row == row]
                yield from _changes(
                    [_operand(table, f) for f in _in_time(across, table, claim)],
                    number,
                    len(named) > 0 or len(across) == 2,
                )
            for col in columns or sorted({f.cell.col for f in figures if number.unit and f.unit == number.unit}):
                down = [f for f in values_in(figures, rows, [col])]
                if len(down) == 2:
                    yield from _changes([_operand(table, f) for f in down], number, len(rows) == 2)
        for col in columns or sorted({f.cell.col for f in figures}):
            own = [_operand(table, f) for f in values_in(figures, rows, [col])] if len(rows) > 1 else []
            every = [_operand(table, f) for f in figures if f.cell.col == col and not _sums_up(table, f)]
            yield from _gathered(claim.text, own, sole=bool(columns) and len(columns) == 1)
            if len([n for n in claim.numbers if not n.year]) == 1 and re.search(r"\b(?:and|und)\b", claim.text):
                yield from _gathered("sum", own, sole=False)  # "22 days in March and April"
            if not own or len(rows) == 1:
                yield from _gathered(claim.text, every, sole=False)
            if _RATIO.search(claim.text):
                yield from _ratios(own, sole=len(own) == 2 and len(columns) == 1)
                whole = [_operand(table, f) for f in figures if f.cell.col == col and _sums_up(table, f)]
                for part in [_operand(table, f) for f in values_in(figures, rows, [col])]:
                    yield from (r for w in whole for r in _ratios([part, w], sole=False))
        if len(rows) == 1:
            along = [_operand(table, f) for f in values_in(figures, rows, columns)]
            yield from _gathered(claim.text, along, sole=False)
            if _RATIO.search(claim.text) and len(along) == 2:
                yield from _ratios(along, sole=False)


def _in_time(figures: Sequence[Figure], table: Table, claim: Facts) -> list[Figure]:
    """The two cells of a row that a change leads from and to: of the years named, or of one and the year before."""
    years = table.years()
    dated = sorted((f for f in figures if f.cell.col in years), key=lambda f: years[f.cell.col])
    named = [f for f in dated if years[f.cell.col] in claim.years]
    if len(named) >= 2:
        return [named[0], named[-1]]
    if len(named) == 1:
        at = dated.index(named[0])
        return dated[at - 1 : at + 1] if at else dated[at : at + 2]
    if dated:
        return dated[-2:]
    return list(figures) if len(figures) == 2 else []


def _changes(pair: Sequence[Operand], number: Number, sole: bool) -> Iterator[Reckoned]:
    if len(pair) != 2:
        return
    a, b = pair
    operands = (a, b)
    if a.value < 0 and b.value < 0:  # costs, printed as negative
        a, b = a._replace(value=-a.value), b._replace(value=-b.value)
    if a.unit == "%" and b.unit == "%":
        yield Reckoned(b.value - a.value, "pp", operands, f"{_n(b)} − {_n(a)}", sole and number.unit == "pp")
    else:
        yield Reckoned(b.value - a.value, a.unit or b.unit, operands, f"{_n(b)} − {_n(a)}", sole and number.unit != "%")
    if a.value:
        change = (b.value - a.value) / abs(a.value) * 100
        yield Reckoned(change, "%", operands, f"({_n(b)} − {_n(a)}) ÷ {_n(a)}", sole and number.unit == "%")


def _gathered(text: str, operands: Sequence[Operand], *, sole: bool) -> Iterator[Reckoned]:
    """The sum and the mean of numbers of one unit."""
    if len(operands) < 2 or len({o.unit for o in operands if o.unit}) > 1:
        return
    unit = next((o.unit for o in operands if o.unit), "")
    whole = sum((abs(o.value) for o in operands), Decimal(0))
    if _SUM.search(text):
        yield Reckoned(whole, unit, tuple(operands), " + ".join(map(_n, operands)), sole)
    if _MEAN.search(text):
        how = f"({' + '.join(map(_n, operands))}) ÷ {len(operands)}"
        yield Reckoned(whole / len(operands), unit, tuple(operands), how, sole and not _SUM.search(text))


def _ratios(operands: Sequence[Operand], *, sole: bool) -> Iterator[Reckoned]:
    if len(operands) != 2 or not all(o.value for o in operands):
        return
    for a, b in (operands, operands[::-1]):
        share = abs(a.value / b.value)
        yield Reckoned(share * 100, "%", (a, b), f"{_n(a)} ÷ {_n(b)}", sole and share < 1)
        yield Reckoned(share, "times", (a, b), f"{_n(a)} ÷ {_n(b)}", sole and share > 1)


def _from_prose(claim: Facts, sentences: Sequence[Sentence], number: Number) -> Iterator[Reckoned]:
    about = [(s.covers(claim.words), s) for s in sentences]
    about = [(covered, s) for covered, s in about if covered >= COVERED]
    operands: list[Operand] = []
    for _, sentence in about:
        numbers = [n for n in sentence.facts.numbers if not n.year]
        operands += [_spoken(n, numbers, sentence) for n in numbers]
    pairs = [(a, b) for a, b in combinations(operands[: 2 * _MOST], 2) if a.unit == b.unit or _unsaid(a, b)]
    kinds = (number.unit, "%" if number.unit == "pp" else number.unit)
    of_its_kind = [p for p in pairs if (p[0].unit or p[1].unit) in kinds]
    sole = len(of_its_kind) == 1 and all(covered >= ABOUT for covered, _ in about)
    for pair in pairs:
        if _CHANGE.search(claim.text):
            yield from _changes(pair, number, sole and pair in of_its_kind)
            yield from _changes(pair[::-1], number, False)  # which of the two came first, the order does not say
        if _RATIO.search(claim.text):
            yield from _ratios(pair, sole=False)
    for size in range(2, min(len(operands), _MOST) + 1):
        for some in combinations(operands[:_MOST], size):
            yield from _gathered(claim.text, some, sole=False)


def _unsaid(a: Operand, b: Operand) -> bool:
    """Whether one of two large numbers leaves out the unit of the other: 31 million euros, 7.4 million."""
    return not (a.unit and b.unit) and a.scale == b.scale > 1


def _spoken(number: Number, beside: Sequence[Number], sentence: Sentence) -> Operand:
    """A number of a sentence; "690 to 830 thousand" and "63 of the 90 days" give the unit once."""
    scale, unit = number.scale, number.unit
    following = next((n for n in beside if n.start > number.start), None)
    between = sentence.facts.text[number.end : following.start] if following else ""
    if following and not unit and scale is None and _JOINS.fullmatch(between):
        scale, unit = following.scale, following.unit
    unit = unit or (next((n.unit for n in beside if n.scale == scale and n.unit), "") if scale else "")
    scale = scale or Decimal(1)
    return Operand(number.readings[0] * scale * (-1 if number.negative else 1), scale, unit, sentence.pieces)


def _operand(table: Table, figure: Figure) -> Operand:
    number = figure.number
    scale = number.scale or figure.scale or Decimal(1)
    value = number.readings[0] * scale * (-1 if number.negative else 1)
    return Operand(value, scale, number.unit or figure.unit, cells_of(table, figure), figure.cell.row, figure.cell.col)


def _sums_up(table: Table, figure: Figure) -> bool:
    label = table.labels.get(figure.cell.row)
    return label is not None and bool(re.match(r"(?:total|all|sum|season|summe|gesamt|insgesamt)\b", label.text, re.I))


def _n(operand: Operand) -> str:
    return f"{(operand.value / operand.scale).normalize():f}"
