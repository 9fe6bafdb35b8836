"""The figures and tables of the field study."""

from __future__ import annotations

import math
import random

from ..canvas import AMBER, INK, LAGOON, SEA, Canvas
from ..charts import Axis, Plot
from ..flow import Flow
from ..setting import Style
from ..tables import Column, Look, Row, table

LEFT, RIGHT, COLUMN, GUTTER = 54.0, 541.0, 233.0, 21.0
SECOND = LEFT + COLUMN + GUTTER
CAPTION = Style("serif", 8.8, 11)
SMALL = Style("sans", 7.4, 9.5)
SKERRIES = ("Hollow Skerry", "Long Tern", "Grey Maiden")
GLOW = {  # mean peak glow in µcd/m²: neap dry, neap wet, spring dry, spring wet
    "Hollow Skerry": (3.1, 5.4, 6.8, 11.9),
    "Long Tern": (2.6, 4.7, 5.9, 10.2),
    "Grey Maiden": (1.8, 3.6, 4.0, 7.3),
}
MONTHS = [
    ("April", 15, 4, 2.9),
    ("May", 19, 5, 3.8),
    ("June", 20, 5, 5.2),
    ("July", 21, 7, 6.6),
    ("August", 20, 11, 8.0),
    ("September", 17, 10, 6.4),
]
COLOURS = {"Hollow Skerry": SEA, "Long Tern": LAGOON, "Grey Maiden": AMBER}


def skerry(canvas: Canvas, x: float, y: float) -> float:
    """A skerry cut through, with the three belts; returns where the text below it may begin."""
    right, base = x + COLUMN, y + 158
    canvas.area(x, y, right, base, (0.955, 0.97, 0.98))
    sea = y + 122
    canvas.area(x, sea, right, base, (0.72, 0.86, 0.9))
    rock = [
        (x + 62, base),
        (x + 84, sea),
        (x + 104, y + 96),
        (x + 126, y + 72),
        (x + 148, y + 52),
        (x + 178, y + 34),
        (x + 208, y + 28),
        (right, y + 26),
        (right, base),
    ]
    canvas.polygon(rock, (0.5, 0.53, 0.56))
    for first, colour in ((2, SEA), (3, LAGOON), (4, AMBER)):
        canvas.path(rock[first : first + 2], colour, 4.0)
    for height, name, colour in ((84, "lower belt", SEA), (62, "middle belt", LAGOON), (43, "upper belt", AMBER)):
        canvas.text(x + 10, y + height + 2.6, name, SMALL._replace(bold=True, colour=colour))
        end = {84: 113, 62: 135, 43: 161}[height]
        canvas.rule(x + 60, y + height, x + end, y + height, colour, 0.6)
    canvas.rule(x, sea, x + 84, sea, SEA, 0.8)
    canvas.text(x + 10, sea + 11, "mean high water", SMALL)
    canvas.text(right - 6, y + 15, "first grasses", SMALL, "right")
    for step in range(6):
        canvas.rule(x + 182 + 9 * step, y + 33 - step, x + 185 + 9 * step, y + 25 - step, (0.35, 0.55, 0.3), 0.9)
    canvas.text(x + 176, y + 96, "rock", SMALL._replace(colour=(1, 1, 1)))
    caption = (
        "**Figure 1:** A skerry in cross-section, with the three belts of lichen in which plots were laid. Heights are "
        "exaggerated twofold."
    )
    block = canvas.block(x, base + 6, COLUMN, caption, CAPTION, justify=True)
    canvas.mark("skerry figure", block | (x, y, right, block.y1))
    return block.y1 + 14


