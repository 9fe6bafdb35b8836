"""Footnotes and what they are notes to: a mark that the note begins with stands there, or it says that it is one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .text.sentences import sentence_spans
from .types import Region

_MARK = re.compile(r"\(?(?:\d{1,2}|[a-z])\)|[*∗†‡§]+|\d{1,2}(?=\s?[^\W\d]|\s?[“\"])")
_SAYS_SO = re.compile(r"(?:notes?|sources?)\s?[:：]", re.I)
_ANCHORS = frozenset({"text", "list", "table", "figure", "formula"})
_BELOW = 0.06  # as far below a table or the note before its notes may stand, in page heights


def mark_of(note: str) -> str:
    """The mark that a note begins with: "(1)", "a)", "*", "†", "3"; empty without one."""
    found = _MARK.match(note)
    return found.group() if found else ""


def anchored(text: str, mark: str) -> int:
    """Where `mark` stands in `text` as the anchor of a note, else -1. A number hangs on a word: "assets3", "grew.3"."""
    if not mark:
        return -1
    if not mark.isdigit():
        return text.find(mark)
    found = re.search(rf"(?:(?<=[^\W\d_]{{2}})|(?<=[)\]”\"’]))[.,;:]?(?:\d,)*{mark}(?![\w%]|\.\d|,\d{{3}})", text)
    return found.start() if found else -1


def noted_words(text: str, mark: str) -> str:
    """The sentence, or the cell of a row, that carries the mark of a note."""
    line = next((line for line in text.splitlines() if anchored(line, mark) >= 0), "")
    parts = [part for a, b in sentence_spans(line) for part in re.split(r" \| |: ", line[a:b])]
    return next((part for part in parts if anchored(part, mark) >= 0), "")


def notes_of(regions: Sequence[Region]) -> dict[str, list[Region]]:
    """The notes of a page's regions, in order, by the id of the region that they belong to.

    Footnotes belong to the first region above that holds their mark. Below a table, so does any text that begins with
    a mark of the table's, or with "Note:" or "Source:". A note to a note belongs to what that is a note to.
    """
    found: dict[str, list[Region]] = {}
    noted: dict[str, str] = {}  # by the id of a note, what it belongs to: itself no note
    table: Region | None = None
    bottom = 0.0
    for n, region in enumerate(regions):
        mark = mark_of(region.text)
        if region.kind == "table":
            table, bottom = region, region.bbox.y1
            continue
        if region.kind == "footnote":
            above = (r for r in regions[:n] if r.kind in _ANCHORS and anchored(r.text, mark) >= 0)
            anchor = next(above, None)
        else:
            near = table is not None and region.kind in ("text", "list") and region.bbox.y0 - bottom < _BELOW
            told = table is not None and (anchored(table.text, mark) >= 0 or bool(_SAYS_SO.match(region.text)))
            anchor = table if near and told else None
        if anchor is None:
            table = None
        else:
            noted[region.id] = noted.get(anchor.id, anchor.id)  # the anchor stands above, and is dealt with already
            found.setdefault(noted[region.id], []).append(region)
            bottom = region.bbox.y1
    return found
