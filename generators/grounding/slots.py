"""Whether a sentence has something else where a claim names one of several: another name, another group."""

from __future__ import annotations

import re
from itertools import islice, pairwise

from ...retrievers.analysis import analyse, query_terms
from .facts import Facts, content, content_words, spoken
from .prose import POINTS_BACK, Sentence, alike, same_name

_DATE_OF = re.compile(r"\W*(?:[^\W\d_]+ ){0,2}(?:date|datum)\b(?: [^\W\d_]+){0,3}:", re.I)

Pairs = frozenset[tuple[str, str]]


def pairs_in(text: str) -> Pairs:
    """Neighbouring stems of Latin words."""
    stems = analyse(text)
    return frozenset((a, b) for a, b in pairwise(stems) if a.isascii() and b.isascii() and a.isalpha() and b.isalpha())


def instead(claim: Facts, sentence: Sentence, everywhere: Pairs) -> str:
    """What the sentence says in the place of something that the claim names, "" if nothing is.

    A name is replaced when another one stands between the same two words before it or after it ("treasurer of …",
    "… managed the"). A qualifier is replaced when the sentence has another one of the same noun ("placebo group" for
    "drug group"), and the regions speak of both (`everywhere`).
    """
    said, printed = spoken(claim.text), spoken(sentence.facts.text)
    for name in claim.names:
        mine = _beside(spoken(name), said)
        if mine & _beside(spoken(name), printed):
            continue
        for other in sentence.facts.names:
            if not any(same_name(own, other) for own in claim.names) and mine & _beside(spoken(other), printed):
                return other
    here, own, words = pairs_in(sentence.facts.text), query_terms(sentence.facts.text), query_terms(claim.text)
    for first, noun in pairs_in(claim.text) & everywhere - here:
        if noun in claim.words and first in words and first not in own:
            for other, same in here:
                if same == noun and other in own and other not in words:
                    return f"{other} {noun}"
    return ""


def another_subject(claim: Facts, sentence: Sentence, everywhere: frozenset[str], until: int | None = None) -> str:
    """What the sentence speaks of instead of what the claim does: "The yard opened" for "The mill opened".

    What the claim speaks of must be no other name for it: it is among the subjects `everywhere`, and "the company" may
    be any that has a name.
    """
    mine, theirs = subject(claim, claim.text), strange_subject(claim, sentence, until)
    named = [content(" ".join(facts.names)) for facts in (claim, sentence.facts)]
    told = any(alike(one, word) for one in mine for word in everywhere)
    return next(iter(theirs), "") if told and (mine <= named[0]) == (theirs <= named[1]) else ""


def strange_subject(claim: Facts, sentence: Sentence, until: int | None = None) -> frozenset[str]:
    """What the sentence speaks of before `until`, where that and what the claim speaks of do not occur in each other.

    "It opened" speaks of nothing by itself, nor do names and numbers alone.
    """
    mine, theirs = subject(claim, claim.text), subject(sentence.facts, sentence.facts.text[:until])
    if not mine or not theirs or POINTS_BACK.search(sentence.facts.text) or sentence.above_only().covers(mine):
        return frozenset()
    return frozenset() if sentence._replace(facts=claim, about=frozenset()).covers(theirs) else theirs


def subject(facts: Facts, text: str) -> frozenset[str]:
    """The first word of a part of a text that carries meaning, none of what has only names and numbers.

    "Date of issue: …" says it of what the document is about.
    """
    if not facts.words - content(" ".join(facts.names)) or _DATE_OF.match(text):
        return frozenset()
    return frozenset(islice((word for word in content_words(text) if word in facts.words), 1))


def _beside(name: str, text: str) -> set[tuple[str, ...]]:
    """The two words before and the two after each place where the name stands, marked by their side."""
    found: set[tuple[str, ...]] = set()
    for match in re.finditer(rf"(?:(\w+) (\w+) )?\b{re.escape(name)}\b(?: (\w+) (\w+))?", text):
        found |= {("before", match[1], match[2])} if match[1] else set()
        found |= {("after", match[3], match[4])} if match[3] else set()
    return found
