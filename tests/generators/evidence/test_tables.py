"""Tables as markdown or HTML, and when that may be wrong."""

from __future__ import annotations

import pytest

from octavo.generators.evidence.tables import doubtful, table_text
from octavo.ingest.types import BBox, Cell, Region
from octavo.tests.generators.material import region, set_words, table

BOX = BBox(0.1, 0.1, 0.2, 0.2)


def cell(row: int, col: int, text: str, *, rows: int = 1, cols: int = 1, header: bool = False) -> Cell:
    return Cell(row=row, col=col, bbox=BOX, text=text, row_span=rows, col_span=cols, header=header)


def text(where: Region) -> str:
    assert where.cells is not None
    return table_text(where.cells)


def test_markdown() -> None:
    made = text(table(("Port", "2022"), ("Aln", "3 | 4"), ("Bos", "5")))
    assert made == "| Port | 2022 |\n|---|---|\n| Aln | 3 \\| 4 |\n| Bos | 5 |"


def test_header_rows_become_one_that_names_each_column_in_full() -> None:
    cells = [
        cell(0, 0, "", header=True),
        cell(0, 1, "Landings", cols=2, header=True),
        cell(1, 0, "Port", header=True),
        cell(1, 1, "2022", header=True),
        cell(1, 2, "2023", header=True),
        cell(2, 0, "Aln"),
        cell(2, 1, "3"),
        cell(2, 2, "4"),
    ]
    assert table_text(cells) == "| Port | Landings 2022 | Landings 2023 |\n|---|---|---|\n| Aln | 3 | 4 |"


def test_without_a_header_the_columns_have_no_names() -> None:
    assert text(table(("Aln", "3"), ("Bos", "5"), headers=0)) == "|  |  |\n|---|---|\n| Aln | 3 |\n| Bos | 5 |"


def test_a_span_below_the_header_needs_html() -> None:
    cells = [cell(0, 0, "Port", header=True), cell(0, 1, "Year", header=True), cell(1, 0, "Aln & Bos", cols=2)]
    made = table_text(cells)
    assert made == '<table><tr><th>Port</th><th>Year</th></tr>\n<tr><td colspan="2">Aln &amp; Bos</td></tr></table>'


def test_a_plain_table_is_trusted() -> None:
    assert not doubtful(table(("Port", "2022", "2023"), ("North", "", ""), ("Aln", "3", "4"), ("Bos", "5", "6")))


@pytest.mark.parametrize(
    "where",
    [
        region("Aln 3 Bos 5", kind="table"),
        table(("Aln", "3"), ("Bos", "5"), headers=0),
        table(("Port",), ("Aln",)),
        table(("Port", "2022", "2023"), ("Aln", "3", ""), ("Bos", "", "6")),
        table(("Port", "2022"), ("Aln", "3")).model_copy(update={"words": set_words("Aln 3", source="ocr")}),
        table(("Port", "2022"), ("Aln", "3")).model_copy(update={"words": set_words("Port 2022 Aln 3 Bos 5 Cam")}),
        region(
            kind="table", cells=[cell(0, 0, "P", header=True), cell(0, 1, "Y", header=True), cell(1, 0, "a", cols=2)]
        ),
    ],
    ids=["no cells", "no header", "one column", "empty cells", "OCR", "words lost", "spans"],
)
def test_doubts(where: Region) -> None:
    assert doubtful(where)
