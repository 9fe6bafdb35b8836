"""What is embedded of a passage, and how many of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from ...ingest.types import Passage

if TYPE_CHECKING:
    from ...retrievers.embedders import Embedding

T = TypeVar("T")

PASSAGES_PER_WINDOW = 128  # the embedder sorts these by length; while it works on them, pages wait unstaged


def searched_text(passage: Passage) -> str:
    """What is embedded of a passage: where it stands, and what it says."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def stored_tokens(embedding: Embedding) -> list[bytes] | None:
    """What the library keeps of the passages' token vectors."""
    from ...retrievers.late import pooled

    return None if embedding.tokens is None else [pooled(tokens).to_bytes() for tokens in embedding.tokens]


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
