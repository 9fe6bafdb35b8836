"""What may be quoted: sentences, table rows and labels of figures, verbatim, each with tight boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..ingest.text.sentences import sentence_spans
from ..ingest.text.words import join, lines_of
from ..ingest.types import BBox, Cell, Place, Region, Word
from ..retrievers.types import Hit
from .figures import labels, readings
from .rows import Row, rows_of

_LONGEST = 420  # characters; longer sentences are quoted in parts
_BULLET = re.compile(r"[•●▪◦‣∙·*–-]\s+")
_LEANS = re.compile(  # begins with a word that stands for something in the sentence before
    r"(he|she|it|its|they|his|her|their|this|these|those|such|both|er|sie|es|sein\w{0,2}|ihr\w{0,2}|dies\w{0,2})\b"
    r"|[他她它其该此这]",
    re.I,
)


class Quote(NamedTuple):
    """A candidate for quotation.

    `text` is what the answer says, `quote` what stands on the page; `places` hug the words, one box per printed line.
    `about` only helps to find the quote: the row's group, the rest of the figure. `row` is what a table row is made of.
    """

    text: str
    quote: str
    places: tuple[Place, ...]
    region: Region
    hit: Hit
    label: str = ""
    about: str = ""
    row: Row | None = None


def quotes_of(region: Region, hit: Hit) -> Iterator[Quote]:
    """The quotable pieces of a region that stand inside `hit`; none of a model's own description."""
    if region.source == "vlm":
        return
    if region.cells:
        yield from _rows(region, region.cells, hit)
    elif region.words and region.kind != "figure":
        yield from _sentences(region, hit)
    elif region.words:
        yield from _figure(region, hit)
    elif region.text:
        yield Quote(region.text, region.text, (Place(region.page, region.bbox),), region, hit)


def _sentences(region: Region, hit: Hit) -> Iterator[Quote]:
    """Sentences; one that leans on the sentence before, or follows its colon, is quoted together with it."""
    text, spans = join(region.words)
    before: tuple[int, int] | None = None
    for start, end in (part for span in sentence_spans(text) for part in _parts(text, *span)):
        start = bullet.end() if (bullet := _BULLET.match(text, start, end)) else start
        led = before is not None and (_LEANS.match(text, start) or text[before[1] - 1] in ":：")
        first = before[0] if before and led and end - before[0] <= _LONGEST else start
        before = (start, end)
        words = [w for w, s in zip(region.words, spans, strict=True) if s.start < end and s.end > first]
        if words and _within(words, region, hit):
            yield _quote(text[first:end], words, region, hit)


def _parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence whole or, if it is too long, cut after its punctuation or at least between words."""
    while end - start > _LONGEST:
        cuts = [text.rfind(mark, start + 40, start + _LONGEST) for mark in ("; ", "；", ", ", "，", " ")]
        cut = next((c + 1 for c in cuts if c > 0), start + _LONGEST)
        yield start, cut
        start = cut + (text[cut : cut + 1] == " ")
    if start < end:
        yield start, end


def _figure(region: Region, hit: Hit) -> Iterator[Quote]:
    """A figure's labels and, where values stand over the marks of an axis, each mark with its values."""
    names: list[str] = []
    for words in labels(region.words):
        text = join(words)[0]
        if any(c.isalnum() for c in text):
            yield _quote(text, words, region, hit)
        if any(c.isalpha() for c in text):
            names.append(text)
    for mark, values in readings(region.words):
        label = join(mark)[0]
        said = [join(value)[0] for value in values]
        yield Quote(
            f"{label}: {'; '.join(said)}",
            " ".join([label, *said]),
            tuple(Place(region.page, BBox.union(w.bbox for w in part)) for part in (*values, mark)),
            region,
            hit,
            label=label,
            about=" ".join(names)[:_LONGEST],
        )


def _rows(region: Region, cells: Sequence[Cell], hit: Hit) -> Iterator[Quote]:
    said = (region.caption or "", *reversed(region.section), hit.context)
    for row in rows_of(cells, said):
        filled = [*([row.label] if row.label else []), *(column.value for column in row.columns)]
        if _meets(filled, region, hit):
            yield quote_of_row(row, region, hit)


def quote_of_row(row: Row, region: Region, hit: Hit) -> Quote:
    places = tuple(Place(region.page, box) for box in row.boxes)
    return Quote(row.text, row.quote, places, region, hit, label=row.name, about=row.group, row=row)


def _quote(text: str, words: Sequence[Word], region: Region, hit: Hit) -> Quote:
    places = tuple(Place(region.page, BBox.union(w.bbox for w in line)) for line in lines_of(words))
    return Quote(text, text, places, region, hit)


def _within(words: Sequence[Word], region: Region, hit: Hit) -> bool:
    """Whether the words stand in one of the hit's boxes (a passage may be a window of a long region)."""
    x, y = words[len(words) // 2].bbox.center
    return any(p.page == region.page and p.bbox.grown(0.004).contains(x, y) for p in hit.places)


def _meets(cells: Sequence[Cell], region: Region, hit: Hit) -> bool:
    box = BBox.union(c.bbox for c in cells)
    return any(p.page == region.page and box.inside(p.bbox.grown(0.004)) > 0.5 for p in hit.places)
