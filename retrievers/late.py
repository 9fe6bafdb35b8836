"""Late interaction: token vectors, and how well each token of a question finds its like in a passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_BLOCK_TOKENS = 1024  # more would not stay in a CPU's cache
_POOLED = 3  # tokens that share a vector, on average
_MOST_BYTES = 36_000  # of one passage


class TokenVectors(NamedTuple):
    """Unit vectors of a text's tokens, quantised: `values` int8 (t, d), `scale` float32 (t,); row ≈ values · scale."""

    values: NDArray[np.int8]
    scale: NDArray[np.float32]

    @classmethod
    def quantise(cls, vectors: NDArray[np.float32]) -> TokenVectors:
        """Symmetric int8 per token; `vectors` is (t, d)."""
        peak = np.abs(vectors).max(axis=1, initial=1e-12)
        scale = (peak / 127).astype(np.float32)
        return cls(np.rint(vectors / scale[:, None]).astype(np.int8), scale)

    def to_bytes(self) -> bytes:
        return self.scale.astype("<f4").tobytes() + self.values.tobytes()

    @classmethod
    def from_bytes(cls, data: bytes, dimension: int) -> TokenVectors:
        count = len(data) // (dimension + 4)
        scale = np.frombuffer(data, "<f4", count)
        return cls(np.frombuffer(data, np.int8, count * dimension, 4 * count).reshape(count, dimension), scale)


def pooled(tokens: TokenVectors) -> TokenVectors:
    """A third of a passage's vectors, or as many as take 36 KB: alike ones are clustered (Ward), and make their mean.

    Source: Clavié, Chaffin & Adams 2024, "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance
    Impact via Token Pooling".
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    count, width = tokens.values.shape
    kept = max(1, min(-(-count // _POOLED), _MOST_BYTES // (width + 4)))
    if count <= kept:
        return tokens
    vectors = tokens.values * tokens.scale[:, None]
    clusters = fcluster(linkage(vectors, "ward"), kept, "maxclust")
    sums = (clusters == np.arange(1, clusters.max() + 1)[:, None]).astype(np.float32) @ vectors
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return TokenVectors.quantise(sums / np.maximum(lengths, 1e-12))


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
