"""What a generator is, and how a streamed answer is folded into one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from ..ingest.types import Region
from ..retrievers.types import Hit
from .types import Answer, Event


class Generator(Protocol):
    """Writes an answer from kept hits. The last event of the stream carries the whole `Answer`."""

    def stream(self, question: str, hits: Sequence[Hit]) -> AsyncIterator[Event]: ...


class RegionSource(Protocol):
    """Where a generator looks up what a hit stands on; the library is one."""

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        """The regions of these ids, in that order, words and cells included; unknown ids are left out."""
        ...

    def document_name(self, document: str) -> str: ...


async def answer(generator: Generator, question: str, hits: Sequence[Hit]) -> Answer:
    """The whole answer of `generator`. Raises RuntimeError when its stream ends without one."""
    whole: Answer | None = None
    async for event in generator.stream(question, hits):
        whole = event.answer or whole
    if whole is None:
        raise RuntimeError(f"{type(generator).__name__} ended its stream without an answer")
    return whole
