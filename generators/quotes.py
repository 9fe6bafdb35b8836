"""What may be quoted: the sentences and table rows of regions, verbatim, each with tight boxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..ingest.passages import row_text
from ..ingest.sentences import sentence_spans
from ..ingest.types import BBox, Cell, Place, Region, Word
from ..ingest.words import join, lines_of
from ..retrievers.types import Hit

_LONGEST = 420  # characters; beyond, a sentence is a badly parsed page


class Quote(NamedTuple):
    """A candidate for quotation.

    `text` is what the answer says, `quote` what stands on the page; `boxes` hug the words, one per printed line.
    """

    text: str
    quote: str
    places: tuple[Place, ...]
    region: Region
    hit: Hit


def quotes_of(region: Region, hit: Hit) -> Iterator[Quote]:
    """The quotable pieces of a region that stand inside `hit`; none of a model's own description."""
    if region.source == "vlm":
        return
    if region.cells:
        yield from _rows(region, hit)
    elif region.words and region.kind != "figure":
        yield from _sentences(region, hit)
    elif region.words:
        yield from _lines(region, hit)
    elif region.text:
        yield Quote(region.text, region.text, (Place(region.page, region.bbox),), region, hit)


def _sentences(region: Region, hit: Hit) -> Iterator[Quote]:
    text, spans = join(region.words)
    for start, end in sentence_spans(text):
        words = [w for w, s in zip(region.words, spans, strict=True) if s.start < end and s.end > start]
        if words and end - start <= _LONGEST and _within(words, region, hit):
            yield _quote(text[start:end], words, region, hit)


def _lines(region: Region, hit: Hit) -> Iterator[Quote]:
    """A figure's labels: lines that stand close below each other in one column are one quote."""
    groups: list[list[Word]] = []
    for line in lines_of(region.words):
        box = BBox.union(w.bbox for w in line)
        last = BBox.union(w.bbox for w in groups[-1]) if groups else None
        beside = last and min(last.x1, box.x1) - max(last.x0, box.x0) > 0.3 * min(last.width, box.width)
        if last and beside and 0 <= box.y0 - last.y1 < 0.6 * box.height and len(groups[-1]) + len(line) < 50:
            groups[-1] += line
        else:
            groups.append(list(line))
    for words in groups:
        text = join(words)[0]
        if any(c.isalnum() for c in text):
            yield _quote(text, words, region, hit)


def _rows(region: Region, hit: Hit) -> Iterator[Quote]:
    rows: dict[int, list[Cell]] = {}
    for cell in region.cells or ():
        rows.setdefault(cell.row, []).append(cell)
    names = _column_names(region.cells or ())
    header = " | ".join(dict.fromkeys(name for name in names.values() if name))
    for cells in rows.values():
        filled = [c for c in cells if c.text]
        if not filled or all(c.header for c in cells) or not _meets(filled, region, hit):
            continue
        quote = row_text(filled)
        box = BBox.union(c.bbox for c in filled)
        label = filled[0].text if filled[0].col == 0 else ""
        values = [f"{names.get(c.col, '')} {c.text}".strip() for c in filled if c.col > 0 or not label]
        text = f"{label}: {'; '.join(values)}" if label and values else label or "; ".join(values)
        yield Quote(text, f"{header}\n{quote}" if header else quote, (Place(region.page, box),), region, hit)


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
