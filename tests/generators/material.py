"""Regions set by hand, so that every box is known."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.ingest.types import BBox, Cell, Kind, Place, Region, Source, Word
from octavo.retrievers.types import Hit, Ref

LETTER, LINE = 0.01, 0.02  # of the page: width of a letter, height of a line


def set_words(text: str, x: float = 0.1, y: float = 0.1, source: Source = "text-layer") -> tuple[Word, ...]:
    """Words of `text` in lines from (x, y) down; a letter is `LETTER` wide, as is a space, a line `LINE` high."""
    words: list[Word] = []
    for n, line in enumerate(text.split("\n")):
        at, top = x, y + n * 1.5 * LINE
        for word in line.split():
            words.append(Word(word, BBox(at, top, at + len(word) * LETTER, top + LINE), source))
            at += (len(word) + 1) * LETTER
    return tuple(words)


def region(
    text: str = "",
    *,
    id: str = "r1",
    kind: Kind = "text",
    words: Sequence[Word] | None = None,
    cells: Sequence[Cell] | None = None,
    section: tuple[str, ...] = (),
    caption: str | None = None,
    source: Source = "text-layer",
    page: int = 1,
) -> Region:
    placed = tuple(words) if words is not None else set_words(text) if text and cells is None else ()
    boxes = [w.bbox for w in placed] + [c.bbox for c in cells or ()]
    return Region(
        id=id,
        page=page,
        order=0,
        kind=kind,
        bbox=BBox.union(boxes) if boxes else BBox(0.1, 0.1, 0.9, 0.9),
        text=text.replace("\n", " "),
        section=section,
        words=placed,
        cells=None if cells is None else tuple(cells),
        caption=caption,
        source=source,
    )


def table(*rows: Sequence[str], headers: int = 1, id: str = "t1", caption: str | None = None) -> Region:
    """Cells 0.05 high from (0.1, 0.1) on, 0.2 wide or narrower; the first `headers` rows name the columns."""
    wide = min(0.2, 0.8 / len(rows[0]))
    cells = [
        Cell(
            row=r,
            col=c,
            bbox=BBox(0.1 + wide * c, 0.1 + 0.05 * r, 0.1 + wide * (c + 1), 0.15 + 0.05 * r),
            text=text,
            header=r < headers,
        )
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    text = "\n".join(" | ".join(row) for row in rows)
    return region(text, id=id, kind="table", cells=cells, caption=caption)


def hit(*regions: Region, relevance: float | None = 0.5, boxes: Sequence[BBox] | None = None) -> Hit:
    """A passage hit on whole regions, or on `boxes` of the first one's page."""
    places = [Place(r.page, r.bbox) for r in regions] if boxes is None else [Place(regions[0].page, b) for b in boxes]
    return Hit(
        ref=Ref(kind="passage", id="p1", document="doc", version="v1"),
        places=tuple(places),
        score=1.0,
        relevance=relevance,
        kind=regions[0].kind,
        regions=tuple(r.id for r in regions),
        text="\n".join(r.text for r in regions),
    )


class Shelf:
    """Regions by id: what the library is to a generator."""

    def __init__(self, regions: Sequence[Region]) -> None:
        self._regions = {r.id: r for r in regions}

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        assert document == "doc"
        return [self._regions[i] for i in ids if i in self._regions]

    def document_name(self, document: str) -> str:
        return f"{document}.pdf"