def tide_and_water(canvas: Canvas, y: float) -> float:
    """Two panels across both columns; returns where the text below may begin."""
    high = y + 176
    hours = tuple(float(hour) for hour in range(-4, 9, 2))
    across = Axis("Hours after high water", -4, 8, hours, tuple(f"{hour:g}".replace("-", "−") for hour in hours))
    left = Plot(
        canvas, (LEFT + 34, y + 26, LEFT + COLUMN, high), across, Axis("Glow (µcd/m^2^)", 0, 8, (0, 2, 4, 6, 8)), SMALL
    )
    left.legend(LEFT + 34, y + 16, [(name, COLOURS[name]) for name in SKERRIES])
    peaks = {name: sum(values) / 4 for name, values in GLOW.items()}
    for name in SKERRIES:
        curve = [(t / 10, peaks[name] * math.exp(-((t / 10 - 2.1) ** 2) / (2 * 1.6**2))) for t in range(-40, 81, 2)]
        left.line(curve, COLOURS[name], 1.5, dot=0)
    canvas.rule(left.x(2.1), left.y(7.6), left.x(2.1), left.y1, INK, 0.5)
    canvas.text(left.x(2.1) + 4, left.y(7.5) + 4, "peak at 2.1 h", SMALL)
    percent = Axis("Water content of the thallus (%)", 0, 100, (0, 20, 40, 60, 80, 100))
    right = Plot(
        canvas, (SECOND + 34, y + 26, RIGHT, high), percent, Axis("Glow (µcd/m^2^)", 0, 12, (0, 3, 6, 9, 12)), SMALL
    )
    right.legend(SECOND + 34, y + 16, [(name, COLOURS[name]) for name in SKERRIES])
    dice = random.Random(1911)
    for name, (low, spread) in zip(SKERRIES, ((38, 52), (30, 50), (22, 42)), strict=True):
        for number in range(18):
            water = low + spread * (number + dice.random()) / 18
            glow = max(0.1, 0.135 * (water - 20) + dice.gauss(0, 0.75))
            canvas.dot(right.x(water), right.y(glow), 1.9, COLOURS[name])
    canvas.path([(right.x(20), right.y(0)), (right.x(95), right.y(0.135 * 75))], INK, 0.9, "[3 2] 0")
    canvas.text(right.x(62), right.y(9.6), "R^2^ = 0.81", SMALL, "center")
    for letter, x in (("a", LEFT), ("b", SECOND)):
        canvas.text(x, y + 16, letter, Style("sans", 11, 13, bold=True))
    caption = (
        "**Figure 2:** Glow, tide and water. (a) Mean glow against time since high water, for each skerry. (b) Peak "
        "glow of the 54 plots against the water content of the thallus; the broken line is the fit."
    )
    block = canvas.block(LEFT, high + 34, RIGHT - LEFT, caption, CAPTION, justify=True)
    canvas.mark("glow figure", block | (LEFT, y, RIGHT, block.y1))
    return block.y1 + 14


def belts(flow: Flow) -> None:
    """A small chart inside a column."""
    flow.reserve(190)
    flow.space(6)
    x, y, canvas = flow.x, flow.y, flow.canvas
    shares = {"Lower belt": 12, "Middle belt": 71, "Upper belt": 17}
    across = Axis("Belt", 0, 3, (0.5, 1.5, 2.5), tuple(shares))
    plot = Plot(
        canvas, (x + 36, y + 8, x + COLUMN, y + 112), across, Axis("Nights (%)", 0, 80, (0, 20, 40, 60, 80)), SMALL
    )
    for number, share in enumerate(shares.values()):
        plot.bar(number + 0.5, share, 36, LAGOON, f"{share}")
    caption = "**Figure 3:** Share of nights on which each belt was the brightest, all skerries together."
    flow.y = y + 144
    block = flow.p(caption, style=CAPTION, gap=8)
    canvas.mark("belts chart", block | (x, y, x + COLUMN, block.y1))


def glow_table(canvas: Canvas, y: float) -> float:
    """Table 1 across both columns; returns where the text below may begin."""
    caption = (
        "**Table 1:** Mean peak glow in µcd/m^2^, by tide and weather. A night is wet if it rained more than 1 mm."
    )
    top = y
    y = canvas.block(LEFT, y, RIGHT - LEFT, caption, CAPTION).y1 + 4
    columns = (Column(127), Column(60, "right"), *(Column(75, "right") for _ in range(4)))
    rows = [
        Row(("", "", "Neap tide", "Spring tide"), "header", (1, 1, 2, 2)),
        Row(("Skerry", "Plots", "Dry nights", "Wet nights", "Dry nights", "Wet nights"), "header"),
        *(Row((name, "18", *(f"{value:.1f}" for value in GLOW[name]))) for name in SKERRIES),
    ]
    means = (f"{sum(values) / 3:.1f}" for values in zip(*GLOW.values(), strict=True))
    rows.append(Row(("All skerries", "54", *means), "total"))
    box = table(canvas, LEFT, y, columns, rows, Look(Style("serif", 9.6, 12), 16, "book"))
    canvas.mark("glow table", box | (LEFT, top, RIGHT, box.y1))
    return box.y1 + 18


def months_table(flow: Flow) -> None:
    """Table 2, inside a column."""
    flow.reserve(150)
    flow.space(4)
    x, y, canvas = flow.x, flow.y, flow.canvas
    caption = "**Table 2:** Nights of work by month, how many of them were wet, and mean peak glow in µcd/m^2^."
    flow.p(caption, style=CAPTION, gap=4)
    columns = (Column(77), *(Column(52, "right") for _ in range(3)))
    rows = [Row(("Month", "Nights", "Wet", "Glow"), "header")]
    rows += [Row((month, str(nights), str(wet), f"{glow:.1f}")) for month, nights, wet, glow in MONTHS]
    rows.append(Row(("Season", str(sum(row[1] for row in MONTHS)), str(sum(row[2] for row in MONTHS)), "5.6"), "total"))
    box = table(canvas, x, flow.y, columns, rows, Look(Style("serif", 9.4, 12), 14.5, "book"))
    canvas.mark("months table", box | (x, y, box.x1, box.y1))
    flow.y = box.y1 + 6
