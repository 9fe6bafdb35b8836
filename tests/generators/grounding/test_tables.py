"""Verdicts on claims about tables: how their labels, headings, units and zeros are read."""

from __future__ import annotations

import pytest

from octavo.generators.grounding.support import judge_claim
from octavo.ingest.types import Cell, Region
from octavo.tests.generators.material import region, table

CONTINENTS = table(
    ("", "2022", "2023"),
    ("Europe", "", ""),  # marked as header, as when a table is read
    ("Revenue", "41", "45"),
    ("Costs", "30", "33"),
    ("Asia", "", ""),
    ("Revenue", "18", "17"),
    ("Costs", "12", "14"),
    headers=2,
    id="continents",
    caption="Amounts (EUR million)",
)
SIZES = table(
    ("Product", "Size", "2022", "2023"),
    ("Pumps", "small", "5", "6"),
    ("Pumps", "large", "7", "9"),
    ("Valves", "small", "15", "16"),
    ("Valves", "large", "17", "19"),
    id="sizes",
)
SCORES = table(("No.", "Name", "Score"), ("1", "Adams", "41"), ("2", "Brown", "38"), ("3", "Clark", "35"), id="scores")
RESULTS = table(
    ("Year", "Revenue", "Profit"),
    ("2021", "40", "4"),
    ("2022", "44", "5"),
    ("2023", "48", "3"),
    id="results",
    caption="Amounts (EUR million)",
)
STATES = table(
    ("Country", "Population", "GDP growth, %"),
    ("Arvia", "8400", "2.1"),
    ("Belmark", "21700", "-0.4"),
    ("Corland", "3200", "3.9"),
    ("All three", "33300", "1.2"),
    id="states",
)
PUMPS = table(
    ("", "Pumps", "Valves"),
    ("Revenue", "40", "14"),
    ("Margin", "17.5%", "28.6%"),
    id="pumps",
    caption="2023 (EUR million)",
)
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
WEIGHTS = table(("Item", "Weight", "Parts"), ("Cable", "900 g", "2 million"), ("Motor", "12 kg", "900 thousand"))
DATED = table(("Hall", "Seats"), ("Red", "300 (2019)"), ("Blue", "310"), id="dated")
CASH = table(
    ("", "2022", "2023"),
    ("Cash", "$ 9,835", "$ 9,889"),
    ("Cost of goods", "(835)", "(890)"),
    ("Result", "(12)", "30"),
    id="cash",
    caption="In millions of dollars",
)
LONG = table(
    ("Product", "Year", "Sold"),
    ("Pumps", "2021", "50"),
    ("Pumps", "2022", "60"),
    ("Valves", "2021", "70"),
    ("Valves", "2022", "65"),
    id="long",
)

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


def _spanned(cited: Region) -> Region:
    """Labels that stand twice in the first column once, over both rows."""
    last = {cell.text: cell.row for cell in cited.cells or () if cell.col == 0}
    first = {cell.text: cell for cell in reversed(cited.cells or ()) if cell.col == 0}

    def kept(cell: Cell) -> Cell:
        return cell.model_copy(update={"row_span": last[cell.text] - cell.row + 1}) if cell.col == 0 else cell

    return region(kind="table", id="spans", cells=[kept(c) for c in cited.cells or () if c.col or c == first[c.text]])


NOTHING = table(("Item", "2022"), ("Pumps", "4"), ("Total", "0"), id="nothing")
EVEN = table(("Item", "2022"), ("Gains", "5"), ("Losses", "-5"), id="even")
HALLS = table(("Hall", "Seats 2021", "Seats 2022"), ("Red", "400", "420"), ("Blue", "320", "310"), id="halls")
ORDERS = table(("", "Q1", "Q2"), ("Orders", "120", "150"), ("Cancelled", "4", "9"), id="orders")
IDLE = table(("Item", "2022"), ("Pumps", "0"), ("Valves", "8"), ("Total", "8"), id="idle")

