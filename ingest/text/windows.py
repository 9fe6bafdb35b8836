"""Parts of long texts and tables that fit a window: whole sentences, whole rows under their header."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ..types import BBox, Cell
from .numerals import is_number
from .sentences import sentence_spans

CountTokens = Callable[[str], int]


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
    """Runs of whole rows that fit `room` tokens, each under the header, with the box of their cells.

    The header's own box belongs to the first part alone. Only a row that no window holds is cut, by its sentences.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    head = [r for r, row in rows.items() if any(c.header for c in row)]
    body = [r for r in rows if r not in head]
    header = "\n".join(row_text(rows[r]) for r in head)
    while count(header) > room // 2:
        header = header[: len(header) // 2]
    left = room - count(header)
    batches: list[list[int]] = [[]]
    used = 0
    for r in body:
        size = count(row_text(rows[r])) + 1
        if batches[-1] and used + size > left:
            batches.append([])
            used = 0
        batches[-1].append(r)
        used += size
    for n, batch in enumerate(batches):
        shown = [c for r in (head if n == 0 else []) + batch for c in rows[r]]
        box = BBox.union([c.bbox for c in shown if c.text] or [c.bbox for c in shown])
        text = "\n".join(line for r in batch if (line := row_text(rows[r])))
        pieces = [text] if count(text) <= left else [text[a:b] for a, b, _ in windows(text, count, left)]
        for piece in pieces:
            yield "\n".join(part for part in (header, piece) if part), box


def row_text(cells: Sequence[Cell]) -> str:
    """A row in one line: `label: value | value`, or its parts when it has no label."""
    filled = [c for c in sorted(cells, key=lambda c: c.col) if c.text]
    if len(filled) > 1 and filled[0].col == 0 and not filled[0].header and not is_number(filled[0].text):
        return f"{filled[0].text}: " + " | ".join(c.text for c in filled[1:])
    return " | ".join(c.text for c in filled)
