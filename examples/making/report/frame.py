"""What the pages of the annual report share: measures, styles, running head and foot, footnotes."""

from __future__ import annotations

from ..canvas import INK, SEA, SLATE, Canvas
from ..flow import Flow, Frame, Heading
from ..record import Example
from ..setting import Style

LEFT, RIGHT, TOP = 68.0, 527.0, 88.0
WIDTH = RIGHT - LEFT
BODY = Style("serif", 10.6, 15.2)
HEADINGS = (
    Heading(Style("sans", 22, 27, SEA, bold=True), 26, 10),
    Heading(Style("sans", 13.5, 18, SEA, bold=True), 14, 4),
    Heading(Style("sans", 10.5, 15, INK, bold=True), 8, 2),
)
CAPTION = Style("sans", 8.8, 12.4, SLATE)
NOTE = Style("serif", 8.6, 11.4)
CHART = Style("sans", 8.2, 11)
SECTIONS = (
    "",
    "Contents",
    "Letter from the chair",
    "Business review",
    "Business review",
    "Financial review",
    "Financial review",
    "Fleet register",
    "Fleet register",
    "Governance and risk",
)
LABELS = ("i", "ii", "1", "2", "3", "4", "5", "6", "7", "8")


def new_page(example: Example) -> Canvas:
    """A page with running head and foot."""
    canvas = example.page()
    number = canvas.number - 1
    small = Style("sans", 8.2, 11, SLATE)
    canvas.text(LEFT, 50, "Quillmere Lines plc", small._replace(bold=True, colour=SEA))
    canvas.text(RIGHT, 50, "Annual Report 2024", small, "right")
    canvas.rule(LEFT, 57, RIGHT, 57)
    canvas.text(LEFT, 802, SECTIONS[number], small)
    canvas.text(RIGHT, 802, LABELS[number], small._replace(bold=True, colour=INK), "right")
    return canvas


def new_flow(example: Example, *canvases: Canvas) -> Flow:
    frames = [Frame(canvas, LEFT, TOP) for canvas in canvases or (new_page(example),)]
    return Flow(example, frames, WIDTH, body=BODY, headings=HEADINGS, justify=True)


def footnotes(flow: Flow, notes: list[tuple[str, str]]) -> None:
    """Notes at the foot of the page, under a short rule."""
    y = 776.0 - 12 * len(notes)
    flow.canvas.rule(LEFT, y - 4, LEFT + 90, y - 4, SLATE, 0.5)
    for sign, text in notes:
        y = flow.canvas.block(LEFT, y, WIDTH, f"^{sign}^ {text}", NOTE).y1
