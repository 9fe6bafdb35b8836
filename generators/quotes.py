"""What may be quoted: sentences, table rows and labels of figures, verbatim, each with tight boxes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..ingest.text.sentences import sentence_spans
from ..ingest.text.windows import row_text
from ..ingest.text.words import join, lines_of
from ..ingest.types import BBox, Cell, Place, Region, Word
from ..retrievers.types import Hit
from .figures import labels, readings

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
    `cells` are a row's (column name, value) pairs after its label. `about` only helps to find the quote: the row's
    group, the rest of the figure.
    """

    text: str
    quote: str
    places: tuple[Place, ...]
    region: Region
    hit: Hit
    label: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    about: str = ""


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


def _rows(region: Region, all_cells: Sequence[Cell], hit: Hit) -> Iterator[Quote]:
    rows: dict[int, list[Cell]] = {}
    for cell in all_cells:
        rows.setdefault(cell.row, []).append(cell)
    names = _column_names(all_cells)
    header = " | ".join(dict.fromkeys(name for name in names.values() if name))
    above = [c.bbox for c in all_cells if c.header and c.col > 0 and c.text]
    group = ""
    for row in rows.values():
        filled = [c for c in sorted(row, key=lambda c: c.col) if c.text]
        if not filled or all(c.header for c in row):
            continue
        if len(filled) == 1 and filled[0].col == 0 and len(row) > 1:
            group = filled[0].text  # a line of its own that heads the rows below
        if not _meets(filled, region, hit):
            continue
        label = filled[0].text if filled[0].col == 0 else ""
        cells = tuple((names.get(c.col, ""), c.text) for c in filled if c.col > 0 or not label)
        places = [Place(region.page, BBox.union(c.bbox for c in filled))]
        if header and cells:
            places.append(Place(region.page, BBox.union(above)))
        quote = row_text(filled)
        yield Quote(
            row_said(label, cells),
            f"{header}\n{quote}" if header and cells else quote,
            tuple(places),
            region,
            hit,
            label=label,
            cells=cells,
            about=group if group != label else "",
        )


def row_said(label: str, cells: Sequence[tuple[str, str]]) -> str:
    """A row in words: `label: column value; column value`."""
    values = "; ".join(f"{name} {value}".strip() for name, value in cells)
    label = label.rstrip(" :：")
    return f"{label}: {values}" if label and values else label or values


def _column_names(cells: Sequence[Cell]) -> dict[int, str]:
    """What the header rows call each column, from the outermost header inwards."""
    names: dict[int, list[str]] = {}
    for cell in cells:
        if cell.header and cell.text:
            for col in range(cell.col, cell.col + cell.col_span):
                names.setdefault(col, []).append(cell.text)
    return {col: " ".join(dict.fromkeys(parts)) for col, parts in names.items() if col > 0}


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
