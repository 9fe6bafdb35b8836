"""Reciprocal rank fusion: fractions by hand, and what must hold."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.retrievers.fusion import reciprocal_rank_fusion, reciprocal_ranks, z_scores

_RANKINGS = st.lists(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8), max_size=4)


def test_by_hand() -> None:
    fused = reciprocal_rank_fusion([["a", "b", "c"], ["c", "d"]], k=60)
    assert [item for item, _ in fused] == ["c", "a", "b", "d"]
    assert [score for _, score in fused] == pytest.approx([1 / 63 + 1 / 61, 1 / 61, 1 / 62, 1 / 62])


def test_a_small_constant_favours_the_first_ranks() -> None:
    rankings = [["a", "b"], ["c", "b"]]
    assert reciprocal_rank_fusion(rankings, k=60)[0][0] == "b"  # 2/62 > 1/61
    assert reciprocal_rank_fusion([["a", "b", "x"], ["c", "d", "x"]], k=0.5)[0][0] == "a"  # 1/1.5 > 2/3.5


def test_nothing_in_nothing_out() -> None:
    assert reciprocal_rank_fusion([]) == reciprocal_rank_fusion([[], []]) == []


@given(_RANKINGS)
def test_every_item_once_best_first(rankings: list[list[str]]) -> None:
    fused = reciprocal_rank_fusion(rankings)
    assert Counter(item for item, _ in fused) == Counter({item for ranking in rankings for item in ranking})
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= len(rankings) / 61 for score in scores)


@given(_RANKINGS)
def test_the_order_of_the_rankings_changes_no_score(rankings: list[list[str]]) -> None:
    assert dict(reciprocal_rank_fusion(rankings)) == pytest.approx(dict(reciprocal_rank_fusion(rankings[::-1])))


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
def test_one_ranking_or_agreeing_ones_keep_their_order(ranking: list[str]) -> None:
    for rankings in ([ranking], [ranking, ranking]):
        assert [item for item, _ in reciprocal_rank_fusion(rankings)] == ranking


def test_scores_by_hand() -> None:
    values = np.array([3.0, 1.0, 3.0, 2.0], np.float32)
    assert reciprocal_ranks(values, k=60) == pytest.approx(
        [1 / 61, 0, 1 / 61, 1 / 63]
    )  # ties share, the lowest has none
    assert z_scores(np.array([1.0, 2.0, 3.0], np.float32)) == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert not reciprocal_ranks(np.ones(3, np.float32)).any()
    assert not z_scores(np.ones(3, np.float32)).any()
