"""Counts the rows of a table for which something holds: "three teams won more than ten matches"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

from ...retrievers.analysis import analyse
from .facts import Facts
from .findings import Finding
from .numbers import Number
from .reckoning import MEAN, SUM
from .tables import Table

_TESTS: tuple[tuple[str, Callable[[Decimal, Decimal], bool]], ...] = (
    (r"(?:at least|mindestens)\s*$", operator.ge),
    (r"(?:at most|no more than|up to|höchstens)\s*$", operator.le),
    (r"(?:more than|over|above|mehr als|über)\s*$", operator.gt),
    (r"(?:fewer than|less than|under|below|weniger als|unter)\s*$", operator.lt),
    ("", operator.eq),
)


def counted(claim: Facts, tables: Sequence[Table]) -> dict[Number, Finding]:
    """What a count and its limit come to, if the claim counts the rows of a table.

    It does when it has two numbers, names one column and no row, and the noun of the first number is the name of the
    column of labels.
    """
    numbers = [n for n in claim.numbers if not n.year]
    if len(numbers) != 2 or SUM.search(claim.text) or MEAN.search(claim.text):
        return {}
    count, limit = numbers
    noun = analyse(claim.text[count.end : limit.start])[:1]
    for table in tables:
        things = [stem for cell in table.names.get(0, ()) for stem in analyse(cell.text)]
        columns = table.columns_named((), analyse(claim.text))
        if not set(noun) & set(things) or len(columns) != 1 or table.rows_named((), analyse(claim.text)):
            continue
        before = claim.text[max(0, limit.start - 20) : limit.start]
        test = next(holds for words, holds in _TESTS if re.search(words, before, re.I))
        figures = [f for f in table.figures if f.cell.col == columns[0] and not f.number.year]
        held = [f for f in figures if test(f.number.readings[0], limit.readings[0])]
        pieces = tuple(dict.fromkeys(piece for f in held for piece in table.pieces(f.cell)))
        right = Decimal(len(held)) == count.readings[0]
        finding = Finding("derived" if right else "contradicted", pieces, f"{len(held)} of {len(figures)} rows", 1.0)
        return {count: finding, limit: Finding("supported", pieces, "", 1.0)}
    return {}
