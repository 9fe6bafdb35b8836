"""Small values the library takes and gives, besides the vocabulary of `ingest` and `retrievers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ...ingest.types import Value

Teller = Callable[[str, int, int], None]
"""Takes what is being gone through, and how many of how many are done."""


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


class Maker(NamedTuple):
    """The embedder whose vectors a library holds."""

    name: str
    revision: str
    dimension: int

    def __str__(self) -> str:
        return f"{self.name} (revision {self.revision}, {self.dimension} dimensions)"


class FileStat(NamedTuple):
    """What tells cheaply whether a file has changed: bytes, and nanoseconds since 1970."""

    size: int
    mtime_ns: int


class Held(NamedTuple):
    """What the library holds of a document: the file as it was read, how it was read, and the version that is live.

    `options` are the settings of reading as they were dumped; `token_count` of its passages have token vectors.
    """

    document: str
    source: str
    size: int | None
    mtime_ns: int | None
    content: str
    live_version: str
    metadata: dict[str, Any]
    options: dict[str, Any]
    parser: str
    attempt: int
    passage_count: int
    token_count: int


class Staged(NamedTuple):
    """A version that was begun and not finished: adding its document again goes on where it stopped."""

    document: str
    version: str
    name: str
    source: str
    pages_done: int
    page_count: int
    passages_done: int
    started_at: str


class Failure(Value):
    """Something that could not be read. `page` is None when it was the whole file; `at` is UTC, ISO 8601."""

    source: str
    file: str
    page: int | None
    error: str
    message: str
    cure: str | None
    at: str
