"""Pages, regions and documents are as relevant as their best passage."""

from __future__ import annotations

import pytest

from octavo.ingest.types import BBox, Place
from octavo.retrievers.rollup import roll_up
from octavo.retrievers.types import Hit, Level, Ref

_TOP, _BOTTOM = BBox(0.1, 0.1, 0.9, 0.2), BBox(0.1, 0.8, 0.9, 0.9)


def _hit(id: str, score: float, document: str, pages: tuple[int, ...], regions: tuple[str, ...]) -> Hit:
    boxes = (_BOTTOM, _TOP)
    return Hit(
        ref=Ref(kind="passage", id=id, document=document, version=f"{document}-v"),
        places=tuple(Place(page, box) for page, box in zip(pages, boxes, strict=False)),
        score=score,
        relevance=score / 10,
        regions=regions,
        text=id,
    )


HITS = [
    _hit("a1", 2.0, "a", (1,), ("a.1.1", "a.1.2")),
    _hit("b1", 5.0, "b", (3,), ("b.3.1",)),
    _hit("a2", 4.0, "a", (1, 2), ("a.1.2", "a.2.1")),
    _hit("b2", -1.0, "b", (1,), ("b.1.1",)),
]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("passage", [("b1", 5.0), ("a2", 4.0), ("a1", 2.0), ("b2", -1.0)]),
        ("region", [("b.3.1", 5.0), ("a.1.2", 4.0), ("a.2.1", 4.0), ("a.1.1", 2.0), ("b.1.1", -1.0)]),
        ("page", [("3", 5.0), ("1", 4.0), ("2", 4.0), ("1", -1.0)]),
        ("document", [("b", 5.0), ("a", 4.0)]),
    ],
)
def test_each_unit_once_with_its_best_score(level: Level, expected: list[tuple[str, float]]) -> None:
    found = roll_up(HITS, level)
    assert [(hit.ref.id, hit.score) for hit in found] == expected
    assert {hit.ref.kind for hit in found} == {level}
    assert all(hit.relevance == pytest.approx(hit.score / 10) for hit in found)


def test_the_same_page_of_two_documents_is_two_pages() -> None:
    ones = [hit.ref for hit in roll_up(HITS, "page") if hit.ref.id == "1"]
    assert [(ref.document, ref.version) for ref in ones] == [("a", "a-v"), ("b", "b-v")]


def test_a_page_has_the_places_on_it_alone() -> None:
    pages = {(hit.ref.document, hit.ref.id): hit for hit in roll_up(HITS, "page")}
    assert pages["a", "1"].places == (Place(1, _BOTTOM),)
    assert pages["a", "2"].places == (Place(2, _TOP),)
    assert pages["a", "2"].page == 2
    assert pages["a", "1"].text == "a2"  # the passage that speaks for it


def test_equal_scores_keep_their_order() -> None:
    twins = [_hit(id, 1.0, "a", (1,), ()) for id in "xyz"]
    assert [hit.ref.id for hit in roll_up(twins, "passage")] == ["x", "y", "z"]


def test_nothing_rolls_up_to_nothing() -> None:
    assert roll_up([], "document") == []
