"""Late interaction: how well each token of a question finds its like in a passage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .embedders import TokenVectors

_BLOCK_TOKENS = 65536


def best_per_token(query: NDArray[np.float32], passages: Sequence[TokenVectors]) -> NDArray[np.float32]:
    """The best cosine of each question token with any token of each passage: (n, q), in [-1, 1].

    Its mean over question tokens is MaxSim (Khattab & Zaharia, ColBERT, SIGIR 2020, who take the sum). A passage
    without tokens gets -1.

    Args:
        query: unit vectors of the question's tokens, (q, d).
    """
    best = np.full((len(passages), len(query)), -1.0, np.float32)
    filled = [i for i, p in enumerate(passages) if len(p.values)]
    start = 0
    while start < len(filled):
        end, total = start, 0
        while end < len(filled) and (end == start or total + len(passages[filled[end]].values) <= _BLOCK_TOKENS):
            total += len(passages[filled[end]].values)
            end += 1
        block = [passages[i] for i in filled[start:end]]
        values = np.concatenate([p.values for p in block]).astype(np.float32)
        scales = np.concatenate([p.scale for p in block])
        cosines = (values @ query.T) * scales[:, None]
        offsets = np.cumsum([0] + [len(p.values) for p in block[:-1]])
        best[filled[start:end]] = np.maximum.reduceat(cosines, offsets, axis=0)
        start = end
    return np.clip(best, -1.0, 1.0)  # quantised vectors are of unit length to the fourth digit only
