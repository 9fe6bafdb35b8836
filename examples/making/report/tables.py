"""The three tables of the annual report."""

from __future__ import annotations

from ..canvas import MIST, SEA
from ..flow import Flow
from ..setting import Style
from ..tables import Column, Look, Row, table
from .data import FIVE_YEARS, FLEET, HARBOURS, INCOME, PEOPLE, TOTALS, YEARS, Vessel, euros

_CELL = Style("sans", 8.8, 12)


def five_year_summary(flow: Flow, caption: Style) -> None:
    """Table 1: no rules at all, years as columns."""
    top = flow.y
    flow.p("**Table 1:** Five-year summary, in millions of euros unless stated otherwise.", style=caption, gap=3)
    columns = (Column(159), *(Column(60, "right") for _ in YEARS))
    rows = [Row(("Year to 31 December", *YEARS), "header")]
    rows += [Row((name, *(euros(value) for value in values))) for name, values in FIVE_YEARS]
    rows += [Row((name, *values)) for name, values in PEOPLE]
    box = table(flow.canvas, flow.x, flow.y, columns, rows, Look(_CELL, 18, "none", pad=2))
    flow.canvas.mark("five years", box | (flow.x, top, box.x1, box.y1))
    flow.y = box.y1 + 14


def income_statement(flow: Flow, caption: Style) -> None:
    """Table 2: a line under every row, totals set off."""
    top = flow.y
    flow.p(
        "**Table 2:** Income statement for the year to 31 December 2024, in millions of euros.", style=caption, gap=5
    )
    columns = (Column(249), Column(50, "center"), Column(80, "right"), Column(80, "right"))
    rows = [Row(("", "Note", "2024", "2023"), "header")]
    for name, note, now, before in INCOME:
        rows.append(Row((name, note, euros(now), euros(before)), "total" if name in TOTALS else "body"))
    box = table(flow.canvas, flow.x, flow.y, columns, rows, Look(_CELL._replace(size=9.2), 19, "rows", SEA))
    flow.canvas.mark("income", box | (flow.x, top, box.x1, box.y1))
    flow.y = box.y1 + 12


def fleet_register(flow: Flow, caption: Style) -> None:
    """Table 3: runs over the page break with its header repeated; leaves `flow` below it in its next frame."""
    widths = (82, 88, 36, 58, 62, 34, 44, 55)
    columns = tuple(Column(width, "right" if 2 <= number <= 5 else "left") for number, width in enumerate(widths))
    header = Row(("Vessel", "Type", "Built", "Length (m)", "Passengers", "Cars", "Drive", "Port"), "header")
    look = Look(_CELL._replace(size=8.6), 22, "grid", SEA, MIST)
    first_part = 24
    for part, vessels in ((1, FLEET[:first_part]), (2, FLEET[first_part:])):
        top = flow.y
        title = "**Table 3:** Vessels in service on 31 December 2024" + (" (continued)." if part == 2 else ".")
        flow.p(title, style=caption, gap=5)
        box = table(flow.canvas, flow.x, flow.y, columns, [header, *map(_row, vessels)], look)
        flow.canvas.mark(f"fleet {part}", box | (flow.x, top, box.x1, box.y1))
        flow.y = box.y1 + 16
        if part == 1:
            flow.next_frame()


def harbours(flow: Flow, caption: Style) -> None:
    """Table 4: book style."""
    top = flow.y
    flow.p("**Table 4:** Harbours, and passengers who came ashore there in 2024.", style=caption, gap=5)
    columns = (Column(135), *(Column(width, "right") for width in (72, 72, 90, 90)))
    rows = [Row(("Harbour", "Opened", "Berths", "Depth (m)", "Landed (thousands)"), "header")]
    for name, opened, berths, depth, landed in HARBOURS:
        rows.append(Row((name, opened, str(berths), f"{depth:.1f}", f"{landed:,}")))
    rows.append(Row(("All harbours", "", str(sum(row[2] for row in HARBOURS)), "", "9,800"), "total"))
    box = table(flow.canvas, flow.x, flow.y, columns, rows, Look(_CELL, 18, "book"))
    flow.canvas.mark("harbours", box | (flow.x, top, box.x1, box.y1))
    flow.y = box.y1 + 12


def _row(vessel: Vessel) -> Row:
    return Row(
        (
            vessel.name,
            vessel.kind,
            str(vessel.built),
            vessel.length,
            str(vessel.passengers),
            str(vessel.cars),
            vessel.drive,
            vessel.port,
        )
    )
