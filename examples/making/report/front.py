"""The front of the annual report: cover, contents, the letter from the chair."""

from __future__ import annotations

import math

from ..canvas import AMBER, INK, LAGOON, MIST, RULE, SEA, SLATE, WHITE, Canvas, Colour
from ..flow import Flow
from ..record import Example
from ..setting import Style
from .frame import LEFT, RIGHT, WIDTH, new_flow


def cover(example: Example) -> None:
    canvas = example.page()
    canvas.area(0, 0, 595, 842, (0.93, 0.96, 0.965))
    canvas.dot(438, 452, 74, (0.96, 0.78, 0.47))
    _wave(canvas, 560, 9, 60, 0.4, (0.62, 0.81, 0.84))
    hull = [(150, 548), (428, 548), (404, 590), (176, 590)]
    canvas.polygon(hull, SEA)
    canvas.polygon([(184, 520), (386, 520), (392, 548), (176, 548)], WHITE)
    canvas.polygon([(232, 496), (346, 496), (352, 520), (226, 520)], WHITE)
    canvas.polygon([(300, 470), (322, 470), (326, 496), (298, 496)], AMBER)
    for x in range(200, 376, 22):
        canvas.area(x, 529, x + 12, 539, LAGOON)
    canvas.rule(150, 554, 426, 554, AMBER, 2.2)
    _wave(canvas, 584, 10, 48, 3.3, LAGOON)
    _wave(canvas, 650, 13, 66, 0.2, (0.11, 0.45, 0.55))
    _wave(canvas, 716, 12, 54, 2.6, SEA)
    canvas.text(LEFT, 112, "QUILLMERE LINES PLC", Style("sans", 12, 16, SEA, bold=True))
    canvas.rule(LEFT, 126, LEFT + 44, 126, AMBER, 3)
    canvas.text(LEFT, 204, "Annual Report", Style("sans", 46, 54, SEA, bold=True))
    canvas.text(LEFT, 256, "2024", Style("sans", 46, 54, LAGOON))
    canvas.text(LEFT, 300, "Quieter ships, shorter queues, cleaner water", Style("serif", 17, 22, INK, italic=True))
    canvas.text(LEFT, 796, "Brannet Harbour · Isle of Brannet · Quillmere Archipelago", Style("sans", 9.5, 13, WHITE))
    canvas.finish()


def _wave(canvas: Canvas, y: float, height: float, length: float, phase: float, fill: Colour) -> None:
    points = [(x, y + height * math.sin(x / length + phase)) for x in range(0, 601, 5)]
    canvas.polygon([*points, (600, 842), (0, 842)], fill)


def contents(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(1, "Contents", bookmark=False)
    flow.space(4)
    line = Style("sans", 10.2, 14)
    entries = [
        ("1", "Letter from the chair", "1"),
        ("2", "Business review", "2"),
        ("2.1", "Routes and passengers", "2"),
        ("2.2", "Fleet and energy", "3"),
        ("3", "Financial review", "4"),
        ("3.1", "The year in figures", "4"),
        ("3.2", "Five-year summary", "4"),
        ("3.3", "Income statement", "5"),
        ("4", "Fleet register", "6"),
        ("4.1", "Harbours and crews", "7"),
        ("5", "Governance and risk", "8"),
    ]
    for number, title, page in entries:
        main = "." not in number
        style = line._replace(bold=main, colour=SEA if main else INK)
        flow.y += 24 if main else 19
        flow.canvas.text(LEFT, flow.y, number, style)
        flow.canvas.text(LEFT + 34, flow.y, title, style)
        flow.canvas.text(RIGHT, flow.y, page, style, "right")
        flow.canvas.rule(LEFT if main else LEFT + 34, flow.y + 6, RIGHT, flow.y + 6, RULE, 0.4)
    flow.space(34)
    flow.heading(2, "About this report", bookmark=False)
    flow.p(
        "This report covers the financial year from 1 January to 31 December 2024. All amounts are in millions of "
        "euros unless another unit is given, and figures for earlier years are shown as they were first published. "
        "Sums may differ from their parts in the last digit because of rounding."
    )
    flow.p(
        "Quillmere Lines carries passengers, vehicles and freight between the five inhabited islands of the Quillmere "
        "Archipelago. The company was founded in 1897 as the Quillmere Steam Packet Company and took its present name "
        "in 1971.",
        key="founded",
    )
    flow.canvas.finish()


def chair(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(1, "1  Letter from the chair")
    flow.p("Dear shareholders, dear islanders,")
    flow.p(
        "On the fourteenth of March 2024, a little before five in the morning, the car ferry *Dunlin* left Brannet on "
        "power that had been stored overnight from the wind above the harbour. Nobody on the quay heard her go. It was "
        "the quietest departure in the history of this company, and the one of which I am proudest."
    )
    flow.p(
        "It was also good business. We carried 9.8 million passengers in 2024, 7.7 per cent more than the year before, "
        "and spent less on energy than in any year since 2021. Revenue passed two hundred million euros for the first "
        "time. Operating profit rose from 14.8 to 24.5 million euros."
    )
    flow.space(8)
    _tiles(flow)
    flow.p(
        "The board proposes a dividend of 0.50 euros per share, which is 5.5 million euros in all. Last year we paid "
        "4.0 million euros. We think this is a fair share for owners in a year in which we also repaid debt.",
        key="dividend",
    )
    flow.heading(3, "What did not go well", bookmark=False)
    flow.p(
        "In November the storm that islanders call the Long Grey closed the harbour of Little Tern for eleven days. "
        "Our launches could not land, and the school boat did not run. We had promised a spare landing stage for "
        "such weather in 2023 and had not built it. It is now under construction and will be ready before the autumn "
        "of 2025.",
        key="storm",
    )
    flow.heading(3, "Thanks", bookmark=False)
    flow.p(
        "I thank the 1,004 people who work with us, and our chief executive Tobin Ashgrove, who will retire in June "
        "2025 after nineteen years with the company. His successor is Marit Oskendal, now head of operations.",
        key="successor",
    )
    flow.space(6)
    flow.p("*Ottoline Varrick*\nChair of the board, Brannet, 3 March 2025")
    flow.canvas.finish()


def _tiles(flow: Flow) -> None:
    """Four key figures in a row."""
    facts = [
        ("€201.6 m", "Revenue"),
        ("9.8 m", "Passengers"),
        ("€24.5 m", "Operating profit"),
        ("2.6 kg", "Carbon per trip"),
    ]
    wide = (WIDTH - 3 * 10) / 4
    for number, (value, name) in enumerate(facts):
        x = LEFT + number * (wide + 10)
        flow.canvas.area(x, flow.y, x + wide, flow.y + 62, MIST)
        flow.canvas.rule(x, flow.y, x + wide, flow.y, LAGOON, 2)
        flow.canvas.text(x + 12, flow.y + 31, value, Style("sans", 17.5, 20, SEA, bold=True))
        flow.canvas.text(x + 12, flow.y + 49, name, Style("sans", 8.8, 11, SLATE))
    flow.y += 62 + 14
