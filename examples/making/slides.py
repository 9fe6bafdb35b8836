"""`slides.pdf`: six landscape slides; the chart of one is a picture, another is a portrait page shown rotated."""

from __future__ import annotations

import io

import pymupdf
from PIL import Image

from .canvas import AMBER, INK, LAGOON, MIST, SEA, SLATE, WHITE, Canvas, Mark
from .charts import Axis, Plot
from .record import Example, Question
from .setting import Style
from .tables import Column, Look, Row, table

WIDTH, HEIGHT, LEFT = 960.0, 540.0, 72.0
TITLE = Style("sans", 34, 42, SEA, bold=True)
BODY = Style("sans", 23, 33)
COSTS = [("Sandpiper", 41), ("Lapwing", 38), ("Dunlin", 46), ("Redshank", 118)]  # euros a crossing
RESULTS = [
    ("Crossings a day on stored power", "0", "19"),
    ("Diesel used, litres a day", "5,150", "1,320"),
    ("Noise on the quay, decibels", "71", "54"),
    ("Late departures, per cent", "6.4", "3.8"),
    ("Letters of complaint a week", "12", "1"),
]


def make() -> Example:
    """Draw all six slides."""
    example = Example("slides.pdf", "Charging by night", "Harbour Energy Team", size=(WIDTH, HEIGHT))
    _opening(example.page())
    _why(_slide(example, "Why charge at night?"))
    _how(_slide(example, "How the station works"))
    _costs(_slide(example, "What a crossing costs"))
    results = _slide(example, "The first 100 days")
    _results(results)
    _next(_slide(example, "What comes next"))
    _turn(results.page)
    example.outline += [[1, title, number] for number, title in enumerate(TITLES, 1)]
    example.questions += QUESTIONS
    return example


TITLES = (
    "Charging by night",
    "Why charge at night?",
    "How the station works",
    "What a crossing costs",
    "The first 100 days",
    "What comes next",
)


def _slide(example: Example, title: str) -> Canvas:
    canvas = example.page()
    canvas.area(0, 0, 14, HEIGHT, SEA)
    canvas.text(LEFT, 86, title, TITLE)
    canvas.rule(LEFT, 106, LEFT + 60, 106, AMBER, 4)
    small = Style("sans", 12, 15, SLATE)
    canvas.text(LEFT, 510, "Harbour Energy Team · Quillmere Lines", small)
    canvas.text(WIDTH - LEFT, 510, str(canvas.number), small, "right")
    return canvas


def _opening(canvas: Canvas) -> None:
    canvas.area(0, 0, WIDTH, HEIGHT, SEA)
    canvas.dot(790, 150, 58, (0.96, 0.9, 0.72))
    canvas.dot(768, 138, 52, SEA)
    for x, y, r in ((640, 90, 2.2), (700, 210, 1.8), (560, 150, 1.6), (880, 90, 2.0), (905, 230, 2.4), (610, 250, 1.8)):
        canvas.dot(x, y, r, (0.96, 0.9, 0.72))
    canvas.area(0, 452, WIDTH, HEIGHT, (0.03, 0.24, 0.34))
    canvas.polygon([(640, 436), (884, 436), (864, 470), (662, 470)], WHITE)
    canvas.polygon([(676, 410), (842, 410), (850, 436), (668, 436)], (0.8, 0.89, 0.92))
    for x in range(690, 836, 22):
        canvas.area(x, 418, x + 12, 428, AMBER)
    canvas.text(LEFT, 236, "Charging by night", Style("sans", 56, 64, WHITE, bold=True))
    canvas.text(LEFT, 286, "What we learned at Brannet Harbour", Style("sans", 27, 34, (0.8, 0.89, 0.92)))
    canvas.text(LEFT, 506, "Harbour Energy Team · Quillmere Lines · 2 July 2024", Style("sans", 15, 20, WHITE))
    canvas.finish()


def _why(canvas: Canvas) -> None:
    points = [
        "At night the wind park on Hollow Ridge makes more power than the islands can use.",
        "Ferries lie still from 23:00 to 05:00: six hours in which nobody waits for them.",
        "A cable to the mainland would have cost 31 million euros. The station cost 7.4 million.",
        "Quiet mornings: no engine has to run at the quay before sunrise.",
    ]
    canvas.bullets(LEFT, 138, WIDTH - 2 * LEFT, points, BODY, gap=15, key="why")
    canvas.finish()


