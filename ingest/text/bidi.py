"""Lines of Arabic script, put together by where their characters stand.

MuPDF gives them in an order of its own: Arabic digits reversed, the two letters of a ligature exchanged, spaces and
signs elsewhere. Numbers run from left to right, with what separates their digits (UAX #9, rules W4 and W7).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

_NUMBER = re.compile(r"\d+(?:[.,/:\u066b\u066c]\d+)*")
_TOUCHING = 0.2  # points
_GAP, _AGAIN = 0.2, 0.05  # of a line's height: letters that do not join stand closer; printed twice to look bold


class Character(NamedTuple):
    """A character (or a word) and its box, in points."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float


class _Placed(NamedTuple):
    order: int
    character: Character


def is_arabic(text: str) -> bool:
    """Whether there are letters or digits of Arabic script in it."""
    return any(unicodedata.bidirectional(c) in ("AL", "AN") or "\u06f0" <= c <= "\u06f9" for c in text)


def words_by_place(line: Sequence[Character]) -> Iterator[Character]:
    """The words of a level line, from left to right."""
    directions = [unicodedata.bidirectional(c.text) for c in line]
    from_the_right = directions.count("L") <= directions.count("R") + directions.count("AL")
    word: list[_Placed] = []
    for order, one in sorted(enumerate(line), key=lambda pair: pair[1].x0 + pair[1].x1):
        height = one.y1 - one.y0
        if any(c.text == one.text and abs(c.x0 - one.x0) < _AGAIN * height for _, c in word[-3:]):
            continue
        if word and (one.text.isspace() or one.x0 - max(c.x1 for _, c in word) > _GAP * height):
            yield _word(word, from_the_right)
            word = []
        if not one.text.isspace():
            word.append(_Placed(order, one))
    if word:
        yield _word(word, from_the_right)


def _word(placed: Sequence[_Placed], from_the_right: bool) -> Character:
    units = list(_units(placed))
    has = {unicodedata.bidirectional(p.character.text) for p in placed}
    if has & {"R", "AL"} or (from_the_right and "L" not in has):
        units.reverse()
    x0, y0, x1, y1 = zip(*(p.character[1:] for p in placed), strict=True)
    return Character("".join(units), min(x0), min(y0), max(x1), max(y1))


def _units(placed: Sequence[_Placed]) -> Iterator[str]:
    """What stands beside each other, from left to right: numbers, runs of letters of one direction, single signs."""
    text = "".join(p.character.text for p in placed)
    numbers = {n: match.start() for match in _NUMBER.finditer(text) for n in range(*match.span())}

    def unit(n: int) -> tuple[str, int]:
        if n in numbers:
            return "number", numbers[n]
        direction = unicodedata.bidirectional(text[n])
        return ("letters", 0) if direction in ("R", "AL", "NSM") else ("latin", 0) if direction == "L" else ("sign", n)

    for (kind, _), run in groupby(range(len(text)), unit):
        members = [placed[n] for n in run]
        yield _spelt(members) if kind == "letters" else "".join(p.character.text for p in members)


def _spelt(letters: Sequence[_Placed]) -> str:
    """Letters from the right in reading order: MuPDF's, which tells what stands in one place, where that is so too."""
    ordered = [p.character for p in sorted(letters)]
    wide = [c for c in ordered if c.x1 > c.x0]
    if wide and wide[0].x0 < wide[-1].x0:
        ordered.reverse()
    while len(ordered) > 1 and unicodedata.category(ordered[0].text) == "Mn":  # the vowel of a word's last letter
        mark = ordered.pop(0)
        base = min(range(len(ordered)), key=lambda n: abs(ordered[n].x0 - mark.x0))
        ordered.insert(base + 1, mark)
    for n, (one, after) in enumerate(pairwise(ordered)):
        # The second letter of a ligature has no width, and stands where the first ends.
        if one.x0 == one.x1 and unicodedata.category(one.text) == "Lo" and abs(one.x0 - after.x1) < _TOUCHING:
            ordered[n : n + 2] = [after, one]
    return "".join(c.text for c in ordered)
