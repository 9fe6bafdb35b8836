"""Section 2 of the annual report: two pages of business review, each with a chart."""

from __future__ import annotations

from ..canvas import AMBER, SEA
from ..charts import Axis, Plot
from ..record import Example
from .data import CARBON_FLEET, CARBON_ROUTE, CARBON_YEARS, ROUTES
from .frame import CAPTION, CHART, LEFT, RIGHT, footnotes, new_flow


def routes(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(1, "2  Business review")
    flow.heading(2, "2.1  Routes and passengers")
    flow.p(
        "We sail five groups of routes. The oldest, between Osse and Brannet, is also the busiest: it carried 3.42 "
        "million passengers in 2024, more than a third of the total. The night line, which links Osse with the "
        "mainland, grew fastest. Figure 1 compares the routes over two years."
    )
    flow.space(10)
    top = flow.y
    across = Axis("Route", 0, 5, (0.5, 1.5, 2.5, 3.5, 4.5), tuple(route for route, _, _ in ROUTES))
    up = Axis("Passengers (thousands)", 0, 4000, (0, 1000, 2000, 3000, 4000))
    plot = Plot(flow.canvas, (LEFT + 46, top + 30, RIGHT, top + 218), across, up, CHART)
    plot.legend(LEFT + 46, top + 12, [("2023", (0.66, 0.80, 0.84)), ("2024", SEA)])
    for number, (_, before, now) in enumerate(ROUTES):
        shift = 17 / (plot.x1 - plot.x0) * 5
        plot.bar(number + 0.5 - shift, before, 30, (0.66, 0.80, 0.84), f"{before:,}")
        plot.bar(number + 0.5 + shift, now, 30, SEA, f"{now:,}")
    flow.y = top + 254
    box = flow.p("**Figure 1:** Passengers by route, 2023 and 2024, in thousands.", style=CAPTION, gap=8)
    flow.canvas.mark("routes chart", box | (LEFT, top, RIGHT, box.y1))
    flow.heading(3, "The night line")
    flow.p(
        "Passengers on the night line rose by a fifth, from 690 to 830 thousand. Since May the *Gannet* and the "
        "*Guillemot* leave at 22:40 instead of 23:30, so that guests arrive in time for the first trains on the "
        "mainland. Cabins were sold out on 143 nights.",
        key="night",
    )
    flow.heading(3, "Fares and queues")
    flow.p(
        "The island card, which lets residents travel at half fare, was held by 31,200 people at the end of the year. "
        "Average waiting time for cars at Brannet fell from 26 to 17 minutes after the second ramp opened in April.^1^",
        key="queues",
    )
    footnotes(flow, [("1", "Measured by the harbour office on all Fridays and Sundays from May to September.")])
    flow.canvas.finish()


def energy(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(2, "2.2  Fleet and energy")
    flow.p(
        "Of the 28 vessels in the fleet at the end of 2024, nine sail on battery power alone, eight are hybrids and "
        "eleven run on diesel. The register in section 4 lists them all. Two car ferries, the *Lapwing* and the "
        "*Dunlin*, returned from conversion in 2024 and have sailed without a funnel since.",
        key="fleet mix",
    )
    flow.p(
        "The night charging station at Brannet Harbour opened on 14 March 2024. It stores 18 megawatt-hours, enough "
        "for eleven crossings to Osse, and is filled by the wind park on Hollow Ridge between ten in the evening and "
        "five in the morning. The station cost 7.4 million euros.",
        key="station",
    )
    flow.space(8)
    top = flow.y
    across = Axis("Year", 2017.6, 2024.4, CARBON_YEARS, tuple(str(year) for year in CARBON_YEARS))
    up = Axis("Carbon per passenger trip (kg CO~2~e)", 0, 7, tuple(range(8)))
    plot = Plot(flow.canvas, (LEFT + 40, top + 30, RIGHT, top + 216), across, up, CHART)
    plot.legend(LEFT + 40, top + 12, [("Whole fleet", SEA), ("Osse–Brannet route", AMBER)])
    for values, colour, dy in ((CARBON_FLEET, SEA, -7), (CARBON_ROUTE, AMBER, 13)):
        plot.line(list(zip(CARBON_YEARS, values, strict=True)), colour)
        for year, value in zip(CARBON_YEARS, values, strict=True):
            plot.label(year, value, f"{value}", colour, dy=dy)
    flow.y = top + 252
    box = flow.p(
        "**Figure 2:** Carbon per passenger trip, 2018 to 2024, for the whole fleet and for the Osse–Brannet route.",
        style=CAPTION,
        gap=12,
    )
    flow.canvas.mark("carbon chart", box | (LEFT, top, RIGHT, box.y1))
    flow.p(
        "Carbon per passenger trip has fallen by more than half since 2018.^2^ The year 2020 is an exception: ships "
        "sailed to the usual timetable but half empty. Our target is 1.5 kilograms for the whole fleet by 2030.",
        key="target",
    )
    flow.heading(3, "What we are building next")
    flow.bullets(
        [
            "A second charging station, at Osse, with a capacity of 12 megawatt-hours, in service by May 2026.",
            "A spare landing stage at Little Tern, sheltered from north-westerly swell.",
            "Conversion of the *Redshank*, the last diesel car ferry on the Osse route.",
        ],
        key="next",
    )
    footnotes(flow, [("2", "Carbon dioxide equivalent, shore power included; the method has not changed since 2018.")])
    flow.canvas.finish()
