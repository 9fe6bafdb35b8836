"""Looks a number of a claim up in running text: the sentence must be about it, and say it of the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from ...ingest.text.words import Span
from ..types import Support
from .agreement import agree, units_agree
from .cited import Cited
from .facts import Facts, content, counted, facts_of
from .findings import ABOUT, COVERED, Finding, better
from .numbers import Number
from .prose import Sentence, alike, clause, names_others, years_in
from .sense import direction, one_denies, reckoned, statement, statements
from .slots import another_subject, instead

_WHEN = re.compile(  # what stands before a year, but not before a count
    r"(?:^|[^\w\s]\s*|[’']s\s+|\b(?:in|since|from|until|till|by|of|to|after|before|during|for|the|and|its|our|their"
    r"|early|late|fiscal|year|im|seit|ab|bis|von|vor|nach|und|der|des|Jahre?s?|en|de|du|et|depuis|avant|après)\s+)$",
    re.I,
)
_SAME = 4  # numbers of one value in a sentence


def in_prose(number: Number, claim: Facts, sources: Cited) -> Finding:
    """A number in running text: the sentence must be about what the claim says, and its clause about the same thing."""
    mine = clause(claim.text, number.start, number.end)
    years = years_in(claim, mine) or claim.years
    best = rival = Finding("absent")
    for sentence in sources.sentences:
        covered = sentence.covers(claim.words)
        same = [n for n in sentence.facts.numbers if n.year == number.year and agree(number, n)]
        same = [n for n in same if not _of_another_kind(number, n, claim, sentence)]
        if reckoned(claim.text, number):
            same = [n for n in same if reckoned(sentence.facts.text, n)]
        for found in same[:_SAME]:
            against = _against(number, found, claim, mine, years, sentence, sources)
            if against and covered >= COVERED:
                best = better(best, Finding("contradicted", sentence.pieces, against, covered))
            else:
                kind: Support = "supported" if covered >= COVERED else "unchecked"
                own = sentence.alone().covers(claim.words)
                denied = one_denies(claim.text, number, sentence.facts.text, found)
                best = better(best, Finding(kind, sentence.pieces, "", own, denied=denied))
        if number.year and not same and int(number.readings[0]) in sentence.since and _holds(sentence, claim):
            best = better(best, Finding("supported"))  # the year that the text goes on speaking of
        elif not same and covered >= ABOUT:
            nearness = covered + sentence.alone().covers(claim.words)
            if nearness > rival.strength and (other := _instead(number, claim, sentence)):
                said = f"the text says {sentence.facts.text[other.start : other.end]}"
                rival = Finding("contradicted", sentence.pieces, said, nearness)
    # What names all that the claim speaks of is what it speaks of.
    if (
        best.support == "supported"
        and not number.year
        and best.strength <= ABOUT
        and rival.strength == 2
        and claim.words
    ):
        return rival
    return better(best, rival)


def _holds(sentence: Sentence, claim: Facts) -> bool:
    """Whether one of the claim's numbers stands in the sentence."""
    return any(agree(n, other) for n in claim.numbers if not n.year for other in sentence.facts.numbers)


def _of_another_kind(number: Number, found: Number, claim: Facts, sentence: Sentence) -> bool:
    """Whether a printed number counts things that the claim does not speak of: 40 guineas are no 40 pounds.

    A number that counts nothing ("in 14") is none of things either, and a year counts none ("1962 cranes").
    """
    text = sentence.facts.text
    mine, theirs = counted(number, claim.text), counted(found, text)
    if number.year:
        return bool(mine) and not _dates(number, claim.text) and (not theirs or _dates(found, text))
    if found.unit or (mine and not number.unit):
        return False
    return any(not any(alike(one, other) for other in claim.words) for one in theirs)


def _dates(number: Number, text: str) -> bool:
    """Whether what looks like a year stands where a year does."""
    return not text[number.end - 1].isdigit() or bool(_WHEN.search(text[max(0, number.start - 20) : number.start]))


