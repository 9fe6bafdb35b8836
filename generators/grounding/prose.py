"""Running text as something to look up in: its sentences, and the clause that each of their numbers stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...ingest.text.sentences import sentence_spans
from ...ingest.text.words import Span, join, lines_of, union_box
from ...ingest.types import Place, Region, Word
from ..figures import labels
from .facts import Facts, content, facts_of, spoken
from .numbers import Number

_PARTS = re.compile(
    r"[;()]|[,:](?!\d)|[，；：、（）،؛]|\b(?:and|while|but|whereas|after|compared|against|from|to|than|und|während|nach|gegenüber|auf|als"
    r"|contre|mais)\b",
    re.I,
)
_RELATIVE = re.compile(
    r"(?P<later>\b(?:(?:a|one) year later|the (?:following|next) year|ein Jahr (?:später|danach)|im Folgejahr)\b"
    r"|次年|翌年)"
    r"|(?P<before>\b(?:(?:a|one|the) year (?:before|earlier|ago)|the (?:previous|prior|preceding) year"
    r"|im Vorjahr|(?:ein|im) Jahr (?:davor|zuvor))\b|上年)",
    re.I,
)
POINTS_BACK = re.compile(
    r"\b(?:it|its|he|his|him|she|hers?|they|theirs?|them|this|these|those|that|there|we|our|us|both|each"
    r"|ones?|company|group|firm|corporation|Unternehmens?|Konzerns?|Gesellschaft|entreprise|société|es|er|sie|ihr\w*|sein\w*|dies\w*|davon|wir|unser\w*|ils?|elles?|leurs?|ses)\b|[他她它其此该]|公司|集团",
    re.I,
)
_LONGEST = 1_000  # characters of a sentence
_OWN = 0.25  # share of words that a sentence must have itself to have more of them by those before it
_BULLETS = "•●▪◦*-–"
_MISTAKEN = str.maketrans("i1|0582", "lllosbz")


class Piece(NamedTuple):
    """Words or cells that were found: where they stand, and what they say."""

    region: str
    place: Place
    text: str


class Sentence(NamedTuple):
    """A sentence of a region, or a label of a figure.

    `above`: the content words of headings, captions and what leads in a list; `about`: with those of the sentences
    right before it; `since`: the years that were last named before it.
    """

    facts: Facts
    pieces: tuple[Piece, ...]
    above: frozenset[str]
    about: frozenset[str]
    ocr: bool = False
    since: tuple[int, ...] = ()

    def covers(self, words: frozenset[str]) -> float:
        """The share of `words` that the sentence and its surroundings hold; 1 when there are none."""
        held = self.facts.words | self.about
        if self.ocr:
            held, words = frozenset(map(unmistaken, held)), frozenset(map(unmistaken, words))
        return share(words, held)

    def has(self, words: frozenset[str]) -> float:
        """The same, with the sentences before it only if it points back to them ("It opened") and has some itself."""
        back = POINTS_BACK.search(self.facts.text) and self.alone().covers(words) > _OWN
        return (self if back else self.above_only()).covers(words)

    def above_only(self) -> Sentence:
        """The sentence without the sentences before it."""
        return self._replace(about=self.above)

    def alone(self) -> Sentence:
        """The sentence without what stands before and above it."""
        return self._replace(about=frozenset())


def sentences_of(region: Region) -> Iterator[Sentence]:
    """The sentences of a region's printed words; none of what a model wrote."""
    words = [word for word in region.words if word.source != "vlm"]
    above = content(" ".join((*region.section, region.caption or "")))
    ocr = region.source == "ocr"
    if region.kind == "figure":
        for label in labels(words):
            yield _sentence(region, join(label)[0], label, above, ocr)
        return
    text, spans = join(words) if words else (region.text, [])
    before: list[frozenset[str]] = []
    leads: list[frozenset[str]] = []
    since: tuple[int, ...] = ()
    first = 0
    for start, end in _in_parts(text, sentence_spans(text)):
        while first < len(spans) and spans[first].end <= start:
            first += 1
        point = text[start] in _BULLETS
        # The points of a list are no context of each other; what leads in the list is.
        over = above.union(*leads)
        context = [] if point else before[-2:]
        part = [w for w, s in zip(words[first:], spans[first : first + _LONGEST], strict=False) if s.start < end]
        sentence = _dated(_sentence(region, text[start:end], part, over, ocr), since)
        sentence = sentence._replace(about=over.union(*context))
        yield sentence
        if text[end - 1] in ":：":
            leads = [sentence.facts.words]
        elif not point:
            leads = []
        before.append(sentence.facts.words)
        since = tuple(int(n.readings[0]) for n in sentence.facts.numbers if n.year) or since


