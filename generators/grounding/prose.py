"""Running text as something to look up in: its sentences, and the clause that each of their numbers stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ...ingest.text.sentences import sentence_spans
from ...ingest.text.words import Span, join, lines_of, union_box
from ...ingest.types import Place, Region, Word
from ..figures import labels
from .facts import Facts, content, facts_of, spoken
from .numbers import Number

_PARTS = re.compile(
    r"[,;:()](?!\d)|\b(?:and|while|but|whereas|after|compared|against|from|to|than|und|während|nach|gegenüber|auf|als)\b",
    re.I,
)


_JOINED = re.compile(r";|\b(?:and|while|whereas|but|und|während|aber)\b", re.I)
_MISTAKEN = str.maketrans("i1|0582", "lllosbz")


class Piece(NamedTuple):
    """Words or cells that were found: where they stand, and what they say."""

    region: str
    place: Place
    text: str


class Sentence(NamedTuple):
    """A sentence of a region, or a label of a figure. `about`: the content words of what stands before and above it."""

    facts: Facts
    pieces: tuple[Piece, ...]
    about: frozenset[str]
    ocr: bool = False

    def covers(self, words: frozenset[str]) -> float:
        """The share of `words` that the sentence and its surroundings hold; 1 when there are none."""
        if not words:
            return 1.0
        held = self.facts.words | self.about
        if self.ocr:
            held, words = frozenset(map(unmistaken, held)), frozenset(map(unmistaken, words))
        return sum(any(alike(word, other) for other in held) for word in words) / len(words)


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
    for start, end in sentence_spans(text):
        part = [w for w, s in zip(words, spans, strict=True) if s.start < end and s.end > start] if words else []
        sentence = _sentence(region, text[start:end], part, above.union(*before[-2:]), ocr)
        yield sentence
        before.append(sentence.facts.words)


def _sentence(region: Region, text: str, words: list[Word], about: frozenset[str], ocr: bool) -> Sentence:
    lines = [(union_box(line), join(line)[0]) for line in lines_of(words)] or [(region.bbox, text)]
    pieces = tuple(Piece(region.id, Place(region.page, box), said) for box, said in lines)
    facts = facts_of(parted(text) if ocr else text, ocr)
    # The year of a date may be said by itself.
    years = [Number(d.start, d.end, (Decimal(d.year),), year=True) for d in facts.dates if d.year]
    return Sentence(facts._replace(numbers=tuple(sorted((*facts.numbers, *years)))), pieces, about, ocr)


def unmistaken(text: str) -> str:
    """Folded text in which the letters and digits that scans mix up are the same."""
    return text.translate(_MISTAKEN)


def parted(text: str) -> str:
    """Words that a scan glued together at an apostrophe ("the'log") parted; as long as before."""
    return re.sub(r"(?<=[a-z])['’](?=[a-z]{3})", " ", text)


def clause(text: str, start: int, end: int) -> str:
    """The part of a sentence between the commas and conjunctions around `start` to `end`."""
    cut = [Span(*match.span()) for match in _PARTS.finditer(text)]
    first = max((span.end for span in cut if span.end <= start), default=0)
    last = min((span.start for span in cut if span.start >= end), default=len(text))
    return text[first:last]


def statements(text: str) -> list[str]:
    """The parts of a sentence that each say something of their own, with the words that join them."""
    return [part for part in _JOINED.split(text) if part.strip()] or [text]


def names_others(part: str, others: str, claim: Facts) -> str:
    """The name in a part of a text that does not name whom the claim names, though the other parts do."""
    if not claim.names or any(_named(name, part) for name in claim.names):
        return ""
    theirs = [name for name in facts_of(f"- {part}").names if name not in claim.names]
    return theirs[0] if theirs and any(_named(name, others) for name in claim.names) else ""


def _named(name: str, text: str) -> bool:
    return f" {spoken(name)} " in f" {spoken(text)} "


def alike(one: str, other: str) -> bool:
    """Whether two stems are of one word: the same, or long and different in their endings only."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5:
        return False
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= 5 and max(len(one), len(other)) - shared <= 3
