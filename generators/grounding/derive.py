"""Recomputes what a claim worked out itself: differences, changes in per cent, sums, ratios and means of cited numbers.

A claim must say that it reckons ("rose by", "in total", "times"), and the numbers are those of the rows and columns
that it names, or of the sentences that are about it: among all numbers of a table, some pair always fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations, islice

from .agreement import BOUNDS, near, units_agree
from .cited import Cited
from .clauses import shared
from .durations import years_between
from .facts import Facts, content, counted, spoken
from .findings import ABOUT, COVERED, Finding
from .numbers import Number
from .prose import Sentence, alike, clause, names_others, share, years_in
from .reckoning import (
    ADDED,
    CHANGE,
    MEAN,
    RATIO,
    SHARES,
    SUM,
    TOGETHER,
    Operand,
    Reckoned,
    changes,
    gathered,
    may_be,
    ratio,
    ratios,
    shown,
    way,
)
from .sense import direction, from_to, reckoned, statement
from .tabulated import from_table

_JOINS = re.compile(r"\s*(?:to|and|or|of(?: (?:the|these|all|its|our))?|auf|und|bis|von|[–-])\s*", re.I)
_THAN = re.compile(r"\b(?:than|als)\b", re.I)
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
# Of the sentences about a claim: the changes that they spell out, the numbers that are looked at, and those whose pairs
# and whose sums are tried.
_STEPS, _LOOKED_AT, _PAIRED, _SUMMED = 6, 48, 12, 6


def derived(number: Number, claim: Facts, sources: Cited) -> Finding:
    """Whether a number of a claim can be worked out from the numbers that it cites, rounded as the claim shows it."""
    # "More than 14" is no difference by itself.
    bound = number.hedge in BOUNDS and not reckoned(claim.text, number)
    if number.year or (bound and not (SUM.search(claim.text) or MEAN.search(claim.text))):
        return Finding("absent")
    wrong: Finding | None = None
    for result in _results(number, claim, sources):
        if not _comparable(number, result):
            continue
        pieces = tuple(dict.fromkeys(piece for operand in result.operands for piece in operand.pieces))
        opposite = result.step and result.value * way(claim.text, number) < 0
        if not opposite and near(
            number, number.readings[0], abs(result.value) / result.scale, result.scale, result.unit
        ):
            return Finding("derived", pieces, result.how, operands=len(result.operands))
        if result.sole and wrong is None:
            said = f"{result.value / result.scale:.4g} {result.unit}".rstrip()
            wrong = Finding("contradicted", pieces, f"{result.how} gives {said}")
    return wrong or Finding("absent")


def _results(number: Number, claim: Facts, sources: Cited) -> Iterator[Reckoned]:
    for table in (*sources.tables, *sources.charts.values()):
        yield from from_table(claim, table, number)
    yield from _from_prose(claim, sources.sentences, number)


def _comparable(number: Number, result: Reckoned) -> bool:
    """Percent for percent, money for money; a result without unit stands for any unit but these."""
    if result.unit in SHARES:
        return number.unit == result.unit
    return number.unit not in SHARES and units_agree(number.unit, result.unit)


def _from_prose(claim: Facts, sentences: Sequence[Sentence], number: Number) -> Iterator[Reckoned]:
    about = [(covered, s) for s in sentences if (covered := s.covers(claim.words)) >= COVERED]
    every = ((covered, pair) for covered, s in about for pair in _steps(s, claim))
    if number.unit == "year":
        yield from years_between(claim, [s for _, s in about])
    fitting = ((c, p) for c, p in every if may_be(number, p[1].unit) and (number.unit or not p[1].unit))
    steps = list(islice(fitting, _STEPS))
    if CHANGE.search(claim.text):
        # "rose from 4 to 7" leaves no choice of what a change is taken from.
        for covered, pair in steps:
            yield from changes(pair, sole=len(steps) == 1 and covered >= ABOUT)
    taken = {operand for _, pair in steps for operand in pair}
    said = _operands(number, claim, [s for _, s in about])
    way = direction(claim.text)
    operands = list(islice((o for o in said if o not in taken and way * o.direction >= 0), _PAIRED))
    pairs = [(a, b) for a, b in combinations(operands, 2) if a.unit == b.unit or _unsaid(a, b)]
    nearest = {s.pieces for _, s in about if s.alone().covers(claim.words) >= ABOUT}
    told = [(a, b) for a, b in pairs if a.pieces in nearest and b.pieces in nearest]
    of_its_kind = [p for p in told if may_be(number, p[0].unit or p[1].unit)]
    than = _THAN.search(claim.text, number.end)
    added = ADDED.search(claim.text) is not None
    for a, b in pairs:
        sole = of_its_kind == [(a, b)] and not added
        if CHANGE.search(claim.text):
            if than:
                if order := _compared(a, b, said, claim.text, than.start()):
                    yield from changes(order[::-1], sole=sole)
            elif a.year and b.year and a.year != b.year:
                yield from changes(sorted((a, b), key=lambda o: o.year), sole=sole)
            else:  # which of the two came first, the order does not say
                yield from changes((a, b), sole=sole)
                yield from changes((b, a), sole=False)
        if RATIO.search(claim.text):
            times = number.unit == "times"
            sole = told == [(a, b)] and times
            if times and (order := _compared(a, b, said, claim.text, number.start)):
                yield from ratio(*order, sole=sole)
            else:
                yield from ratios(a, b, sole=sole)
    yield from _multiples(number, claim, said)
    together = TOGETHER.search(claim.text) is not None
    for size in range(2, min(len(operands), _SUMMED) + 1):
        for some in combinations(operands[:_SUMMED], size):
            yield from gathered(claim, some, sole=together and of_its_kind == [some])


def _multiples(number: Number, claim: Facts, said: Mapping[Operand, frozenset[str]]) -> Iterator[Reckoned]:
    """As many times as the claim says what its clause is most about: "Two single fares come to 5.60"."""
    counts = [n for n in claim.numbers if n.end < number.start and not n.unit and not n.year]
    if len(counts) != 1 or not 1 < counts[0].value <= _PAIRED or not number.unit:
        return
    if not ADDED.search(claim.text, counts[0].end, number.start):
        return
    here = content(claim.text[slice(*clause(claim.text, counts[0].start, counts[0].end))])
    fitting = {o: len(shared(here, words)) for o, words in said.items() if o.unit == number.unit}
    most = max(fitting.values(), default=0)
    for operand in (o for o, so_many in fitting.items() if so_many == most > 0):
        value = operand._replace(value=operand.value * counts[0].value)
        many = (operand,) * int(counts[0].value)
        yield Reckoned(value.value, value.unit, many, f"{counts[0].value} × {shown(operand)}")


def _operands(number: Number, claim: Facts, about: Sequence[Sentence]) -> dict[Operand, frozenset[str]]:
    """The numbers of sentences with the words of their clauses; where they count what the claim does, only those.

    Of 420 chairs and 65 desks only the chairs add up to chairs.
    """
    found = list(islice(((n, s) for s in about for n in s.facts.numbers if not n.year), _LOOKED_AT))
    kind = counted(number, claim.text)
    kinds = [frozenset() if n.unit else counted(n, s.facts.text) for n, s in found]
    alone = bool(kind) and any(share(kind, other) for other in kinds if other)
    return {
        _spoken(n, s): _clause(n, s)
        for (n, s), other in zip(found, kinds, strict=True)
        if not (alone and other) or share(kind, other)
    }


def _steps(sentence: Sentence, claim: Facts) -> Iterator[tuple[Operand, Operand]]:
    """The changes that a sentence spells out for whom the claim names."""
    text = sentence.facts.text
    for a, b in from_to(sentence.facts):
        part = statement(text, a.start, b.end)
        said = [word for word in content(part) if not direction(word)]
        about = any(alike(one, other) for one in said for other in claim.words)
        if about and not names_others(part, spoken(text.replace(part, " ")), sentence.facts.names, claim):
            yield _spoken(a, sentence), _spoken(b, sentence)


def _clause(number: Number, sentence: Sentence) -> frozenset[str]:
    """The stems and years of the clause that a number stands in."""
    text = sentence.facts.text
    part = text[slice(*clause(text, number.start, number.end))]
    return content(part) | set(_YEAR.findall(part))


def _compared(
    a: Operand, b: Operand, said: Mapping[Operand, frozenset[str]], claim: str, at: int
) -> tuple[Operand, Operand] | None:
    """Two operands in the order in which a claim names, before and after `at`, what they are said of, if it tells."""
    before, after = (content(part) | set(_YEAR.findall(part)) for part in (claim[:at], claim[at:]))
    for part, sign in ((after - before, 1), (before - after, -1)):
        if lead := sign * (len(shared(part, said[b])) - len(shared(part, said[a]))):
            return (a, b) if lead > 0 else (b, a)
    return None


def _unsaid(a: Operand, b: Operand) -> bool:
    """Whether one of two large numbers leaves out the unit of the other: 31 million euros, 7.4 million."""
    return not (a.unit and b.unit) and a.scale == b.scale > 1


def _spoken(number: Number, sentence: Sentence) -> Operand:
    """A number of a sentence; "690 to 830 thousand" and "63 of the 90 days" give the unit once."""
    text, beside = sentence.facts.text, [n for n in sentence.facts.numbers if not n.year]
    scale, unit = number.scale, number.unit
    following = next((n for n in beside if n.start > number.start), None)
    between = text[number.end : following.start] if following else ""
    if following and not unit and scale is None and _JOINS.fullmatch(between):
        scale, unit = following.scale, following.unit
    unit = unit or (next((n.unit for n in beside if n.scale == scale and n.unit), "") if scale else "")
    scale = scale or Decimal(1)
    value = number.readings[0] * scale * (-1 if number.negative else 1)
    years = years_in(sentence.facts, clause(text, number.start, number.end))
    years = years or frozenset(sentence.since)
    way = direction(statement(text, number.start, number.end))
    return Operand(value, scale, unit, sentence.pieces, min(years) if len(years) == 1 else 0, way)
