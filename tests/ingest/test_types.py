"""Boxes and the values made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from octavo.ingest.types import BBox, Page, Passage, Place, Region, Word

shares = st.floats(0, 1, allow_nan=False, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> BBox:
    x0, x1 = sorted((draw(shares), draw(shares)))
    y0, y1 = sorted((draw(shares), draw(shares)))
    return BBox(x0, y0, x1, y1)


def is_box(box: BBox) -> bool:
    return 0 <= box.x0 <= box.x1 <= 1 and 0 <= box.y0 <= box.y1 <= 1


def test_a_box_worked_by_hand() -> None:
    a, b = BBox(0.0, 0.0, 0.5, 0.5), BBox(0.25, 0.25, 0.75, 1.0)
    assert (b.width, b.height, b.area, b.center) == (0.5, 0.75, 0.375, (0.5, 0.625))
    assert a.intersection(b) == 0.0625
    assert a.iou(b) == 0.0625 / (0.25 + 0.375 - 0.0625)
    assert a.inside(b) == 0.25
    assert b.inside(a) == pytest.approx(1 / 6)
    assert BBox.union([a, b]) == BBox(0.0, 0.0, 0.75, 1.0)
    assert b.scaled(200, 100) == (50, 25, 150, 100)


def test_boxes_of_other_units_are_clipped_and_put_in_order() -> None:
    assert BBox.of((150, -20, 50, 300), 200, 200) == BBox(0.25, 0.0, 0.75, 1.0)


def test_empty_boxes() -> None:
    point = BBox(0.5, 0.5, 0.5, 0.5)
    assert point.iou(point) == 0.0
    assert point.inside(BBox(0.4, 0.4, 0.6, 0.6)) == 1.0
    assert point.inside(BBox(0.6, 0.4, 0.7, 0.6)) == 0.0
    with pytest.raises(ValueError, match="unpack"):
        BBox.union([])


@given(st.tuples(*[st.floats(-1e4, 1e4)] * 4), st.floats(1, 1e4), st.floats(1, 1e4))
def test_any_rectangle_becomes_a_box(rect: tuple[float, ...], width: float, height: float) -> None:
    assert is_box(BBox.of(rect, width, height))


@given(boxes(), boxes())
def test_boxes_in_pairs(a: BBox, b: BBox) -> None:
    both = BBox.union([a, b])
    assert is_box(both)
    assert a.inside(both) == pytest.approx(1.0)
    assert both.contains(*a.center)
    assert both.contains(*b.center)
    assert a.intersection(b) == b.intersection(a) <= min(a.area, b.area) + 1e-9
    assert 0 <= a.iou(b) == b.iou(a) <= 1 + 1e-9
    assert 0 <= a.inside(b) <= 1 + 1e-9


@given(boxes(), st.floats(0, 0.5))
def test_a_grown_box_holds_the_box_and_stays_on_the_page(box: BBox, margin: float) -> None:
    grown = box.grown(margin)
    assert is_box(grown)
    assert BBox.union([grown, box]) == grown


@given(boxes(), st.floats(1, 1e4), st.floats(1, 1e4))
def test_scaling_there_and_back(box: BBox, width: float, height: float) -> None:
    assert BBox.of(box.scaled(width, height), width, height) == pytest.approx(box)


def test_regions_survive_json() -> None:
    box = BBox(0.1, 0.2, 0.3, 0.4)
    region = Region(id="v.1.0", page=1, order=0, kind="text", bbox=box, text="é", words=(Word("é", box, "ocr"),))
    page = Page(number=1, width=595, height=842, regions=(region,))
    again = Page.model_validate_json(page.model_dump_json())
    assert again == page
    assert isinstance(again.regions[0].words[0], Word)
    assert again.regions[0].words[0].bbox.width == pytest.approx(0.2)


def test_values_are_frozen_and_know_their_fields() -> None:
    page = Page(number=1, width=10, height=10)
    with pytest.raises(ValidationError):
        page.number = 2  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Page(number=1, width=10, height=10, colour="red")  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        Region(id="r", page=1, order=0, kind="poem", bbox=BBox(0, 0, 1, 1), text="")  # type: ignore[arg-type]


def passage_at(*places: Place) -> Passage:
    return Passage(id="p", document="d", version="v", order=0, kind="text", places=places, regions=(), text="t")


def test_a_passage_stands_somewhere() -> None:
    box = BBox(0, 0, 1, 1)
    with pytest.raises(ValidationError, match="places must not be empty"):
        passage_at()
    assert passage_at(Place(3, box), Place(4, box), Place(3, box)).pages == (3, 4)
