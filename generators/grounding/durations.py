"""How long something took: from one time of day of a table to another, from one year of a sentence to another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise

from .dates import Date
from .facts import Facts, spoken
from .findings import ABOUT
from .prose import Sentence
from .reckoning import Operand, Reckoned
from .tables import Table

_FROM = re.compile(r"\b(?:from|between|von|vom|zwischen|de)\b", re.I)
_THROUGH = re.compile(r"\s*(?:[–-]|to|until|till|and|bis|und|à)\s*", re.I)


def time_between(claim: Facts, table: Table, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Reckoned]:
    """The minutes between two times of day: of two rows in a column, or of a row that has two."""
    across = len(rows) == 1
    some = [
        (cell, dates[0])
        for cell, dates in table.dates
        if len(dates) == 1 and dates[0].clock and cell.row in rows and (across or not columns or cell.col in columns)
    ]
    if len(some) == 2 and len(rows) <= 2:
        operands = tuple(Operand(_minutes(date), Decimal(1), "minute", table.pieces(cell)) for cell, date in some)
        passed = operands[1].value - operands[0].value
        how = f"{some[1][0].text} − {some[0][0].text}"
        yield Reckoned(passed, "minute", operands, how, sole=_FROM.search(claim.text) is not None)


def years_between(claim: Facts, about: Sequence[Sentence]) -> Iterator[Reckoned]:
    """The years that a sentence which itself is about the claim gives something: "2013–2018: Senior Developer"."""
    for sentence in about:
        text, here = sentence.facts.text, f" {spoken(sentence.facts.text)} "
        others = " ".join(f" {spoken(s.facts.text)} " for s in about if s is not sentence)
        # Whom or what another one of them speaks of, this one must, too.
        elsewhere = any(said in others and said not in here for said in (f" {spoken(n)} " for n in claim.names))
        if elsewhere or sentence.alone().covers(claim.words) < ABOUT:
            continue
        for a, b in pairwise(n for n in sentence.facts.numbers if n.year):
            if _THROUGH.fullmatch(text[a.end : b.end].rstrip("0123456789")):
                first, last = (Operand(n.readings[0], Decimal(1), "year", sentence.pieces) for n in (a, b))
                yield Reckoned(last.value - first.value, "year", (first, last), f"{last.value} − {first.value}")


def _minutes(date: Date) -> Decimal:
    hours, minutes = (date.clock or "00:00").split(":")
    return Decimal(int(hours) * 60 + int(minutes))
