"""Charts as vector drawings: axes with ticks and names, bars, lines, dots, a legend."""

from __future__ import annotations

from typing import NamedTuple

from .canvas import INK, RULE, SLATE, Canvas, Colour
from .setting import Style, measure


class Axis(NamedTuple):
    """Values from `low` to `high`, a tick at each of `ticks`, written as in `labels` (the numbers where empty)."""

    name: str
    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...] = ()

    def label(self, number: int) -> str:
        return self.labels[number] if self.labels else f"{self.ticks[number]:,g}"


class Plot:
    """A drawing area (`x0`, `y0`, `x1`, `y1` in points) with two axes."""

    def __init__(
        self,
        canvas: Canvas,
        area: tuple[float, float, float, float],
        across: Axis,
        up: Axis,
        style: Style,
        w: float = 0.5,
    ) -> None:
        self.canvas, self.across, self.up, self.style = canvas, across, up, style
        self.x0, self.y0, self.x1, self.y1 = area
        small = style._replace(colour=SLATE)
        self.margin = 0.0
        for number, tick in enumerate(up.ticks):
            y = self.y(tick)
            canvas.rule(self.x0, y, self.x1, y, RULE, w)
            canvas.text(self.x0 - 0.6 * style.size, y + 0.35 * style.size, up.label(number), small, "right")
            self.margin = max(self.margin, measure(up.label(number), small))
        for number, tick in enumerate(across.ticks):
            canvas.text(self.x(tick), self.y1 + 1.5 * style.size, across.label(number), small, "center")
        canvas.rule(self.x0, self.y1, self.x1, self.y1, INK, 1.6 * w)
        canvas.text((self.x0 + self.x1) / 2, self.y1 + 3.2 * style.size, across.name, style, "center")
        canvas.upright(self.x0 - self.margin - 1.7 * style.size, (self.y0 + self.y1) / 2, up.name, style)

    def x(self, value: float) -> float:
        return self.x0 + (value - self.across.low) / (self.across.high - self.across.low) * (self.x1 - self.x0)

    def y(self, value: float) -> float:
        return self.y1 - (value - self.up.low) / (self.up.high - self.up.low) * (self.y1 - self.y0)

    def bar(self, at: float, value: float, width: float, fill: Colour, label: str = "") -> None:
        """A bar `width` points wide, centred `at` a value of the across axis, its label on top."""
        x, y = self.x(at), self.y(value)
        self.canvas.area(x - width / 2, y, x + width / 2, self.y1, fill)
        if label:
            self.canvas.text(x, y - 0.45 * self.style.size, label, self.style, "center")

    def line(
        self,
        points: list[tuple[float, float]],
        colour: Colour,
        w: float = 1.6,
        dot: float = 2.4,
        dashes: str | None = None,
    ) -> None:
        """A line through `points`, with dots of radius `dot`."""
        placed = [(self.x(x), self.y(y)) for x, y in points]
        self.canvas.path(placed, colour, w, dashes)
        if dot:
            for x, y in placed:
                self.canvas.dot(x, y, dot, colour, (1.0, 1.0, 1.0))

    def label(self, x: float, y: float, text: str, colour: Colour, dx: float = 0.0, dy: float = -7.0) -> None:
        """A label beside the point (`x`, `y`)."""
        self.canvas.text(self.x(x) + dx, self.y(y) + dy, text, self.style._replace(bold=True, colour=colour), "center")

    def legend(self, x: float, y: float, entries: list[tuple[str, Colour]]) -> None:
        """Coloured squares with names, in a row from `x`, on the baseline `y`."""
        size = self.style.size
        for name, colour in entries:
            self.canvas.area(x, y - 0.75 * size, x + 0.8 * size, y + 0.05 * size, colour)
            self.canvas.text(x + 1.2 * size, y, name, self.style)
            x += 1.2 * size + measure(name, self.style) + 1.8 * size
