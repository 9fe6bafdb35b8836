"""The cut to evidence may keep nothing, and never more than it was given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.types import BBox, Place
from octavo.retrievers.cutoff import confidence, up_to_k
from octavo.retrievers.types import Hit, Ref


def _hits(*relevance: float | None) -> list[Hit]:
    return [
        Hit(
            ref=Ref(kind="passage", id=str(n), document="d", version="v"),
            places=(Place(1, BBox(0, 0, 1, 1)),),
            score=0.0,
            relevance=value,
        )
        for n, value in enumerate(relevance)
    ]


def _kept(hits: list[Hit], k: int, threshold: float) -> list[str]:
    return [hit.ref.id for hit in up_to_k(hits, k, threshold)]


def test_the_most_relevant_come_first() -> None:
    assert _kept(_hits(0.2, 0.9, 0.5), 2, 0.1) == ["1", "2"]


def test_nothing_may_be_left() -> None:
    assert _kept(_hits(0.07, 0.01), 5, 0.08) == []
    assert _kept([], 5, 0.0) == []
    assert _kept(_hits(0.9), 0, 0.0) == []


def test_the_threshold_itself_suffices() -> None:
    assert _kept(_hits(0.08, 0.0799), 5, 0.08) == ["0"]


def test_what_nobody_judged_is_no_evidence() -> None:
    assert _kept(_hits(None, 0.0, None), 5, 0.0) == ["1"]


def test_ties_keep_their_order() -> None:
    assert _kept(_hits(0.5, 0.7, 0.5, 0.7, 0.5), 4, 0.0) == ["1", "3", "0", "2"]


@given(st.lists(st.none() | st.floats(0, 1), max_size=12), st.integers(0, 14), st.floats(0, 1))
def test_what_is_kept_passes_and_what_passes_is_kept_up_to_k(
    relevance: list[float | None], k: int, threshold: float
) -> None:
    kept = up_to_k(_hits(*relevance), k, threshold)
    passing = sorted((r for r in relevance if r is not None and r >= threshold), reverse=True)
    assert [hit.relevance for hit in kept] == passing[:k]
    assert len({hit.ref.id for hit in kept}) == len(kept)


def test_a_question_that_is_hardly_answered_has_no_evidence() -> None:
    hits = [hit.model_copy(update={"answerable": 0.29}) for hit in _hits(0.9, 0.8)]
    assert up_to_k(hits, 5, 0.1, answerable=0.3) == []
    assert len(up_to_k(hits, 5, 0.1, answerable=0.29)) == 2
    assert len(up_to_k(_hits(0.2), 5, 0.1, answerable=0.3)) == 1  # nobody judged the question
    assert up_to_k([], 5, 0.1) == []


def test_confidence_is_that_of_the_question() -> None:
    assert confidence([hit.model_copy(update={"answerable": 0.7}) for hit in _hits(0.2, 0.1)]) == 0.7
    assert confidence(_hits(0.2, None, 0.4)) == 0.4
    assert confidence([]) == 0.0
