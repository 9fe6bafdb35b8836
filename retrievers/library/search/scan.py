"""Exact dense search over the vectors in `library.db`, for scopes that are narrow enough."""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..sqlite.codec import decode_vectors, encode_json
from .scope import Listed, Scope

CACHED_NUMBERS = 25_000_000
"""Float32 numbers kept in memory: 100 MB, 65,000 vectors of 384 dimensions."""

CACHED_BY_READERS = 100_000_000
"""The same where there is no vector index to ask: 400 MB, 260,000 vectors of 384 dimensions."""

_ROWS_AT_ONCE = 4096


class _Matrix(NamedTuple):
    """The vectors of one version: row numbers in `passages`, ascending (n,), and unit rows (n, d)."""

    rows: NDArray[np.int64]
    vectors: NDArray[np.float32]


class _Scored(NamedTuple):
    rows: NDArray[np.int64]
    scores: NDArray[np.float32]

    def best(self, k: int) -> _Scored:
        """The `k` highest scores; of equal ones, the earlier rows."""
        order = np.lexsort((self.rows, -self.scores))[:k]
        return _Scored(self.rows[order], self.scores[order])


class Scanner:
    """Scores every vector in scope. Matrices of whole versions stay in memory, the least used go first.

    Args:
        dimension: Of the library's vectors.
        cached: How many float32 numbers to keep.
    """

    def __init__(self, dimension: int, cached: int = CACHED_NUMBERS) -> None:
        self._dimension = dimension
        self._limit = cached
        self._numbers = 0
        self._matrices: OrderedDict[int, _Matrix] = OrderedDict()
        self._guard = threading.Lock()

    def scan(
        self,
        connection: sqlite3.Connection,
        scope: Scope,
        vector: NDArray[np.float32],
        k: int,
        listed: Listed | None = None,
    ) -> list[tuple[str, float]]:
        """The `k` passages in scope nearest to the unit `vector` (d,): ids and cosines, best first.

        `listed` are the passages in scope, where that is known; else every vector is read.
        """
        if listed is not None and self._fits(connection, listed):
            parts = self._by_version(connection, listed, vector)
        else:
            parts = self._streamed(connection, scope, vector)
        best = _Scored(np.empty(0, np.int64), np.empty(0, np.float32))
        for part in parts:
            rows, scores = np.concatenate([best.rows, part.rows]), np.concatenate([best.scores, part.scores])
            best = _Scored(rows, scores).best(k)
        ids = dict(
            connection.execute(
                "SELECT rowid, id FROM passages WHERE rowid IN (SELECT value FROM json_each(?))",
                (encode_json(best.rows.tolist()),),
            ).fetchall()
        )
        return [(ids[row], score) for row, score in zip(best.rows.tolist(), best.scores.tolist(), strict=True)]

    @property
    def cached(self) -> int:
        """How many vectors may be in memory."""
        return self._limit // self._dimension

    def forget(self, version: int) -> None:
        """Drop a version that is no more."""
        with self._guard:
            matrix = self._matrices.pop(version, None)
            self._numbers -= matrix.vectors.size if matrix else 0

    def _fits(self, connection: sqlite3.Connection, listed: Listed) -> bool:
        """Whether all of these versions can be in memory."""
        counts: dict[int, int] = dict(connection.execute("SELECT key, passage_count FROM versions").fetchall())
        return sum(counts[version] for version in listed) * self._dimension <= self._limit

    def _by_version(
        self, connection: sqlite3.Connection, listed: Listed, vector: NDArray[np.float32]
    ) -> Iterator[_Scored]:
        parts: list[_Scored] = []
        for version, wanted in listed.items():
            matrix = self._matrix(connection, version)
            scores = matrix.vectors @ vector
            if wanted is None:
                parts.append(_Scored(matrix.rows, scores))
            else:
                parts.append(_Scored(wanted, scores[np.searchsorted(matrix.rows, wanted)]))
        if parts:  # in one piece: thousands of small documents would be sorted thousands of times
            yield _Scored(np.concatenate([p.rows for p in parts]), np.concatenate([p.scores for p in parts]))

    def _streamed(self, connection: sqlite3.Connection, scope: Scope, vector: NDArray[np.float32]) -> Iterator[_Scored]:
        cursor = connection.execute(
            "SELECT p.rowid, x.dense FROM versions AS v CROSS JOIN passages AS p ON p.owner = v.key"
            f" CROSS JOIN vectors AS x ON x.passage = p.rowid WHERE {scope.condition}",
            scope.parameters,
        )
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            matrix = self._decoded(rows)
            yield _Scored(matrix.rows, matrix.vectors @ vector)

    def _matrix(self, connection: sqlite3.Connection, version: int) -> _Matrix:
        with self._guard:
            if version in self._matrices:
                self._matrices.move_to_end(version)
                return self._matrices[version]
        rows = connection.execute(
            "SELECT p.rowid, x.dense FROM passages AS p CROSS JOIN vectors AS x ON x.passage = p.rowid"
            " WHERE p.owner = ? ORDER BY p.rowid",
            (version,),
        ).fetchall()
        matrix = self._decoded(rows)
        with self._guard:
            if version not in self._matrices:
                self._matrices[version] = matrix
                self._numbers += matrix.vectors.size
            while self._numbers > self._limit:
                _, oldest = self._matrices.popitem(last=False)
                self._numbers -= oldest.vectors.size
        return matrix

    def _decoded(self, rows: list[tuple[int, bytes]]) -> _Matrix:
        numbers = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        return _Matrix(numbers, decode_vectors([row[1] for row in rows], self._dimension))
