"""Passages of tables: their rows, headers, labels, units, and what announces them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from octavo.ingest.text.numerals import is_unit
from octavo.ingest.text.windows import row_text, table_parts
from octavo.ingest.types import BBox, Cell, Place
from octavo.tests.ingest.material import Maker, count, passages_of, sentences

text = st.text("abcdefgh ijkl. 12,地衣。!?\n", max_size=400)


def test_tables_and_figures_are_passages_of_their_own() -> None:
    page = Maker(section=("Fleet",))
    page.add("text", "Before.")
    caption = page.add("caption", "Table 1: Ships")
    table = page.table([["Name", "Built"], ["Dunlin", "2011"]], caption="Table 1: Ships")
    figure = page.add("figure", "2018\n2019", caption="Figure 1: Carbon", words=())
    page.add("text", "After.")
    before, ships, carbon, after = passages_of(page, title="Report")
    assert (before.text, after.text) == ("Before.", "After.")
    assert (ships.kind, ships.text) == ("table", "Name | Built\nDunlin: 2011")
    assert ships.context == "Report > Fleet > Table 1: Ships"
    assert ships.regions == (table.id, caption.id)
    assert (carbon.kind, carbon.text, carbon.context) == ("figure", "2018\n2019", "Report > Fleet > Figure 1: Carbon")
    assert carbon.places == (Place(1, figure.bbox),)


@pytest.mark.parametrize(
    ("before", "context"),
    [
        ("Demand grew. Net sales were as follows (in millions):", "Sales > Net sales were as follows (in millions):"),
        ("The table below lists all ships.", "Sales > The table below lists all ships."),
        ("Demand grew. Nobody knows why.", "Sales"),
        ("The following " + "very " * 40 + "long list:", "Sales"),  # it would leave no room for the section
    ],
)
def test_a_table_has_the_sentence_that_announces_it_as_context(before: str, context: str) -> None:
    first, second = Maker(1, ("Sales",)), Maker(2, ("Sales",))
    first.add("text", before)
    first.add("footer", "1")
    second.table([["", "2024"], *([f"Item {n}", str(n)] for n in range(40))])
    second.table([["", "2025"], ["Hulls", "7"]])
    _, *parts, other = passages_of(first, second, max_tokens=150)
    assert len(parts) > 1
    assert {part.context for part in parts} == {context}
    assert other.context == "Sales"  # it announced one table


def test_long_tables_are_cut_between_rows_under_a_repeated_header() -> None:
    rows = [["Vessel name", "Built", "Cars"], *([f"Ship {n}", str(1900 + n), str(n)] for n in range(90))]
    page = Maker()
    region = page.table(rows)
    found = passages_of(page, max_tokens=100)
    assert len(found) > 3
    said: list[str] = []
    for n, passage in enumerate(found):
        header, *lines = passage.text.splitlines()
        assert header == "Vessel name | Built | Cars"
        assert count(passage.text) + count(passage.context) + 2 <= 100
        numbers = [int(line.split(":")[0].split()[1]) for line in lines]
        shown = [0, *(k + 1 for k in numbers)] if n == 0 else [k + 1 for k in numbers]
        assert region.cells is not None
        assert passage.places == (Place(1, BBox.union(c.bbox for c in region.cells if c.row in shown)),)
        said += lines
    assert said == [f"Ship {n}: {1900 + n} | {n}" for n in range(90)]


def test_rows_after_a_cut_keep_the_label_that_heads_them() -> None:
    rows = [
        ["", "2024", "2023"],
        ["Current assets:", "", ""],
        *([f"Asset {n}", str(100 + n), str(200 + n)] for n in range(12)),
        ["Total current assets", "1266", "2466"],
        *([f"Other {n}", str(300 + n), str(400 + n)] for n in range(12)),
        ["Accrued liabilities and", "", ""],
        ["reserves", "5", "6"],
        *([f"Debt {n}", str(500 + n), str(600 + n)] for n in range(12)),
    ]
    page = Maker()
    page.table(rows)
    found = [p.text.splitlines() for p in passages_of(page, max_tokens=60)]
    assert len(found) > 6
    assert all(lines[0] == "2024 | 2023" for lines in found)
    for lines in found:
        # Down to its total, and half a label heads nothing.
        headed = any(line.startswith(("Asset", "Total")) for line in lines)
        assert lines.count("Current assets:") == headed
        assert not headed or lines[1] == "Current assets:"
    assert sum(line.startswith("Accrued") for lines in found for line in lines) == 1
    assert sum(line.startswith("Asset ") for lines in found for line in lines) == 12


def test_a_row_further_left_belongs_to_no_group() -> None:
    def cell(row: int, col: int, x: float, text: str) -> Cell:
        return Cell(row=row, col=col, bbox=BBox(x, 0.02 * row, x + 0.05, 0.02 * row + 0.01), text=text)

    labels = [(0.1, "Cash flows from financing:"), (0.12, "Dividends"), (0.12, "Buybacks"), (0.1, "Cash, end of year")]
    cells = [cell(r, 0, x, label) for r, (x, label) in enumerate(labels)]
    cells += [cell(r, 1, 0.6, str(r)) for r in (1, 2, 3)]
    said = [part for part, _ in table_parts(sorted(cells, key=lambda c: (c.row, c.col)), count, 15)]
    assert said == [
        "Cash flows from financing:\nDividends: 1",
        "Cash flows from financing:\nBuybacks: 2",
        "Cash, end of year: 3",
    ]


def test_rows_of_years_and_units_below_the_header_are_repeated_too() -> None:
    rows = [
        ["", "Year ended December 31,", ""],
        ["", "2024", "2023 (6)"],
        ["(in millions, except per share data)", "", ""],
        *([f"Item {n}", str(100 + n), str(200 + n)] for n in range(20)),
    ]
    page = Maker()
    page.table(rows)
    found = [p.text.splitlines() for p in passages_of(page, max_tokens=90)]
    assert len(found) > 2
    for lines in found:
        assert lines[:3] == ["Year ended December 31,", "2024 | 2023 (6)", "(in millions, except per share data)"]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("(in millions, except per share data)", True),
        ("$ in millions", True),
        ("(in thousands of EUR)", True),
        ("(in $000’s)", True),
        ("Millions of yen", True),
        ("%", True),
        ("€m", True),
        ("Number in use", False),
        ("Sales of 5 million units in 2012", False),
        ("Sales fell, in millions of homes, to a trickle.", False),
    ],
)
def test_lines_that_name_a_unit(text: str, unit: bool) -> None:
    assert is_unit(text) is unit


def test_only_a_row_that_no_window_holds_is_cut() -> None:
    rows = [["Term", "Meaning"], ["Skerry", "a rock."], ["Glow", sentences(20)], ["Slip", "a ramp."]]
    page = Maker()
    page.table(rows)
    found = passages_of(page, max_tokens=120)
    assert found[0].text == "Term | Meaning\nSkerry: a rock."
    assert found[-1].text == "Term | Meaning\nSlip: a ramp."
    assert all(p.text.startswith("Term | Meaning\n") and count(p.text) <= 120 for p in found)
    assert len({p.places for p in found[1:-1]}) == 1
    assert set(re.findall(r"Sentence\d+", " ".join(p.text for p in found))) == {f"Sentence{k}" for k in range(20)}


def test_a_table_of_headers_alone_is_a_passage() -> None:
    page = Maker()
    page.table([["Name", "Built"], ["of ship", "in"]], headers=2)
    assert [p.text for p in passages_of(page)] == ["Name | Built\nof ship | in"]


@example([["1??1?1"], ["1?1?1?1"]], 1, 12)  # half the room is the header's, and the row is short but for its tokens
@given(
    st.lists(st.lists(text, min_size=1, max_size=3), min_size=1, max_size=20), st.integers(0, 2), st.integers(12, 80)
)
def test_table_parts_fit_and_hold_each_row(rows: list[list[str]], headers: int, room: int) -> None:
    region = Maker().table([[" ".join(cell.split()) for cell in row] for row in rows], headers=headers)
    assert region.cells is not None
    parts = list(table_parts(region.cells, count, room))
    assert all(count(part) <= room for part, _ in parts)
    rows_kept = [line for part, _ in parts for line in part.splitlines()]
    for r in {c.row for c in region.cells}:
        row = [c for c in region.cells if c.row == r]
        if not row[0].header and 0 < count(row_text(row)) < room / 2:
            assert row_text(row) in rows_kept
