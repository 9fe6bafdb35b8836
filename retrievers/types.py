"""The vocabulary of search: queries, references, hits."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from ..ingest.types import Kind, Place, Value

Level = Literal["passage", "region", "page", "document"]


class Filters(Value):
    """Restrictions that hold exactly: nothing outside them is ever a candidate.

    `documents` are document ids; empty tuples restrict nothing. `first_page` and `last_page` are inclusive.
    `metadata` matches a document whose metadata has each key with that value (a list value: any of them).
    """

    documents: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    first_page: int | None = Field(default=None, ge=1)
    last_page: int | None = Field(default=None, ge=1)
    metadata: dict[str, Any] = {}


class Query(Value):
    """A question in words, with what it is restricted to."""

    text: str
    filters: Filters = Filters()


class Ref(Value):
    """What a hit points at. `id` is a passage id, a region id, a 1-based page number as text, or a document id."""

    kind: Level
    id: str
    document: str
    version: str


class Hit(Value):
    """A found piece. `score` orders hits of one search; `relevance` is a probability in [0, 1] once judged.

    `answerable` is the probability that the hits of this search answer the question at all, where it was judged.
    `via` gives each channel's own evidence by name, for the trace. `description` is a model's, by which the piece was
    found: it is no evidence.
    """

    ref: Ref
    places: tuple[Place, ...]
    score: float
    relevance: float | None = None
    answerable: float | None = None
    kind: Kind | None = None
    regions: tuple[str, ...] = ()
    text: str = ""
    context: str = ""
    description: str = ""
    via: dict[str, float] = {}

    @property
    def page(self) -> int:
        """The first page of the hit, 1-based."""
        return self.places[0].page
