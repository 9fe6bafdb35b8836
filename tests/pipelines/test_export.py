"""A page as Markdown: hand-made regions, and what must come out of them."""

from __future__ import annotations

from octavo.ingest.types import BBox, Cell, Kind, Page, Region
from octavo.pipelines.export import page_markdown

BOX = BBox(0.1, 0.1, 0.9, 0.2)


def region(order: int, kind: Kind, text: str, **more: object) -> Region:
    return Region(id=f"v.1.{order}", page=1, order=order, kind=kind, bbox=BOX, text=text).model_copy(update=more)


def page(*regions: Region) -> str:
    return page_markdown(Page(number=1, width=595, height=842, regions=regions))


def test_headings_are_as_deep_as_their_section() -> None:
    regions = (
        region(0, "title", "The\nReport"),
        region(1, "heading", "Results", section=("The Report",)),
        region(2, "heading", "Revenue", section=("The Report", "Results")),
        region(3, "heading", "Deep", section=("a", "b", "c", "d", "e", "f", "g")),
    )
    assert page(*regions) == "# The Report\n\n### Results\n\n#### Revenue\n\n###### Deep"


def test_running_headers_and_footers_are_left_out() -> None:
    assert page(region(0, "header", "ACME"), region(1, "text", "Words."), region(2, "footer", "7")) == "Words."


def test_a_table_keeps_its_cells_apart() -> None:
    cells = (
        Cell(row=0, col=0, col_span=2, bbox=BOX, text="Sales", header=True),
        Cell(row=1, col=0, bbox=BOX, text="A|B"),
        Cell(row=1, col=1, bbox=BOX, text="1\n2"),
    )
    table = region(0, "table", "Sales A|B 1 2", cells=cells, caption="Table 1")
    assert page(table) == "| Sales |  |\n| --- | --- |\n| A\\|B | 1 2 |\n\n*Table 1*"


def test_a_table_without_cells_keeps_its_text() -> None:
    assert page(region(0, "table", "a b")) == "a b"


def test_figures_and_code() -> None:
    figure = region(0, "figure", "Q1 Q2", caption="Growth")
    assert page(figure, region(1, "code", "x = 1")) == "![Growth](#v.1.0)\n\nQ1 Q2\n\n```\nx = 1\n```"


def test_an_empty_page_is_empty() -> None:
    assert page() == ""
