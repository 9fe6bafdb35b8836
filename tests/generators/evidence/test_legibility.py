"""How large pictures are made."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octavo.generators.evidence import legibility
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.legibility import smallest_height
from octavo.generators.evidence.types import Shown
from octavo.generators.evidence.visual_tokens import PatchGrid, VisualTokens
from octavo.ingest.types import BBox, Page, Word
from octavo.tests.generators.evidence.material import page_of
from octavo.tests.generators.material import region

GRID = PatchGrid(patch=14, merge=2, min_pixels=3136, max_pixels=12_845_056)
WHOLE = BBox(0.0, 0.0, 1.0, 1.0)


def word(text: str, height: float, x: float = 60, y: float = 80, width: float | None = None) -> Word:
    """A word in points on a page of 600 × 800."""
    wide = 0.6 * height * len(text) if width is None else width
    return Word(text, BBox(x / 600, y / 800, (x + wide) / 600, (y + height) / 800))


def picture_of(box: BBox, page: Page, counter: VisualTokens) -> Shown:
    shown = legibility.picture_of(box, page, counter)
    assert shown is not None
    return shown


def page_with(*words: Word) -> Page:
    return page_of(region("", words=words)) if words else page_of()


def test_the_smallest_text_gets_twelve_pixels() -> None:
    shown = picture_of(WHOLE, page_with(word("Fifteen", 15), word("ten", 10, y=200)), GRID)
    # At 1.2 pixels a point, 720 × 960, the model would see 728 × 952: a little less. 734 × 979 is enough.
    assert (shown.width, shown.height) == (728, 980)  # what the model makes of that
    assert shown.tokens == 26 * 35  # 728 × 980
    assert shown.smallest_text == pytest.approx(10 * 728 / 600)


def test_text_outside_the_crop_does_not_count() -> None:
    page = page_with(word("large", 24, y=100), word("tiny", 4, y=700))
    crop = picture_of(BBox(0.0, 0.0, 1.0, 0.5), page, GRID)
    assert (crop.width, crop.height) == (588, 392)  # what the model makes of a pixel a point
    assert crop.smallest_text == pytest.approx(24 * min(588 / 600, 392 / 400))


def test_marks_and_few_small_letters_do_not_count() -> None:
    page = page_with(word("Abc" * 50, 12), word("1", 3, y=300), word("TM", 5, y=400))
    assert smallest_height([w for r in page.regions for w in r.words], page) == pytest.approx(12)


def test_upright_words_are_as_high_as_their_box_is_wide() -> None:
    page = page_with(word("Millions", 60, width=9))
    assert smallest_height(page.regions[0].words, page) == pytest.approx(9)


def test_without_words_108_dpi() -> None:
    shown = picture_of(WHOLE, page_with(), GRID)
    assert shown.smallest_text is None
    assert (shown.width, shown.height) == (918, 1224)  # 900 × 1200 would be seen as 896 × 1204


def test_nothing_is_drawn_at_more_than_288_dpi() -> None:
    shown = picture_of(WHOLE, page_with(word("hidden", 1)), GRID)
    assert shown.width <= 4 * 600
    assert shown.smallest_text == pytest.approx(4, rel=0.02)


def test_a_model_that_sees_less_is_sent_no_more() -> None:
    blurred = PatchGrid(patch=14, merge=2, min_pixels=3136, max_pixels=200 * 28 * 28)
    shown = picture_of(WHOLE, page_with(word("small", 8)), blurred)
    assert shown.tokens <= 200
    assert shown.smallest_text is not None
    assert shown.smallest_text < 8


@pytest.mark.parametrize("model", ["Qwen3-VL", "InternVL3", "SmolVLM-256M", "unheard of"])
@pytest.mark.parametrize(("width", "height"), [(14_400, 14_400), (2384, 3370)])
def test_no_more_pixels_are_sent_than_the_model_sees(model: str, width: float, height: float) -> None:
    counter = visual_tokens_of(model)
    note = Word("note", BBox(0.1, 0.1, 0.12, 0.1 + 6 / height))
    shown = picture_of(WHOLE, page_of(region("", words=[note]), width=width, height=height), counter)
    assert (shown.width, shown.height) == counter.resize(round(4 * width), round(4 * height))
    assert shown.smallest_text == pytest.approx(6 * min(shown.width / width, shown.height / height))


@pytest.mark.parametrize(("width", "height"), [(14_400, 20), (14_400, 143), (3, 14_400), (0.5, 60)])
def test_of_a_page_too_thin_for_any_processor_there_is_no_picture(width: float, height: float) -> None:
    page = page_of(region("", words=[Word("yard", BBox(0.1, 0.2, 0.2, 0.8))]), width=width, height=height)
    assert legibility.picture_of(WHOLE, page, GRID) is None
    assert legibility.picture_of(BBox(0.0, 0.0, 0.01, 0.01), page, GRID) is not None


@given(short=st.floats(0.5, 144), times=st.floats(1, 100), top=st.floats(3, 12), upright=st.booleans())
def test_there_is_of_any_other(short: float, times: float, top: float, upright: bool) -> None:
    width, height = (short, short * times) if upright else (short * times, short)
    words = [Word("yard", BBox(0.1, 0.1, 0.2, min(0.1 + top / height, 1.0)))]
    shown = picture_of(WHOLE, page_of(region("", words=words), width=width, height=height), GRID)
    assert shown.tokens == GRID.tokens(shown.width, shown.height)


# Models that put every picture on a canvas of tiles


def test_a_crop_is_widened_to_fill_the_canvas_that_it_pays_for() -> None:
    page = page_with(word("ten points", 10, 200, 300), word("outside", 10, 200, 500))
    # 360 × 200 points at 1.2 pixels a point: 432 × 240. In its own shape it would get two tiles and an overview.
    shown = picture_of(BBox(0.2, 0.3, 0.8, 0.55), page, visual_tokens_of("InternVL3"))
    assert (shown.width, shown.height, shown.tokens) == (448, 448, 258)
    assert shown.bbox == pytest.approx((0.2, 0.425 - 180 / 800, 0.8, 0.425 + 180 / 800))
    assert shown.smallest_text == pytest.approx(10 * 448 / 360)


def test_at_the_pages_edge_it_is_moved_inwards() -> None:
    shown = picture_of(BBox(0.2, 0.0, 0.8, 0.25), page_with(word("ten", 10, x=200)), visual_tokens_of("InternVL3"))
    assert shown.bbox == pytest.approx((0.2, 0.0, 0.8, 0.45))


def test_a_page_is_stretched_by_a_third_at_most() -> None:
    shown = picture_of(WHOLE, page_with(word("twelve points", 12)), visual_tokens_of("InternVL3"))
    assert (shown.bbox, shown.width, shown.height) == (WHOLE, 896, 896)
    assert shown.smallest_text == pytest.approx(12 * 896 / 800)  # the less high way
    wide = page_of(region("", words=[word("twelve points", 12)]), width=1000)
    assert picture_of(WHOLE, wide, visual_tokens_of("InternVL3")).width > 896


def test_the_longer_side_that_smolvlm_pays_for_anyway_is_filled() -> None:
    # 300 × 240 points would get four tiles by four; as 480 × 240 it gets four by two.
    shown = picture_of(BBox(0.25, 0.5, 0.75, 0.8), page_with(word("ten", 10, 200, 500)), visual_tokens_of("SmolVLM"))
    assert (shown.width, shown.height) == (1536, 768)
    assert shown.bbox == pytest.approx((0.1, 0.5, 0.9, 0.8))


@settings(deadline=None)
@given(
    heights=st.lists(st.floats(3, 40), max_size=5),
    x0=st.floats(0, 0.9),
    y0=st.floats(0, 0.9),
    wide=st.floats(0, 1),
    high=st.floats(0, 1),
    model=st.sampled_from(["Qwen2.5-VL", "Qwen3-VL", "InternVL3", "SmolVLM-256M", "unheard of"]),
)
@example(heights=[3.0], x0=0.0, y0=0.0, wide=1.0, high=0.125, model="Qwen2.5-VL")
@example(heights=[3.0], x0=0.0, y0=0.0, wide=0.0, high=1.0, model="InternVL3")
@example(heights=[3.0], x0=0.0, y0=0.0, wide=0.109375, high=1.0, model="Qwen2.5-VL")
def test_any_crop_of_any_page_can_be_shown(
    heights: list[float], x0: float, y0: float, wide: float, high: float, model: str
) -> None:
    counter = visual_tokens_of(model)
    page = page_with(*(word("Some", height, y=80 + 100 * n) for n, height in enumerate(heights)))
    box = BBox(x0, y0, min(x0 + wide, 1.0), min(y0 + high, 1.0))
    shown = picture_of(box, page, counter)
    assert box.inside(shown.bbox) > 0.999
    assert shown.tokens == counter.tokens(shown.width, shown.height)
    patch = 16  # half of the largest: Qwen's processors round each side to whole ones
    stretched = 4 / 3 if counter.canvases() else 1  # on a canvas of tiles
    assert shown.width <= 4 * 600 * stretched + patch
    assert shown.height <= 4 * 800 * stretched + patch
    if shown.smallest_text is not None and "Qwen" in model:
        assert shown.smallest_text >= 0.97 * 12 or shown.width >= 0.99 * 4 * 600 * shown.bbox.width - patch
