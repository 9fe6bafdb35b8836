"""Regions from blocks and words set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.page.graphics import with_graphics
from octavo.ingest.page.layout import Block
from octavo.ingest.regions.build import build_regions
from octavo.ingest.types import BBox, Kind, Region, Source, Word

WIDE = (0.1, 0.9)


def printed(text: str, x: float, y: float, *, height: float = 0.012, source: Source = "text-layer") -> list[Word]:
    words = []
    for part in text.split():
        words.append(Word(part, BBox(x, y, x + 0.008 * len(part), y + height), source))
        x = words[-1].bbox.x1 + 0.008
    return words


def ships(y: float) -> list[Word]:
    """Words of a table of three rows and two columns, 0.1 high."""
    rows = [("Name", "Built", y), ("Dunlin", "2011", y + 0.04), ("Gannet", "2009", y + 0.08)]
    return [w for name, year, at in rows for w in printed(name, 0.1, at) + printed(year, 0.4, at)]


def block(kind: Kind, x0: float, y0: float, x1: float, y1: float, *lines: BBox) -> Block:
    box = BBox(x0, y0, x1, y1)
    return Block(kind, box, lines or (box,))


def filled(*parts: tuple[Kind, float, float, float, float, str]) -> tuple[list[Block], list[Word]]:
    """Blocks, each with a text at its upper left corner."""
    blocks = [block(*part[:5]) for part in parts]
    return blocks, [word for _, x0, y0, _, _, text in parts for word in printed(text, x0, y0)]


def regions_of(blocks: Sequence[Block], words: Sequence[Word], **options: Any) -> tuple[Region, ...]:
    regions = build_regions(blocks, words, page=7, version="f" * 32, aspect=0.7, **options)
    assert [r.id for r in regions] == [f"{'f' * 16}.7.{n}" for n in range(len(regions))]
    assert [r.order for r in regions] == list(range(len(regions)))
    return regions


def kinds_and_texts(regions: Sequence[Region]) -> list[tuple[str, str]]:
    return [(r.kind, r.text) for r in regions]


def test_words_go_to_the_smallest_block_around_them_and_orphans_make_paragraphs() -> None:
    blocks = [block("text", 0.1, 0.1, 0.9, 0.3), block("formula", 0.3, 0.2, 0.6, 0.24)]
    words = [
        *printed("outer text", 0.1, 0.15),
        *printed("x = y", 0.35, 0.21),
        *printed("an orphan", 0.1, 0.6),
        *printed("of two lines", 0.1, 0.615),
        *printed("another", 0.1, 0.7),
    ]
    assert kinds_and_texts(regions_of(blocks, words)) == [
        ("text", "outer text"),
        ("formula", "x = y"),
        ("text", "an orphan of two lines"),
        ("text", "another"),
    ]


def test_boxes_are_as_tight_as_the_words() -> None:
    (region,) = regions_of([block("text", 0.05, 0.05, 0.95, 0.5)], printed("some words", 0.1, 0.2))
    assert region.bbox == BBox.union(w.bbox for w in region.words)
    assert region.bbox == pytest.approx((0.1, 0.2, 0.18, 0.212))


def test_blocks_without_words_vanish_unless_they_are_figures() -> None:
    blocks = [block("text", 0.1, 0.1, 0.9, 0.2), block("figure", 0.1, 0.3, 0.9, 0.5)]
    assert kinds_and_texts(regions_of(blocks, [])) == [("figure", "")]


def test_captions_go_to_their_table_or_figure() -> None:
    blocks = [
        block("caption", 0.1, 0.10, 0.9, 0.12),
        block("table", 0.1, 0.13, 0.9, 0.25),
        block("figure", 0.1, 0.30, 0.9, 0.50),
        block("caption", 0.1, 0.51, 0.9, 0.53),
        block("figure", 0.1, 0.60, 0.9, 0.80),
    ]
    words = [
        *printed("Table 1: Ships", 0.1, 0.10),
        *ships(0.14),
        *printed("Figure 1: A ship", 0.1, 0.51),
    ]
    regions = regions_of(blocks, words)
    captions = [(r.kind, r.caption) for r in regions if r.kind in ("table", "figure")]
    assert captions == [("table", "Table 1: Ships"), ("figure", "Figure 1: A ship"), ("figure", None)]


def test_a_caption_goes_by_what_it_calls_itself_before_it_goes_by_distance() -> None:
    blocks = [
        block("table", 0.1, 0.10, 0.9, 0.25),
        block("caption", 0.1, 0.26, 0.9, 0.28),
        block("figure", 0.1, 0.32, 0.9, 0.50),
    ]
    words = [*ships(0.12), *printed("Abbildung 3: Schiff", 0.1, 0.26)]
    figure = next(r for r in regions_of(blocks, words) if r.kind == "figure")
    assert figure.caption == "Abbildung 3: Schiff"


def test_a_sentence_about_a_table_is_not_its_caption() -> None:
    blocks, words = filled(
        ("caption", 0.1, 0.05, 0.9, 0.07, "Table 3 lists all ships."),  # as the model sees it
        ("text", 0.1, 0.09, 0.9, 0.11, "Table 3: Ships in service"),
        ("table", 0.1, 0.12, 0.9, 0.25, ""),
    )
    regions = regions_of(blocks, words + ships(0.14))
    assert [r.kind for r in regions] == ["text", "caption", "table"]
    assert regions[2].caption == "Table 3: Ships in service"


def test_two_tables_below_each_other_keep_their_own_captions() -> None:
    blocks: list[Block] = []
    words: list[Word] = []
    for n, y in enumerate((0.1, 0.3)):
        blocks += [block("caption", 0.1, y, 0.9, y + 0.02), block("table", 0.1, y + 0.04, 0.9, y + 0.18)]
        words += printed(f"Tabelle {n}: Daten", 0.1, y) + ships(y + 0.05)
    tables = [r for r in regions_of(blocks, words) if r.kind == "table"]
    assert [t.caption for t in tables] == ["Tabelle 0: Daten", "Tabelle 1: Daten"]


def test_panels_that_share_a_caption_are_one_figure() -> None:
    blocks = [
        block("figure", 0.52, 0.1, 0.9, 0.3),
        block("figure", 0.1, 0.1, 0.48, 0.3),
        block("caption", 0.1, 0.32, 0.9, 0.34),
        block("figure", 0.1, 0.6, 0.9, 0.8),
        block("caption", 0.1, 0.82, 0.9, 0.84),
    ]
    words = [
        *printed("left panel", 0.2, 0.2),
        *printed("right panel", 0.6, 0.2),
        *printed("Figure 1: Two panels", 0.1, 0.32),
        *printed("Figure 2: One", 0.1, 0.82),
    ]
    first, _, second, _ = regions_of(blocks, words)
    assert (first.caption, first.text) == ("Figure 1: Two panels", "left panel\nright panel")
    assert first.bbox == BBox(0.1, 0.1, 0.9, 0.3)
    assert [w.text for w in first.words] == ["left", "panel", "right", "panel"]
    assert second.bbox == BBox(0.1, 0.6, 0.9, 0.8)


def test_a_panel_goes_to_the_figure_of_the_nearest_caption() -> None:
    page = filled(
        ("figure", 0.1, 0.10, 0.9, 0.20, ""),
        ("caption", 0.1, 0.21, 0.9, 0.23, "Figure 1: Above"),
        ("figure", 0.1, 0.25, 0.48, 0.35, ""),
        ("figure", 0.52, 0.25, 0.9, 0.35, ""),
        ("caption", 0.4, 0.36, 0.6, 0.38, "Figure 2: Both"),
    )
    figures = [(r.caption, r.bbox) for r in regions_of(*page) if r.kind == "figure"]
    assert figures == [
        ("Figure 1: Above", BBox(0.1, 0.10, 0.9, 0.20)),
        ("Figure 2: Both", BBox(0.1, 0.25, 0.9, 0.35)),
    ]


def test_figures_with_text_between_them_stay_two() -> None:
    page = filled(
        ("figure", 0.1, 0.10, 0.9, 0.20, ""),
        ("text", 0.1, 0.21, 0.9, 0.23, "between them"),
        ("figure", 0.1, 0.24, 0.9, 0.30, ""),
        ("caption", 0.1, 0.31, 0.9, 0.33, "Figure 1: Below"),
    )
    assert [r.kind for r in regions_of(*page)] == ["figure", "text", "figure", "caption"]


def test_a_picture_without_words_is_read_and_one_with_a_word_is_completed() -> None:
    found = [*printed("Sales 41", 0.2, 0.2, source="ocr"), *printed("draft", 0.5, 0.35, source="ocr")]
    regions = regions_of(
        [block("figure", 0.1, 0.1, 0.9, 0.4)], printed("DRAFT", 0.5, 0.35), read_figure=lambda box: found
    )
    assert kinds_and_texts(regions) == [("figure", "Sales 41\nDRAFT")]
    assert regions[0].source == "ocr"


def test_a_figure_with_a_text_layer_is_not_read() -> None:
    def read_figure(box: BBox) -> list[Word]:
        raise AssertionError("OCR costs seconds")

    words = [w for n in range(3) for w in printed("axis tick label", 0.2, 0.2 + n * 0.03)]
    (figure,) = regions_of([block("figure", 0.1, 0.1, 0.9, 0.4)], words, read_figure=read_figure)
    assert figure.source == "text-layer"


def test_running_lines_come_first_and_last_whatever_they_bridge() -> None:
    page = filled(
        ("text", 0.1, 0.2, 0.48, 0.8, "left"),
        ("footer", 0.5, 0.95, 0.6, 0.97, "42"),
        ("text", 0.52, 0.2, 0.9, 0.8, "right"),
        ("header", 0.45, 0.03, 0.9, 0.05, "Annual Report"),
    )
    assert kinds_and_texts(regions_of(*page)) == [
        ("header", "Annual Report"),
        ("text", "left"),
        ("text", "right"),
        ("footer", "42"),
    ]


def test_a_header_amid_the_text_is_text() -> None:
    page = filled(
        ("heading", 0.1, 0.08, 0.5, 0.1, "Harbour Office"),
        ("header", 0.65, 0.165, 0.9, 0.18, "17 October 1968"),  # the date of a letter
        ("text", 0.1, 0.35, 0.9, 0.4, "Gentlemen, the oil is low."),
        ("footer", 0.1, 0.51, 0.9, 0.525, "So are the wicks."),
        ("text", 0.1, 0.65, 0.9, 0.7, "Yours"),
    )
    assert [r.kind for r in regions_of(*page)] == ["heading", "text", "text", "text", "text"]


@pytest.mark.parametrize(
    ("end", "kind"), [(0.09, "text"), (0.18, "text"), (0.5, "header")], ids=["a line", "a few lines", "a page"]
)
def test_the_first_line_of_a_page_with_hardly_any_text_is_no_header(end: float, kind: str) -> None:
    blocks, words = filled(
        ("header", 0.1, 0.04, 0.5, 0.06, "The lamp"), ("text", 0.1, 0.07, 0.9, end, "It burns nine pints.")
    )
    if end > 0.1:
        words += printed("We have 72 wicks.", 0.1, end - 0.015)
    assert [r.kind for r in regions_of(blocks, words)] == [kind, "text"]


def test_a_block_drawn_over_two_columns_is_parted() -> None:
    lines = [BBox(x, 0.1 + 0.02 * n, x + 0.36, 0.112 + 0.02 * n) for x in (0.1, 0.52) for n in range(3)]
    words = [
        w
        for n in range(3)
        for w in printed(f"left {n}", 0.1, 0.1 + 0.02 * n) + printed(f"right {n}", 0.52, 0.1 + 0.02 * n)
    ]
    found = regions_of([block("text", 0.1, 0.1, 0.9, 0.16, *lines)], words)
    assert [r.text for r in found] == ["left 0 left 1 left 2", "right 0 right 1 right 2"]


def test_lines_indented_below_each_other_are_not_columns() -> None:
    lines = [BBox(0.1, 0.10, 0.4, 0.112), BBox(0.5, 0.12, 0.9, 0.132), BBox(0.5, 0.14, 0.9, 0.152)]
    words = printed("Yours truly,", 0.1, 0.1) + printed("the keeper", 0.5, 0.12) + printed("of the light", 0.5, 0.14)
    found = regions_of([block("text", 0.1, 0.1, 0.9, 0.16, *lines)], words)
    assert [r.text for r in found] == ["Yours truly, the keeper of the light"]


def test_figures_side_by_side_above_their_labels_stay_with_them() -> None:
    tiles = [("€201.6 m", "Revenue"), ("9.8 m", "Passengers"), ("2.6 kg", "Carbon")]
    lines, words = [], []
    for n, (figure, label) in enumerate(tiles):
        x = 0.12 + 0.25 * n
        words += printed(figure, x, 0.3, height=0.022) + printed(label, x, 0.33)
        lines += [BBox(x, 0.3, x + 0.1, 0.322), BBox(x, 0.33, x + 0.1, 0.342)]
    found = regions_of([block("text", 0.1, 0.3, 0.9, 0.35, *lines)], words)
    assert [r.text for r in found] == ["€201.6 m Revenue", "9.8 m Passengers", "2.6 kg Carbon"]


def test_a_numbered_line_is_a_heading_and_a_salutation_is_not() -> None:
    page = filled(
        ("text", 0.1, 0.1, 0.9, 0.12, "2.1 Fleet and energy"),
        ("text", 0.1, 0.2, 0.9, 0.22, "2.5 Million people came."),
        ("heading", 0.1, 0.3, 0.9, 0.32, "Gentlemen,"),
        ("text", 0.1, 0.4, 0.9, 0.42, "Item 7A. Risks"),
    )
    assert [r.kind for r in regions_of(*page)] == ["heading", "text", "text", "heading"]


@pytest.mark.parametrize(
    ("lines", "texts"),
    [
        ({0.1: "just one line"}, ["just one line"]),
        ({0.1: "one line", 0.115: "and its second", 0.2: "another"}, ["one line and its second", "another"]),
    ],
)
def test_text_that_the_model_took_for_a_table_is_paragraphs(lines: dict[float, str], texts: list[str]) -> None:
    words = [word for y, line in lines.items() for word in printed(line, 0.1, y)]
    found = regions_of([block("table", 0.1, 0.1, 0.9, max(lines) + 0.02)], words)
    assert [(r.kind, r.text, r.cells) for r in found] == [("text", text, None) for text in texts]


def test_a_table_has_cells_html_and_a_box_around_its_words() -> None:
    rows = [("Name", "Built", 0.096), ("Dunlin", "2011", 0.12), ("Gannet", "2009", 0.15)]
    words = [w for name, year, y in rows for w in printed(name, 0.1, y) + printed(year, 0.4, y)]
    (table,) = regions_of([block("table", 0.1, 0.103, 0.5, 0.155)], words)  # cuts through the first and last line
    assert table.kind == "table"
    assert table.html is not None
    assert "<th>" in table.html
    assert table.cells is not None
    assert table.bbox == BBox(0.1, 0.096, 0.5, 0.162)


def test_remarks_are_text_at_their_place_in_the_order() -> None:
    words = printed("above", 0.1, 0.1) + printed("below", 0.1, 0.8)
    found = regions_of([], words, remarks=[("Checked by E. P.", BBox(0.5, 0.4, 0.6, 0.42))])
    assert [r.text for r in found] == ["above", "Checked by E. P.", "below"]
    assert found[1].words == ()


def test_right_to_left_pages_begin_with_the_right_column() -> None:
    page = filled(("text", 0.1, 0.1, 0.48, 0.5, "שמאל"), ("text", 0.52, 0.1, 0.9, 0.5, "ימין"))
    assert [r.text for r in regions_of(*page)] == ["ימין", "שמאל"]


KINDS: list[Kind] = ["title", "heading", "text", "list", "table", "figure", "caption", "header", "footer"]
rects = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.01, 0.2), st.floats(0.01, 0.2)).map(
    lambda r: BBox(r[0], r[1], r[0] + r[2], r[1] + r[3])
)
vocabulary = st.sampled_from("Figure Table 1 2 lists the 12.5 $ % 2024 perfor- mance Revenue, x".split())
any_blocks = st.lists(st.builds(lambda kind, box: Block(kind, box, (box,)), st.sampled_from(KINDS), rects), max_size=8)
any_words = st.lists(
    st.builds(lambda text, box: Word(text, BBox(box.x0, box.y0, box.x0 + 0.05, box.y0 + 0.012)), vocabulary, rects),
    max_size=30,
)


@given(any_blocks, any_words)
def test_every_word_is_in_exactly_one_region(blocks: list[Block], words: list[Word]) -> None:
    found = regions_of(blocks, words)
    assert sorted(w for r in found for w in r.words) == sorted(words)
    assert all(0 <= r.bbox.x0 <= r.bbox.x1 <= 1 and 0 <= r.bbox.y0 <= r.bbox.y1 <= 1 for r in found)


# Figures as they are drawn


def test_a_figure_grows_to_what_is_drawn_of_it_and_no_further() -> None:
    blocks = [
        block("figure", 0.2, 0.2, 0.6, 0.4),
        block("text", 0.1, 0.5, 0.9, 0.6),
        block("text", 0.1, 0.05, 0.9, 0.1),
    ]
    background, axis = BBox(0.1, 0.15, 0.7, 0.45), BBox(0.2, 0.38, 0.8, 0.381)
    panel, elsewhere = BBox(0.05, 0.12, 0.95, 0.65), BBox(0.1, 0.7, 0.5, 0.9)
    figure, *_ = with_graphics(blocks, [panel, background, elsewhere, axis], [])
    assert figure.bbox == BBox(0.1, 0.15, 0.8, 0.45)  # the panel holds the text below as well


def test_a_picture_that_no_block_holds_is_a_figure() -> None:
    text = block("text", 0.1, 0.1, 0.9, 0.2)
    picture, icon = BBox(0.1, 0.3, 0.9, 0.8), BBox(0.1, 0.9, 0.13, 0.92)
    assert with_graphics([text], [], [picture, icon]) == [text, Block("figure", picture, ())]
    assert with_graphics([text, Block("figure", picture, ())], [], [picture]) == [text, Block("figure", picture, ())]
    assert with_graphics([text], [], [BBox(0, 0, 1, 1)]) == [text]  # a background
