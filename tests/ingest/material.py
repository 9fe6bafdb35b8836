"""Pages of regions set by hand, and the passages of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from octavo.ingest.options import IngestOptions
from octavo.ingest.passages import build_passages
from octavo.ingest.regions.tables import cells_html
from octavo.ingest.text.words import join
from octavo.ingest.types import BBox, Cell, Document, Kind, Page, Passage, Region, Word

DOCUMENT = Document(id="d" * 16, name="a.pdf", source="/a.pdf", content="c", version="f" * 32)


def count(text: str) -> int:
    """Tokens: words of up to four letters, longer ones by fours, and each sign."""
    return sum(-(-len(part) // 4) if part.isalnum() else 1 for part in re.findall(r"\w+|\S", text))


class Maker:
    """Regions down a page, each line of words 0.012 high and up to ten words long."""

    def __init__(self, number: int = 1, section: tuple[str, ...] = ()) -> None:
        self.number, self.section = number, section
        self.regions: list[Region] = []
        self.y = 0.05

    def add(self, kind: Kind, text: str, **fields: Any) -> Region:
        words: list[Word] = []
        parts = text.split()
        for start in range(0, len(parts), 10):
            words += [
                Word(part, BBox(0.1 + 0.08 * n, self.y, 0.17 + 0.08 * n, self.y + 0.012))
                for n, part in enumerate(parts[start : start + 10])
            ]
            self.y += 0.015
        box = BBox.union(w.bbox for w in words) if words else BBox(0.1, self.y, 0.9, self.y + 0.1)
        self.y += 0.01
        n = len(self.regions)
        said = {"text": join(words)[0] if kind not in ("table", "figure") else text, "words": tuple(words), **fields}
        region = Region(
            id=f"v.{self.number}.{n}", page=self.number, order=n, kind=kind, bbox=box, section=self.section, **said
        )
        self.regions.append(region)
        return region

    def table(self, rows: Sequence[Sequence[str]], headers: int = 1, **fields: Any) -> Region:
        cells = tuple(
            Cell(
                row=r,
                col=c,
                bbox=BBox(0.1 * c, 0.02 * r, 0.1 * c + 0.09, 0.02 * r + 0.015),
                text=text,
                header=r < headers,
            )
            for r, row in enumerate(rows)
            for c, text in enumerate(row)
        )
        text = "\n".join(" | ".join(row) for row in rows)
        return self.add("table", text, cells=cells, html=cells_html(cells), words=(), **fields)

    @property
    def page(self) -> Page:
        return Page(number=self.number, width=595, height=842, regions=tuple(self.regions))


def passages_of(*makers: Maker, title: str | None = None, max_tokens: int = 256, **options: Any) -> list[Passage]:
    document = DOCUMENT.model_copy(update={"title": title})
    found = list(
        build_passages(document, [m.page for m in makers], count, IngestOptions(**options), max_tokens=max_tokens)
    )
    assert [p.order for p in found] == list(range(len(found)))
    assert [p.id for p in found] == [f"{'d' * 16}.{'f' * 16}.{n:06d}" for n in range(len(found))]
    return found


def sentences(n: int, words: int = 10) -> str:
    return " ".join(" ".join([f"Sentence{k}", *["word"] * (words - 2), "end."]) for k in range(n))
