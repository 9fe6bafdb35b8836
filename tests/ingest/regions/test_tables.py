"""Tables from words set by hand: page width 1, letters 0.01 wide and 0.02 high, lines 0.03 apart."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

import pytest

from octavo.ingest.page.layout import Grid
from octavo.ingest.regions.tables import Table, build_table, cells_html
from octavo.ingest.text.numerals import is_number
from octavo.ingest.types import BBox, Cell, Word

PITCH = 0.03
EMPTY = BBox(0, 0, 0, 0)


def line(n: int, *phrases: tuple[float, str]) -> list[Word]:
    """The n-th line: phrases at their left edge, or ending at it where it is negative."""
    words = []
    for at, text in phrases:
        x = at if at >= 0 else -at - 0.01 * len(text)
        for part in text.split():
            words.append(Word(part, BBox(x, 0.1 + PITCH * n, x + 0.01 * len(part), 0.12 + PITCH * n)))
            x = words[-1].bbox.x1 + 0.004  # narrower than a gap between columns
    return words


def table_of(*lines: list[Word], grid: Grid | None = None) -> Table:
    words = [w for words in lines for w in words]
    table = build_table(words[::-1], BBox.union(w.bbox for w in words), grid, aspect=1.0)
    assert table is not None
    return table


def test_rows_and_columns_without_a_grid() -> None:
    table = table_of(
        line(0, (0.1, "Vessel"), (-0.5, "Built"), (-0.7, "Cars")),
        line(1, (0.1, "Storm Tern"), (-0.5, "2017"), (-0.7, "0")),
        line(2, (0.1, "Dunlin"), (-0.5, "2011"), (-0.7, "1,060")),
        line(3, (0.1, "Merganser"), (-0.5, "1991"), (-0.7, "12")),
    )
    assert table.matrix() == [
        ["Vessel", "Built", "Cars"],
        ["Storm Tern", "2017", "0"],
        ["Dunlin", "2011", "1,060"],
        ["Merganser", "1991", "12"],
    ]
    assert [c.text for c in table.cells if c.header] == ["Vessel", "Built", "Cars"]
    assert table.text.splitlines()[1] == "Storm Tern | 2017 | 0"
    cell = next(c for c in table.cells if c.text == "Storm Tern")
    assert cell.bbox == pytest.approx((0.1, 0.13, 0.194, 0.15))  # as tight as its words: 50 + 4 + 40 wide


def test_a_currency_sign_joins_its_figure_however_far_it_stands() -> None:
    table = table_of(
        line(0, (-0.5, "2024"), (-0.75, "2023")),
        line(1, (0.1, "Revenue"), (0.38, "$"), (-0.5, "1,234"), (0.62, "$"), (-0.75, "987")),
        line(2, (0.1, "Costs"), (-0.5, "(34)"), (-0.75, "(20)")),
        line(3, (0.1, "Profit $"), (-0.5, "1,200"), (0.62, "$"), (-0.75, "967")),
    )
    assert table.matrix() == [
        ["", "2024", "2023"],
        ["Revenue", "$ 1,234", "$ 987"],
        ["Costs", "(34)", "(20)"],
        ["Profit", "$ 1,200", "$ 967"],
    ]


def test_percent_signs_and_brackets_join_their_figure() -> None:
    table = table_of(
        line(0, (0.1, "Margin"), (-0.5, "12.5"), (0.51, "%"), (-0.75, "(3.1"), (0.76, ")%")),
        line(1, (0.1, "Growth"), (-0.5, "8.0"), (0.51, "%"), (-0.75, "(1.0"), (0.76, ")%")),
        line(2, (0.1, "Share"), (-0.5, "70.1"), (0.51, "%"), (-0.75, "44.0"), (0.76, "%")),
    )
    assert [row[1] for row in table.matrix()] == ["12.5 %", "8.0 %", "70.1 %"]
    assert [row[2] for row in table.matrix()] == ["(3.1 )%", "(1.0 )%", "44.0 %"]


def test_spanning_headers_stand_over_the_middle_of_their_columns() -> None:
    grid = Grid((), (0.28, 0.4, 0.52, 0.64, 0.76))
    table = table_of(
        line(0, (0.46, "Neap tide"), (0.70, "Spring tide")),
        line(1, (0.1, "Skerry"), (-0.38, "Plots"), (-0.5, "Dry"), (-0.62, "Wet"), (-0.74, "Dry"), (-0.86, "Wet")),
        line(2, (0.1, "Hollow"), (-0.38, "18"), (-0.5, "3.1"), (-0.62, "5.4"), (-0.74, "6.8"), (-0.86, "11.9")),
        line(3, (0.1, "Maiden"), (-0.38, "18"), (-0.5, "1.8"), (-0.62, "3.6"), (-0.74, "4.0"), (-0.86, "7.3")),
        grid=grid,
    )
    top = [(c.text, c.col, c.col_span) for c in table.cells if c.row == 0]
    assert top == [("", 0, 1), ("", 1, 1), ("Neap tide", 2, 2), ("Spring tide", 4, 2)]
    assert [c.header for c in table.cells if c.row < 2] == [True] * 10
    assert not any(c.header for c in table.cells if c.row >= 2)
    assert '<th colspan="2">Neap tide</th>' in table.html


def test_one_header_over_all_value_columns() -> None:
    table = table_of(
        line(0, (0.5, "Year ended 31 December")),
        line(1, (-0.5, "2024"), (-0.65, "2023"), (-0.8, "2022")),
        line(2, (0.1, "Revenue"), (-0.5, "201.6"), (-0.65, "186.6"), (-0.8, "168.9")),
        line(3, (0.1, "EBITDA"), (-0.5, "44.1"), (-0.65, "33.0"), (-0.8, "29.4")),
        grid=Grid((), (0.4, 0.54, 0.7)),
    )
    assert [(c.text, c.col, c.col_span) for c in table.cells if c.row == 0] == [
        ("", 0, 1),
        ("Year ended 31 December", 1, 3),
    ]
    assert [c.row for c in table.cells if c.header and c.text] == [0, 1, 1, 1]


def test_lines_that_the_grid_merges_are_parted_by_their_figures() -> None:
    # The model saw one rule below three lines of figures.
    grid = Grid((0.125, 0.215), (0.4, 0.6))
    table = table_of(
        line(0, (0.1, "Item"), (-0.55, "2024"), (-0.75, "2023")),
        line(1, (0.1, "Fares"), (-0.55, "128.4"), (-0.75, "117.9")),
        line(2, (0.1, "Freight"), (-0.55, "46.7"), (-0.75, "44.1")),
        line(3, (0.1, "Sales"), (-0.55, "26.5"), (-0.75, "24.6")),
        line(4, (0.1, "Total"), (-0.55, "201.6"), (-0.75, "186.6")),
        grid=grid,
    )
    assert [row[0] for row in table.matrix()] == ["Item", "Fares", "Freight", "Sales", "Total"]


def test_a_wrapped_label_stays_one_row() -> None:
    table = table_of(
        line(0, (0.1, "Item"), (-0.55, "2024")),
        line(1, (0.1, "Other income from"), (-0.55, "12.0")),
        line(2, (0.1, "the harbour offices")),
        line(3, (0.1, "Total"), (-0.55, "201.6")),
        grid=Grid((0.125, 0.185), (0.4,)),
    )
    assert table.matrix() == [
        ["Item", "2024"],
        ["Other income from the harbour offices", "12.0"],
        ["Total", "201.6"],
    ]


@pytest.mark.parametrize("dates", [("31 Dec 2024", "31 Dec 2023"), ("31.12.2024", "31.12.2023"), ("2024", "2023")])
def test_dates_and_years_in_headers_are_no_figures(dates: tuple[str, str]) -> None:
    table = table_of(
        line(0, (0.1, "In millions"), (0.4, dates[0]), (0.6, dates[1])),
        line(1, (0.1, "Cash"), (-0.5, "12.0"), (-0.7, "10.1")),
        line(2, (0.1, "Debt"), (-0.5, "70.4"), (-0.7, "76.4")),
        line(3, (0.1, "Equity"), (-0.5, "98.0"), (-0.7, "77.5")),
    )
    assert table.matrix()[0] == ["In millions", *dates]
    assert [c.header for c in table.cells if c.row == 0] == [True] * 3
    assert not any(c.header for c in table.cells if c.row == 1)


def test_a_table_of_words_has_its_first_line_as_header() -> None:
    table = table_of(
        line(0, (0.1, "Term"), (0.5, "Meaning")),
        line(1, (0.1, "Skerry"), (0.5, "small rocky island")),
        line(2, (0.1, "Slipway"), (0.5, "ramp for boats")),
    )
    assert [c.text for c in table.cells if c.header] == ["Term", "Meaning"]


def test_every_word_is_in_one_cell() -> None:
    lines = [line(n, (0.1, f"row {n}"), (-0.5, f"{n}.5"), (0.6, "and more")) for n in range(6)]
    table = table_of(*lines)
    said = " ".join(c.text for c in table.cells).split()
    assert sorted(said) == sorted(w.text for words in lines for w in words) == sorted(w.text for w in table.words)
    assert len({(c.row, c.col) for c in table.cells}) == len(table.cells) == table.rows * table.cols


ONE_COLUMN = [w for n in range(4) for w in line(n, (0.1, "running text in lines"))]


@pytest.mark.parametrize("words", [[], line(0, (0.1, "only one line"), (-0.6, "12")), ONE_COLUMN])
def test_less_than_two_rows_or_columns_are_no_table(words: list[Word]) -> None:
    assert build_table(words, BBox(0, 0, 1, 1), None, 1.0) is None


FIGURES = "1 1,234 12.5% (567) (12.5)% $1,234 -3 −3.1 +8 — – - ≤5 1,060* 2024 n/a 12.5±0.3 1’000 €5 3x 10bps".split()


@pytest.mark.parametrize("text", [*FIGURES, "$ 1,234", "€ (5)", "12 %"])
def test_figures(text: str) -> None:
    assert is_number(text)


@pytest.mark.parametrize(
    "text", ["", "Revenue", "2024 budget plan", "Q4", "A1", "Note 5", "about 5 years", "ISO-9001x7q"]
)
def test_what_is_no_figure(text: str) -> None:
    assert not is_number(text)


class _Reader(HTMLParser):
    """Rows of (tag, spans, text) of an HTML table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, dict[str, str | None], str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append((tag, dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if data.strip():
            tag, spans, text = self.rows[-1].pop()
            self.rows[-1].append((tag, spans, text + data))


def parsed(cells: Sequence[Cell]) -> list[list[tuple[str, dict[str, str | None], str]]]:
    reader = _Reader()
    reader.feed(cells_html(cells))
    return reader.rows


def test_html_has_headers_spans_and_escapes() -> None:
    cells = [
        Cell(row=0, col=0, col_span=2, bbox=EMPTY, text="<b>R&D</b>", header=True),
        Cell(row=1, col=0, row_span=3, bbox=EMPTY, text='"a"'),
        Cell(row=1, col=1, bbox=EMPTY, text=""),
    ]
    assert parsed(cells) == [
        [("th", {"colspan": "2"}, "<b>R&D</b>")],
        [("td", {"rowspan": "3"}, '"a"'), ("td", {}, "")],
    ]
    assert cells_html([]) == "<table></table>"