def _how(canvas: Canvas) -> None:
    steps = [
        ("Wind park", "9 turbines"),
        ("Transformer", "20 to 1.5 kV"),
        ("Battery hall", "18 MWh"),
        ("Ferry plug", "6 MW"),
    ]
    wide, top = 168.0, 186.0
    gap = (WIDTH - 2 * LEFT - 4 * wide) / 3
    for number, (name, detail) in enumerate(steps):
        x = LEFT + number * (wide + gap)
        canvas.area(x, top, x + wide, top + 116, MIST)
        canvas.area(x, top, x + wide, top + 8, (SEA, LAGOON, AMBER, SEA)[number])
        canvas.text(x + wide / 2, top + 56, name, Style("sans", 21, 26, INK, bold=True), "center")
        canvas.text(x + wide / 2, top + 88, detail, Style("sans", 18, 22, SLATE), "center")
        if number:
            canvas.rule(x - gap + 7, top + 58, x - 15, top + 58, INK, 2.4)
            canvas.polygon([(x - 18, top + 50), (x - 6, top + 58), (x - 18, top + 66)], INK)
    canvas.mark("station figure", pymupdf.Rect(LEFT, top, WIDTH - LEFT, top + 116))
    note = "A full battery hall moves the Dunlin from Brannet to Osse eleven times."
    canvas.block(LEFT, 352, WIDTH - 2 * LEFT, note, BODY, key="eleven")
    note = "Plugging in takes 40 seconds and needs one deckhand."
    canvas.block(LEFT, 394, WIDTH - 2 * LEFT, note, BODY, key="plug")
    canvas.finish()


def _costs(canvas: Canvas) -> None:
    """A chart whose words are pixels."""
    canvas.finish()
    box = pymupdf.Rect(LEFT, 128, WIDTH - LEFT, 482)
    canvas.page.insert_image(box, stream=_chart_picture(box.width, box.height))
    canvas.mark("costs chart", box)


def _chart_picture(width: float, height: float) -> bytes:
    with pymupdf.open() as sheet:
        sheet.new_page(width=width, height=height)
        marks: dict[str, list[Mark]] = {}
        canvas = Canvas(sheet, 1, marks)
        canvas.area(0, 0, width, height, (0.975, 0.972, 0.955))
        style = Style("sans", 15.5, 19)
        across = Axis("Vessel", 0, 4, (0.5, 1.5, 2.5, 3.5), tuple(name for name, _ in COSTS))
        up = Axis("Euros per crossing", 0, 160, (0, 40, 80, 120, 160))
        plot = Plot(canvas, (96, 66, width - 30, height - 66), across, up, style, 0.8)
        title = "Energy cost per crossing, Brannet to Osse, May 2024"
        canvas.text(96, 36, title, style._replace(size=17, bold=True))
        for number, (name, cost) in enumerate(COSTS):
            plot.bar(number + 0.5, cost, 92, SLATE if name == "Redshank" else LAGOON, f"{cost}")
        canvas.text(plot.x(3.5), plot.y(60), "diesel", style._replace(colour=WHITE), "center")
        canvas.finish()
        pixels = sheet[0].get_pixmap(dpi=125)
    buffer = io.BytesIO()
    picture = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    picture.save(buffer, "JPEG", quality=80, optimize=True)
    return buffer.getvalue()


def _results(canvas: Canvas) -> None:
    columns = (Column(436), Column(190, "right"), Column(190, "right"))
    rows = [Row(("Measure", "Before", "After"), "header"), *(Row(row) for row in RESULTS)]
    table(canvas, LEFT, 142, columns, rows, Look(BODY._replace(size=20), 44, "rows", SEA, pad=14), key="results")
    note = "Averages of 100 days before and 100 days after the opening on 14 March 2024."
    canvas.block(LEFT, 428, WIDTH - 2 * LEFT, note, Style("sans", 16, 22, SLATE))
    canvas.finish()


def _next(canvas: Canvas) -> None:
    points = [
        "**Osse, May 2026:** a second station with 12 megawatt-hours, fed by the tidal mill at Fennick.",
        "**Smaller plugs** for the launches, so that the *Dabchick* can charge at Little Tern.",
        "**Open house:** every first Saturday at three o’clock, bring ear plugs for the old engine.",
    ]
    canvas.bullets(LEFT, 138, WIDTH - 2 * LEFT, points, BODY, gap=16, key="next")
    canvas.text(LEFT, 456, "Questions? energy@quillmere.example", BODY._replace(colour=LAGOON))
    canvas.finish()


def _turn(page: pymupdf.Page) -> None:
    """Store the page as portrait with /Rotate 90, turning what is drawn on it so that it shows upright as before."""
    document = page.parent
    page.wrap_contents()
    streams = page.get_contents()
    drawn = b"\n".join(document.xref_stream(xref) for xref in streams)
    document.update_stream(streams[0], b"q 0 1 -1 0 %d 0 cm\n%s\nQ\n" % (HEIGHT, drawn))
    page.set_contents(streams[0])
    page.set_mediabox(pymupdf.Rect(0, 0, HEIGHT, WIDTH))
    page.set_rotation(90)


QUESTIONS = [
    Question(
        "What does the energy for one crossing of the Dunlin cost, in euros?",
        "46",
        "Int",
        {"costs chart": "chart"},
        "46",
        "corpus",
    ),
    Question(
        "How many decibels of noise were measured on the quay after the opening of the station?",
        "54",
        "Int",
        {"results": "table"},
        "Noise on the quay, decibels 71 54",
        "corpus",
    ),
    Question(
        "What would a cable to the mainland have cost?",
        "31 million euros",
        "Str",
        {"why.3": "text"},
        "A cable to the mainland would have cost 31 million euros.",
        "corpus",
    ),
    Question("What does the energy for one crossing of the Curlew cost, in euros?", "Not answerable", "None", {}),
]