def _in_parts(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sentences no longer than `_LONGEST` characters: what takes longer than that is a list or rubbish."""
    for start, end in spans:
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
            yield start, cut
            start = cut
        yield start, end


def _sentence(region: Region, text: str, words: list[Word], above: frozenset[str], ocr: bool) -> Sentence:
    lines = [(union_box(line), join(line)[0]) for line in lines_of(words)] or [(region.bbox, text)]
    pieces = tuple(Piece(region.id, Place(region.page, box), said) for box, said in lines)
    facts = facts_of(parted(text) if ocr else text, ocr)
    # The year of a date may be said by itself.
    years = [Number(d.start, d.end, (Decimal(d.year),), year=True) for d in facts.dates if d.year]
    return Sentence(facts._replace(numbers=tuple(sorted((*facts.numbers, *years)))), pieces, above, above, ocr)


def _dated(sentence: Sentence, since: tuple[int, ...]) -> Sentence:
    """The sentence with the years that it names by another one: "a year later", "in the previous year"."""
    facts, found = sentence.facts, []
    own = [n for n in facts.numbers if n.year]
    for match in _RELATIVE.finditer(facts.text):
        nearest = [n for n in own if n.start < match.start()][-1:] or own[:1]
        years = [int(n.readings[0]) for n in nearest] or since
        if len(set(years)) == 1:
            other = years[0] + (1 if match.lastgroup == "later" else -1)
            found.append(Number(match.start(), match.end(), (Decimal(other),), year=True))
    numbers = [n for n in facts.numbers if not any(f.start < n.end and n.start < f.end for f in found)]
    return sentence._replace(facts=facts._replace(numbers=tuple(sorted([*numbers, *found]))), since=since)


def unmistaken(text: str) -> str:
    """Folded text in which the letters and digits that scans mix up are the same."""
    return text.translate(_MISTAKEN)


def parted(text: str) -> str:
    """Words that a scan glued together at an apostrophe ("the'log") parted; as long as before."""
    return re.sub(r"(?<=[a-z])['’](?=[a-z]{3})", " ", text)


def clause(text: str, start: int, end: int) -> Span:
    """The part of a sentence between the commas and conjunctions around `start` to `end`."""
    cut = [match.span() for match in _PARTS.finditer(text)]
    first = max((b for _, b in cut if b <= start), default=0)
    return Span(first, min((a for a, _ in cut if a >= end), default=len(text)))


def years_in(facts: Facts, part: Span) -> frozenset[int]:
    """The years that are named in a part of a text."""
    return frozenset(int(n.readings[0]) for n in facts.numbers if n.year and part.start <= n.start < part.end)


def names_others(part: str, others: str, printed: Sequence[str], claim: Facts) -> str:
    """The one of the `printed` names in a part of a text that does not name whom the claim names, as the others do.

    `others` is as `spoken` makes it: it may be all that is cited.
    """
    if not claim.names or any(_named(name, spoken(part)) for name in claim.names):
        return ""
    theirs = [name for name in printed if name not in claim.names and _named(name, spoken(part))]
    return theirs[0] if theirs and any(_named(name, others) for name in claim.names) else ""


def _named(name: str, text: str) -> bool:
    return f" {spoken(name)} " in f" {text} "


def share(words: frozenset[str], held: frozenset[str]) -> float:
    """The share of stems that are among those `held`; 1 when there are none."""
    found = sum(word in held or any(alike(word, other) for other in held) for word in words)
    return found / len(words) if words else 1.0


def alike(one: str, other: str) -> bool:
    """Whether two stems are of one word: the same, or long and different in their endings only."""
    if one == other:
        return True
    if one[:5] != other[:5] or min(len(one), len(other)) < 5:
        return False
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return max(len(one), len(other)) - shared <= 3


def same_name(one: str, other: str) -> bool:
    """Whether all words of the second name are in the first, some of them perhaps shortened."""
    return all(any(t == w or shortened(t, w) for w in spoken(one).split()) for t in spoken(other).split())


def shortened(one: str, other: str) -> bool:
    """Whether one word is the other without some letters, all vowels among them: Cllr, Dr."""
    short, whole = sorted((one, other), key=len)
    return short.isalpha() and not set(short) & set("aeiouäöü") and abbreviates(short, whole)


def abbreviates(short: str, whole: str) -> bool:
    """Whether letters are some of a word, in their order, from its first to its last: "pts" of "points"."""
    rest = iter(whole)
    ends = 1 < len(short) < len(whole) and (short[0], short[-1]) == (whole[0], whole[-1])
    return ends and all(letter in rest for letter in short)
