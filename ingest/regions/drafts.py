"""A region in the making: what the steps from blocks to regions hand on and change."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..types import BBox, Cell, Kind, Source, Word


@dataclass
class Draft:
    """A region in the making."""

    kind: Kind
    bbox: BBox
    words: list[Word] = field(default_factory=list)
    text: str = ""
    cells: tuple[Cell, ...] | None = None
    html: str | None = None
    caption: str | None = None

    @property
    def source(self) -> Source:
        ocr = sum(w.source == "ocr" for w in self.words)
        return "ocr" if ocr * 2 > len(self.words) else "text-layer"
