"""Looks a date or time of day of a claim up: in sentences that are about it, in the rows and columns that it names."""

from __future__ import annotations

from collections.abc import Sequence

from ...ingest.types import Cell
from ...retrievers.analysis import analyse
from ..types import Support
from .cited import Cited
from .dates import Date
from .facts import Facts, without
from .findings import ABOUT, Finding, better
from .prose import clause, names_others
from .sense import one_denies, timed_apart
from .slots import another_subject
from .tables import Table, spans


def in_dates(date: Date, facts: Facts, sources: Cited) -> Finding:
    """A date in what is cited; its year may stand anywhere there."""
    best = _in_text(date, facts, sources)
    for table in sources.tables:
        best = better(best, _in_table(date, facts, table, sources))
    if best.support == "absent" and any(date.agrees(d) for d in sources.context.dates):
        return Finding("supported")
    return best


def _in_text(date: Date, facts: Facts, sources: Cited) -> Finding:
    best = Finding("absent")
    for sentence in sources.printed:
        covered, text = sentence.covers(facts.words), sentence.facts.text
        agreeing = [d for d in sentence.facts.dates if date.agrees(d)]
        if agreeing and (
            name := names_others(text, sources.told, sentence.facts.names, facts)
            or another_subject(facts, sentence, sources.subjects, agreeing[0].start)
        ):
            best = better(best, Finding("contradicted", sentence.pieces, f"the text says it of {name}", covered))
        elif agreeing:
            denied = one_denies(facts.text, date, text, agreeing[0])
            apart = timed_apart(facts.text, date, text, agreeing[0])
            kind = "unchecked" if apart else _of_year(date, agreeing, sources)
            best = better(best, Finding(kind, sentence.pieces, "", covered, denied=denied))
        elif covered >= ABOUT and (others := _instead(date, facts, sentence.facts.dates)):
            said = text[others[0].start : others[0].end]
            best = better(best, Finding("contradicted", sentence.pieces, f"the text says {said}", covered))
    return best


def _in_table(date: Date, facts: Facts, table: Table, sources: Cited) -> Finding:
    """A date in a table: in the rows and columns that the claim names by other words, else as the label of a row."""
    bare, part = without(facts.text, facts.dates), clause(facts.text, date.start, date.end)
    mine, whole = analyse(bare[part.start : part.end]), analyse(bare)
    agreeing = [cell for cell, dates in table.dates if any(date.agrees(d) for d in dates)]
    rows = table.rows_named(mine, whole) or table.rows_about(facts.words)
    rows = rows or [cell.row for cell in agreeing if _leads(cell, table)]
    columns = table.columns_named(mine, whole)
    others: list[Cell] = []
    for cell, dates in table.dates:
        if cell.row in rows and (not columns or spans(cell, columns) or _leads(cell, table)):
            if cell in agreeing:
                said, kind = table.said(cell), _of_year(date, [d for d in dates if date.agrees(d)], sources)
                denied = one_denies(facts.text, date, said, date._replace(start=0, end=len(said)))
                return Finding(kind, table.pieces(cell), "", 1.0, denied=denied)
            others += [cell for _ in _instead(date, facts, dates)[:1]]
    if others:
        return Finding("contradicted", table.pieces(others[0]), f"the table says {table.said(others[0])}", 1.0)
    if rows and agreeing:
        return Finding("contradicted", table.pieces(agreeing[0]), f"that is {table.said(agreeing[0])}", 0.5)
    return Finding("unchecked" if agreeing else "absent")


def _leads(cell: Cell, table: Table) -> bool:
    return table.labels[cell.row] == cell


def _instead(date: Date, facts: Facts, printed: Sequence[Date]) -> list[Date]:
    """The dates of the same kind that the claim does not speak of."""
    others = [d for d in printed if not any(mine.agrees(d) for mine in facts.dates)]
    return [d for d in others if (d.clock is None) == (date.clock is None)]


def _of_year(date: Date, agreeing: Sequence[Date], sources: Cited) -> Support:
    """Whether the year of a date is printed with it or elsewhere; one that only the question has proves nothing."""
    if not date.year or any(d.year for d in agreeing) or str(date.year) in sources.text.split():
        return "supported"
    return "unchecked" if date.year in sources.known.years else "absent"
