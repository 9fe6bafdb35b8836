"""Reading order of boxes drawn by hand, and of any boxes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.regions.order import reading_order
from octavo.ingest.types import BBox

LEFT, RIGHT, WIDE = (0.1, 0.48), (0.52, 0.9), (0.1, 0.9)


def box(columns: tuple[float, float], y0: float, y1: float) -> BBox:
    return BBox(columns[0], y0, columns[1], y1)


def column(name: str, columns: tuple[float, float], count: int, step: float) -> dict[str, BBox]:
    """Paragraphs below each other, `step` apart, with a gap of 0.02."""
    return {f"{name}{n}": box(columns, 0.1 + step * n, 0.08 + step * (n + 1)) for n in range(count)}


def in_order(**boxes: BBox) -> str:
    """Names of the boxes in reading order; they are given in another, so that order is found and not kept."""
    names = sorted(boxes, key=lambda name: hash(name))
    return " ".join(names[i] for i in reading_order([boxes[name] for name in names]))


UPPER = {
    "l1": box(LEFT, 0.12, 0.25),
    "l2": box(LEFT, 0.27, 0.4),
    "r1": box(RIGHT, 0.12, 0.3),
    "r2": box(RIGHT, 0.32, 0.4),
}
LOWER = {"l3": box(LEFT, 0.66, 0.9), "r3": box(RIGHT, 0.66, 0.9)}


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ({"title": box(WIDE, 0.05, 0.1), **UPPER}, "title l1 l2 r1 r2"),
        (
            {**UPPER, "figure": box(WIDE, 0.42, 0.6), "caption": box(WIDE, 0.61, 0.64), **LOWER},
            "l1 l2 r1 r2 figure caption l3 r3",
        ),
    ],
)
def test_what_reaches_over_two_columns_parts_the_page(boxes: dict[str, BBox], expected: str) -> None:
    assert in_order(**boxes) == expected


def test_columns_with_gaps_at_equal_heights_do_not_interleave() -> None:
    found = in_order(
        title=box(WIDE, 0.02, 0.08),
        **column("l", LEFT, 8, 0.1),
        **column("r", RIGHT, 8, 0.1),
    )
    assert found == "title l0 l1 l2 l3 l4 l5 l6 l7 r0 r1 r2 r3 r4 r5 r6 r7"


def test_a_column_that_begins_lower_is_not_read_after_the_other() -> None:
    # The right column begins higher; still the left one is read first.
    found = in_order(
        r1=box(RIGHT, 0.1, 0.2), r2=box(RIGHT, 0.22, 0.3), r3=box(RIGHT, 0.32, 0.9), l1=box(LEFT, 0.31, 0.9),
        foot=box(WIDE, 0.92, 0.95),
    )  # fmt: skip
    assert found == "l1 r1 r2 r3 foot"


def test_a_line_that_reaches_into_both_columns_does_not_cut_them() -> None:
    # A short line over the right column that just touches the left one's edge.
    found = in_order(
        line=BBox(0.47, 0.05, 0.9, 0.07),
        l1=box(LEFT, 0.1, 0.3), l2=box(LEFT, 0.33, 0.9),
        r1=box(RIGHT, 0.1, 0.2), r2=box(RIGHT, 0.23, 0.31), r3=box(RIGHT, 0.34, 0.9),
    )  # fmt: skip
    assert found == "line l1 l2 r1 r2 r3"


def test_a_line_above_one_column_does_not_part_it_from_the_other() -> None:
    # It stands beside the upper left paragraph and over the lower one; of two ways to cut, the columns stay whole.
    found = in_order(
        line=BBox(0.473, 0.05, 0.9, 0.07),
        l1=BBox(0.1, 0.1, 0.47, 0.3), l2=box(LEFT, 0.33, 0.9),
        r1=box(RIGHT, 0.1, 0.3), r2=box(RIGHT, 0.33, 0.9),
    )  # fmt: skip
    assert found == "line l1 l2 r1 r2"


@pytest.mark.parametrize("gutter", [0.01, 0.0, -0.003])
def test_columns_with_a_narrow_gutter(gutter: float) -> None:
    # Boxes of layout models overlap a little.
    found = in_order(**column("l", (0.1, 0.5), 3, 0.2), **column("r", (0.5 + gutter, 0.9), 3, 0.2))
    assert found == "l0 l1 l2 r0 r1 r2"


def test_three_columns() -> None:
    a, b, c = (column(name, x, 2, 0.2) for name, x in (("a", (0.05, 0.33)), ("b", (0.36, 0.64)), ("c", (0.67, 0.95))))
    assert in_order(**a, **b, **c) == "a0 a1 b0 b1 c0 c1"


def test_what_stands_above_and_aside_is_no_column() -> None:
    # A logo at the right edge, above text at the left: nothing stands beside it.
    assert in_order(logo=BBox(0.8, 0.05, 0.9, 0.1), text=BBox(0.1, 0.2, 0.6, 0.3)) == "logo text"


def test_things_in_rows_of_their_own_are_read_by_rows() -> None:
    letter = {
        "sender": BBox(0.1, 0.05, 0.4, 0.1),
        "date": BBox(0.7, 0.12, 0.9, 0.14),
        "address": BBox(0.1, 0.16, 0.4, 0.22),
        "number": BBox(0.7, 0.25, 0.9, 0.27),
        "text": BBox(0.1, 0.3, 0.9, 0.8),
        "name": BBox(0.6, 0.85, 0.9, 0.9),
    }
    assert in_order(**letter) == "sender date address number text name"


def test_slightly_overlapping_paragraphs_stay_in_order() -> None:
    found = in_order(a=box(WIDE, 0.1, 0.2), b=box(WIDE, 0.195, 0.3), c=box(WIDE, 0.29, 0.4))
    assert found == "a b c"


def test_right_to_left_columns() -> None:
    boxes = [box(LEFT, 0.1, 0.4), box(RIGHT, 0.1, 0.2), box(RIGHT, 0.25, 0.4), box(WIDE, 0.02, 0.06)]
    assert reading_order(boxes, right_to_left=True) == [3, 1, 2, 0]
    assert reading_order(boxes) == [3, 0, 1, 2]


shares = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.25, 0.5, 0.501, 0.75, 1.0]))


@given(st.lists(st.tuples(shares, shares, shares, shares), max_size=60), st.booleans())
def test_every_box_comes_once(corners: list[tuple[float, float, float, float]], rtl: bool) -> None:
    boxes = [BBox(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    assert sorted(reading_order(boxes, right_to_left=rtl)) == list(range(len(boxes)))


@pytest.mark.parametrize("n", [300])
def test_pages_of_hundreds_of_boxes_take_moments(n: int) -> None:
    boxes = [BBox(0.9 * (i * 37 % n) / n, i / n, 0.9 * (i * 37 % n) / n + 0.1, i / n + 0.002) for i in range(n)]
    boxes += [BBox(i / n, i / n, min(i / n + 0.4, 1), min(i / n + 0.02, 1)) for i in range(n)]
    start = time.perf_counter()
    assert len(set(reading_order(boxes))) == 2 * n
    assert time.perf_counter() - start < 20
