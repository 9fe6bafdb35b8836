"""Parts of long texts and tables that fit a window: whole sentences, whole rows under their header."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from ..types import BBox, Cell
from .numerals import is_number, is_time, is_unit
from .sentences import sentence_spans

CountTokens = Callable[[str], int]

_INDENT = 0.003  # of a row under its group, at least, in page widths
_NOTE = re.compile(r"\s*(?:\(\w{1,2}\)|\*+|[†‡])$")  # that hangs on a year


def windows(text: str, count: CountTokens, room: int, overlap: int = 0) -> Iterator[tuple[int, int, int]]:
    """Runs of whole sentences of `text` that fit `room` tokens: first and last character, and tokens.

    Neighbours share whole sentences of up to `overlap` tokens. A sentence that exceeds the room is cut between words.
    """
    spans = [s for span in sentence_spans(text) for s in _halves(text, span, count, room)]
    sizes = [count(text[a:b]) for a, b in spans]
    start = 0
    while start < len(spans):
        end, total = start, 0
        while end < len(spans) and (end == start or total + sizes[end] <= room):
            total += sizes[end]
            end += 1
        yield spans[start][0], spans[end - 1][1], total
        if end == len(spans):
            return
        # The next window has to bring something new, so what it repeats must leave room for it.
        again, earliest, start = 0, start + 1, end
        limit = min(overlap, room - sizes[end])
        while start > earliest and again + sizes[start - 1] <= limit:
            start -= 1
            again += sizes[start]


def _halves(text: str, span: tuple[int, int], count: CountTokens, room: int) -> list[tuple[int, int]]:
    """A span without sentence ends that exceeds the room, cut at white space (or anywhere, if there is none)."""
    a, b = span
    if count(text[a:b]) <= room or b - a < 2:
        return [span]
    middle = text.rfind(" ", a + 1, (a + b) // 2 + 1)
    middle = middle if middle > a else (a + b) // 2
    return _halves(text, (a, middle), count, room) + _halves(text, (middle, b), count, room)


def table_parts(cells: Sequence[Cell], count: CountTokens, room: int) -> Iterator[tuple[str, BBox]]:
    """Runs of whole rows that fit `room` tokens, each under the header and the group it goes on with, with the box of
    their cells.

    The header's own box belongs to the first part alone. Only a row that no window holds is cut, by its sentences.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    head = _head(rows)
    body = [r for r in rows if r not in head]
    said = {r: row_text(row) for r, row in rows.items()}
    groups = _groups(body, rows)
    header = "\n".join(said[r] for r in head)
    while count(header) > room // 2:
        header = header[: len(header) // 2]
    left = room - count(header)
    batches: list[tuple[str, list[int]]] = [("", [])]
    used = 0
    for r in body:
        size = count(said[r]) + 1
        if batches[-1][1] and used + size > left:
            group = groups[r]
            used = count(group) + 1 if group else 0
            if used + size > left:  # better without than a row cut
                group, used = "", 0
            batches.append((group, []))
        batches[-1][1].append(r)
        used += size
    for n, (group, batch) in enumerate(batches):
        shown = [c for r in (head if n == 0 else []) + batch for c in rows[r]]
        box = BBox.union([c.bbox for c in shown if c.text] or [c.bbox for c in shown])
        text = "\n".join(line for line in (group, *(said[r] for r in batch)) if line)
        pieces = [text] if count(text) <= left else [text[a:b] for a, b, _ in windows(text, count, left)]
        for piece in pieces:
            yield "\n".join(part for part in (header, piece) if part), box


def _head(rows: Mapping[int, Sequence[Cell]]) -> list[int]:
    """The rows that name the columns: those marked so, and those right below with nothing but dates and units."""
    head = [r for r, row in rows.items() if any(c.header for c in row)]
    for r, row in rows.items():
        if r in head:
            continue
        filled = [c for c in row if c.text]
        if not filled or len(head) + 1 >= len(rows) or not all(_names_column(c) for c in filled):
            break
        head.append(r)
    return head


def _names_column(cell: Cell) -> bool:
    text = _NOTE.sub("", cell.text)
    return is_unit(text) or (cell.col > 0 and is_time(text) and any(c.isdigit() for c in text))


def _groups(body: Sequence[int], rows: Mapping[int, Sequence[Cell]]) -> dict[int, str]:
    """For each row the label above it that heads it ("Current assets:"): a row without figures.

    It heads the rows down to its total, the next such label, or, where it stands further left than the first of them,
    a row that does so too.
    """
    found: dict[int, str] = {}
    group, outdent = "", 0.0
    filled = [[c for c in sorted(rows[r], key=lambda c: c.col) if c.text] for r in body]
    for r, (here, below) in zip(body, pairwise([*filled, []]), strict=True):
        found[r] = ""
        if not here or here[0].col > 0:
            found[r] = group
        elif len(here) == 1:
            group = here[0].text if _heads(here[0].text, below) else ""
            outdent = here[0].bbox.x0 + _INDENT if group and below[0].bbox.x0 > here[0].bbox.x0 + _INDENT else 0.0
        elif here[0].bbox.x0 < outdent:
            group = ""
        else:
            found[r] = group
            group = "" if here[0].text.lower().startswith("total") else group
    return found


def _heads(label: str, below: Sequence[Cell]) -> bool:
    """Whether a lone label heads the row below, and is not its first line: "Accrued liabilities, reserves, &"."""
    if len(below) < 2 or below[0].col > 0 or is_number(label):
        return False
    return label.endswith(":") or not (below[0].text[:1].islower() or label.endswith((",", "&", "-", "–", "/")))


def row_text(cells: Sequence[Cell]) -> str:
    """A row in one line: `label: value | value`, or its parts when it has no label."""
    filled = [c for c in sorted(cells, key=lambda c: c.col) if c.text]
    if len(filled) > 1 and filled[0].col == 0 and not filled[0].header and not is_number(filled[0].text):
        return f"{filled[0].text}: " + " | ".join(c.text for c in filled[1:])
    return " | ".join(c.text for c in filled)
