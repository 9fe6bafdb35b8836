"""Words and their text: lines, reading direction, hyphenation, and whether a text layer can be trusted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from .types import BBox, Word

# Parts of compounds that keep their hyphen when a line ends after it ("long-\nterm" is long-term).
_COMPOUND = frozenset(
    """
    long short non self well high low mid multi year full part first second third cross real state data end fixed
    free half single double two three four five six ten third-party year-over
    """.split()
)
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\uff00-\uffef\u3000-\u303f]")


class Span(NamedTuple):
    """Where a word stands in the joined text: characters `start` to `end`."""

    start: int
    end: int


def lines_of(words: Iterable[Word]) -> list[list[Word]]:
    """Words grouped into printed lines, top to bottom, each in reading direction.

    Two words share a line when their middles are nearly level. Upright text (a rotated axis title) comes last, each
    word a line of its own.
    """
    flat: list[Word] = []
    upright: list[list[Word]] = []
    for word in words:
        tall = word.bbox.height > 2.5 * word.bbox.width and len(word.text) > 2
        upright.append([word]) if tall else flat.append(word)
    lines: list[list[Word]] = []
    for word in sorted(flat, key=lambda w: (w.bbox.center[1], w.bbox.x0)):
        for line in reversed(lines[-6:]):
            if _same_line(line[-1], word) or _same_line(line[0], word):
                line.append(word)
                break
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=lambda w: w.bbox.x0, reverse=_right_to_left(line))
    lines.sort(key=lambda line: median(w.bbox.center[1] for w in line))
    return lines + upright


def _same_line(a: Word, b: Word) -> bool:
    small, large = sorted((a.bbox.height, b.bbox.height))
    # Fonts' boxes overlap in tightly set lines, so middles decide; superscripts are smaller and stand off the middle.
    reach = 0.4 * large if large < 1.8 * small else 0.5 * small
    return abs(a.bbox.center[1] - b.bbox.center[1]) < reach


def _right_to_left(line: Sequence[Word]) -> bool:
    letters = [unicodedata.bidirectional(c) for w in line for c in w.text if c.isalpha()]
    return sum(b in ("R", "AL") for b in letters) * 2 > len(letters) > 0


def join(words: Sequence[Word]) -> tuple[str, list[Span]]:
    """The words' running text, and where each word stands in it.

    Words are parted by one space, Chinese and Japanese by none; a word broken at a line's end is made whole, so that
    "perfor-" and "mance" give "performance".
    """
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for i, word in enumerate(words):
        text = word.text
        if i and _broken(words[i - 1], word):
            parts[-1] = parts[-1][:-1]
            length -= 1
            spans[-1] = Span(spans[-1].start, length)
        elif i and not _unspaced(words[i - 1].text, text):
            parts.append(" ")
            length += 1
        parts.append(text)
        spans.append(Span(length, length + len(text)))
        length += len(text)
    return "".join(parts), spans


def _broken(before: Word, after: Word) -> bool:
    """Whether `before` ends in a hyphen that only the line's end put there."""
    if not (before.text.endswith(("-", "\u00ad", "\u2010")) and len(before.text) > 2):
        return False
    if _same_line(before, after) or not after.text[:1].islower() or not before.text[-2].isalpha():
        return False
    return before.text.endswith("\u00ad") or before.text[:-1].lower() not in _COMPOUND


def _unspaced(before: str, after: str) -> bool:
    return bool(_CJK.match(before[-1:]) and _CJK.match(after[:1]))


def distrust(words: Sequence[Word]) -> str | None:
    """Why the text of these words cannot be what is printed, or None if it can.

    Fonts without a usable encoding give replacement and private-use characters, `(cid:…)` codes, or Latin letters
    shifted by a constant, which shows in the share of vowels: it lies between a quarter and a half of the letters in
    European languages.
    """
    text = "".join(w.text for w in words)
    if len(text) < 40:
        return None
    bad = sum(c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc") for c in text)
    if bad / len(text) > 0.08:
        return "characters without meaning"
    if text.count("(cid:") * 8 > 0.2 * len(text):
        return "glyph codes instead of characters"
    latin = [c for c in unicodedata.normalize("NFD", text.lower()) if "a" <= c <= "z"]
    symbols = sum(not c.isalnum() and not c.isspace() for c in text)
    if len(latin) > 0.4 * len(text) and len(latin) > 100:
        vowels = sum(c in "aeiouy" for c in latin) / len(latin)
        if not 0.2 < vowels < 0.62:
            return "letters that form no words"
    elif symbols > 0.55 * len(text) and not any(c in text for c in ".…_"):
        return "symbols instead of letters"
    return None


def union_box(words: Sequence[Word]) -> BBox:
    return BBox.union(w.bbox for w in words)
