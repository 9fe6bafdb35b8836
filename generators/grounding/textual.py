"""Looks a number of a claim up in running text: the sentence must be about it, and say it of the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..types import Support
from .agreement import agree, units_agree
from .facts import Facts, content, facts_of
from .findings import ABOUT, COVERED, Finding, better, direction, reckoned
from .numbers import Number, numbers_in
from .prose import Sentence, alike, clause, names_others, statements


def in_prose(number: Number, claim: Facts, sentences: Sequence[Sentence]) -> Finding:
    """A number in running text: the sentence must be about what the claim says, and its clause about the same thing."""
    mine = clause(claim.text, number.start, number.end)
    years = _years(mine) or claim.years
    best = Finding("absent")
    for sentence in sentences:
        covered = sentence.covers(claim.words)
        same = [n for n in sentence.facts.numbers if n.year == number.year and agree(number, n)]
        if reckoned(claim.text, number):
            same = [n for n in same if reckoned(sentence.facts.text, n)]
        for found in same:
            against = _against(number, found, claim, mine, years, sentence, sentences)
            if against and covered >= COVERED:
                best = better(best, Finding("contradicted", sentence.pieces, against, covered))
            else:
                kind: Support = "supported" if covered >= COVERED else "unchecked"
                best = better(best, Finding(kind, sentence.pieces, "", covered))
        if not same and covered >= ABOUT and (other := _instead(number, claim, sentence)):
            said = sentence.facts.text[other.start : other.end]
            best = better(best, Finding("contradicted", sentence.pieces, f"the text says {said}", covered))
    return best


def _against(
    number: Number,
    found: Number,
    claim: Facts,
    mine: str,
    years: frozenset[int],
    sentence: Sentence,
    beside: Sequence[Sentence],
) -> str:
    """Why a number of the same value says something else: another year, thing, name, condition or direction."""
    text = sentence.facts.text
    here = clause(text, found.start, found.end)
    theirs = _years(here)
    if not number.year and years and theirs and not years & theirs:
        return f"that is the value of {', '.join(map(str, sorted(theirs)))}"
    others = [n for n in sentence.facts.numbers if n.year == found.year and units_agree(n.unit, found.unit)]
    others = [n for n in others if not any(agree(mine, n) for mine in claim.numbers)]
    if not number.year and years and not theirs:
        for other in others:
            if years & _years(clause(text, other.start, other.end)):
                return f"of that year the text says {text[other.start : other.end]}"
    own, said = facts_of(here).words, facts_of(mine).words or claim.words
    # A clause that leaves its subject out ("and 51,600 tonnes in 2023") says nothing else of its own.
    strange = [word for word in own if not any(alike(word, other) for other in claim.words)]
    for other in others if strange else []:
        rival = facts_of(clause(text, other.start, other.end)).words - own
        if _shared(rival, said):
            return f"that is the value of something else; here the text says {text[other.start : other.end]}"
    if name := _misnamed(found, claim, sentence, beside):
        return f"the text says it of {name}"
    for other in [] if number.year else numbers_in(here):
        kin = [n for n in claim.numbers if n != number and n.unit == other.unit and n.unit and n.unit != found.unit]
        if kin and not any(agree(n, other) for n in kin):
            return f"the text says it of {here[other.start : other.end].strip()}"
    says, theirs_says = direction(claim.text), direction(text)
    return "the direction is the opposite" if says * theirs_says < 0 else ""


def _misnamed(found: Number, claim: Facts, sentence: Sentence, beside: Sequence[Sentence]) -> str:
    """Whom the text says it of, if that is another one than the claim says."""
    if not claim.names:
        return ""
    text = sentence.facts.text
    part = next((p for p in statements(text) if text[found.start : found.end] in p), text)
    if name := names_others(part, text.replace(part, " "), claim):
        return name
    if any(word in sentence.about for name in claim.names for word in content(name)):
        return ""
    return names_others(text, " ".join(s.facts.text for s in beside if s is not sentence), claim)


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


def _years(text: str) -> frozenset[int]:
    return frozenset(int(n.readings[0]) for n in numbers_in(text) if n.year)


def _shared(some: frozenset[str], others: frozenset[str]) -> set[str]:
    return {one for one in some if any(alike(one, other) for other in others)}
