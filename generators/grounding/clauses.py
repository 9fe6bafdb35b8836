"""Whether what stands around a number in its sentence speaks of another year or thing than the claim does."""

from __future__ import annotations

import re
from functools import lru_cache

from ...ingest.text.words import Span
from .agreement import agree, units_agree
from .facts import Facts, facts_of
from .numbers import Number
from .prose import POINTS_BACK, alike, clause, years_in
from .slots import subject

_APART = re.compile(r"[;；؛]|\b(?:while|whereas|während)\b", re.I)


def of_another_clause(found: Number, claim: Facts, mine: Span, years: frozenset[int], facts: Facts) -> str:
    """Which other year, or which other thing, the clause of a number speaks of."""
    text, part = facts.text, clause(facts.text, found.start, found.end)
    theirs = years_in(facts, part)
    if years and theirs and not years & theirs:
        return f"that is the value of {', '.join(map(str, sorted(theirs)))}"
    own = _words(text[slice(*part)])
    said = _words(claim.text[slice(*mine)]) or claim.words
    # A clause that leaves its subject out ("and 51,600 tonnes in 2023") says nothing else of its own.
    strange = _strange(own, claim)
    for other in _rivals(found, claim, facts) if strange or (years and not theirs) else []:
        rival, span = text[other.start : other.end], clause(text, other.start, other.end)
        words, dated = _words(text[slice(*span)]), years_in(facts, span)
        same = not words or len(shared(words, said)) >= len(shared(own, said))
        if not theirs and same and years & dated:
            return f"of that year the text says {rival}"
        # … nor does one of the year that the claim names, beside one of another year.
        if strange and not (years & theirs and dated) and shared(words - own, said):
            return f"that is the value of something else; here the text says {rival}"
    whole = years_in(facts, Span(0, len(text)))
    if years and not theirs and len(whole) == 1 and not years & whole:
        return f"that is the value of {next(iter(whole))}"
    return ""


def of_another_statement(found: Number, claim: Facts, facts: Facts) -> str:
    """What the text says of what the claim speaks of, if the statement of the number speaks of something else.

    "The north hall holds 65 desks; the south hall holds 38 desks."
    """
    own = _statement(facts.text, found)
    pronoun = POINTS_BACK.search(" ".join(own.split()[:2]))  # "it raised", "the company raised"
    if own == facts.text or pronoun or not _strange(subject(facts_of(own), own), claim):
        return ""
    missing = claim.words - shared(claim.words, _words(own))
    for other in _rivals(found, claim, facts):
        if shared(missing, _words(_statement(facts.text, other))):
            return f"that is the value of something else; here the text says {facts.text[other.start : other.end]}"
    return ""


def said_elsewhere(year: Number, claim: Facts, facts: Facts) -> bool:
    """Whether what a claim says of a year is said in the clause of another year: built in 1958 and rebuilt in 2004."""
    text, part = facts.text, clause(facts.text, year.start, year.end)
    own = _words(text[slice(*part)]) - subject(facts, text)
    if not _strange(own, claim):
        return False
    for other in _rivals(year, claim, facts):
        if (span := clause(text, other.start, other.end)) != part:
            theirs = _words(text[slice(*span)])
            if shared(theirs - own, claim.words) and not shared(own - theirs, claim.words):
                return True
    return False


def _statement(text: str, number: Number) -> str:
    """The part of a sentence that a number stands in, if it has parts that each have a subject of their own."""
    cuts = [match.span() for match in _APART.finditer(text)]
    start = max((end for _, end in cuts if end <= number.start), default=0)
    return text[start : min((begin for begin, _ in cuts if begin >= number.end), default=len(text))]


def _strange(words: frozenset[str], claim: Facts) -> bool:
    """Whether there are words that the claim does not have."""
    return any(not any(alike(word, other) for other in claim.words) for word in words)


def _rivals(found: Number, claim: Facts, facts: Facts) -> list[Number]:
    """The numbers of the same kind that the claim does not give."""
    kin = [n for n in facts.numbers if n.year == found.year and units_agree(n.unit, found.unit)]
    return [n for n in kin if not any(agree(mine, n) for mine in claim.numbers)]


@lru_cache(maxsize=500)  # each number of a clause asks for it
def _words(part: str) -> frozenset[str]:
    return facts_of(part).words


def shared(some: frozenset[str], others: frozenset[str]) -> set[str]:
    """The stems that are among others, or are of the same words."""
    return {one for one in some if any(alike(one, other) for other in others)}
