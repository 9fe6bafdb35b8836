"""Evidence within a budget: what comes first, what becomes smaller, what is left out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from octavo.generators.evidence.types import Budget, Packed
from octavo.ingest.types import BBox, Place
from octavo.tests.generators.evidence.material import (
    AMPLE,
    QWEN,
    figure,
    fine,
    hit_on,
    letters,
    packed,
    page_of,
)
from octavo.tests.generators.material import region, set_words


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
