"""The words of a figure: which belong to one label, and which values stand over which mark of an axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from ..ingest.text.numerals import is_number
from ..ingest.text.words import lines_of, union_box
from ..ingest.types import Word

Label = list[Word]

_GAP = 2.0  # letters: wider spaces part labels
_LONGEST = 50  # words


def labels(words: Sequence[Word]) -> list[Label]:
    """Words grouped into labels, top to bottom: lines parted at wide gaps, wrapped lines put together.

    A line of a name and figures only (`Direct 62.67 % 40,120`) is kept whole: it is a row of a table without rules.
    """
    groups: list[Label] = []
    for line in lines_of(words):
        pieces = _parted(line)
        if len(pieces) > 1 and not _is_number(pieces[0]) and all(map(_is_number, pieces[1:])):
            groups.append(list(line))
            continue
        for piece in pieces:
            above = next((g for g in reversed(groups) if _continues(g, piece)), None)
            if above is None:
                groups.append(piece)
            else:
                above += piece
    return groups


def readings(words: Sequence[Word]) -> Iterator[tuple[Label, list[Label]]]:
    """The marks of a horizontal axis, each with the values printed above it, left to right and top to bottom.

    The axis is the lowest line of three or more labels, evenly far apart. Figures left of it are marks of the other
    axis. Nothing comes out unless most marks have values.
    """
    lines = [_parted(line) for line in lines_of(words)]
    for at in range(len(lines) - 1, 0, -1):
        marks = lines[at]
        if len(marks) < 3 or not _even(marks):
            continue
        middles = [union_box(mark).center[0] for mark in marks]
        reach = (middles[-1] - middles[0]) / (len(marks) - 1) / 2
        found: list[list[Label]] = [[] for _ in marks]
        for value in (piece for line in lines[:at] for piece in line if _is_number(piece)):
            x = union_box(value).center[0]
            nearest = min(range(len(marks)), key=lambda i: abs(middles[i] - x))
            if abs(middles[nearest] - x) < 0.9 * reach:
                found[nearest].append(value)
        if sum(map(bool, found)) * 2 > len(marks):
            for mark, values in zip(marks, found, strict=True):
                if values:
                    yield mark, sorted(values, key=lambda value: round(union_box(value).x0, 2))
        return


def _parted(line: Sequence[Word]) -> list[Label]:
    """A line's labels, left to right."""
    pieces: list[Label] = []
    letter = sum(w.bbox.width for w in line) / max(sum(len(w.text) for w in line), 1)
    for word in sorted(line, key=lambda w: w.bbox.x0):
        if pieces and word.bbox.x0 - pieces[-1][-1].bbox.x1 < _GAP * letter:
            pieces[-1].append(word)
        else:
            pieces.append([word])
    return pieces


def _continues(group: Label, piece: Label) -> bool:
    """Whether `piece` is the next line of `group`."""
    box, last = union_box(piece), union_box(group)
    shared = min(last.x1, box.x1) - max(last.x0, box.x0)
    near = -0.3 * box.height < box.y0 - last.y1 < 0.6 * box.height
    numbers = _is_number(group) or _is_number(piece)
    return near and shared > 0.5 * min(last.width, box.width) and not numbers and len(group) + len(piece) <= _LONGEST


def _even(marks: Sequence[Label]) -> bool:
    boxes = [union_box(mark) for mark in marks]
    steps = [b.center[0] - a.center[0] for a, b in pairwise(boxes)]
    return max(steps) < 1.6 * median(steps) and min(steps) > 0.6 * median(steps)


def _is_number(label: Label) -> bool:
    return is_number(" ".join(word.text for word in label))
