"""Words and their text: lines, reading direction, hyphenation, and whether a text layer can be trusted."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from ..types import BBox, Word

# Parts of compounds that keep their hyphen when a line ends after it ("long-\nterm" is long-term).
_COMPOUND = frozenset(
    """
    long short non self well high low mid multi year full part first second third cross real state data end fixed
    free half single double two three four five six ten third-party year-over
    """.split()
)
_HYPHENS = ("-", "\u00ad", "\u2010")
_JOINTS = frozenset("and or to und oder bis et ou y o e".split())
_CJK = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]"
)  # not Korean, which has spaces
_CLOSING = frozenset(".,:;!?،؛؟")


class Span(NamedTuple):
    """Where a word stands in the joined text: characters `start` to `end`."""

    start: int
    end: int


def lines_of(words: Iterable[Word], aspect: float = 1.0) -> list[list[Word]]:
    """Words grouped into printed lines, top to bottom, each in reading direction.

    Two words share a line when their middles are nearly level. Upright text (a rotated axis title) comes last, its
    words in the order in which they were given.

    Args:
        aspect: page width ÷ page height, to tell tall words from flat ones.
    """
    flat, upright = _parted(list(words), aspect)
    lines: list[list[Word]] = []
    for word in sorted(flat, key=lambda w: (w.bbox.center[1], w.bbox.x0)):
        for line in reversed(lines[-6:]):
            if _same_line(line[-1], word) or _same_line(line[0], word):
                line.append(word)
                break
        else:
            lines.append([word])
    for line in lines:
        line.sort(key=lambda w: w.bbox.x0)
        if right_to_left(line):
            line[:] = _from_the_right(line)
    lines.sort(key=lambda line: median(w.bbox.center[1] for w in line))
    return lines + upright


def _parted(words: list[Word], aspect: float) -> tuple[list[Word], list[list[Word]]]:
    """Level words, and lines of upright ones: tall words, and short ones that stand right above or below them."""
    tall = {i for i, w in enumerate(words) if len(w.text) > 2 and w.bbox.height > 1.8 * aspect * w.bbox.width}
    level = [w.bbox.height for i, w in enumerate(words) if i not in tall]
    # "ill" is tall too, but no taller than its neighbours.
    usual = 1.3 * median(level) if level else 0.0
    lines: list[list[int]] = []
    for i in sorted(i for i in tall if words[i].bbox.height > usual):
        line = next((line for line in lines if any(_stacked(words[i], words[j], aspect) for j in line)), None)
        line.append(i) if line else lines.append([i])
    for line in lines:
        reach = 1.25 * max(words[i].bbox.width for i in line)
        rest = {i for i, w in enumerate(words) if w.bbox.width < reach} - {i for line in lines for i in line}
        while near := {i for i in rest if any(_stacked(words[i], words[j], aspect) for j in line)}:
            line += near
            rest -= near
    taken = {i for line in lines for i in line}
    return [w for i, w in enumerate(words) if i not in taken], [[words[i] for i in sorted(line)] for line in lines]


def _stacked(a: Word, b: Word, aspect: float) -> bool:
    """Whether two words stand above each other in one line of upright text: level sides, a space between them."""
    width = max(a.bbox.width, b.bbox.width)
    gap = max(a.bbox.y0 - b.bbox.y1, b.bbox.y0 - a.bbox.y1)
    return abs(a.bbox.center[0] - b.bbox.center[0]) < 0.3 * width and gap < 0.8 * aspect * width


def _same_line(a: Word, b: Word) -> bool:
    small, large = sorted((a.bbox.height, b.bbox.height))
    # Fonts' boxes overlap in tightly set lines, so middles decide; superscripts are smaller and stand off the middle.
    reach = 0.4 * large if large < 1.8 * small else 0.5 * small
    return abs(a.bbox.center[1] - b.bbox.center[1]) < reach


def _from_the_right(line: Sequence[Word]) -> list[Word]:
    """A line of right-to-left text in reading order: runs of words of other scripts keep theirs."""
    out: list[Word] = []
    for other, group in itertools.groupby(reversed(line), key=lambda w: _has(w, "L") and not _has(w, "R", "AL")):
        run = list(group)
        out += run[::-1] if other else run
    return out


def _has(word: Word, *directions: str) -> bool:
    return any(unicodedata.bidirectional(c) in directions for c in word.text)


def right_to_left(words: Iterable[Word]) -> bool:
    """Whether most letters are of a script that runs from right to left."""
    letters = [unicodedata.bidirectional(c) for w in words for c in w.text if c.isalpha()]
    return sum(b in ("R", "AL") for b in letters) * 2 > len(letters) > 0


def join(words: Sequence[Word]) -> tuple[str, list[Span]]:
    """The words' running text, and where each word stands in it.

    Words are parted by one space, Chinese and Japanese by none, nor are the signs that close a word of Arabic or
    Hebrew; a word broken at a line's end is made whole, so that "perfor-" and "mance" give "performance".
    """
    parts: list[str] = []
    spans: list[Span] = []
    length = 0
    for i, word in enumerate(words):
        text = word.text
        if i and _hyphenated(words[i - 1], word):
            if _broken(words[i - 1], word):
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


def _hyphenated(before: Word, after: Word) -> bool:
    """Whether `before` ends a line in a hyphen and goes on in `after`; "short- and long-term" does not."""
    ends = len(before.text) > 1 and before.text.endswith(_HYPHENS) and before.text[-2].isalnum()
    return ends and after.text[:1].isalnum() and after.text not in _JOINTS and not _same_line(before, after)


def _broken(before: Word, after: Word) -> bool:
    """Whether the hyphen at the end of `before` is there only because the line ends."""
    if len(before.text) < 3 or not before.text[-2].isalpha() or not after.text[:1].islower():
        return False
    return before.text.endswith("\u00ad") or before.text[:-1].lower() not in _COMPOUND


def _unspaced(before: str, after: str) -> bool:
    if after in _CLOSING:  # MuPDF parts these from words that run from right to left
        return unicodedata.bidirectional(before[-1:] or " ") in ("R", "AL")
    return bool(_CJK.match(before[-1:]) and _CJK.match(after[:1]))


def distrust(words: Sequence[Word]) -> str | None:
    """Why the text of these words cannot be what is printed, or None if it can.

    Fonts without a usable encoding give replacement and private-use characters, `(cid:…)` codes, or Latin letters
    exchanged for others, which shows in how often they occur: vowels are between a quarter and a half of the letters,
    and vowels and e, t, a, o, i, n, s, r together more than .85 in European languages (a vowel among these counts
    twice), but at most .75 in English shifted along the alphabet.
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
        common = sum(c in "etaoinsr" for c in latin) / len(latin)
        if not 0.2 < vowels < 0.62 or vowels + common < 0.77:
            return "letters that form no words"
    elif symbols > 0.55 * len(text) and not any(c in text for c in ".…_"):
        return "symbols instead of letters"
    return None


def union_box(words: Sequence[Word]) -> BBox:
    return BBox.union(w.bbox for w in words)
