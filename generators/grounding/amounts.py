"""How many of something there are, said without a numeral: one crane, a single crane, zero cranes, dozens of cranes.

"One" is mostly no number, and "hundreds" none in particular; but where the text counts the same thing, it may be
another count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ...retrievers.analysis import analyse
from .cited import Cited
from .facts import Facts, content, counted
from .findings import ABOUT, Finding
from .prose import share
from .tables import values_in

_NOUN = r"\s+(?:of\s+|von\s+)?(?:the\s+)?([^\W\d_]{3,})"
_AMOUNTS = tuple(
    (re.compile(rf"\b(?:{words}){_NOUN}", re.I), Decimal(least), Decimal(most))
    for words, least, most in (
        (r"one|(?:only )?one single|a single|ein(?:e[mnrs]?)? einzige[mnrs]?|une? seule?", 1, 1),
        (r"zero|null|zéro", 0, 0),
        (r"dozens|Dutzende|(?:des )?dizaines", 20, 999),
        (r"hundreds|Hunderte|(?:des )?centaines", 200, 9_999),
        (r"thousands|Tausende|(?:des )?milliers", 2_000, 999_999),
    )
)


class Amount(NamedTuple):
    """From `least` to `most` of what `noun` (its stems) names."""

    noun: frozenset[str]
    least: Decimal
    most: Decimal


def amounts_in(text: str) -> Iterator[Amount]:
    for form, least, most in _AMOUNTS:
        for match in form.finditer(text):
            if noun := content(match[1]):
                yield Amount(noun, least, most)


def in_amounts(amount: Amount, facts: Facts, sources: Cited) -> Finding:
    """`contradicted` if what is cited counts the same and never comes to that many; else there is nothing to say."""
    rival = Finding("supported")
    for sentence in sources.sentences:
        if sentence.covers(facts.words - amount.noun) < ABOUT:
            continue
        text = sentence.facts.text
        counts = [n for n in sentence.facts.numbers if not n.year and share(amount.noun, counted(n, text)) == 1]
        alike = any(other.least == amount.least and share(amount.noun, other.noun) == 1 for other in amounts_in(text))
        if alike or any(amount.least <= n.value <= amount.most for n in counts):
            return Finding("supported")
        for number in counts[:1]:
            said = f"the text says {text[number.start : number.end]}"
            rival = Finding("contradicted", sentence.pieces, said)
    for table in sources.tables:
        stems = analyse(facts.text)
        rows, columns = table.rows_named((), stems), table.columns_named((), stems)
        here = [f for f in values_in(table.figures, rows, columns) if rows and not f.number.year]
        here = [f for f in here if any(share(amount.noun, content(c.text)) == 1 for c in table.around(f.cell)[1:])]
        values = [f.number.value * (1 if f.number.scale else f.scale or 1) for f in here]
        if any(amount.least <= value <= amount.most for value in values):
            return Finding("supported")
        if here:
            rival = Finding("contradicted", table.pieces(here[0].cell), f"the table says {table.said(here[0].cell)}")
    return rival
