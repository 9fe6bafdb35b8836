"""Looks a number of a claim up in tables and figures: in the rows and columns, over the marks that the claim names."""

from __future__ import annotations

from collections.abc import Sequence

from ...ingest.text.words import join, union_box
from ...ingest.types import Place, Region
from ...retrievers.analysis import analyse
from ..figures import readings
from .agreement import agree, units_agree
from .facts import Facts, content, counted
from .findings import Finding
from .numbers import Number, numbers_in
from .prose import Piece, Sentence, clause
from .reckoning import reckons
from .sense import one_denies, reached, reckoned
from .superlatives import surpassed
from .tables import Figure, Table, signs_agree, values_in


def in_table(number: Number, claim: Facts, table: Table) -> Finding:
    """A number in a table: in the rows and columns that the claim names."""
    mine = part(claim.text, number)
    rows = table.rows_named(analyse(mine), analyse(claim.text))
    columns = _columns(number, claim, table, mine)
    if number.year:
        year = int(number.readings[0])
        if year in table.years.values() or year in (table.row_years.get(row) for row in rows):
            return Finding("supported")
        dated = {f.cell.col for f in table.figures if f.number.year}
        if len(claim.numbers) > 1:
            columns = table.columns_named(analyse(mine), ()) or [col for col in columns if col in dated]
    elif _is_name(number, claim.text, table):
        return Finding("supported")
    figures = [f for f in table.figures if f.number.year == number.year or agree(number, f.number)]
    allowed = values_in(figures, rows, columns)
    if number.unit == "%" and not reckoned(claim.text, number):
        # Where the table speaks of no share, there is none.
        same = [f for f in allowed if rows and f.number.readings[0] == number.readings[0] and not table.gives_share(f)]
        if same:
            return Finding("contradicted", table.pieces(same[0].cell), "the table gives no share")
        allowed = [f for f in allowed if f.number.unit == "%" or table.gives_share(f)]
    for figure in allowed:
        if agree(number, figure.number, figure.scale, figure.unit):
            if against := _against(number, claim, table, figure):
                return Finding("contradicted", table.pieces(figure.cell), against, 1.0)
            if not rows and not columns:
                return Finding("absent")
            strength = 1.0 if rows else 0.5
            said = table.said(figure.cell)
            denied = one_denies(claim.text, number, said, figure.number._replace(start=0, end=len(said)))
            return Finding("supported" if rows else "unchecked", table.pieces(figure.cell), "", strength, denied=denied)
    misread = [f for f in allowed if rows and number.unit and f.number.readings[0] == number.readings[0]]
    if misread:
        return Finding(
            "contradicted", table.pieces(misread[0].cell), f"the table says {table.said(misread[0].cell)}", 0.8
        )
    if reckons(claim.text, number):
        return Finding("absent")
    known = [f for f in allowed if not number.unit or not (f.number.unit or f.unit) or _comparable(number, f)]
    if number.unit and not columns:
        known = [f for f in known if number.unit in (f.number.unit, f.unit)]
    if rows and known and (columns or len({f.cell.col for f in known}) == 1):
        figure = known[0]
        return Finding("contradicted", table.pieces(figure.cell), f"the table says {table.said(figure.cell)}", 1.0)
    elsewhere = [f for f in figures if agree(number, f.number, f.scale, f.unit)]
    if number.unit == "%":  # 49 goals are no 47%
        elsewhere = [f for f in elsewhere if f.number.unit == "%" or table.gives_share(f)]
    if elsewhere and rows:
        return Finding("contradicted", table.pieces(elsewhere[0].cell), f"that is {table.said(elsewhere[0].cell)}", 0.5)
    return Finding("absent")


