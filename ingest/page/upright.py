"""Pages as they are read: displayed upright, with their text running from left to right, and boxes turned back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..files import broken
from ..types import BBox, Region, Word

if TYPE_CHECKING:
    import pymupdf


def upright(document: pymupdf.Document, number: int, turn: int) -> pymupdf.Document:
    """The page alone in a document of its own, as it is displayed and turned by `turn` degrees more.

    A copy, since OCR writes into the page; converting applies rotation and crop box at once (`remove_rotation` loses
    the crop box).
    """
    import pymupdf

    page = document[number - 1]
    copy = pymupdf.open()
    # With `widgets`, PyMuPDF goes through all pages of the document at each call.
    copy.insert_pdf(document, from_page=number - 1, to_page=number - 1, links=False, widgets=_has_widgets(page))
    if page.rotation == 0 and turn == 0:
        return copy
    copy[0].set_rotation((page.rotation + turn) % 360)
    return pymupdf.open("pdf", copy.convert_to_pdf())


def _has_widgets(page: pymupdf.Page) -> bool:
    try:
        return page.first_widget is not None
    except broken():  # form fields that are broken shall not cost the page
        return False


def reading_turn(page: pymupdf.Page) -> int:
    """Degrees (clockwise) to turn the displayed page by, so that most of its text runs from left to right."""
    votes: dict[tuple[int, int], int] = {}
    for block in page.get_text("dict", flags=0)["blocks"]:
        for line in block.get("lines", ()):
            direction = (round(line["dir"][0]), round(line["dir"][1]))
            votes[direction] = votes.get(direction, 0) + sum(len(span["text"]) for span in line["spans"])
    total = sum(votes.values())
    if total < 100:
        return 0
    winner = max(votes, key=lambda d: votes[d])
    if votes[winner] < 0.7 * total:
        return 0
    # `dir` is given before the page's own rotation: (0, -1) runs upwards and needs a quarter turn clockwise.
    needed = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}.get(winner, 0)
    return (needed - int(page.rotation)) % 360


def turned(region: Region, turn: int) -> Region:
    """A region of a page read `turn` degrees clockwise, back in the displayed page's fractions."""
    cells = region.cells and tuple(c.model_copy(update={"bbox": turned_back(c.bbox, turn)}) for c in region.cells)
    words = tuple(Word(w.text, turned_back(w.bbox, turn), w.source) for w in region.words)
    return region.model_copy(update={"bbox": turned_back(region.bbox, turn), "words": words, "cells": cells})


def turned_back(box: BBox, turn: int) -> BBox:
    """A box of a page that was turned `turn` degrees clockwise, on the page as it was before."""
    if turn == 90:
        return BBox(box.y0, 1 - box.x1, box.y1, 1 - box.x0)
    if turn == 180:
        return BBox(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
    if turn == 270:
        return BBox(1 - box.y1, box.x0, 1 - box.y0, box.x1)
    return box
