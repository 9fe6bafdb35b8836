"""From hits to evidence: what goes as text and what as a picture, within the budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from octavo.generators.evidence.drawn import drawn_on
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Budget, Packed
from octavo.ingest.pictures import render
from octavo.ingest.types import BBox, Cell, Kind, Page, Place, Region, Word
from octavo.retrievers.types import Hit
from octavo.tests.generators.evidence.material import Pages, hit_on, page_of
from octavo.tests.generators.material import region, set_words, table

QWEN = visual_tokens_of("Qwen2.5-VL")
AMPLE = Budget(text_tokens=10_000, visual_tokens=10_000, pictures=10)


def letters(text: str) -> int:
    """A token a letter: easily counted by hand."""
    return len(text)


def packed(hits: Sequence[Hit], *pages: Page, budget: Budget = AMPLE) -> Packed:
    return pack(hits, Pages(*pages), budget, QWEN, letters)


def figure(id: str, box: BBox, text: str = "", caption: str | None = None) -> Region:
    words = set_words(text, box.x0 + 0.02, box.y0 + 0.02) if text else ()
    made = region(text, id=id, kind="figure", words=words, caption=caption)
    return made.model_copy(update={"bbox": box})


def fine(text: str, x: float = 0.1, y: float = 0.1) -> list[Word]:
    """Words in print of 8 points, so that the page is no slide."""
    return [w._replace(bbox=BBox(*w.bbox[:3], w.bbox.y0 + 0.01)) for w in set_words(text, x, y)]


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


# The budget


def test_the_most_relevant_comes_first_even_if_it_is_dear() -> None:
    long, short = region("a" * 90, id="l"), region("b" * 20, id="s")
    hits = [hit_on(short, id="s", relevance=0.5), hit_on(long, id="l", relevance=0.6)]
    small = Budget(text_tokens=100, visual_tokens=0, pictures=0)
    result = packed(hits, page_of(long), page_of(short, number=2), budget=small)
    assert [one.passages for one in result.evidence] == [("l",)]
    assert result.left_out == ("s",)
    assert result.text_tokens == 90


def test_then_the_best_relevance_per_token() -> None:
    texts = {"best": (10, 0.9), "dear": (80, 0.5), "cheap": (20, 0.4)}
    regions = {id: region("x" * n, id=id) for id, (n, _) in texts.items()}
    hits = [hit_on(regions[id], id=id, relevance=r) for id, (_, r) in texts.items()]
    pages = [page_of(r, number=n) for n, r in enumerate(regions.values(), start=1)]
    result = packed(hits, *pages, budget=Budget(text_tokens=95, visual_tokens=0, pictures=0))
    assert [one.passages for one in result.evidence] == [("best",), ("cheap",)]
    assert result.left_out == ("dear",)


def test_short_of_tokens_a_crop_is_smaller_and_at_last_left_away() -> None:
    chart = region("Fog 12", id="f", kind="figure", words=fine("Fog 12", 0.2, 0.2))
    chart = chart.model_copy(update={"bbox": BBox(0.1, 0.1, 0.9, 0.6)})
    page = page_of(chart)

    def shown(visual: int) -> tuple[int, float | None]:
        budget = Budget(text_tokens=100, visual_tokens=visual, pictures=1)
        (one,) = packed([hit_on(chart)], page, budget=budget).evidence
        assert one.text == "Fog 12"
        return (one.picture.tokens, one.picture.smallest_text) if one.picture else (0, None)

    full, high = shown(10_000)
    less, low = shown(full - 1)
    assert high is not None
    assert low is not None
    assert high >= 12 > low >= 8
    assert shown(less - 1) == (0, None)


def test_without_its_picture_a_piece_holds_what_its_text_tells() -> None:
    chart, label = figure("f", BBox(0.1, 0.1, 0.9, 0.5)), region("Fog", id="l", words=fine("Fog", 0.2, 0.2))
    page = page_of(chart, label)
    hits = [hit_on(page.regions[1], id="a", relevance=0.4), hit_on(page.regions[0], id="b", relevance=0.8)]
    (whole,) = packed(hits, page).evidence
    assert (whole.picture is not None, whole.passages) == (True, ("b", "a"))
    short = AMPLE.model_copy(update={"visual_tokens": 1})
    result = packed(hits, page, budget=short)
    (one,) = result.evidence
    assert (one.text, one.picture, one.passages, one.hits) == ("Fog", None, ("a",), (0.4,))
    assert ([r.id for r in one.regions], one.places) == (["l"], (Place(1, label.bbox),))
    assert result.left_out == ("b",)
    for budget in (short, AMPLE.model_copy(update={"pictures": 0})):
        (one,) = packed([hit_on(*page.regions)], page, budget=budget).evidence
        assert ([r.id for r in one.regions], one.places) == (["l"], (Place(1, label.bbox),))


def test_a_wordless_figure_that_cannot_be_shown_is_left_out() -> None:
    chart = figure("f", BBox(0.2, 0.2, 0.6, 0.5))
    result = packed([hit_on(chart)], page_of(chart), budget=Budget(text_tokens=100, visual_tokens=10_000, pictures=0))
    assert (result.evidence, result.left_out, result.visual_tokens) == ((), ("p1",), 0)


def test_no_hits_no_evidence() -> None:
    assert packed([]) == Packed()


boxes = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.05, 0.2), st.floats(0.05, 0.2))
kinds = st.sampled_from(["text", "figure", "table", "list"])
found = st.lists(st.tuples(st.integers(1, 3), kinds, boxes, st.floats(0, 1)), max_size=8)


@settings(deadline=None)
@given(found=found, text=st.integers(0, 60), visual=st.integers(0, 3000), pictures=st.integers(0, 4), seed=st.randoms())
def test_whatever_is_packed(found, text, visual, pictures, seed) -> None:
    regions = []
    for n, (page, kind, (x, y, w, h), _) in enumerate(found):
        words = () if n % 4 == 3 else set_words(f"Piece {n}", x, y)
        made = region(f"Piece {n}" if words else "", id=f"r{n}", kind=kind, words=words, page=page)
        regions.append(made.model_copy(update={"bbox": BBox(x, y, x + w, y + h)}))
    pages = [page_of(*(r for r in regions if r.page == n), number=n) for n in (1, 2, 3)]
    hits = [hit_on(r, id=r.id, relevance=one[3]) for r, one in zip(regions, found, strict=True)]
    if regions:
        hits.append(hit_on(*(pages[r.page - 1].regions[0] for r in (regions[0], regions[-1])), id="two", relevance=0.5))
    seed.shuffle(hits)
    result = packed(hits, *pages, budget=Budget(text_tokens=text, visual_tokens=visual, pictures=pictures))
    evidence = result.evidence
    shown = [one.picture for one in evidence if one.picture]
    assert [one.number for one in evidence] == [*range(1, len(evidence) + 1)]
    assert result.text_tokens == sum(letters(one.text) for one in evidence) <= text
    assert result.visual_tokens == sum(picture.tokens for picture in shown) <= visual
    assert len(shown) <= pictures
    assert all(picture.tokens == QWEN.tokens(picture.width, picture.height) for picture in shown)
    told = {id for one in evidence for id in one.passages}
    assert told | set(result.left_out) == {hit.ref.id for hit in hits}
    assert told & set(result.left_out) <= {"two"}  # on two pages, perhaps
    for one in evidence:
        assert one.text or one.picture
        assert list(one.hits) == sorted(one.hits, reverse=True)
        assert {place.page for place in one.places} == {one.page}
        assert {r.page for r in one.regions} == {one.page}
        held = {r.id for r in one.regions}
        assert {hit.ref.id for hit in hits if held & {*hit.regions}} == {*one.passages}
        for r in one.regions:
            assert Place(one.page, r.bbox) in one.places
            if r.kind in ("figure", "table") and one.picture:
                assert r.bbox.inside(one.picture.bbox) > 0.999
            assert r.text or one.picture


# Pages drawn by themselves


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a paragraph, a frame around it, a rule, and a bar chart that nobody knows of."""
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        page.insert_text((60, 100), "Landings grew in every port.", fontsize=12)
        page.draw_rect((50, 70, 550, 130))
        page.draw_line((50, 760), (550, 760))
        for n in range(8):
            page.draw_rect((120 + 45 * n, 600 - 30 * n, 150 + 45 * n, 640), fill=(0.1, 0.3, 0.6))
        path = tmp_path_factory.mktemp("drawn") / "harbour.pdf"
        document.save(path)
    return path


