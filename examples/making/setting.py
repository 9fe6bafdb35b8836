"""Setting text: inline markup into pieces, words into lines of the least raggedness.

Markup: `**bold**`, `*italic*`, `^raised^`, `~lowered~`; a soft hyphen (U+00AD) marks where a word may be divided.
Han text breaks between any two characters, except before closing and after opening punctuation.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import pymupdf

FAMILIES = {
    "sans": ("helv", "hebo", "heit"),
    "serif": ("tiro", "tibo", "tiit"),
    "mono": ("cour", "cobo", "coit"),
    "han": ("china-s", "china-s", "china-s"),
}
_MARKUP = re.compile(r"(\*\*.+?\*\*|\*.+?\*|\^.+?\^|~.+?~)")
_HAN = r"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef“”‘’"
_PARTS = re.compile(rf"[{_HAN}]|[^{_HAN}]+")
_NOT_FIRST = "，。、；：？！）》”’」"
_NOT_LAST = "（《“‘「"


class Style(NamedTuple):
    """How text looks; sizes in points."""

    family: str = "serif"
    size: float = 10.4
    leading: float = 14.8
    colour: tuple[float, float, float] = (0.13, 0.15, 0.18)
    bold: bool = False
    italic: bool = False


class Piece(NamedTuple):
    """A run of one font. `gap` counts the stretchable gaps after it on its line (0 or 1)."""

    text: str
    face: str
    size: float
    rise: float = 0.0
    gap: int = 0

    @property
    def font(self) -> pymupdf.Font:
        return font_named(self.face)

    @property
    def width(self) -> float:
        """Advance in points."""
        return self.size * sum(_advance(self.face, character) for character in self.text)


class Line(NamedTuple):
    pieces: tuple[Piece, ...]
    width: float
    gaps: int
    last: bool


class _Unit(NamedTuple):
    """What is never divided, and what stands before it where no line begins: a space, or nothing."""

    pieces: tuple[Piece, ...]
    before: str
    hyphen: bool = False


@cache
def _advance(name: str, character: str) -> float:
    return float(font_named(name).text_length(character, 1))


@cache
def font_named(name: str) -> pymupdf.Font:
    """One font object a name, so that a document holds each font once."""
    return pymupdf.Font(name)


def measure(text: str, style: Style) -> float:
    """Width of one line of `text` in points."""
    return sum(piece.width for piece in pieces_of(text, style))


def pieces_of(text: str, style: Style) -> list[Piece]:
    """`text` with its markup resolved."""
    pieces = []
    for part in _MARKUP.split(text):
        if not part:
            continue
        regular, bold, italic = FAMILIES[style.family]
        name = bold if style.bold else italic if style.italic else regular
        size, rise = style.size, 0.0
        if part.startswith("**"):
            name, part = bold, part[2:-2]
        elif part[0] == "*" and len(part) > 1:
            name, part = italic, part[1:-1]
        elif part[0] in "^~" and len(part) > 1:
            rise = 0.36 * size if part[0] == "^" else -0.16 * size
            size, part = 0.66 * size, part[1:-1]
        pieces.append(Piece(part, name, size, rise))
    return pieces


def lines_of(text: str, style: Style, width: float) -> list[Line]:
    """`text` in lines of at most `width` points, chosen for the least sum of squared slack."""
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        units = _units_of(paragraph, style)
        best: list[tuple[float, int]] = [(0.0, 0)]  # cost of the first n units, and where their last line begins
        for end in range(1, len(units) + 1):
            options = []
            for start in range(end - 1, -1, -1):
                line = _line_of(units, start, end)
                if line.width > width + 0.01 and start < end - 1:
                    break
                slack = 0.0 if end == len(units) else (width - line.width) ** 2
                divided = 25.0 if end < len(units) and units[end].hyphen else 0.0
                options.append((best[start][0] + slack + divided, start))
            best.append(min(options))
        cuts, end = [], len(units)
        while end:
            cuts.append((best[end][1], end))
            end = best[end][1]
        lines += [_line_of(units, start, end) for start, end in reversed(cuts)]
    return lines


def _units_of(text: str, style: Style) -> list[_Unit]:
    units: list[_Unit] = []
    before = ""
    for piece in pieces_of(text, style):
        for word in re.findall(r" |\u00ad|[^ \u00ad]+", piece.text):
            if word == " ":
                before = " "
            elif word == "\u00ad":
                before = "-"
            else:
                parts = _PARTS.findall(word) if style.family == "han" else [word]
                for part in parts:
                    new = piece._replace(text=part)
                    breakable = style.family == "han" and bool(units) and part not in _NOT_FIRST
                    breakable = breakable and units[-1].pieces[-1].text not in _NOT_LAST
                    if units and not before and not breakable:
                        units[-1] = units[-1]._replace(pieces=(*units[-1].pieces, new))
                    else:
                        units.append(_Unit((new,), " " if before == " " else "", before == "-"))
                    before = ""
    return units


def _line_of(units: list[_Unit], start: int, end: int) -> Line:
    pieces: list[Piece] = []
    gaps = 0
    for number in range(start, end):
        if number > start and not units[number].hyphen:
            before, after = pieces[-1], units[number].pieces[0]
            if before.rise and units[number].before:
                pieces.append(after._replace(text=" ", gap=1))
            else:
                pieces[-1] = before._replace(text=before.text + units[number].before, gap=1)
            gaps += 1
        pieces += units[number].pieces
    if end < len(units) and units[end].hyphen:
        pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + "-")
    return Line(tuple(pieces), sum(piece.width for piece in pieces), gaps, end == len(units))
