"""Looks a number of a claim up in running text: the sentence must be about it, and say it of the same thing."""

from __future__ import annotations

import re

from ...ingest.text.words import Span
from ..types import Support
from .agreement import BOUNDS, agree, units_agree
from .cited import Cited
from .clauses import of_another_clause, of_another_statement, said_elsewhere
from .facts import Facts, content, counted, spoken
from .findings import ABOUT, COVERED, Finding, better
from .numbers import Number
from .prose import Sentence, alike, clause, names_others, share, years_in
from .reckoning import compared, reckons
from .sense import direction, one_denies, opposed, reckoned, role, statement, statements, timed_apart
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
        if reckoned(claim.text, number) or compared(claim.text, number):
            same = [n for n in same if reckons(sentence.facts.text, n)]
        for found in same[:_SAME]:
            against = _against(number, found, claim, mine, years, sentence, sources)
            if against and covered >= COVERED:
                best = better(best, Finding("contradicted", sentence.pieces, against, covered))
            else:
                apart = _apart(number, found, claim, sentence.facts)
                kind: Support = "supported" if covered >= COVERED and not apart else "unchecked"
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


def _apart(number: Number, found: Number, claim: Facts, facts: Facts) -> bool:
    """Whether a text says it only of more or less than that number, or of another time around that year."""
    if not number.year:
        return found.hedge in BOUNDS and not number.hedge
    return said_elsewhere(found, claim, facts) or timed_apart(claim.text, number, facts.text, found)


def _holds(sentence: Sentence, claim: Facts) -> bool:
    """Whether one of the claim's numbers stands in the sentence."""
    return any(agree(n, other) for n in claim.numbers if not n.year for other in sentence.facts.numbers)


def _of_another_kind(number: Number, found: Number, claim: Facts, sentence: Sentence) -> bool:
    """Whether a printed number counts things that the claim does not speak of: 40 guineas are no 40 pounds.

    Things of another name may be the same ones, unless the text counts those that the claim names as well. A number
    that counts nothing ("in 14") is none of things either, and a year counts none ("1962 cranes").
    """
    text = sentence.facts.text
    mine, theirs = counted(number, claim.text), counted(found, text)
    if number.year:
        return bool(mine) and not _dates(number, claim.text) and (not theirs or _dates(found, text))
    if found.unit:
        return False
    if mine and not number.unit:
        others = (counted(n, text) for n in sentence.facts.numbers if n != found)
        return bool(theirs) and not share(theirs, mine) and any(other and share(other, mine) for other in others)
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
    if elsewhere := of_another_statement(found, claim, facts):
        return elsewhere
    if not number.year and (other_clause := of_another_clause(found, claim, mine, years, facts)):
        return other_clause
    named = "" if number.year and _holds(sentence, claim) else _misnamed(found, claim, sentence, sources.told)
    named = named or instead(claim, sentence, sources.pairs)
    if name := named or another_subject(claim, sentence, sources.subjects, found.start):
        return f"the text says it of {name}"
    beside = (n for n in facts.numbers if n.unit and part.start <= n.start < part.end and not number.year)
    for other in beside:
        kin = [n for n in claim.numbers if n != number and n.unit == other.unit and n.unit and n.unit != found.unit]
        if kin and not any(agree(n, other) for n in kin):
            return f"the text says it of {text[other.start : other.end].strip()}"
    if len({role(claim, number), role(facts, found)} - {""}) > 1 and not number.year:
        return f"the text says {role(facts, found)} {text[found.start : found.end].strip()}"
    said, theirs = statement(claim.text, number.start, number.end), statement(text, found.start, found.end)
    opposite = opposed(said, theirs) or (not direction(theirs) and direction(said) * direction(text) < 0)
    return "the direction is the opposite" if opposite else ""


def _misnamed(found: Number, claim: Facts, sentence: Sentence, told: str) -> str:
    """Whom the text says it of, if that is another one than the claim says."""
    if not claim.names:
        return ""
    text = sentence.facts.text
    part = next((p for p in statements(text) if text[found.start : found.end] in p), text)
    if name := names_others(part, spoken(text.replace(part, " ")), sentence.facts.names, claim):
        return name
    if any(word in sentence.about for name in claim.names for word in content(name)):
        return ""
    return names_others(text, told, sentence.facts.names, claim)


def _instead(number: Number, claim: Facts, sentence: Sentence) -> Number | None:
    """The number that stands where the claim has another one: of the same unit, and not said elsewhere in the claim."""
    for other in sentence.facts.numbers:
        if reckons(claim.text, number) and not reckons(sentence.facts.text, other):
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
