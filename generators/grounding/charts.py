"""A figure that prints a number beside each name, as the table that it is."""

from __future__ import annotations

from ...ingest.text.words import join, union_box
from ...ingest.types import Cell, Region
from ..figures import labels
from .numbers import numbers_in
from .tables import Table


def chart_of(region: Region) -> Table | None:
    """The names and numbers of a figure's labels ("Solar 34 % Wind 41 %"); None unless each name has one number."""
    cells: list[Cell] = []
    for label in labels([word for word in region.words if word.source != "vlm"]):
        text, spans = join(label)
        at = 0
        for number in numbers_in(text, region.source == "ocr"):
            name = text[at : number.start].strip(" :,;·•–-")
            if number.year or not any(c.isalpha() for c in name):
                return None
            for col, (start, end) in enumerate(((at, number.start), (number.start, number.end))):
                words = [w for w, s in zip(label, spans, strict=True) if s.start < end and s.end > start]
                said = name if col == 0 else text[start:end]
                cells.append(Cell(row=len(cells) // 2, col=col, bbox=union_box(words), text=said))
            at = number.end
    return Table(region.model_copy(update={"cells": tuple(cells)})) if len(cells) > 2 else None
