"""Rows of tables as they are said and quoted: hand-worked tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from octavo.generators.rows import Row, rows_of
from octavo.ingest.types import BBox, Cell
from octavo.tests.generators.material import table


def _rows(*rows: Sequence[str], headers: int = 1, said: Sequence[str] = ()) -> dict[str, Row]:
    return {row.name: row for row in rows_of(table(*rows, headers=headers).cells or (), said)}


BALANCE = (
    ["(In millions)", "2023", "2022"],
    ["Current assets:", "", ""],
    ["Cash", "$ 9,889", "$ 8,348"],
    ["Share of foreign cash", "41 %", "38 %"],
    ["Shares (in thousands)", "1,610", "1,602"],
)


def test_figures_carry_the_unit_that_a_header_cell_says_and_its_box() -> None:
    cash = _rows(*BALANCE)["Cash"]
    assert cash.text == "Cash: 2023 $ 9,889; 2022 $ 8,348 (In millions)"
    assert cash.quote == "(In millions) | 2023 | 2022\nCash: $ 9,889 | $ 8,348"
    assert cash.group == "Current assets:"
    assert [*cash.boxes] == [pytest.approx((0.1, 0.2, 0.7, 0.25)), pytest.approx((0.1, 0.1, 0.7, 0.15))]


@pytest.mark.parametrize("name", ["Share of foreign cash", "Shares (in thousands)", "Current assets:"])
def test_figures_with_a_unit_of_their_own_get_no_other(name: str) -> None:
    row = _rows(*BALANCE)[name]
    assert "millions" not in row.text + row.quote


def test_only_the_columns_of_the_years_asked_for_remain_each_with_tight_boxes() -> None:
    old = _rows(*BALANCE)["Cash"].named({"2022"}, {"cash", "2022"})
    assert old.text == "Cash: 2022 $ 8,348 (In millions)"
    assert old.quote == "(In millions) | 2022\nCash: $ 8,348"
    assert [*old.boxes] == [
        pytest.approx((0.1, 0.2, 0.3, 0.25)),  # the label
        pytest.approx((0.5, 0.2, 0.7, 0.25)),  # the value, two columns on
        pytest.approx((0.1, 0.1, 0.3, 0.15)),  # the unit
        pytest.approx((0.5, 0.1, 0.7, 0.15)),  # the year
    ]
    assert _rows(*BALANCE)["Cash"].named({"2022", "2023"}, {"cash"}).quote == _rows(*BALANCE)["Cash"].quote
    assert _rows(*BALANCE)["Cash"].named({"1999"}, {"cash"}) == _rows(*BALANCE)["Cash"]


def test_among_the_columns_of_a_year_those_named_remain() -> None:
    net = _rows(["", "Q1 2022", "Q2 2022", "Q2 2021"], ["Net debt", "1", "2", "3"])["Net debt"]
    assert net.named({"2022"}, {"q", "2", "2022"}).text == "Net debt: Q2 2022 2"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        (
            "Income, in millions of euros unless stated otherwise.",
            "in millions of euros unless stated otherwise",
        ),
        ("Table 1: Five years in figures, millions of euros", "millions of euros"),
        ("Balance sheet (amounts in millions, except per share data)", "amounts in millions, except per share data"),
        ("Umsatz in Mio. €", "in Mio. €"),
        ("Net sales, USD million", "USD million"),
        ("Sales ($ million)", "$ million"),
        ("Assets in thousands of dollars", "in thousands of dollars"),
        ("How the million was spent in the year", ""),
        ("Trends in use", ""),
    ],
)
def test_the_unit_may_stand_in_the_caption_or_the_headings(text: str, unit: str) -> None:
    row = _rows(["", "2023"], ["Cash", "12"], said=["", text])["Cash"]
    assert row.text == (f"Cash: 2023 12 ({unit})" if unit else "Cash: 2023 12")
    assert row.quote == "2023\nCash: 12"


def test_rows_without_a_label_at_the_top_name_columns_too() -> None:
    rows = _rows(
        ["", "As of", "As of"], ["", "2015", "2014"], ["", "(in thousands)", ""], ["Revenue", "6,779", "5,504"]
    )
    assert list(rows) == ["Revenue"]
    assert rows["Revenue"].text == "Revenue: As of 2015 6,779; As of 2014 5,504 (in thousands)"


def test_figures_at_the_top_are_no_names() -> None:
    first, second = rows_of(table(["", "7", "8"], ["Osse", "", "9"], headers=0).cells or ())
    assert (first.text, second.text) == ("7; 8", "Osse: 9")


def test_a_second_header_replaces_the_first() -> None:
    cells = [
        Cell(row=r, col=c, bbox=BBox(0.1, 0.1, 0.2, 0.2), text=text, header=r in (0, 2))
        for r, row in enumerate([["", "2023"], ["Cash", "1"], ["", "2024"], ["Debt", "2"]])
        for c, text in enumerate(row)
    ]
    assert [row.text for row in rows_of(cells)] == ["Cash: 2023 1", "Debt: 2024 2"]


def test_the_unit_of_one_column_is_not_that_of_the_others() -> None:
    revenue = _rows(["", "2023", "2022", "Change in %"], ["Revenue", "500", "400", "25"], said=["(in millions)"])[
        "Revenue"
    ]
    assert revenue.named({"2023"}).text == "Revenue: 2023 500 (in millions)"
    germany = _rows(["", "Employees", "Revenue in euros"], ["Germany", "120", "7"])["Germany"]
    assert germany.text == "Germany: Employees 120; Revenue in euros 7"
    assert germany.named(set(), {"employe"}).text == "Germany: Employees 120"


def test_a_column_whose_name_says_a_unit_gets_no_other() -> None:
    germany = _rows(["(in millions)", "Sales", "Price in euros"], ["Germany", "120", "7"])["Germany"]
    assert germany.named(set(), {"price"}).text == "Germany: Price in euros 7"
    assert germany.named(set(), {"sale"}).text == "Germany: Sales 120 (in millions)"


@pytest.mark.parametrize("figure", ["5,000", "5.000", "5'000", "5’000", "5 000"])
def test_the_end_of_a_figure_is_no_unit(figure: str) -> None:
    assert _rows(["(in millions)", "2023"], ["Cash", figure])["Cash"].text == f"Cash: 2023 {figure} (in millions)"
    assert _rows(["", "2023"], ["Cash", "7"], said=[f"Grants above {figure} euros"])["Cash"].text == "Cash: 2023 7"


@pytest.mark.parametrize("unit", ["in 000s", "$000", "in $000s", "€ '000", "000 euros", "in CHF 1,000", "TEUR", "k€"])
def test_thousands_may_be_said_in_digits(unit: str) -> None:
    assert _rows(["", "2023"], ["Cash", "7"], said=[f"Assets ({unit})"])["Cash"].text == f"Cash: 2023 7 ({unit})"
    assert (
        _rows(["(in millions)", "2023"], [f"Shares ({unit})", "7"])[f"Shares ({unit})"].text.count("in millions") == 0
    )


def test_a_label_that_stands_twice_is_said_with_the_line_that_heads_it() -> None:
    cited = table(["", "2022"], ["Europe:", ""], ["Revenue", "41"], ["Tax", "3"], ["Asia:", ""], ["Revenue", "18"])
    _, europe, tax, _, asia = rows_of(cited.cells or ())
    assert (europe.text, asia.text) == ("Europe, Revenue: 2022 41", "Asia, Revenue: 2022 18")
    assert asia.quote == "2022\nAsia:\nRevenue: 18"
    assert [*asia.boxes] == [
        pytest.approx((0.1, 0.35, 0.5, 0.4)),  # the row
        pytest.approx((0.1, 0.3, 0.3, 0.35)),  # the line that heads it
        pytest.approx((0.3, 0.1, 0.5, 0.15)),  # the name of the column
    ]
    assert (tax.text, tax.group) == ("Tax: 2022 3", "Europe:")


def test_the_unit_of_a_group_ends_with_it() -> None:
    rows = _rows(
        ["(in millions)", "2023"],
        ["Per share (in dollars):", ""],
        ["Earnings", "1.20"],
        ["Cash flow:", ""],
        ["Operating", "77"],
    )
    assert rows["Earnings"].text == "Earnings: 2023 1.20 (in dollars)"
    assert rows["Operating"].text == "Operating: 2023 77 (in millions)"
    assert rows["Operating"].quote == "(in millions) | 2023\nOperating: 77"


@pytest.mark.parametrize("title", ["Balance sheet at year end (in millions)", "(in millions)"])
def test_the_unit_of_a_title_above_the_header_holds_in_every_group(title: str) -> None:
    rows = _rows([title, ""], ["", "2023"], ["Assets:", ""], ["Cash", "7"], headers=2)
    assert rows["Cash"].text == "Cash: 2023 7 (in millions)"


def test_a_line_that_is_nothing_but_a_unit_holds_in_every_group() -> None:
    rows = _rows(["", "2023"], ["(in millions)", ""], ["Assets:", ""], ["Cash", "7"])
    assert rows["Cash"].text == "Cash: 2023 7 (in millions)"
