"""`field-study.pdf`: a paper in two columns, with a figure of two panels and a table with spanning header cells."""

from __future__ import annotations

from ..canvas import INK, SLATE, Canvas
from ..flow import Flow, Frame, Heading
from ..record import Example
from ..setting import Style
from . import words
from .figures import COLUMN, LEFT, RIGHT, SECOND, belts, glow_table, months_table, skerry, tide_and_water
from .questions import QUESTIONS

BODY = Style("serif", 10.5, 13.3)
HEADINGS = (
    Heading(Style("serif", 12, 15, bold=True), 10, 3),
    Heading(Style("serif", 10.8, 13.5, italic=True), 7, 2),
)


def make() -> Example:
    """Draw all four pages."""
    example = Example("field-study.pdf", words.TITLE.replace("*", ""), "I. Corvander, B. Teasel, N. Halloway-Finch")
    pages = [_page(example) for _ in range(4)]
    top = _head(pages[0])
    middle = tide_and_water(pages[2], glow_table(pages[2], 72))
    frames = []
    for page, start, end in zip(pages, (top, 72, middle, 72), (772, 772, 772, 372), strict=True):
        frames += [Frame(page, LEFT, start, end), Frame(page, SECOND, start, end)]
    frames[2] = Frame(pages[1], LEFT, skerry(pages[1], LEFT, 72), 772)
    flow = Flow(example, frames, COLUMN, body=BODY, headings=HEADINGS, justify=True, gap=4)
    _text(flow)
    for page in pages:
        page.finish()
    example.document.set_page_labels([{"startpage": 0, "style": "D", "firstpagenum": 41}])
    example.questions += QUESTIONS
    return example


def _page(example: Example) -> Canvas:
    canvas = example.page()
    small = Style("serif", 9, 11, SLATE)
    number = str(40 + canvas.number)
    if canvas.number == 1:
        canvas.text(LEFT, 48, "*Littoral Notes* 12 (2024), 41–44", small)
    elif canvas.number % 2:
        canvas.text(LEFT, 48, "*Littoral Notes* 12 (2024)", small)
    else:
        canvas.text(RIGHT, 48, "Corvander, Teasel and Halloway-Finch: Glow rhythms of the tide lichen", small, "right")
    canvas.text((LEFT + RIGHT) / 2, 806, number, small._replace(colour=INK), "center")
    return canvas


def _head(canvas: Canvas) -> float:
    """Title, authors and abstract across both columns; returns where they end."""
    wide = RIGHT - LEFT
    y = canvas.block(LEFT + 20, 74, wide - 40, words.TITLE, Style("serif", 19, 23.5, bold=True), align="center").y1
    y = canvas.block(LEFT, y + 10, wide, words.AUTHORS, Style("serif", 11.5, 15), align="center").y1
    y = canvas.block(LEFT, y + 2, wide, words.PLACES, Style("serif", 9, 12, SLATE), align="center").y1
    canvas.rule(LEFT + 34, y + 12, RIGHT - 34, y + 12, INK, 0.5)
    style = Style("serif", 9.8, 12.4)
    y = canvas.block(LEFT + 34, y + 18, wide - 68, words.ABSTRACT, style, justify=True, key="abstract").y1
    canvas.rule(LEFT + 34, y + 6, RIGHT - 34, y + 6, INK, 0.5)
    return y + 22


def _text(flow: Flow) -> None:
    def section(level: int, title: str, paragraphs: list[str], key: str) -> None:
        flow.heading(level, title)
        for number, paragraph in enumerate(paragraphs, 1):
            flow.p(paragraph, key=f"{key}.{number}")

    section(1, "1  Introduction", words.INTRODUCTION, "introduction")
    section(1, "2  The three skerries", words.ISLANDS, "islands")
    flow.heading(1, "3  Methods", keep=5)
    section(2, "3.1  Plots", words.PLOTS, "plots")
    section(2, "3.2  Measuring glow and water", words.MEASURING, "measuring")
    section(2, "3.3  Analysis", words.ANALYSIS[:1], "analysis")
    formula = "*G*(*t*) = *G*~0~ exp(−(*t* − *t*~p~)^2^ / 2*s*^2^)"
    flow.space(5)
    flow.canvas.text(flow.x + COLUMN / 2, flow.y + 9, formula, BODY._replace(size=10.6), "center")
    flow.canvas.text(flow.x + COLUMN, flow.y + 9, "(1)", BODY, "right")
    flow.space(21)
    flow.p(words.ANALYSIS[1], key="analysis.2")
    flow.heading(1, "4  Results", keep=5)
    section(2, "4.1  A rhythm of the tide", words.RHYTHM, "rhythm")
    section(2, "4.2  Tide, rain and water", words.MOISTURE, "moisture")
    section(2, "4.3  Differences between skerries", words.SKERRIES, "skerries")
    belts(flow)
    section(2, "4.4  The season", words.SEASON, "season")
    months_table(flow)
    section(2, "4.5  Errors", words.ERRORS, "errors")
    section(1, "5  Discussion", words.DISCUSSION, "discussion")
    section(1, "6  Conclusion", words.CONCLUSION, "conclusion")
    section(1, "Acknowledgements", words.THANKS, "thanks")
    flow.heading(1, "References")
    reference = Style("serif", 8.8, 10.8)
    for number, text in enumerate(words.REFERENCES, 1):
        flow.p(f"[{number}] {text}", key=f"reference.{number}", style=reference, gap=2)