def _against(
    number: Number,
    found: Number,
    claim: Facts,
    mine: Span,
    years: frozenset[int],
    sentence: Sentence,
    sources: Cited,
) -> str:
    """Why a number of the same value says something else: another year, thing, name, condition or direction."""
    facts = sentence.facts
    text = facts.text
    part = clause(text, found.start, found.end)
    if not number.year and (other_clause := _of_another_clause(found, claim, mine, years, facts)):
        return other_clause
    named = "" if number.year and _holds(sentence, claim) else _misnamed(found, claim, sentence, sources.sentences)
    named = named or instead(claim, sentence, sources.pairs)
    if name := named or another_subject(claim, sentence, sources.subjects, found.start):
        return f"the text says it of {name}"
    beside = (n for n in facts.numbers if n.unit and part.start <= n.start < part.end and not number.year)
    for other in beside:
        kin = [n for n in claim.numbers if n != number and n.unit == other.unit and n.unit and n.unit != found.unit]
        if kin and not any(agree(n, other) for n in kin):
            return f"the text says it of {text[other.start : other.end].strip()}"
    says = direction(statement(claim.text, number.start, number.end))
    theirs_says = direction(statement(text, found.start, found.end)) or direction(text)
    return "the direction is the opposite" if says * theirs_says < 0 else ""


def _of_another_clause(found: Number, claim: Facts, mine: Span, years: frozenset[int], facts: Facts) -> str:
    """Which other year, or which other thing, the clause of a number speaks of."""
    text, part = facts.text, clause(facts.text, found.start, found.end)
    theirs = years_in(facts, part)
    if years and theirs and not years & theirs:
        return f"that is the value of {', '.join(map(str, sorted(theirs)))}"
    own = _words(text[slice(*part)])
    said = _words(claim.text[slice(*mine)]) or claim.words
    # A clause that leaves its subject out ("and 51,600 tonnes in 2023") says nothing else of its own.
    strange = [word for word in own if not any(alike(word, other) for other in claim.words)]
    others = [n for n in facts.numbers if n.year == found.year and units_agree(n.unit, found.unit)]
    for other in others if strange or (years and not theirs) else []:
        if any(agree(n, other) for n in claim.numbers):
            continue
        rival, span = text[other.start : other.end], clause(text, other.start, other.end)
        words, dated = _words(text[slice(*span)]), years_in(facts, span)
        same = not words or len(_shared(words, said)) >= len(_shared(own, said))
        if not theirs and same and years & dated:
            return f"of that year the text says {rival}"
        # … nor does one of the year that the claim names, beside one of another year.
        if strange and not (years & theirs and dated) and _shared(words - own, said):
            return f"that is the value of something else; here the text says {rival}"
    whole = years_in(facts, Span(0, len(text)))
    if years and not theirs and len(whole) == 1 and not years & whole:
        return f"that is the value of {next(iter(whole))}"
    return ""


@lru_cache(maxsize=500)  # each number of a clause asks for it
def _words(part: str) -> frozenset[str]:
    return facts_of(part).words


def _misnamed(found: Number, claim: Facts, sentence: Sentence, beside: Sequence[Sentence]) -> str:
    """Whom the text says it of, if that is another one than the claim says."""
    if not claim.names:
        return ""
    text = sentence.facts.text
    part = next((p for p in statements(text) if text[found.start : found.end] in p), text)
    if name := names_others(part, text.replace(part, " "), sentence.facts.names, claim):
        return name
    if any(word in sentence.about for name in claim.names for word in content(name)):
        return ""
    rest = " ".join(s.facts.text for s in beside if s is not sentence)
    return names_others(text, rest, sentence.facts.names, claim)


def _instead(number: Number, claim: Facts, sentence: Sentence) -> Number | None:
    """The number that stands where the claim has another one: of the same unit, and not said elsewhere in the claim."""
    for other in sentence.facts.numbers:
        if reckoned(claim.text, number) and not reckoned(sentence.facts.text, other):
            continue
        if other.year != number.year or any(agree(n, other) for n in claim.numbers):
            continue
        noun = re.match(r"\s*([^\W\d_]{3,})", claim.text[number.end :])
        if noun and not number.unit and not (content(noun[1]) <= sentence.facts.words):
            continue
        digits = other.readings[0] == number.readings[0]
        unit = units_agree(number.unit, other.unit) and bool(number.unit) == bool(other.unit)
        if digits or unit:
            return other
    return None


def _shared(some: frozenset[str], others: frozenset[str]) -> set[str]:
    return {one for one in some if any(alike(one, other) for other in others)}
