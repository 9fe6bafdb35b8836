"""`scanned-letter.pdf`: two scanned pages without any text layer, a letter from 1968 with a small table."""

from __future__ import annotations

from .canvas import INK, Canvas
from .record import Example, Question
from .scan import scan
from .setting import Style
from .tables import Column, Look, Row, table

LEFT, WIDTH = 82.0, 446.0
BODY = Style("mono", 10.6, 16.2, (0.1, 0.1, 0.1))
STORES = [  # item, on hand, wanted, price in crowns
    ("Lamp oil, gallons", 14, 60, 54.00),
    ("Wicks, dozen", 2, 6, 9.60),
    ("Lamp glasses", 1, 4, 22.00),
    ("Fog rockets", 5, 24, 38.40),
    ("Brass polish, tins", 0, 3, 2.70),
]
FIRST = (
    "In the night from the 8th to the 9th of October a gannet, blown off its course by the gale, flew through the "
    "seaward window of the lantern room and broke three of our four lamp glasses. The bird is well. The lamp was out "
    "for nineteen minutes, from ten past two until I had the spare glass fitted, and I have entered this in the log.",
    "Since the fog came down on the 11th we have also fired more rockets than I had counted on. I therefore ask for "
    "the stores listed here, to be sent with the next packet:",
)
AFTER = (
    "The prices are those of your spring list. Kindly charge the sum to the account of the Light and not, as "
    "happened last year, to the account of the school.",
)
SECOND = (
    "If the sea allows it, the packet should land at the north steps. The south landing has lost its lower four "
    "steps in the same gale, and the mason from Marl will not come before spring. Please tell the master that I "
    "shall show two red lanterns, one above the other, when it is safe to approach.",
    "The oil is the most pressing. With 14 gallons we can keep the lamp burning until the 2nd of November and no "
    "longer. Should the packet be late, I shall burn fish oil as my grandfather did, and the whole island will know "
    "it by the smell.",
    "You ask whether the green growth on the west wall ought to be scraped off. I beg you to leave it. It does no "
    "harm to the stone, it is company on a dark night, and the boats have come to look for it. My daughter keeps a "
    "table of its brightness, which I enclose.",
    "I have the honour to remain, Sirs,",
)


def make() -> Example:
    """Scan both sheets."""
    example = Example(
        "scanned-letter.pdf", "Letter from the keeper of Little Tern Light", "Keeper of Little Tern Light"
    )
    example.text_layer = False
    scan(example, _first, angle=0.7, seed=1968)
    scan(example, _second, angle=-0.5, seed=1969)
    example.questions += QUESTIONS
    return example


def _first(canvas: Canvas) -> None:
    middle = LEFT + WIDTH / 2
    canvas.text(middle, 84, "LITTLE TERN LIGHT", Style("serif", 21, 26, bold=True), "center")
    canvas.text(
        middle,
        102,
        "Keeper’s Office · Isle of Little Tern · Quillmere",
        Style("serif", 10.5, 14, italic=True),
        "center",
    )
    canvas.rule(LEFT, 114, LEFT + WIDTH, 114, INK, 1.4)
    canvas.rule(LEFT, 117, LEFT + WIDTH, 117, INK, 0.5)
    canvas.text(LEFT + WIDTH, 150, "17 October 1968", BODY, "right")
    y = 168.0
    for line in ("To the Stores Department", "Quillmere Steam Packet Company", "Brannet Harbour"):
        y = canvas.block(LEFT, y, WIDTH, line, BODY).y1
    y = canvas.block(LEFT, y + 16, WIDTH, "Subject: broken glasses, and stores for the winter", BODY, key="subject").y1
    y = canvas.block(LEFT, y + 14, WIDTH, "Gentlemen,", BODY).y1
    for number, text in enumerate(FIRST, 1):
        y = canvas.block(LEFT, y + 8, WIDTH, text, BODY, key=f"first.{number}").y1
    columns = (Column(170), Column(80, "right"), Column(80, "right"), Column(116, "right"))
    rows = [Row(("Item", "On hand", "Wanted", "Price (crowns)"), "header")]
    rows += [Row((item, str(hand), str(wanted), f"{price:.2f}")) for item, hand, wanted, price in STORES]
    rows.append(Row(("Total", "", "", f"{sum(row[3] for row in STORES):.2f}"), "total"))
    look = Look(BODY._replace(size=10), 20, "grid")
    y = table(canvas, LEFT, y + 12, columns, rows, look, key="stores").y1
    for text in AFTER:
        y = canvas.block(LEFT, y + 12, WIDTH, text, BODY, key="account").y1


def _second(canvas: Canvas) -> None:
    canvas.text(LEFT + WIDTH / 2, 84, "- 2 -", BODY, "center")
    y = 104.0
    for number, text in enumerate(SECOND, 1):
        y = canvas.block(LEFT, y + 10, WIDTH, text, BODY, key=f"second.{number}").y1
    canvas.text(LEFT + 210, y + 44, "E. Pellory", Style("serif", 25, 30, (0.16, 0.16, 0.2), italic=True))
    canvas.path([(LEFT + 206, y + 53), (LEFT + 262, y + 50), (LEFT + 330, y + 54)], (0.2, 0.2, 0.24), 1.1)
    canvas.text(LEFT + 210, y + 76, "Emmeran Pellory, Keeper", BODY)
    y += 112
    canvas.text(LEFT, y, "Enclosed: one table of brightness, by Fenna Pellory (aged 11)", BODY)
    canvas.area(LEFT + 318, y + 50, LEFT + 438, y + 112, None, (0.3, 0.3, 0.34), 1.6)
    stamp = Style("sans", 11, 14, (0.3, 0.3, 0.34), bold=True)
    for number, line in enumerate(("RECEIVED", "21 OCT 1968", "BRANNET")):
        canvas.text(LEFT + 378, y + 68 + 17 * number, line, stamp, "center")


QUESTIONS = [
    Question(
        "How many fog rockets does the keeper of Little Tern Light want?",
        "24",
        "Int",
        {"stores": "table"},
        "Fog rockets 5 24 38.40",
        "corpus",
    ),
    Question(
        "Until what date will the 14 gallons of lamp oil keep the lamp burning?",
        "2 November",
        "Str",
        {"second.2": "text"},
        "With 14 gallons we can keep the lamp burning until the 2nd of November and no longer.",
    ),
    Question(
        "How long was the lamp out after the gannet broke the glasses?",
        "19 minutes",
        "Str",
        {"first.1": "text"},
        "The lamp was out for nineteen minutes, from ten past two until I had the spare glass fitted, and I have "
        "entered this in the log.",
    ),
    Question("How much does the keeper earn in a year?", "Not answerable", "None", {}),
]
