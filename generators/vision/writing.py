"""A reply on its way: what is held back of it, and what its end brings."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Self

from ..chat.types import Delta, Reply, Usage
from ..grounding.claims import breaks_off, whole_sentences
from ..grounding.markers import MarkerStream
from ..prompts.sentinel import SentinelStream


class Writing:
    """`refused` is a reply that began with the sentinel: whatever came after it counts for nothing."""

    def __init__(self, shown: Iterable[int]) -> None:
        self.markers = MarkerStream(shown)
        self.sentinel = SentinelStream()
        self.refused = False
        self.usage: Usage | None = None
        self.finish: str | None = None

    @classmethod
    def of(cls, text: str, shown: Iterable[int], reply: Reply, *, refused: bool) -> Self:
        """What a whole reply came to that says `text`."""
        made = cls(shown)
        made.markers.feed(text)
        made.markers.close()
        made.refused, made.finish = refused, reply.finish
        return made

    async def pieces(self, deltas: AsyncGenerator[Delta]) -> AsyncGenerator[str]:
        """The clean text as it comes: no sentinel, no marker of what was never shown.

        Of a reply that was cut off for its length, the last sentence is forgotten afterwards unless it is whole; where
        nobody says why it ended, if it looks cut off.
        """
        async with aclosing(deltas):
            async for delta in deltas:
                self.usage, self.finish = delta.usage or self.usage, delta.finish or self.finish
                said = self.sentinel.feed(delta.text)
                self.refused = self.sentinel.first
                if not self.refused and (text := self.markers.feed(said)):
                    yield text
        if not self.refused and (rest := self.markers.feed(self.sentinel.close()) + self.markers.close()):
            yield rest
        text, marks = self.markers.text, self.markers.marks
        if self.finish == "length" or (self.finish is None and breaks_off(text, marks)):
            self.markers.cut(whole_sentences(text, marks))