CHART = BBox(120 / 600, 390 / 800, 465 / 600, 640 / 800)


def paragraph() -> Region:
    # As MuPDF sets 12 points of Helvetica: the line's box is 16.5 points high.
    words, x = [], 60.0
    for text, width in zip("Landings grew in every port.".split(), (49, 27, 10, 31, 26), strict=True):
        words.append(set_words(text)[0]._replace(bbox=BBox(x / 600, 87 / 800, (x + width) / 600, 104 / 800)))
        x += width + 3.3
    return region("Landings grew in every port.", words=words)


def test_what_is_drawn_is_seen_and_words_frames_and_rules_are_not(harbour: Path) -> None:
    (box,), extent = drawn_on(page_of(paragraph()), render(harbour, 1, dpi=54))
    assert box.iou(CHART) > 0.9
    # From the frame's upper edge to the rule, as wide as both.
    assert extent == pytest.approx((50 / 600, 70 / 800, 550 / 600, 760 / 800), abs=0.005)


@pytest.mark.filterwarnings("error")
def test_on_a_page_of_a_few_pixels_nothing_is_seen() -> None:
    assert drawn_on(page_of(width=14_400, height=60), Image.linear_gradient("L").resize((600, 3))).pictures == ()


def test_a_known_figure_is_not_seen_again(harbour: Path) -> None:
    page = page_of(paragraph(), figure("f", CHART.grown(0.01)))
    assert drawn_on(page, render(harbour, 1, dpi=54)).pictures == ()


@pytest.mark.parametrize("kind", ["text", "caption"])
def test_a_chart_taken_for_text_is_shown(harbour: Path, kind: Kind) -> None:
    label = region("Aln", id="l", kind=kind, words=set_words("Aln", 0.4, 0.7))
    page = page_of(label, region("fine", id="s", words=fine("fine")))
    result = pack([hit_on(label)], Pages(page, pdf=harbour), AMPLE, QWEN, letters)
    (one,) = result.evidence
    assert one.picture is not None
    assert CHART.inside(one.picture.bbox) > 0.99
    assert one.picture.bbox.area < 0.4
