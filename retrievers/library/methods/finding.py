"""The primitives of search: by vectors, by words, and what is in scope."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...types import Filters
from ..chroma.index import Index
from ..lock import LibraryLock
from ..search import lexical
from ..search.dense import Dense
from ..search.scope import resolve
from ..sqlite import catalogue
from ..sqlite.database import Database
from .opened import Opened

_EVERYTHING = Filters()


class Finding(Opened):
    """Finding passages."""

    def __init__(self, folder: Path, database: Database, index: Index, lock: LibraryLock, wait: float) -> None:
        super().__init__(folder, database, index, lock, wait)
        self._dense = Dense(database, index, self._scanner)

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters = _EVERYTHING) -> list[tuple[str, float]]:
        """Up to `k` passages within `filters`, with their cosine to `vector` (d,), best first.

        Exact where the filters leave few passages; else by the vector index (see `dense.py` for what it finds).

        Raises:
            ServerUnavailable: The Chroma server does not answer.
        """
        return self._dense.search(vector, k, filters)

    def lexical(
        self,
        terms: Sequence[str],
        k: int,
        filters: Filters = _EVERYTHING,
        weights: tuple[float, float] = (1.0, 1.0),
    ) -> list[tuple[str, float]]:
        """Up to `k` passages within `filters` that hold any of `terms`, with their BM25 score (> 0), best first.

        `terms` are tokens of `analyse`; `weights` those of a passage's context and of its text.
        """
        with self._database.reading() as connection:
            return lexical.search(connection, resolve(connection, filters), terms, k, weights)

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """In how many passages each of `terms` stands."""
        with self._database.reading() as connection:
            return lexical.document_frequency(connection, terms)

    def passage_count(self) -> int:
        """How many passages can be found."""
        with self._database.reading() as connection:
            return catalogue.passage_count(connection)

    def pages_named(self, names: Sequence[int], filters: Filters = _EVERYTHING) -> list[tuple[str, int]]:
        """Pages in scope that readers would call by these numbers: (document id, 1-based page).

        In each document a number is a printed label where a page has it, else the page's place in the file; numbers
        below zero count from its end.
        """
        with self._database.reading() as connection:
            return resolve(connection, filters).pages_named(connection, names)

    def passage_ids(self, filters: Filters = _EVERYTHING, limit: int | None = None) -> list[str]:
        """Passages within `filters`, document by document in reading order."""
        with self._database.reading() as connection:
            return resolve(connection, filters).ids(connection, limit)
