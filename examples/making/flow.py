"""Text that flows down a column and on into the next: headings (which become bookmarks), paragraphs, lists."""

from __future__ import annotations

from typing import NamedTuple

import pymupdf

from .canvas import Canvas
from .record import Example
from .setting import Style, lines_of


class Heading(NamedTuple):
    """How a heading stands: its style, and the room before and after it."""

    style: Style
    before: float
    after: float


class Frame(NamedTuple):
    """Room for text: a column of a page, from `top` down to `bottom`."""

    canvas: Canvas
    x: float
    top: float
    bottom: float = 776.0


class Flow:
    """Fills `frames`, each `width` points wide; `y` is where the next thing begins."""

    def __init__(
        self,
        example: Example,
        frames: list[Frame],
        width: float,
        *,
        body: Style,
        headings: tuple[Heading, ...],
        justify: bool = False,
        gap: float = 6.0,
    ) -> None:
        self.example, self.width = example, width
        self.body, self.headings, self.justify, self.gap = body, headings, justify, gap
        self._frames = list(frames)
        self.next_frame()

    @property
    def canvas(self) -> Canvas:
        return self._frame.canvas

    @property
    def x(self) -> float:
        return self._frame.x

    def next_frame(self) -> None:
        """Go on at the head of the next column; raises IndexError when all are full."""
        self._frame = self._frames.pop(0)
        self.y = self._frame.top
        self._fresh = True

    def heading(self, level: int, text: str, *, bookmark: bool = True, keep: int = 2) -> None:
        """A heading of `level` 1, 2, …; it keeps `keep` lines of text with it."""
        look = self.headings[level - 1]
        lines = lines_of(text, look.style, self.width)
        need = len(lines) * look.style.leading + look.after + keep * self.body.leading
        if self.y + look.before + need > self._frame.bottom:
            self.next_frame()
        if not self._fresh:
            self.y += look.before
        if bookmark:
            self.example.outline.append([level, text.replace("  ", " "), self.canvas.number])
        self.y = self.canvas.lines(self.x, self.y, self.width, lines, look.style).y1 + look.after
        self._fresh = False

    def p(self, text: str, key: str = "", style: Style | None = None, gap: float | None = None) -> pymupdf.Rect:
        """A paragraph, which may go on in the next column, two lines at least on either side; returns its last part."""
        style = style or self.body
        lines = lines_of(text, style, self.width)
        while True:
            room = int((self._frame.bottom - self.y + 0.01) // style.leading)
            if len(lines) > room:
                room = min(room, len(lines) - 2) if len(lines) > 3 else 0
                if room < 2:
                    room = 0
            here, lines = lines[:room], lines[room:]
            if here:
                block = self.canvas.lines(self.x, self.y, self.width, here, style, justify=self.justify, key=key)
                self.y = block.y1
                self._fresh = False
            if not lines:
                self.y += self.gap if gap is None else gap
                return block
            self.next_frame()

    def bullets(self, items: list[str], key: str = "", gap: float = 2.0) -> None:
        """A bulleted list."""
        self.y = self.canvas.bullets(self.x, self.y, self.width, items, self.body, gap=gap, key=key) + self.gap
        self._fresh = False

    def reserve(self, points: float) -> None:
        """Go on in the next column unless this one has room for so much."""
        if self.y + points > self._frame.bottom:
            self.next_frame()

    def space(self, points: float) -> None:
        """Leave room."""
        self.y += points
        self._fresh = False