def _against(number: Number, claim: Facts, table: Table, figure: Figure) -> str:
    """Why the cell of that row, column and value still says something else: its sign, or where it came from."""
    names = " ".join(cell.text for cell in table.around(figure.cell)[1:])
    if not signs_agree(number, figure, claim, names):
        return f"the table says {table.said(figure.cell)}"
    if not number.unit and table.is_share(figure) and counted(number, claim.text):
        return "the table gives shares"
    if more := surpassed(claim, table, figure):
        return more
    row, col = figure.cell.row, figure.cell.col
    along = table.in_time([f for f in table.figures if f.cell.row == row], [col])
    along = along or table.down_in_time([f for f in table.figures if f.cell.col == col], [row])
    at = along.index(figure) if figure in along else 0
    step = abs(figure.number.readings[0]) - abs(along[at - 1].number.readings[0]) if at else 0
    if step * reached(claim.text, number) < 0 and not figure.number.negative:
        return f"it came from {along[at - 1].cell.text}"
    return ""


def _is_name(number: Number, text: str, table: Table) -> bool:
    """Whether a number is what a column is named ("bus 103"): it follows what it is the number of."""
    before = text[: number.start].split()
    return text[number.start : number.end] in table.column_names and bool(before and content(before[-1]))


def part(text: str, number: Number) -> str:
    """The clause of a number."""
    span = clause(text, number.start, number.end)
    return text[span.start : span.end]


def _columns(number: Number, claim: Facts, table: Table, mine: str) -> list[int]:
    """The columns named by the number's clause; else by the claim without other numbers' clauses; else its years.

    Of several, those whose unit may be the number's.
    """
    dated = table.years
    others = [n for n in claim.numbers if n != number and not (n.year and int(n.readings[0]) in dated.values())]
    rest = claim.text
    for other in {part(claim.text, n) for n in others} - {mine}:
        rest = rest.replace(other, " ")
    found = table.columns_named(analyse(mine), analyse(rest))
    several = len([n for n in claim.numbers if not n.year]) > 1
    fitting = {f.cell.col for f in table.figures if number.unit and number.unit in (f.number.unit, f.unit)}
    if several and fitting:
        found = [col for col in found if col in fitting] or (sorted(fitting) if len(fitting) == 1 else found)
    shares = {f.cell.col for f in table.figures if "%" in (f.unit, f.number.unit)}
    if any((col in shares) == (number.unit == "%") for col in found):
        found = [col for col in found if (col in shares) == (number.unit == "%")]
    return found or [col for col in table.columns_named((), analyse(claim.text)) if col in dated]


def _comparable(number: Number, figure: Figure) -> bool:
    """Whether a cell holds what the claim's number says in another way: the same unit, or the same digits."""
    unit = figure.number.unit or figure.unit
    return units_agree(number.unit, unit) or number.readings[0] == figure.number.readings[0]


def in_figure(number: Number, claim: Facts, region: Region, sentences: Sequence[Sentence]) -> Finding:
    """A number in a figure: over a mark of an axis that the claim names, or in a label with a word of the claim.

    What is not printed, or printed beside others, only the picture tells.
    """
    said = _stems(claim.text)
    about = Table(region.model_copy(update={"cells": ()})).about
    for mark, values in readings([w for w in region.words if w.source != "vlm"]):
        if not (name := _stems(join(mark)[0])) or not name <= said:
            continue
        found = [(value, n) for value in values for n in numbers_in(join(value)[0], region.source == "ocr")]
        for value, n in found:
            if agree(number, n, *about):
                pieces = tuple(
                    Piece(region.id, Place(region.page, union_box(words)), join(words)[0]) for words in (value, mark)
                )
                return Finding("supported" if len(found) == 1 else "unchecked", pieces, "", 1.0)
    for sentence in sentences:
        if sentence.facts.words & claim.words and any(agree(number, n, *about) for n in sentence.facts.numbers):
            return Finding("supported", sentence.pieces, "", 0.5)
    seen = [s for s in sentences if any(agree(number, n, *about) for n in s.facts.numbers)]
    return Finding("unchecked", seen[0].pieces if seen else ())


def _stems(text: str) -> frozenset[str]:
    return frozenset(analyse(text))
