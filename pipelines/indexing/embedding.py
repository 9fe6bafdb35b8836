"""What is embedded of a passage, and how many of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from ...ingest.types import Passage

T = TypeVar("T")

PASSAGES_PER_WINDOW = 128  # the embedder sorts these by length; while it works on them, pages wait unstaged


def searched_text(passage: Passage) -> str:
    """What is embedded of a passage: where it stands, and what it says."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