LEAGUE = table(("Team", "Balance"), ("Alder", "−3"), ("Birk", "4"), id="league")
GUESTS = table(("Inn", "2022", "2023"), ("Swan", "55", "61"), ("Crown", "48", "47"), id="guests", caption="% of guests")
TRAMS = table(("Stop", "11", "12"), ("Mill", "06:20", "06:50"), ("Weir", "06:31", "07:01"), id="trams", caption="Trams")

DRILLS = table(("", "D20", "D35"), ("Weight", "2 kg", "3 kg"), ("Protection class", "IP54", "IPX7"), id="drills")


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
        ("Litres", "640 litres", "640 tonnes"),
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
        ("Sales, euro area", "640 dollars", "310 dollars"),
        ("Sales in thousands", "640 thousand", "640 million"),
    ],
)
def test_the_scale_of_a_caption_likewise(caption: str, right: str, wrong: str) -> None:
    cited = table(("Unit", "Sales"), ("North", "640"), ("South", "310"), caption=caption)
    assert judge_claim(f"The north had sales of {right}.", [cited]).support == "supported"
    assert judge_claim(f"The north had sales of {wrong}.", [cited]).support == "contradicted"


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (CONTINENTS, "supported", "Revenue in Asia was 17 million euros in 2023."),
        (CONTINENTS, "supported", "Revenue in Europe was 45 million euros in 2023."),
        (CONTINENTS, "contradicted", "Revenue in Asia was 45 million euros in 2023."),
        (CONTINENTS, "contradicted", "Revenue in Europe was 17 million euros in 2023."),
        (CONTINENTS, "contradicted", "Costs in Asia were 33 million euros in 2023."),
        (CONTINENTS, "derived", "Revenue in Asia fell by 1 million euros in 2023."),  # 17 - 18
        (CONTINENTS, "contradicted", "Revenue in Europe fell by 1 million euros in 2023."),
        *(
            (cited, support, claim)
            for cited in (SIZES, _spanned(SIZES))
            for support, claim in (
                ("supported", "6 small pumps were sold in 2023."),
                ("supported", "19 large valves were sold in 2023."),
                ("contradicted", "9 small pumps were sold in 2023."),
                ("contradicted", "6 large pumps were sold in 2023."),
                ("contradicted", "19 large pumps were sold in 2023."),
                ("derived", "Sales of large valves rose by 2 in 2023."),  # 19 - 17
            )
        ),
        (SCORES, "supported", "Brown scored 38."),
        (SCORES, "contradicted", "Brown scored 41."),
        (LONG, "supported", "In 2022, 60 pumps were sold."),
        (LONG, "contradicted", "In 2021, 60 pumps were sold."),
        (LONG, "contradicted", "60 pumps were sold in 2021."),
        (LONG, "contradicted", "In 2022, 70 valves were sold."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_row_is_named_by_all_that_tells_it_from_others(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (RESULTS, "supported", "Revenue was 44 million euros in 2022."),
        (RESULTS, "supported", "In 2022, revenue was 44 million euros."),
        (RESULTS, "supported", "Profit fell to 3 million euros in 2023."),
        (RESULTS, "contradicted", "Profit rose to 3 million euros in 2023."),
        (RESULTS, "contradicted", "Revenue was 44 million euros in 2023."),
        (RESULTS, "contradicted", "Revenue was 44 million euros in 2021."),
        (RESULTS, "derived", "Revenue grew by 4 million euros from 2022 to 2023."),
        (RESULTS, "derived", "Revenue grew by 8 million euros from 2021 to 2023."),
        (RESULTS, "derived", "Profit fell by 2 million euros in 2023."),
        (RESULTS, "derived", "Revenue grew by 9.1% in 2023."),  # 4 / 44
        (RESULTS, "contradicted", "Revenue grew by 10% in 2023."),
        (RESULTS, "contradicted", "Profit rose by 2 million euros in 2023."),
        (RESULTS, "contradicted", "Profit fell by 45 million euros in 2023."),
        (LONG, "derived", "In 2022, 10 more pumps were sold than in 2021."),  # 60 - 50
        (LONG, "contradicted", "In 2022, 10 more valves were sold than in 2021."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_years_may_name_the_rows(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (STATES, "supported", "GDP growth in Corland was 3.9%."),
        (STATES, "supported", "Belmark's GDP shrank by 0.4%."),
        (STATES, "contradicted", "Belmark's GDP grew by 0.4%."),
        (STATES, "contradicted", "Belmark's GDP growth fell to 0.4%."),
        (STATES, "contradicted", "Corland's GDP shrank by 3.9%."),
        (CASH, "supported", "Cash was $9,889 million in 2023."),
        (CASH, "supported", "The result was -12 million dollars in 2022."),
        (CASH, "supported", "The result of 2022 was −12 million dollars."),
        (CASH, "contradicted", "The result was 12 million dollars in 2022."),
        (RESULTS, "contradicted", "Profit was -5 million euros in 2022."),
        (PUMPS, "supported", "The margin of valves was 28.6%."),
        (PUMPS, "contradicted", "The margin of pumps was 28.6%."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_a_figure_has_the_sign_and_the_scale_of_what_it_measures(cited: Region, support: str, claim: str) -> None:
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
        (HALLS, "supported", "Red had the most seats in 2022, 420."),
        (HALLS, "supported", "Red had the most seats in 2021, 400."),  # other years are no rivals
        (DATED, "supported", "Blue has the most seats, 310."),
        (DATED, "contradicted", "Red has the most seats, 300."),
        (HALLS, "contradicted", "Blue had the most seats in 2022, 310."),
        (HALLS, "supported", "Blue had the fewest seats in 2022, 310."),
        (HALLS, "supported", "The red hall had at most 420 seats in 2022."),
        (STATES, "supported", "Belmark has the largest population, 21,700."),  # what it comes to is no rival
        (STATES, "contradicted", "Arvia has the largest population, 8,400."),
        (STATES, "supported", "Arvia has the second largest population, 8,400."),
        (STATES, "contradicted", "Arvia had the highest GDP growth, 2.1%."),
        (STATES, "supported", "In Arvia, the country with the highest mountain, 8,400 is the population."),
        (WEIGHTS, "supported", "The motor has the largest weight, 12 kg."),
        (WEIGHTS, "contradicted", "The cable has the largest weight, 900 g."),
        (WEIGHTS, "supported", "The cable has the most parts, 2 million."),
        (WEIGHTS, "contradicted", "The motor has the most parts, 900 thousand."),
        (RESULTS, "supported", "Revenue was highest in 2023, at 48 million euros."),
        (RESULTS, "contradicted", "Revenue was highest in 2022, at 44 million euros."),
        (CONTINENTS, "contradicted", "Costs in Asia were lowest in 2023, at 14 million euros."),
        (CONTINENTS, "supported", "Costs in Asia were highest in 2023, at 14 million euros."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_what_is_called_the_most_is_surpassed_by_nothing(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


def test_the_line_that_heads_a_row_is_shown_with_it() -> None:
    judged = judge_claim("Costs in Asia were 14 million euros in 2023.", [CONTINENTS])
    assert judged.quote == "14 Asia Costs 2023"


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
        (LEAGUE, "supported", "Alder had a balance of -3."),
        (LEAGUE, "contradicted", "Alder had a balance of +3."),
        (LEAGUE, "supported", "Birk had a balance of +4."),
        (GUESTS, "supported", "61% of the guests of the Swan were content in 2023."),
        (GUESTS, "supported", "For the Swan it was 61 in 2023."),
        (GUESTS, "contradicted", "The Swan had 61 guests in 2023."),
        (TRAMS, "supported", "Tram 12 leaves the Mill at 06:50 and reaches the Weir at 07:01."),
        (TRAMS, "contradicted", "Tram 11 leaves the Mill at 06:50."),
        (DRILLS, "supported", "The D20 has protection class IP54."),
        (DRILLS, "contradicted", "The D35 has protection class IP54."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_signs_shares_and_numbers_that_are_names(cited: Region, support: str, claim: str) -> None:
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
