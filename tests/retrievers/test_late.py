"""Late interaction against a plain double loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from octavo.retrievers import late
from octavo.retrievers.late import TokenVectors


def _unit(rng: np.random.Generator, count: int, dimension: int) -> np.ndarray:
    vectors = rng.normal(size=(count, dimension))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


@example(seed=11846, asked=1, lengths=[1, 7, 7, 1], dimension=2, block=1)  # a cosine of -1.00006
@given(
    seed=st.integers(0, 2**32 - 1),
    asked=st.integers(0, 5),
    lengths=st.lists(st.integers(0, 7), max_size=8),
    dimension=st.integers(1, 9),
    block=st.integers(1, 20),
)
def test_best_per_token_equals_a_double_loop(
    seed: int, asked: int, lengths: list[int], dimension: int, block: int
) -> None:
    rng = np.random.default_rng(seed)
    query = _unit(rng, asked, dimension)
    passages = [TokenVectors.quantise(_unit(rng, length, dimension)) for length in lengths]
    expected = np.full((len(passages), asked), -1.0)
    for p, passage in enumerate(passages):
        for q in range(asked):
            for values, scale in zip(passage.values, passage.scale, strict=True):
                expected[p, q] = max(expected[p, q], float(query[q] @ (values * scale)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(late, "_BLOCK_TOKENS", block)  # passages fall into several blocks
        best = late.best_per_token(query, passages)
    assert best.shape == expected.shape
    assert best == pytest.approx(np.clip(expected, -1, 1), abs=1e-5)


def test_a_passage_without_tokens_gets_the_least() -> None:
    query = np.array([[1, 0], [0, 1]], np.float32)
    empty = TokenVectors(np.zeros((0, 2), np.int8), np.zeros(0, np.float32))
    along = TokenVectors.quantise(np.array([[1, 0], [0.6, 0.8]], np.float32))
    best = late.best_per_token(query, [empty, along, empty])
    assert best == pytest.approx(np.array([[-1, -1], [1, 0.8], [-1, -1]]), abs=0.01)
    assert late.best_per_token(query, []).shape == (0, 2)


def test_alike_vectors_share_their_mean() -> None:
    east, north = [1, 0, 0], [0, 1, 0]
    six = np.array([east, north, [0.8, 0, 0.6], [0, 0.8, -0.6], east, north], np.float32)
    kept = late.pooled(TokenVectors.quantise(six))
    means = {tuple(row) for row in np.round((kept.values * kept.scale[:, None]).astype(float), 2).tolist()}
    assert means == {(0.98, 0.0, 0.21), (0.0, 0.98, -0.21)}  # (2.8, 0, .6) and (0, 2.8, -.6), of unit length


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 40), width=st.sampled_from([2, 8, 4000]))
def test_a_third_is_kept_and_at_most_36_kb(seed: int, count: int, width: int) -> None:
    vectors = _unit(np.random.default_rng(seed), count, width)
    kept = late.pooled(TokenVectors.quantise(vectors))
    assert kept.values.shape == (min(-(-count // 3), 36_000 // (width + 4)), width)
    assert len(kept.to_bytes()) <= 36_000
    assert np.linalg.norm(kept.values * kept.scale[:, None], axis=1) == pytest.approx(1, abs=0.02)


def test_vectors_that_are_all_the_same_become_one() -> None:
    kept = late.pooled(TokenVectors.quantise(np.tile(np.array([[0.6, 0.8]], np.float32), (9, 1))))
    assert np.unique(kept.values, axis=0).tolist() == [[95, 127]]
