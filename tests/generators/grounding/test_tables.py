"""Verdicts on claims about tables: how their labels, headings, units and zeros are read."""

from __future__ import annotations

import pytest

from octavo.generators.grounding.support import judge_claim
from octavo.ingest.types import Region
from octavo.tests.generators.material import table

NOTHING = table(("Item", "2022"), ("Pumps", "4"), ("Total", "0"), id="nothing")
EVEN = table(("Item", "2022"), ("Gains", "5"), ("Losses", "-5"), id="even")
HALLS = table(("Hall", "Seats 2021", "Seats 2022"), ("Red", "400", "420"), ("Blue", "320", "310"), id="halls")
ORDERS = table(("", "Q1", "Q2"), ("Orders", "120", "150"), ("Cancelled", "4", "9"), id="orders")
IDLE = table(("Item", "2022"), ("Pumps", "0"), ("Valves", "8"), ("Total", "8"), id="idle")


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (NOTHING, "absent", "Pumps made up 50% of the total in 2022."),
        (EVEN, "absent", "The share of gains was 50%."),
        (IDLE, "derived", "Pumps made up 0% of the total in 2022."),
        (IDLE, "derived", "Valves made up 100% of the total in 2022."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_nothing_is_divided_by_zero(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (HALLS, "derived", "Red had 1.35 times as many seats as blue in 2022."),  # 420 / 310
        (HALLS, "contradicted", "Blue had 1.35 times as many seats as red in 2022."),
        (HALLS, "derived", "Compared with blue, red had 1.35 times as many seats in 2022."),
        (HALLS, "derived", "The seats of blue were 73.8% of those of red in 2022."),  # 310 / 420
        (HALLS, "absent", "The seats of red were 73.8% of those of blue in 2022."),
        (HALLS, "derived", "From 2021 to 2022 the seats of red were multiplied by 1.05 times."),  # 420 / 400
        (HALLS, "contradicted", "Seats of red in 2021 were 1.05 times those in 2022."),
        (ORDERS, "derived", "6 per cent of the orders of Q2 were cancelled."),  # 9 / 150
        (ORDERS, "derived", "Of the orders of Q2, 6 per cent were cancelled."),
        (ORDERS, "derived", "The cancelled of Q2 were 6% of the orders."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_ratio_is_taken_as_it_is_named(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("heading", "right", "wrong"),
    [
        ("Sales ($'000)", "640 thousand dollars", "640 dollars"),
        ("Sales (US$ '000)", "640,000 dollars", "640 million dollars"),
        ("Sales (£000)", "640,000 pounds", "640 pounds"),
        ("Sales ($000s)", "0.64 million dollars", "640 dollars"),
        ("Sales ($ in thousands)", "640,000 dollars", "640 million dollars"),
        ("Sales (in 000s)", "640,000", "640 million"),
        ("Sales, in CHF 1,000", "640,000 francs", "640 francs"),
        ("Sales (TEUR)", "640 thousand euros", "640 million euros"),
        ("Sales in T€", "640,000 euros", "640 euros"),
        ("Sales (k€)", "640,000 euros", "640 euros"),
        ("Sales (€m)", "640 million euros", "640 thousand euros"),
        ("Sales (m€)", "640 million euros", "640 metres"),
        ("Sales (Mio. €)", "640 million euros", "640 billion euros"),
        ("Sales (1,000 t)", "640,000 tonnes", "640 tonnes"),
        ("Sales over 10,000 (m)", "640 metres", "640 kilometres"),
    ],
)
def test_the_scale_of_a_column_may_be_said_in_many_ways(heading: str, right: str, wrong: str) -> None:
    cited = table(("Unit", heading), ("North", "640"), ("South", "310"))
    assert judge_claim(f"The north had sales of {right}.", [cited]).support == "supported"
    assert judge_claim(f"The north had sales of {wrong}.", [cited]).support == "contradicted"


@pytest.mark.parametrize(
    ("caption", "right", "wrong"),
    [
        ("Sales (Millions)", "640 million", "640 thousand"),
        ("Sales by area, EUR million", "640 million euros", "640 million dollars"),
        ("Sales by area (in thousands of Swiss francs)", "640 thousand francs", "640 thousand euros"),
        ("Sales in £000", "640,000 pounds", "640 pounds"),
        ("Sales, euro area", "640 million dollars", "310 million dollars"),
    ],
)
def test_the_scale_of_a_caption_likewise(caption: str, right: str, wrong: str) -> None:
    scale = " (million)" if caption.endswith("area") else ""
    cited = table(("Unit", f"Sales{scale}"), ("North", "640"), ("South", "310"), caption=caption)
    assert judge_claim(f"The north had sales of {right}.", [cited]).support == "supported"
    assert judge_claim(f"The north had sales of {wrong}.", [cited]).support == "contradicted"
