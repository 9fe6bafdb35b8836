"""Verdicts on claims about tables: how their labels, headings, units, signs and years are read."""

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
HALLS = table(("Hall", "Seats 2021", "Seats 2022"), ("Red", "400", "420"), ("Blue", "320", "310"), id="halls")
LEAGUE = table(("Team", "Balance"), ("Alder", "−3"), ("Birk", "4"), id="league")
GUESTS = table(("Inn", "2022", "2023"), ("Swan", "55", "61"), ("Crown", "48", "47"), id="guests", caption="% of guests")
TRAMS = table(("Stop", "11", "12"), ("Mill", "06:20", "06:50"), ("Weir", "06:31", "07:01"), id="trams", caption="Trams")
DRILLS = table(("", "D20", "D35"), ("Weight", "2 kg", "3 kg"), ("Protection class", "IP54", "IPX7"), id="drills")


def _spanned(cited: Region) -> Region:
    """Labels that stand twice in the first column once, over both rows."""
    last = {cell.text: cell.row for cell in cited.cells or () if cell.col == 0}
    first = {cell.text: cell for cell in reversed(cited.cells or ()) if cell.col == 0}

    def kept(cell: Cell) -> Cell:
        return cell.model_copy(update={"row_span": last[cell.text] - cell.row + 1}) if cell.col == 0 else cell

    return region(kind="table", id="spans", cells=[kept(c) for c in cited.cells or () if c.col or c == first[c.text]])


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
