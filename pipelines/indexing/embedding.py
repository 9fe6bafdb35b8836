"""Passages embedded, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from ...ingest.types import Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...retrievers.embedders import Embedder

T = TypeVar("T")

_PASSAGES_PER_WINDOW = 128  # the embedder sorts these by length; while it works on them, pages wait unstaged


class Embedded(NamedTuple):
    """Passages in order, their vectors (n, d), and their pooled token vectors as bytes if the embedder makes them."""

    passages: list[Passage]
    dense: NDArray[np.float32]
    tokens: list[bytes] | None


def embedded(passages: Iterable[Passage], done: int, embedder: Embedder) -> Iterator[Embedded]:
    """The passages from order `done` on. They come out the same each time: the others are there already."""
    from ...retrievers.late import pooled

    for window in batches(islice(passages, done, None), _PASSAGES_PER_WINDOW):
        embedding = embedder.embed_documents([searched_text(passage) for passage in window])
        tokens = None if embedding.tokens is None else [pooled(vectors).to_bytes() for vectors in embedding.tokens]
        yield Embedded(window, embedding.dense, tokens)


def searched_text(passage: Passage) -> str:
    """What is embedded of a passage: where it stands, and what it says."""
    return f"{passage.finding}\n{passage.text}" if passage.finding else passage.text


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
