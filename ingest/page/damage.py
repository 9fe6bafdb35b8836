"""What is missing from a damaged page: MuPDF shows what is left of it and only whispers about the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import PageFailed
from ..files import UNDRAWN, broken, said
from ..types import Word

if TYPE_CHECKING:
    import pymupdf

LOOK = "look at the page in a viewer; if it shows there, save the file again as PDF"
AGAIN = "get the file again from its source"
_NO_CHAPTER = re.compile(r"ERROR: cannot find chapter .*")  # what MuPDF prints in its place
_LOST = ("object is not a stream", "cannot load content stream", "read error; treating as end of file")
_LOST_OF_REPAIRED = ("premature end of data",)  # harmless in many a sound file


def check_present(document: pymupdf.Document, number: int) -> None:
    """Raises `PageFailed` for a page that the file counts but does not hold: MuPDF would give a blank one."""
    import pymupdf

    pymupdf.TOOLS.reset_mupdf_warnings()
    try:
        present = bool(document.xref_get_keys(document.page_xref(number - 1)))
    except broken():
        present = False
    if not present:
        raise PageFailed("the page is missing: the file is damaged or was cut off", cure=AGAIN)


def check_placeholder(words: Sequence[Word]) -> None:
    """Raises `PageFailed` for a page of a book on which nothing stands but that its content is not to be had."""
    text = " ".join(word.text for word in words[:20])
    if _NO_CHAPTER.fullmatch(text):
        raise PageFailed("the chapter is missing from the book's file", cure=AGAIN)
    if text == UNDRAWN:
        raise PageFailed("the picture is damaged, or too large to be drawn", cure="save it anew, smaller if it is huge")


def failure(document: pymupdf.Document, error: Exception) -> PageFailed:
    """What an error of MuPDF or the models says of a page, in plainer words."""
    if document.is_repaired:
        return PageFailed(f"the page cannot be read: the file is damaged or was cut off ({said(error)})", cure=AGAIN)
    if "Overly large" in str(error):
        return PageFailed("the page is too large to be drawn", cure="print it to a PDF of a smaller size")
    return PageFailed(f"the page is broken, or breaks its reader ({said(error)})", cure=LOOK)


def damage_of(document: pymupdf.Document) -> str | None:
    """What MuPDF could not read since `check_present`, in words for the page's notes."""
    import pymupdf

    said = pymupdf.TOOLS.mupdf_warnings()
    found = [sign for sign in _LOST + (_LOST_OF_REPAIRED if document.is_repaired else ()) if sign in said]
    return f"part of the page may be missing: the file is damaged ({found[0]}) → {AGAIN}" if found else None
