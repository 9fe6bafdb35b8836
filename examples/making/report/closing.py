"""Sections 3 to 5 of the annual report: finances, fleet register, governance."""

from __future__ import annotations

from ..canvas import MIST, SEA
from ..record import Example
from ..setting import Style
from .frame import CAPTION, LEFT, NOTE, RIGHT, new_flow, new_page
from .tables import five_year_summary, fleet_register, harbours, income_statement


def year_in_figures(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(1, "3  Financial review")
    flow.heading(2, "3.1  The year in figures")
    flow.p(
        "Revenue grew by 8.0 per cent to 201.6 million euros. Passenger fares contributed 10.5 million of the "
        "increase, freight and vehicles 2.6 million. EBITDA rose to 40.4 million euros, a margin of 20.0 per cent "
        "after 15.5 per cent in 2023."
    )
    flow.p(
        "Energy and fuel cost 31.8 million euros, 4.6 million less than in the year before, although we sailed 1,300 "
        "more crossings. Stored wind power replaced 5.9 million litres of diesel.",
        key="energy cost",
    )
    flow.p(
        "Capital expenditure came to 27.6 million euros: 13.1 million for the conversion of two car ferries, 7.4 "
        "million for the night charging station and 7.1 million for harbours and smaller works. Net debt fell to "
        "80.5 million euros, or 2.0 times EBITDA after 3.1 times.",
        key="capex",
    )
    flow.heading(2, "3.2  Five-year summary")
    five_year_summary(flow, CAPTION)
    flow.p(
        "Equity grew by the profit for the year less the dividend of 4.0 million euros paid in April 2024. There "
        "were 11.0 million shares throughout the period; earnings per share were 1.52 euros after 0.81 euros in 2023."
    )
    flow.heading(3, "Financing", bookmark=False)
    flow.p(
        "In September we repaid 6.0 million euros of the loan that the Archipelago Savings Bank had granted in 2021, "
        "two years early. The remaining loans fall due between 2027 and 2033, and nine tenths of them carry a fixed "
        "rate of interest, which is 4.1 per cent on average.",
        key="loans",
    )
    flow.canvas.finish()


def statement(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(2, "3.3  Income statement")
    income_statement(flow, CAPTION)
    flow.p(
        "^1^ Fares and freight are recognised on the day of sailing; tickets sold for later days are held as a "
        "liability of 6.3 million euros (2023: 5.8 million euros).",
        style=NOTE,
        gap=3,
    )
    flow.p(
        "^2^ Includes 4.2 million euros for shore power (2023: 1.1 million euros).",
        style=NOTE,
        gap=3,
        key="shore power",
    )
    flow.p("^3^ On average 1,004 employees (2023: 968).", style=NOTE, gap=3)
    flow.p("^4^ Interest on bank loans of 3.6 million euros less interest received of 0.5 million euros.", style=NOTE)
    flow.heading(3, "Outlook for 2025", bookmark=False)
    flow.p(
        "We expect between 10.0 and 10.3 million passengers and an operating profit between 25 and 28 million euros. "
        "The forecast assumes a mild spring and a price of shore power of no more than 71 euros a megawatt-hour.",
        key="outlook",
    )
    flow.canvas.finish()


def fleet(example: Example) -> None:
    first, second = new_page(example), new_page(example)
    flow = new_flow(example, first, second)
    flow.heading(1, "4  Fleet register")
    flow.p(
        "Table 3 lists every vessel in service on 31 December 2024, in alphabetical order. Length is measured over "
        "all; the number of passengers is that of the safety certificate for summer service."
    )
    flow.space(4)
    fleet_register(flow, CAPTION)
    flow.heading(2, "4.1  Harbours and crews")
    flow.p(
        "Brannet is the home port of eight vessels and the seat of the repair yard, where 118 people work. Osse, "
        "with seven vessels, handles nearly all night traffic. Crews are hired on the islands wherever we can: of "
        "the 61 deck officers, 44 were born in the archipelago. Table 4 shows how many passengers came ashore at "
        "each harbour."
    )
    flow.space(4)
    harbours(flow, CAPTION)
    flow.heading(3, "Apprentices", bookmark=False)
    flow.p(
        "The training ship *Patience*, which carries no paying passengers and is therefore not in the register, took "
        "23 apprentices through their first winter. Nineteen of them have signed on for a second year.",
        key="apprentices",
    )
    first.finish()
    second.finish()


def governance(example: Example) -> None:
    flow = new_flow(example)
    flow.heading(1, "5  Governance and risk")
    flow.heading(2, "5.1  The board")
    flow.p(
        "The board has seven members, of whom two are elected by the employees. It met nine times in 2024. The audit "
        "committee, led by Edda Fenwright-Sole, met four times and reviewed the accounts, the insurance of the fleet "
        "and the tender for the station at Osse.",
        key="board",
    )
    flow.heading(2, "5.2  Principal risks")
    flow.p("The board considers three risks to be material for the coming years:")
    flow.bullets(
        [
            "**Weather.** Crossings were cancelled on 38 days in 2024, after 29 days in 2023. A cancelled day costs "
            "the company about 0.3 million euros.",
            "**Power.** Two thirds of our shore power comes from a single wind park. From 2026 the station at Osse "
            "will draw on the tidal mill at Fennick as a second source.",
            "**Crew.** One deck officer in five will reach retirement age before 2030. The apprentice scheme is "
            "meant to replace them, but it takes four years to train an officer.",
        ],
        key="risks",
        gap=4,
    )
    flow.heading(2, "5.3  Calendar")
    flow.p(
        "Annual general meeting: 22 May 2025, ten o’clock, in the Net Loft at Brannet Harbour.", gap=2, key="meeting"
    )
    flow.p("Payment of the dividend: 30 May 2025.", gap=2)
    flow.p("Half-year report: 28 August 2025.")
    flow.space(14)
    y = flow.y
    flow.canvas.area(LEFT, y, RIGHT, y + 74, MIST)
    flow.canvas.text(LEFT + 16, y + 24, "Contact", Style("sans", 10.5, 15, SEA, bold=True))
    contact = "Quillmere Lines plc, Shareholder Office, 4 Capstan Row, Brannet Harbour, Isle of Brannet"
    flow.canvas.text(LEFT + 16, y + 42, contact, Style("sans", 9, 12))
    flow.canvas.text(
        LEFT + 16, y + 57, "shareholders@quillmere.example · Printed on paper from net hemp", Style("sans", 9, 12)
    )
    flow.canvas.finish()
