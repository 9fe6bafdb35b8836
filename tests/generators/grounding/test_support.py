"""Verdicts on claims about regions set by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from octavo.generators.grounding import prose, wording
from octavo.generators.grounding.cited import Cited
from octavo.generators.grounding.derive import _from_prose
from octavo.generators.grounding.facts import facts_of, spoken
from octavo.generators.grounding.prose import sentences_of
from octavo.generators.grounding.support import LONGEST, MOST, judge, judge_claim
from octavo.ingest.types import BBox, Place, Region
from octavo.retrievers.analysis import analyse
from octavo.tests.generators.material import region, set_words, table

ACCOUNTS = table(
    ("", "2021", "2022", "2023"),
    ("Net sales", "1,250.5", "1,310.0", "1,405.8"),
    ("Cost of goods sold", "(800.1)", "(835.2)", "(890.4)"),
    ("Gross profit", "450.4", "474.8", "515.4"),
    ("Operating result", "(12.5)", "30.1", "44.0"),
    ("Staff", "4,210", "4,385", "4,502"),
    id="accounts",
    caption="Table 4: Key figures in millions of dollars",
)
CITIES = table(
    ("City", "Country", "Inhabitants (thousands)", "Area (km²)", "Founded"),
    ("Alder", "Norland", "412", "95.4", "1650"),
    ("Birkholm", "Norland", "1,280", "301.0", "1241"),
    ("Castra", "Sudmark", "86", "40.2", "1502"),
    id="cities",
)
RAIN = table(
    ("Month", "Rain (mm)", "Days of rain", "Mean (°C)"),
    ("March", "41", "12", "6.1"),
    ("April", "36", "10", "9.0"),
    ("May", "58", "13", "13.4"),
    ("Spring", "135", "35", "9.5"),
    id="rain",
)
FOUNDED = table(("Town", "Founded"), ("Alder", "3 May 1650"), ("Castra", "9 June 1502"), id="founded")
EVENTS = table(("Date", "Event"), ("3 May 1650", "Alder founded"), ("9 June 1502", "Castra founded"), id="events")
TRAINS = table(("Train", "Departs", "Arrives"), ("Express", "09:15", "10:40"), ("Local", "10:05", "13:05"), id="trains")
PRICES = table(
    ("Date", "Closing price"), ("3 May 2023", "14.20"), ("4 May 2023", "14.35"), id="prices", caption="Price in euros"
)
GERMAN = region(
    "Der Umsatz stieg im Jahr 2023 um 4,5 Prozent auf 1.234,5 Mio. Euro. Die Mitarbeiterzahl sank von 812 auf 790. "
    "Das neue Werk in Lindau wird am 1. Oktober 2025 eröffnet.",
    id="german",
)
REPORT = region(
    "The mill processed 48,000 tonnes of grain in 2022 and 51,600 tonnes in 2023. Losses fell to 1.8 per cent, down "
    "from 2.4 per cent. The new kiln, supplied by Hartwell Brothers, was commissioned on 3 May 2023 at a cost of "
    "$12.4 million. Margins improved by 35 basis points. “We have never milled so much,” said Clara Voss.",
    id="report",
)
SCAN = region("Rec eived 1O2 crates on the 2lst of Apri1 and paid 45,50 crowns to Mr. Ellis.", id="scan", source="ocr")
OLD = region("Landings began on the firſt of May 1776 and ended on the fıfth of Auguſt.", id="old")
FIGURE = region("Sales by region North South 41 57", id="figure", kind="figure", words=set_words("North South\n41 57"))
DESCRIBED = region("The chart shows 57 units in the south.", id="described", kind="figure", words=(), source="vlm")


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (ACCOUNTS, "supported", "Net sales were $1,405.8 million in 2023."),
        (ACCOUNTS, "supported", "Net sales reached 1.4058 billion dollars in 2023."),
        (ACCOUNTS, "supported", "Net sales were about 1,400 million dollars in 2023."),
        (ACCOUNTS, "supported", "There were 4,502 staff in 2023."),
        (ACCOUNTS, "supported", "In 2021 the operating loss was 12.5 million dollars."),
        (ACCOUNTS, "supported", "The cost of goods sold was 890.4 million dollars in 2023."),
        (ACCOUNTS, "contradicted", "Net sales were $1,310.0 million in 2023."),
        (ACCOUNTS, "contradicted", "Net sales were $1,405.8 thousand in 2023."),
        (ACCOUNTS, "contradicted", "Net sales were 1,405.8 million euros in 2023."),
        (ACCOUNTS, "contradicted", "Net sales were $1,405.82 million in 2023."),
        (ACCOUNTS, "contradicted", "Gross profit was $44.0 million in 2023."),
        (ACCOUNTS, "contradicted", "The operating result of 2021 was 12.5 million dollars."),
        (ACCOUNTS, "derived", "Net sales grew by 95.8 million dollars in 2023."),
        (ACCOUNTS, "derived", "Net sales grew by 7.3 per cent in 2023."),
        (ACCOUNTS, "derived", "From 2021 to 2023 net sales rose by 12.4%."),
        (ACCOUNTS, "derived", "The gross margin, gross profit as a share of net sales, was 36.7 % in 2023."),
        (ACCOUNTS, "derived", "Average net sales over the three years were 1,322.1 million dollars."),
        (ACCOUNTS, "contradicted", "Net sales fell by 7.3 per cent in 2023."),
        (ACCOUNTS, "contradicted", "Net sales grew by 9.3 per cent in 2023."),
        (ACCOUNTS, "absent", "Net sales were 990.0 million dollars in 2019."),
        (ACCOUNTS, "absent", "The dividend was 2.40 dollars per share."),
        (CITIES, "supported", "Birkholm has 1.28 million inhabitants and an area of 301 km²."),
        (CITIES, "supported", "Castra was founded in 1502."),
        (CITIES, "supported", "Castra lies in Sudmark."),
        (CITIES, "contradicted", "Castra was founded in 1241."),
        (CITIES, "contradicted", "Castra lies in Norland."),
        (CITIES, "contradicted", "Alder has an area of 95.4 km."),
        (CITIES, "derived", "Alder and Castra together have 498,000 inhabitants."),
        (RAIN, "supported", "In May 58 mm of rain fell on 13 days."),
        (RAIN, "supported", "The mean temperature of April was 9 °C."),
        (RAIN, "derived", "March and April together had 77 mm of rain."),
        (RAIN, "derived", "From March to May the mean rose by 7.3 °C."),
        (RAIN, "derived", "May had 22 mm more rain than April."),
        (RAIN, "derived", "May brought 43% of the rain of spring."),
        (RAIN, "derived", "There were 22 days of rain in March and April."),
        (RAIN, "contradicted", "March and April together had 87 mm of rain."),
        (RAIN, "contradicted", "May had 32 mm more rain than April."),
        (RAIN, "contradicted", "In May 58 mm of rain fell on 12 days."),
        (RAIN, "absent", "In June 20 mm of rain fell."),
        (RAIN, "contradicted", "In May 58 cm of rain fell."),
        (CITIES, "contradicted", "Castra has a single inhabitant."),
        (CITIES, "contradicted", "Alder has hundreds of inhabitants."),
        (RAIN, "unchecked", "In May the rain was not 58 mm."),
        (FOUNDED, "supported", "Castra was founded on 9 June 1502."),
        (FOUNDED, "contradicted", "Castra was founded on 3 May 1650."),
        (FOUNDED, "contradicted", "Castra was founded on 9 June 1503."),
        (FOUNDED, "unchecked", "The oldest town was founded on 9 June 1502."),
        (FOUNDED, "unchecked", "Castra was not founded on 9 June 1502."),
        (EVENTS, "supported", "Castra was founded on 9 June 1502."),
        (EVENTS, "supported", "On 9 June 1502 Castra was founded."),
        (EVENTS, "contradicted", "Castra was founded on 3 May 1650."),
        (TRAINS, "supported", "The express arrives at 10:40."),
        (TRAINS, "contradicted", "The express arrives at 13:05."),
        (TRAINS, "contradicted", "The local train departs at 10:40."),
        (PRICES, "supported", "On 3 May 2023 the closing price was €14.20."),
        (PRICES, "contradicted", "The closing price on 3 May 2023 was 14.35 euros."),
        (GERMAN, "supported", "Der Umsatz stieg auf 1.234,5 Millionen Euro."),
        (GERMAN, "supported", "Revenue (Umsatz) was 1,234.5 million euros, up 4.5 per cent."),
        (GERMAN, "supported", "Das Werk in Lindau wird am 01.10.2025 eröffnet."),
        (GERMAN, "derived", "Die Mitarbeiterzahl sank um 22."),
        (GERMAN, "contradicted", "Der Umsatz stieg auf 1.234,5 Mrd. Euro."),
        (GERMAN, "contradicted", "Der Umsatz stieg um 5,4 Prozent."),
        (GERMAN, "contradicted", "Das neue Werk in Lindau wird am 10. Oktober 2025 eröffnet."),
        (REPORT, "supported", "The mill processed 51,600 t of grain in 2023."),
        (REPORT, "supported", "Losses fell from 2.4% to 1.8%."),
        (REPORT, "supported", "Margins improved by 0.35 percentage points."),
        (REPORT, "supported", "Hartwell Brothers supplied the kiln, which was commissioned on 2023-05-03."),
        (REPORT, "supported", 'Clara Voss said, "We have never milled so much".'),
        (REPORT, "derived", "Between 2022 and 2023 the grain processed grew by 3,600 tonnes."),
        (REPORT, "derived", "The mill processed 7.5 per cent more grain in 2023 than in 2022."),
        (REPORT, "derived", "Losses fell by 0.6 percentage points."),
        (REPORT, "contradicted", "The mill processed 51,600 tonnes of grain in 2022."),
        (REPORT, "contradicted", "Margins improved by 35 per cent."),
        (REPORT, "contradicted", "The new kiln cost $14.2 million."),
        (REPORT, "contradicted", "Losses rose to 1.8 per cent."),
        (REPORT, "contradicted", "The new kiln was commissioned on 5 March 2023."),
        (REPORT, "contradicted", "The kiln was supplied by Hartwell Sisters."),
        (REPORT, "unchecked", 'Clara Voss never said, "We have never milled so much".'),
        (REPORT, "contradicted", "The kiln was never commissioned on 3 May 2023."),
        (REPORT, "contradicted", "The kiln was not commissioned on 3 May 2023."),
        (REPORT, "contradicted", "The kiln did not cost $12.4 million."),
        (REPORT, "absent", 'Clara Voss said, "We will double our capacity".'),
        (REPORT, "absent", "The mill employs 310 people."),
        (REPORT, "absent", "Pigeons nest under the roof of the station."),
        (SCAN, "supported", "On 21 April 102 crates were received."),
        (SCAN, "supported", "45.50 crowns were paid to Mr. Ellis."),
        (SCAN, "contradicted", "120 crates were received."),
        (OLD, "supported", "Landings began on 1 May 1776."),
        (OLD, "contradicted", "Landings began on the fıfth of May 1776."),
        (OLD, "supported", "Landings ended on 5 August."),
        (FIGURE, "unchecked", "The line falls steeply after the second year."),
        (DESCRIBED, "unchecked", "There were 57 units in the south."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_verdicts(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


def test_a_cell_is_shown_with_its_row_and_column() -> None:
    judged = judge_claim("Net sales were 1,405.8 million dollars in 2023.", [ACCOUNTS])
    cell, label, head = (c for c in ACCOUNTS.cells or () if c.text in ("1,405.8", "Net sales", "2023"))
    assert set(judged.places) == {Place(1, box.bbox) for box in (cell, label, head)}
    assert judged.quote == "1,405.8 Net sales 2023"


def test_a_sentence_is_shown_line_by_line() -> None:
    words = set_words("Costs are low. The new kiln\ncost $12.4 million. It is red.")
    judged = judge_claim("The kiln cost 12.4 million dollars.", [region("x", words=words)])
    assert judged.quote == "The new kiln cost $12.4 million."
    first, second = judged.places
    assert first.bbox == BBox.union(w.bbox for w in words[3:6])
    assert second.bbox == BBox.union(w.bbox for w in words[6:9])


def test_what_a_model_wrote_proves_nothing_beside_what_is_printed() -> None:
    judged = judge_claim("There were 57 units in the south.", [DESCRIBED, REPORT])
    assert judged.support == "absent"


def test_nothing_cited_proves_nothing() -> None:
    assert judge_claim("Water is wet.", []).support == "absent"


YARD = region("The yard has 14 cranes. It opened in 1962 as a branch of the Corrigan works.", id="yard")
DEPOT = region("The depot opened on 9 June.", id="depot")


@pytest.mark.parametrize(
    ("cited", "known", "support", "claim"),
    [
        (ACCOUNTS, "", "absent", "At Acme Foods net sales were 1,405.8 million dollars in 2023."),
        (ACCOUNTS, "Acme Foods: sales?", "supported", "At Acme Foods net sales were 1,405.8 million dollars in 2023."),
        (ACCOUNTS, "Net sales in 2031?", "unchecked", "Net sales were 1,405.8 million dollars in 2031."),
        (REPORT, "Quill.pdf\nQuill's losses?", "supported", "At Quill losses fell to 1.8%."),
        (YARD, "How many cranes has Siemens?", "unchecked", "Siemens has 14 cranes."),
        (YARD, "How many cranes has the yard in 2031?", "contradicted", "In 2031 the yard has 14 cranes."),
        (YARD, "Did it open on 9 June 1962?", "absent", "The yard opened on 9 June 1962."),
        (YARD, "Who said “close the yard”?", "absent", "Clara Voss said “close the yard”."),
        (DEPOT, "Did the depot open on 9 June 2021?", "unchecked", "The depot opened on 9 June 2021."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_the_question_proves_nothing(cited: Region, known: str, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited], known)
    assert judged.support == support, judged.detail


ENERGY = table(
    ("Item", "Unit", "2021", "2022", "2023"),
    ("Gas consumption", "m³", "41,200", "39,800", "36,500"),
    ("Vehicles", "number", "85", "88", "91"),
    ("Electric vehicles", "number", "10", "19", "34"),
    ("Paper", "t", "64", "58", "60"),
    id="energy",
)
SPENDING = table(
    ("Programme", "2021 actual", "2022 actual", "2023 plan"),
    ("Health", "41.20", "43.75", "45.10"),
    ("Schools", "30.60", "29.85", "31.40"),
    ("Total", "71.80", "73.60", "76.50"),
    id="spending",
    caption="Spending by programme (GBP million)",
)
PERIODS = table(
    ("", "Three months ended 30 June 2024", "Three months ended 30 June 2023", "Year ended 30 June 2024"),
    ("Sales", "120", "100", "470"),
    id="periods",
)
TRIAL = table(
    ("Outcome", "Drug n", "Drug %", "Placebo n", "Placebo %"),
    ("Cured", "74", "61.7", "41", "34.7"),
    ("Nausea", "27", "22.5", "9", "7.6"),
    id="trial",
)
SALES_ZH = table(
    ("市场", "2022年", "2023年"),
    ("东区", "131.0", "140.2"),
    ("西区", "84.1", "90.6"),
    id="zh",
    caption="各市场销售额（单位：百万元）",
)
PIE = region("Solar 34 %\nWind 41 %\nGas 25 %", kind="figure", id="pie")


@pytest.mark.parametrize(
    ("cited", "support", "claim"),
    [
        (ENERGY, "supported", "Gas consumption fell to 36,500 cubic metres in 2023."),
        (ENERGY, "contradicted", "Gas consumption was 36,500 litres in 2023."),
        (ENERGY, "contradicted", "Paper fell to 60 t in 2023."),
        (ENERGY, "derived", "Electric vehicles made up 37.4% of all vehicles in 2023."),
        (ENERGY, "derived", "Paper over the three years totalled 182 t."),
        (ENERGY, "contradicted", "Paper over the three years totalled 192 t."),
        (ENERGY, "absent", "The roof has 40 panels."),
        (SPENDING, "derived", "Health received £13.90 million more than schools in 2022."),
        (SPENDING, "contradicted", "Health received £15.90 million more than schools in 2022."),
        (SPENDING, "contradicted", "Spending on schools came to 29.85 million euros in 2022."),
        (SPENDING, "contradicted", "Spending on schools rose to 29.85 million pounds in 2022."),
        (SPENDING, "derived", "Total spending is planned to rise by 3.9 per cent in 2023."),
        (PERIODS, "derived", "Sales of the three months rose by 20 per cent from 2023 to 2024."),
        (PERIODS, "contradicted", "Sales of the three months rose by 370 per cent from 2023 to 2024."),
        (TRIAL, "supported", "Nausea occurred in 27 people with the drug."),
        (TRIAL, "contradicted", "Nausea occurred in 27 people with placebo."),
        (TRIAL, "derived", "In all, 36 people had nausea."),
        (TRIAL, "derived", "The share of the cured was 27.0 percentage points higher with the drug than with placebo."),
        (
            TRIAL,
            "contradicted",
            "The share of the cured was 27.0 percentage points lower with drug than with placebo.",
        ),
        (SALES_ZH, "supported", "东区2023年的销售额为140.2百万元。"),
        (SALES_ZH, "contradicted", "西区2023年的销售额为140.2百万元。"),
        (SALES_ZH, "derived", "东区的销售额从2022年到2023年增加了9.2百万元。"),
        (CITIES, "derived", "Two cities have more than 400 thousand inhabitants."),
        (CITIES, "contradicted", "Three cities have more than 400 thousand inhabitants."),
        (PIE, "supported", "Wind supplies 41 per cent."),
        (PIE, "contradicted", "Solar supplies 41 per cent."),
        (PIE, "derived", "Solar and wind together supply 75 per cent."),
        (PIE, "unchecked", "The slice of wind is blue."),
    ],
    ids=lambda value: value if isinstance(value, str) else value.id,
)
def test_what_a_claim_names_decides_what_is_reckoned_with(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


def test_what_is_no_sentence_is_not_searched() -> None:
    assert judge_claim("1 " * LONGEST, [ACCOUNTS]).detail == f"longer than {LONGEST} characters"
    many = "The sum of " + " and ".join(str(n) for n in range(100, 101 + MOST))
    assert judge_claim(many, [ACCOUNTS]).detail == f"more than {MOST} numbers"


def test_text_without_stops_is_looked_up_in_parts() -> None:
    endless = region("The yard has cranes " * 200 + "and 14 lifts", id="endless", words=())
    sentences = list(sentences_of(endless))
    assert max(len(s.facts.text) for s in sentences) <= 1000
    assert "".join(s.facts.text for s in sentences).split() == endless.text.split()
    assert judge_claim("The yard has 14 lifts.", [endless]).support == "supported"


def test_each_cell_is_analysed_once_for_a_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("Steel beam", "red" if n % 2 else "blue", str(100 + n)) for n in range(60)]
    looked_up = Cited([table(("Kind", "Colour", "Mass"), *rows, id="beams")])
    seen: list[str] = []

    def watched(text: str) -> list[str]:
        seen.append(text)
        return analyse(text)

    monkeypatch.setattr(wording, "analyse", watched)
    assert judge("The steel beam is green.", looked_up).support == "unchecked"
    assert 3 * 60 <= len(seen) <= 4 * 61


def test_only_so_many_numbers_of_a_text_are_paired() -> None:
    prose = region("The cost was 1 euro. " * 500, id="prose")
    claim = facts_of("The cost rose by 3 euros.")
    results = list(_from_prose(claim, list(sentences_of(prose)), claim.numbers[0]))
    assert 0 < len(results) < 500


def _cases() -> list[tuple[Region, str, str]]:
    cases = yaml.safe_load((Path(__file__).parents[2] / "data" / "claims.yaml").read_text(encoding="utf-8"))
    return [
        (
            region(
                case["text"],
                id=f"text{n}",
                words=None if "\n" not in case["text"] else (),
                kind=case.get("kind", "text"),
                source=case.get("source", "text-layer"),
            ),
            support,
            claim,
        )
        for n, case in enumerate(cases)
        for support, claim in case["claims"]
    ]


@pytest.mark.parametrize(("cited", "support", "claim"), _cases(), ids=lambda value: getattr(value, "id", value))
def test_verdicts_on_running_text(cited: Region, support: str, claim: str) -> None:
    judged = judge_claim(claim, [cited])
    assert judged.support == support, judged.detail


def test_the_work_for_a_date_grows_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[int] = []

    def watched(text: str) -> str:
        worked[-1] += len(text)
        return spoken(text)

    monkeypatch.setattr(prose, "spoken", watched)
    for count in (50, 100):
        worked.append(0)
        log = region("On 5 May 1932 the mill ground for Anna Berg. " * count, id="log", words=())
        judge("On 5 May 1932 the mill ground for Tom Holm.", Cited([log]))
    assert worked[1] < 3 * worked[0]
