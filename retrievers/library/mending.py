"""Bringing the vector index and the kept originals in line with `library.db`, after a crash as in daily use."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .codec import decode_vectors
from .database import Database
from .dense import passage_count
from .failpoints import reached
from .originals import Originals
from .scan import Scanner
from .vectors import VectorRow, Vectors

_log = logging.getLogger(__name__)

_ROWS_AT_ONCE = 2000
_ROW = (
    "SELECT p.id, v.document, v.version, p.kind, p.first_page, p.last_page, x.dense FROM versions AS v"
    " CROSS JOIN passages AS p ON p.owner = v.key CROSS JOIN vectors AS x ON x.passage = p.rowid"
)


class Repair(NamedTuple):
    """What was done to the vector index."""

    upserted: int
    deleted: int


class Mender:
    """Sweeps dead versions and mends the vector index. Its caller holds the library's lock.

    Args:
        index: Gives the vector index; called only when there is work.
    """

    def __init__(
        self, database: Database, index: Callable[[], Vectors], scanner: Scanner, originals: Originals, dimension: int
    ) -> None:
        self._database = database
        self._index = index
        self._scanner = scanner
        self._originals = originals
        self._dimension = dimension
        self.originals_guard = threading.Lock()
        self._sweeping = threading.Lock()

    def sweep(self, document: str | None = None) -> int:
        """Forget the dead versions of all documents, or of one: their vectors first, then their rows.

        A version stays `dead` until all of it is gone, so a sweep that is cut short is done over.
        """
        with self._sweeping:
            with self._database.latest() as connection:
                dead = connection.execute(
                    "SELECT key, document, version, original, EXISTS (SELECT 1 FROM passages WHERE owner = key)"
                    " FROM versions WHERE state = 'dead' AND document = coalesce(?, document)",
                    (document,),
                ).fetchall()
            for key, of, version, original, has_vectors in dead:
                if has_vectors:
                    self._index().delete(of, version)
                reached("vectors swept")
                if original is not None:
                    self._drop_original(key, original)
                with self._database.writing() as connection:
                    connection.execute("DELETE FROM versions WHERE key = ?", (key,))
                self._scanner.forget(key)
                reached("rows swept")
        return len(dead)

    def index_staged(self, version: int, after: int) -> None:
        """Write the passages of a version from order `after` on to the vector index."""
        with self._database.latest() as connection:
            rows = connection.execute(f"{_ROW} WHERE v.key = ? AND p.ord >= ?", (version, after))
            while some := rows.fetchmany(_ROWS_AT_ONCE):
                self._upsert(self._index(), some)

    def looks_whole(self, index: Vectors, location: str) -> bool:
        """Whether the vector index is the one last written to, and has at least as many rows as it should."""
        with self._database.latest() as connection:  # a caller's snapshot may be older than the index
            expected = passage_count(connection) + _certain(connection)
            last = connection.execute("SELECT value FROM meta WHERE key = 'vectors_at'").fetchone()
        return index.count() >= expected and last == (location,)

    def repair(self, index: Vectors, location: str) -> Repair:
        """Upsert what the vector index lacks, delete what `library.db` does not know."""
        known = set(index.ids())
        upserted = 0
        for some in self._missing(known):
            upserted += self._upsert(index, some)
        with self._database.latest() as connection:
            extra = sorted(known - {row[0] for row in connection.execute("SELECT id FROM passages")})
        index.delete_ids(extra)
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('vectors_at', ?)", (location,))
        if upserted or extra:
            _log.warning("vector index mended: %d rows written, %d deleted", upserted, len(extra))
        return Repair(upserted, len(extra))

    def differences(self, index: Vectors) -> list[str]:
        """What is wrong with the indexes, one sentence each; empty when nothing is."""
        in_index = set(index.ids())
        with self._database.reading() as connection:
            rows = connection.execute("SELECT p.id, v.state FROM passages AS p JOIN versions AS v ON v.key = p.owner")
            states = dict(rows.fetchall())
            (entered,) = connection.execute("SELECT count(*) FROM lexical_docsize").fetchone()
            without = connection.execute(
                "SELECT count(*) FROM passages WHERE rowid NOT IN (SELECT passage FROM vectors)"
            ).fetchone()[0]
        live = {passage for passage, state in states.items() if state == "live"}
        problems = []
        if missing := sorted(live - in_index):
            problems.append(f"{len(missing)} passages are missing from the vector index, e.g. {missing[0]}")
        if extra := sorted(in_index - states.keys()):
            problems.append(f"{len(extra)} rows of the vector index belong to no passage, e.g. {extra[0]}")
        if entered != len(live):
            problems.append(f"the lexical index holds {entered} passages instead of {len(live)}")
        if without:
            problems.append(f"{without} passages have no vector")
        return problems

    def _missing(self, known: set[str]) -> Iterator[list[Any]]:
        with self._database.latest() as connection:
            rows = connection.execute(f"{_ROW} WHERE v.state <> 'dead'")
            while some := rows.fetchmany(_ROWS_AT_ONCE):
                if lacking := [row for row in some if row[0] not in known]:
                    yield lacking

    def _upsert(self, index: Vectors, rows: list[Any]) -> int:
        index.upsert([VectorRow(*row[:-1]) for row in rows], decode_vectors([row[-1] for row in rows], self._dimension))
        return len(rows)

    def _drop_original(self, version: int, name: str) -> None:
        with self.originals_guard:
            with self._database.latest() as connection:
                shared = connection.execute(
                    "SELECT 1 FROM versions WHERE original = ? AND key <> ?", (name, version)
                ).fetchone()
            if shared is None:
                self._originals.drop(name)


def _certain(connection: sqlite3.Connection) -> int:
    """Staged passages that were certainly in the vector index."""
    counted = "SELECT coalesce(sum(indexed), 0) FROM versions WHERE state = 'staging'"
    return int(connection.execute(counted).fetchone()[0])
