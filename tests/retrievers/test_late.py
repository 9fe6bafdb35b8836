"""Late interaction against a plain double loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from octavo.retrievers import late
from octavo.retrievers.embedders import TokenVectors


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
