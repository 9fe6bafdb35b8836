"""Verdicts on claims that reckon with a table: differences, ratios, sums and shares of what they name."""

from __future__ import annotations

import pytest

from octavo.generators.grounding.support import judge_claim
from octavo.ingest.types import Region
from octavo.tests.generators.grounding.test_tables import CASH, HALLS, LONG, RESULTS, WEIGHTS
from octavo.tests.generators.material import table

LIMITS = table(("Substance", "Limit", "Measured"), ("Lead", "10", "12"), ("Zinc", "50", "32"), id="limits")
POINTS = table(("Team", "Points"), ("Alder", "10"), ("Birk", "20"), ("Total", "30"), id="points")
TWO_YEARS = table(
    ("Segment", "2022", "2023"),
    ("", "Revenue", "Revenue"),
    ("Pumps", "41", "44"),
    ("Valves", "18", "17"),
    headers=2,
    id="two-years",
)
MADE = table(
    ("Item", "Made", "Exported", "Price (€)"), ("Pumps", "60", "15", "45"), ("Valves", "40", "30", "50"), id="made"
)
STOCK = table(("Item", "Stock"), ("Pumps", "12 (10)"), ("Valves", "7"), id="stock")
RANGES = table(("Item", "Temperature"), ("Pump", "-40 °C to 85 °C"), ("Valve", "-20 °C to 60 °C"), id="ranges")
FROST = table(("Town", "March (°C)", "April (°C)"), ("Alder", "-5", "-3"), ("Birk", "4", "-2"), id="frost")
MODELS = table(
    ("Model", "P40", "P60", "P90"),
    ("Rated power", "400 W", "600 W", "900 W"),
    ("Max. head", "6 m", "7.5 m", "9 m"),
    ("Weight", "3.8 kg", "4.6 kg", "6.1 kg"),
    ("Cable length", "10 m", "10 m", "10 m"),
    id="models",
)
RANKS = table(
    ("Pos", "Club", "P", "W", "D", "L", "Pts"),
    ("1", "Alnwick Town", "30", "19", "7", "4", "64"),
    ("2", "Hexham United", "30", "18", "4", "8", "58"),
    ("3", "Consett Albion", "30", "14", "9", "7", "51"),
    id="ranks",
)
SURVEY = table(
    ("How satisfied with", "Very satisfied", "Satisfied", "Neutral", "Dissatisfied"),
    ("Working hours", "28", "41", "17", "14"),
    ("Home office rules", "36", "38", "11", "15"),
    id="survey",
    caption="Satisfaction (% of respondents)",
)
BUSES = table(
    ("Stop", "101", "103", "105"),
    ("Harbour", "06:10", "06:40", "07:10"),
    ("Fish Market", "06:16", "06:46", "07:16"),
    ("University", "06:52", "07:22", "07:58"),
    id="buses",
)
MATCHES = table(("Club", "Played", "Won", "Drawn"), ("Alder", "30", "14", "9"), ("Birk", "28", "21", "2"), id="matches")
ITEMS = table(
    ("Description", "Quantity", "Amount"),
    ("Office chair Flex", "8", "£1,164.00"),
    ("Desk lamp", "6", "£228.00"),
    ("Desk Norda", "6", "£1,920.00"),
    ("Subtotal", "", "£3,312.00"),
    ("VAT", "", "£662.40"),
    id="items",
)
BUDGET = table(
    ("Recette", "2022"), ("Impôts locaux", "5 920"), ("Dotations", "2 845"), ("Total", "11 400"), id="budget"
)
NOTHING = table(("Item", "2022"), ("Pumps", "4"), ("Total", "0"), id="nothing")
EVEN = table(("Item", "2022"), ("Gains", "5"), ("Losses", "-5"), id="even")
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
    ("support", "claim"),
    [
        ("derived", "Lead was 2 above the limit."),  # 12 - 10
        ("absent", "Lead was 2 below the limit."),
        ("derived", "Zinc was 18 below the limit."),
        ("absent", "Zinc was 18 above the limit."),
        ("derived", "The limit of lead is 40 below the limit of zinc."),  # 10 - 50
        ("contradicted", "The limit of lead is 40 above the limit of zinc."),
    ],
)
def test_what_is_above_or_below_is_compared_with_what_is_named(support: str, claim: str) -> None:
    judged = judge_claim(claim, [LIMITS])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (POINTS, "derived", "Together they have 30 points."),
        (POINTS, "contradicted", "Together they have 31 points."),
        (POINTS, "contradicted", "Alder had 30 points and Birk 20."),
        (TWO_YEARS, "derived", "Revenue of pumps totalled 85 in all."),  # 41 + 44
        (TWO_YEARS, "contradicted", "Revenue of pumps totalled 87 in all."),
        (HALLS, "contradicted", "Red had 1.25 times as many seats as blue in 2022."),  # as in 2021
        (HALLS, "derived", "Red had 57.5% of the seats in 2022."),  # 420 / 730
        (HALLS, "absent", "The margin of red was 57.5% in 2022."),
        (POINTS, "derived", "Birk had 66.7% of the points."),  # 20 / 30
        (POINTS, "absent", "Birk had 33.3% of the points."),  # 20 / 60, the total and its parts
        (POINTS, "contradicted", "Alder had 3 times as many points as Birk."),  # 10 / 20
        (WEIGHTS, "contradicted", "The cable and the motor weigh 912 kg together."),
        (MADE, "derived", "25% of the pumps were exported."),  # 15 / 60
        (MADE, "absent", "37.5% of the pumps were exported."),  # 15 / 40
        (MADE, "absent", "33.3% of the pumps were exported."),  # 15 / 45
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_sums_and_shares_are_those_of_what_is_named(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (HALLS, "contradicted", "The seats of red fell by 20."),  # there are no other years
        (RESULTS, "absent", "Revenue grew by 5 million euros."),
        (RESULTS, "absent", "Revenue grew by 11%."),
        (RESULTS, "unchecked", "Revenue doubled in 2023."),  # in words, which no cell says
        (TWO_YEARS, "unchecked", "Revenue of valves was higher than that of pumps in 2023."),
        (LONG, "derived", "In 2022, 5 more valves than pumps were sold."),  # 65 - 60
        (LIMITS, "absent", "The limit of lead rose by 2."),
        (STOCK, "absent", "The stock of pumps rose by 5."),  # 12 (10) leads nowhere
        (RANGES, "derived", "The temperature of the pump spans a range of 125 °C."),
        (FROST, "derived", "In March Birk was 9 °C warmer than Alder."),  # 4 + 5
        (HALLS, "absent", "Blue had 110 fewer than red."),  # in which year?
        (CASH, "derived", "The cost of goods rose by 55 million dollars in 2023."),  # costs are printed as negative
        (CASH, "contradicted", "The cost of goods fell by 55 million dollars in 2023."),
        (CASH, "derived", "The result rose by 42 million dollars in 2023."),  # 30 + 12
        (FROST, "derived", "In Alder it was 2 °C warmer in April than in March."),
        (FROST, "contradicted", "In Alder it was 2 °C less in April than in March."),
        (FROST, "derived", "In Birk temperatures fell by 6 °C from March to April."),
        (FROST, "derived", "From March to April temperatures in Alder rose by 40%."),  # 2 / 5
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_changes_are_those_of_what_is_named(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (MODELS, "derived", "The P90 is 2.3 kg heavier than the P40."),  # only one row is measured in kg
        (MODELS, "contradicted", "The P40 is 2.3 kg heavier than the P90."),
        (MODELS, "derived", "The P40 is 2.3 kg lighter than the P90."),
        (MODELS, "contradicted", "The P90 is 3.2 kg heavier than the P40."),
        (MODELS, "contradicted", "The P60 is 2.3 kg heavier than the P40."),
        (MODELS, "derived", "The P90's maximum head is 3 m higher than that of the P40."),
        (MODELS, "derived", "The P90 is 2,300 g heavier than the P40."),
        (MODELS, "absent", "The P90 is 3 m longer than the P40."),  # two rows are measured in metres
        (RANKS, "derived", "Hexham United finished 7 points ahead of Consett Albion."),
        (RANKS, "derived", "Consett Albion finished seven points behind Hexham United."),
        (RANKS, "contradicted", "Hexham United finished 9 points ahead of Consett Albion."),  # 9 drawn
        (RANKS, "contradicted", "Alnwick Town finished 4 points ahead of Hexham United."),  # 4 drawn
        (RANKS, "contradicted", "Consett Albion finished 7 points ahead of Hexham United."),
        (RANKS, "absent", "Hexham United finished 9 matches ahead of Consett Albion."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_comparative_is_a_difference_of_what_is_named(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (SURVEY, "derived", "Altogether 74% were satisfied or very satisfied with the home office rules."),
        (SURVEY, "derived", "69% were very satisfied or satisfied with their working hours."),
        (SURVEY, "contradicted", "Altogether 69% were satisfied or very satisfied with the home office rules."),
        (SURVEY, "contradicted", "36% were satisfied or very satisfied with the home office rules."),  # one of the two
        (SURVEY, "contradicted", "In total, 59% were satisfied or very satisfied with their working hours."),
        (MATCHES, "derived", "Alder won 47% of the matches played."),
        (RANKS, "absent", "Consett Albion won about 32% of their matches."),  # 30 played
        (MATCHES, "absent", "Alder won 75% of the matches played."),  # so did Birk
        (MATCHES, "absent", "Alder drew 47% of the matches played."),
        (ITEMS, "derived", "The office chairs make up about 35% of the subtotal."),
        (ITEMS, "absent", "The office chairs make up about 58% of the subtotal."),
        (ITEMS, "absent", "The desk lamps make up 35% of the subtotal."),
        (BUDGET, "derived", "Les impôts locaux représentent environ 52 % des recettes de 2022."),
        (BUDGET, "absent", "Les dotations représentent environ 52 % des recettes de 2022."),
        (BUSES, "derived", "Trip 101 takes 42 minutes from the Harbour to the University."),
        (BUSES, "contradicted", "Trip 105 takes 42 minutes from the Harbour to the University."),
        (BUSES, "contradicted", "Trip 105 needs 38 minutes from the Harbour to the University."),
        (BUSES, "absent", "Trip 101 takes 10 minutes."),  # 06:10 is no ten minutes
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_what_is_reckoned_along_a_row_or_down_a_column(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail
