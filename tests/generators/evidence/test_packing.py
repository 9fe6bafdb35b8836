"""From hits to evidence: what goes as text and what as a picture."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Budget
from octavo.ingest.types import BBox, Cell, Kind, Place, Region
from octavo.tests.generators.evidence.material import (
    AMPLE,
    QWEN,
    Pages,
    figure,
    fine,
    hit_on,
    letters,
    packed,
    page_of,
    paragraph,
)
from octavo.tests.generators.material import region, set_words, table


def test_text_goes_as_text() -> None:
    told = region("The ferry sails at noon.")
    (one,) = packed([hit_on(told)], page_of(told)).evidence
    assert (one.number, one.text, one.picture, one.kind) == (1, "The ferry sails at noon.", None, "text")
    assert (one.document, one.name, one.version, one.page) == ("doc", "doc.pdf", "v1", 1)
    assert (one.passages, one.hits, one.places) == (("p1",), (0.5,), (Place(1, told.bbox),))


def test_a_table_goes_as_markdown_under_its_caption() -> None:
    where = table(("Port", "2022"), ("Aln", "3"), caption="Table 1: Landings")
    (one,) = packed([hit_on(where)], page_of(where)).evidence
    assert one.text == "Table 1: Landings\n| Port | 2022 |\n|---|---|\n| Aln | 3 |"
    assert one.picture is None


def test_a_doubtful_table_is_shown_too() -> None:
    where = table(("Aln", "3"), ("Bos", "5"), headers=0)
    (one,) = packed([hit_on(where)], page_of(where)).evidence
    assert one.text
    assert one.picture is not None
    assert where.bbox.inside(one.picture.bbox) == pytest.approx(1)


def test_a_figure_is_shown_with_its_caption_and_its_words() -> None:
    caption = region("Figure 1: Fog", id="c", kind="caption", words=set_words("Figure 1: Fog", 0.2, 0.55))
    chart = figure("f", BBox(0.2, 0.2, 0.6, 0.5), "Fog 12", caption="Figure 1: Fog")
    result = packed([hit_on(chart)], page_of(chart, caption))
    (one,) = result.evidence
    assert one.text == "Figure 1: Fog\nFog 12"
    assert one.picture is not None
    for box in (chart.bbox, caption.bbox):
        assert box.inside(one.picture.bbox) == pytest.approx(1)
    assert one.picture.bbox.area < 0.5
    assert result.visual_tokens == one.picture.tokens < result.whole_pages_tokens


def test_a_word_at_the_edge_of_a_crop_is_not_cut() -> None:
    chart = figure("f", BBox(0.2, 0.2, 0.5, 0.5))
    label = region("Kilometres", id="t", words=set_words("Kilometres", 0.5, 0.3))
    (one,) = packed([hit_on(chart)], page_of(chart, label)).evidence
    assert one.picture is not None
    assert one.picture.bbox.x1 == pytest.approx(0.6)  # the word's own end, beyond the margin of 12 points


def test_figures_side_by_side_become_one_crop() -> None:
    left, right = figure("l", BBox(0.1, 0.2, 0.48, 0.5)), figure("r", BBox(0.52, 0.2, 0.9, 0.5))
    (one,) = packed(
        [hit_on(left, id="a", relevance=0.4), hit_on(right, id="b", relevance=0.8)], page_of(left, right)
    ).evidence
    assert (one.passages, one.hits) == (("b", "a"), (0.8, 0.4))
    assert {r.id for r in one.regions} == {"l", "r"}
    assert one.picture is not None
    assert BBox(0.1, 0.2, 0.9, 0.5).inside(one.picture.bbox) == pytest.approx(1)


def test_figures_in_opposite_corners_stay_two() -> None:
    a, b = figure("a", BBox(0.05, 0.05, 0.3, 0.2)), figure("b", BBox(0.7, 0.8, 0.95, 0.95))
    result = packed([hit_on(a, id="a"), hit_on(b, id="b")], page_of(a, b, region("fine", words=fine("fine"))))
    assert [one.number for one in result.evidence] == [1, 2]
    assert all(one.picture and one.picture.bbox.area < 0.15 for one in result.evidence)


def test_a_page_in_large_print_with_several_hits_is_shown_whole() -> None:
    points = [region(f"Point {n}", id=f"r{n}", words=set_words(f"Point {n}", 0.1, 0.2 * n)) for n in (1, 2)]
    (one,) = packed([hit_on(r, id=r.id) for r in points], page_of(*points)).evidence
    assert one.picture is not None
    assert one.picture.bbox == BBox(0, 0, 1, 1)
    assert one.text == "Point 1\n\nPoint 2"


def test_a_page_in_large_print_with_something_drawn_is_shown_without_its_margins(harbour: Path) -> None:
    slide = page_of(paragraph())
    (one,) = pack([hit_on(*slide.regions)], Pages(slide, pdf=harbour), AMPLE, QWEN, letters).evidence
    assert one.picture is not None
    # All that is on it, and 12 points around.
    assert one.picture.bbox == pytest.approx((38 / 600, 58 / 800, 562 / 600, 772 / 800), abs=0.005)


def test_what_is_too_pale_to_be_seen_is_shown_with_its_slide(harbour: Path) -> None:
    pale = region("Pale", id="p", words=set_words("Pale", 0.9, 0.95))
    slide = page_of(paragraph(), pale)
    (one,) = pack([hit_on(r, id=r.id) for r in slide.regions], Pages(slide, pdf=harbour), AMPLE, QWEN, letters).evidence
    assert one.picture is not None
    assert pale.bbox.inside(one.picture.bbox) > 0.99


def test_a_page_in_large_print_with_one_hit_and_nothing_drawn_goes_as_text() -> None:
    point = region("Point", words=set_words("Point", 0.1, 0.2))
    (one,) = packed([hit_on(point)], page_of(point)).evidence
    assert (one.text, one.picture) == ("Point", None)


def test_a_doubtful_table_is_shown_with_what_heads_it() -> None:
    row = [Cell(row=0, col=c, bbox=BBox(0.1, 0.3, 0.9, 0.5), text="3") for c in (0, 1)]
    where = region("3 3", id="t", kind="table", cells=row, words=fine("3 3", 0.1, 0.3))
    where = where.model_copy(update={"bbox": BBox(0.1, 0.3, 0.9, 0.5)})

    def over(id: str, kind: Kind, y0: float, y1: float, x1: float = 0.5) -> Region:
        return region(id, id=id, kind=kind, words=fine(id, 0.1, y0)).model_copy(update={"bbox": BBox(0.1, y0, x1, y1)})

    title, units = over("Landings", "heading", 0.25, 0.27), over("in tonnes", "text", 0.275, 0.29)
    paragraph = over("before", "text", 0.1, 0.24)
    (one,) = packed([hit_on(where)], page_of(paragraph, title, units, where)).evidence
    assert one.picture is not None
    assert one.picture.bbox.y0 == pytest.approx(0.25 - 12 / 800)


def test_crops_are_put_together_where_that_costs_no_more() -> None:
    # Much of what they span is neither's, but InternVL pays for a whole tile whatever is on it.
    a, b = figure("a", BBox(0.1, 0.1, 0.3, 0.2)), figure("b", BBox(0.25, 0.22, 0.45, 0.32))
    page = page_of(a, b, region("fine", id="s", words=fine("fine", 0.1, 0.8)))
    hits = [hit_on(a, id="a"), hit_on(b, id="b")]
    apart = pack(hits, Pages(page), AMPLE, QWEN, letters)
    together = pack(hits, Pages(page), AMPLE, visual_tokens_of("InternVL3"), letters)
    assert [len(one.evidence) for one in (apart, together)] == [2, 1]


def test_a_models_description_finds_but_does_not_tell() -> None:
    seen = figure("f", BBox(0.2, 0.2, 0.6, 0.5)).model_copy(update={"text": "A fog chart.", "source": "vlm"})
    (one,) = packed([hit_on(seen)], page_of(seen)).evidence
    assert one.text == ""
    assert one.picture is not None


def test_hits_on_parts_of_one_region_are_one_piece() -> None:
    told = region("One. Two. Three.")
    first, second = hit_on(told, id="a", relevance=0.2), hit_on(told, id="b", relevance=0.6)
    (one,) = packed([first, second], page_of(told)).evidence
    assert one.passages == ("b", "a")
    assert one.text == "One. Two. Three."


def test_of_a_long_table_only_the_rows_that_were_found() -> None:
    rows = [("Port", "Tonnes"), *((f"Harbour number {r} of the coast", f"{r},000 tonnes") for r in range(1, 90))]
    cells = [
        Cell(row=r, col=c, bbox=BBox(x, r * 0.01, x + 0.4, (r + 1) * 0.01), text=text, header=r == 0)
        for r, row in enumerate(rows)
        for c, (x, text) in enumerate(zip((0.1, 0.5), row, strict=True))
    ]
    where = region("\n".join(cell.text for cell in cells), kind="table", cells=cells)
    found = hit_on(where, places=[Place(1, BBox(0.1, 0.3, 0.9, 0.33))])
    (one,) = packed([found], page_of(where)).evidence
    assert one.text.splitlines()[0] == "| Port | Tonnes |"
    assert [line.split()[3] for line in one.text.splitlines()[2:]] == ["30", "31", "32"]
    assert {cell.row for r in one.regions for cell in r.cells or ()} == {0, 30, 31, 32}


def test_a_label_beside_many_rows_goes_with_those_that_were_found() -> None:
    def cell(row: int, col: int, text: str, rows: int = 1) -> Cell:
        box = BBox(0.1 + 0.2 * col, 0.01 * row, 0.3 + 0.2 * col, 0.01 * (row + rows))
        return Cell(row=row, col=col, row_span=rows, bbox=box, text=text, header=row == 0)

    cells = [cell(0, col, name) for col, name in enumerate(("Region", "Port", "Tonnes"))]
    for first, name in ((1, "North"), (41, "South")):
        cells.append(cell(first, 0, name, rows=40))
        for row in range(first, first + 40):
            cells += [cell(row, 1, f"Harbour number {row} of the coast"), cell(row, 2, f"{row},000 tonnes")]
    where = region("\n".join(one.text for one in cells), id="t", kind="table", cells=cells)

    def told(top: int, bottom: int) -> str:
        hit = hit_on(where, places=[Place(1, BBox(0.1, 0.01 * top, 0.9, 0.01 * bottom))])
        (one,) = packed([hit], page_of(where)).evidence
        return one.text

    head = "<table><tr><th>Region</th><th>Port</th><th>Tonnes</th></tr>\n"
    assert told(41, 43) == (
        f'{head}<tr><td rowspan="2">South</td><td>Harbour number 41 of the coast</td><td>41,000 tonnes</td></tr>\n'
        "<tr><td>Harbour number 42 of the coast</td><td>42,000 tonnes</td></tr></table>"
    )
    # The label's own middle brings no other rows.
    one_row = "| Region | Port | Tonnes |\n|---|---|---|\n| South | Harbour number 60 of the coast | 60,000 tonnes |"
    assert told(60, 61) == one_row
    assert told(39, 43).count("<tr>") == 5
    assert [name for name in ("North", "South") if f'<td rowspan="2">{name}</td>' in told(39, 43)] == ["North", "South"]


@pytest.mark.parametrize("kind", ["figure", "table"])
def test_what_stands_on_the_next_page_is_evidence_of_that_page(kind: Kind) -> None:
    told = region("See overleaf.", id="a", words=fine("See overleaf."))
    seen = figure("f", BBox(0.1, 0.1, 0.9, 0.5)).model_copy(update={"kind": kind})
    first, second = page_of(told), page_of(seen, number=2)
    found = hit_on(first.regions[0], second.regions[0], relevance=0.9)
    result = packed([found], first, second)
    a, b = result.evidence
    assert (a.page, a.text, a.picture) == (1, "See overleaf.", None)
    assert (b.page, b.text, b.picture and b.picture.page) == (2, "", 2)
    assert [[r.id for r in one.regions] for one in result.evidence] == [["a"], ["f"]]
    assert [one.places for one in result.evidence] == [(found.places[0],), (found.places[1],)]
    assert [(one.passages, one.hits) for one in result.evidence] == [(("p1",), (0.9,))] * 2
    short = packed([found], first, second, budget=Budget(text_tokens=100, visual_tokens=0, pictures=0))
    assert [[r.id for r in one.regions] for one in short.evidence] == [["a"]]
    assert short.left_out == ("p1",)


def test_pages_of_a_passage_stay_in_order_and_one_without_room_is_told_of() -> None:
    first, second = page_of(region("a" * 60, id="a")), page_of(region("b" * 40, id="b"), number=2)
    hits = [hit_on(first.regions[0], second.regions[0])]
    result = packed(hits, first, second)
    assert ([one.page for one in result.evidence], result.left_out) == ([1, 2], ())
    short = packed(hits, first, second, budget=Budget(text_tokens=70, visual_tokens=0, pictures=0))
    assert (len(short.evidence), short.left_out) == (1, ("p1",))


def test_without_pictures_nothing_is_drawn(tmp_path: Path) -> None:
    points = [region(f"Point {n}", id=f"r{n}", words=set_words(f"Point {n}", 0.1, 0.2 * n)) for n in (1, 2)]
    gone = Pages(page_of(*points), pdf=tmp_path / "gone.pdf")
    hits = [hit_on(r, id=r.id) for r in points]
    for none in ({"pictures": 0}, {"visual_tokens": 0}):
        result = pack(hits, gone, AMPLE.model_copy(update=none), QWEN, letters)
        assert [(one.text, one.picture) for one in result.evidence] == [("Point 1", None), ("Point 2", None)]


@pytest.mark.parametrize(("width", "height"), [(14_400, 40), (3, 14_400)])
def test_a_page_too_thin_for_a_picture_goes_as_text(width: float, height: float) -> None:
    told, seen = region("Aln has 14 cranes."), figure("f", BBox(0.0, 0.0, 1.0, 1.0))
    page = page_of(told, seen, width=width, height=height)
    result = packed([hit_on(told), hit_on(seen, id="p2")], page)
    assert [(one.text, one.picture) for one in result.evidence] == [("Aln has 14 cranes.", None)]
    assert (result.visual_tokens, result.whole_pages_tokens) == (0, 0)
