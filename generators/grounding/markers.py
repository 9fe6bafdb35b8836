"""The `[n]` of a reply: which of the shown evidence a sentence rests on.

Recognised, in `[ ]`, `［ ］` and `【 】`: numbers (`[1]`), lists (`[1, 2]`, `[1; 2]`, `[1 2]`, `[1 and 2]`, `[1 or 2]`)
and ranges (`[1-3]`), each with or without a word or sign before it (`[Evidence 1]`, `[Source: 2]`, `[^1]`, `[#1]`), and
with or without what some models put after a dagger (`【1†source】`). Digits of any script count, as do those with
invisible characters between.

Such a bracket is a marker wherever it stands, in a quotation or code, too: the reader could not tell it from one. So a
number that was never shown goes, and is counted, even if `[2020]` was meant as text. Other brackets (`[sic]`,
`[1.5 km]`, `[p. 9]`) are text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

_LONGEST = 80  # characters between the brackets; white space beyond it is left out
_NEAR = 1_000  # characters of the clean text in which a bracket may still be open
_OPEN, _CLOSE = r"\[［【", r"\]］】"
_BRACKET = re.compile(rf"(?<!\s)(\s*)[{_OPEN}]([^{_OPEN}{_CLOSE}]{{0,{_LONGEST}}})([{_CLOSE}])?")
_CALLED = "evidence|source|region|document|doc|passage|citation|reference|ref|beleg|quelle|证据|来源"
# No character may be read in two ways, for the tries would double with each number of a list.
_WORD = rf"(?:(?:{_CALLED})s?(?:\.|\s*:)?\s*)?(?:[#^]\s*)?"
_ONE = rf"{_WORD}\d+(?:\s*(?:-|to|bis)\s*{_WORD}\d+)?"
_NEXT = r"(?:\s*[,;、&][\s,;、&-]*|\s*(?:and|und|et|or|oder|ou)[\s,;-]*|\s+)"
_MARKER = re.compile(rf"[\s,;-]*{_ONE}(?:{_NEXT}{_ONE})*[\s,;.-]*(?:†.*)?", re.I | re.S)
_BEGINNING = re.compile(rf"\s*{_WORD}\d[\d\s,;-]*\.?", re.I)
_NUMBERS = re.compile(r"(\d+)(?:\s*(?:-|to|bis)\s*\D*?(\d+))?", re.I)
# Invisible characters that no script needs: they reorder what is read, or hide a marker or an instruction.
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
# Others are letters, symbols or accents by their category, but print nothing.
_EMPTY = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0]")
_BLANK = re.compile(rf"(\s{{{_LONGEST}}})\s+")
_DASHES = str.maketrans("–—‒−‐‑", "------")


class Mark(NamedTuple):
    """A marker that was shown: where it stands in the clean text, and the number of the evidence."""

    start: int
    end: int
    evidence: int


class MarkerStream:
    """Cleans a reply piece by piece; markers may be split over pieces.

    In the clean text evidence is numbered consecutively by its first use: `[3]` and later `[1]` become `[1]` and `[2]`,
    a list becomes `[1][2]`. `marks` says which evidence each stands for, `dropped` how many numbers were never shown.
    """

    def __init__(self, shown: Iterable[int]) -> None:
        self.marks: list[Mark] = []
        self.numbers: dict[int, int] = {}  # evidence -> the number it has in the clean text
        self.dropped = 0
        self._shown = frozenset(shown)
        self._held = ""
        self._parts: list[str] = []
        self._length = 0
        self._near = ""

    @property
    def text(self) -> str:
        """The clean text so far."""
        return "".join(self._parts)

    def feed(self, piece: str) -> str:
        """The clean text that is certain after this piece; what may yet become a marker is held back."""
        self._held = _BLANK.sub(r"\1", self._held + _HIDDEN.sub("", piece))
        before = len(self._parts)
        while match := _BRACKET.search(self._held):
            inside, closed = match[2], match[3]
            if not closed and match.end() == len(self._held) and len(inside) < _LONGEST:
                self._say(self._held[: match.start()])
                self._held = match.group()
                return "".join(self._parts[before:])
            self._say(self._held[: match.start()])
            numbers = _numbers(inside) if closed else None
            if numbers is not None:
                self._mark(match[1], numbers)
            elif not closed and len(inside) == _LONGEST and _BEGINNING.fullmatch(_plain(inside) + "0"):
                self._say(f"{match[1]}…{inside}")  # blanks without end would hide a marker
            else:
                self._say(match.group())
            self._held = self._held[match.end() :]
        text = self._held.rstrip()
        self._say(text)
        self._held = self._held[len(text) :]  # white space goes with a dropped marker
        return "".join(self._parts[before:])

    def close(self) -> str:
        """What was held back at the end; a marker that was cut off is dropped."""
        rest, self._held = self._held, ""
        if (cut := re.fullmatch(rf"\s*[{_OPEN}](.*)", rest, re.S)) and _BEGINNING.fullmatch(_plain(cut[1])):
            self.dropped += 1
            return ""
        self._say(rest)
        return rest

    def cut(self, length: int) -> None:
        """Leaves the first `length` characters of the clean text, and the markers that stand in them."""
        kept = self.text[:length]
        self._parts, self._length, self._near = [kept], len(kept), kept[-_NEAR:]
        self.marks = [mark for mark in self.marks if mark.end <= length]

    def _say(self, text: str) -> None:
        if not text:
            return
        # "[1](address)" and "[1]: address" would be links in Markdown, so the marker is parted from them.
        if self.marks and self.marks[-1].end == self._length and text[0] in "(:（：":
            text = " " + text
        self._append(text)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        self._near = (self._near + text)[-_NEAR:]

    def _mark(self, space: str, numbers: list[range]) -> None:
        shown = [n for some in numbers for n in sorted(self._shown) if n in some]
        # Of a hostile range of a billion the first numbers are enough.
        self.dropped += sum(len(set(some[:_LONGEST]) - self._shown) for some in numbers)
        if not shown:
            # "[[9]7]" must not become "[7]".
            _, opened, inside = self._near.rpartition("[")
            if opened and _BEGINNING.fullmatch(_plain(inside) + "0"):
                self._say("…")
            return
        self._say(space)
        for n in dict.fromkeys(shown):
            marker = f"[{self.numbers.setdefault(n, len(self.numbers) + 1)}]"
            self.marks.append(Mark(self._length, self._length + len(marker), n))
            self._append(marker)


def _numbers(inside: str) -> list[range] | None:
    """The numbers of a marker, None if the bracket is text."""
    plain = _plain(inside)
    if not _MARKER.fullmatch(plain):
        return None
    found = []
    for match in _NUMBERS.finditer(plain.partition("†")[0]):
        first, last = sorted((int(match[1][:9]), int((match[2] or match[1])[:9])))
        found.append(range(first, last + 1))
    return found


def _plain(text: str) -> str:
    """Compatibility forms resolved, invisible characters off, every dash a hyphen."""
    printed = unicodedata.normalize("NFKC", _EMPTY.sub("", text))
    kept = "".join(c for c in printed if unicodedata.category(c) != "Cf")
    return kept.translate(_DASHES)
