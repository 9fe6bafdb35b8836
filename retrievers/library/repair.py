"""Comparing and mending the vector index by `library.db`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, NamedTuple

from . import catalogue
from .codec import decode_vectors
from .database import Database
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


def index_staged(database: Database, vectors: Vectors, version: int, after: int) -> None:
    """Write the passages of a version from order `after` on to the vector index."""
    with database.latest() as connection:
        rows = connection.execute(f"{_ROW} WHERE v.key = ? AND p.ord >= ?", (version, after))
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            _upsert(database, vectors, some)


def looks_whole(database: Database, vectors: Vectors, location: str) -> bool:
    """Whether the vector index is the one written to before, and has at least as many rows as it should: a glance."""
    with database.latest() as connection:  # a caller's snapshot may be older than the index
        (staged,) = connection.execute(
            "SELECT coalesce(sum(indexed), 0) FROM versions WHERE state = 'staging'"
        ).fetchone()
        expected = catalogue.passage_count(connection) + int(staged)
        last = connection.execute("SELECT value FROM meta WHERE key = 'vectors_at'").fetchone()
    if last not in (None, (location,)):
        return False
    return vectors.count() >= expected


def repair(database: Database, vectors: Vectors, location: str) -> Repair:
    """Upsert what the vector index lacks, delete what `library.db` does not know. The caller holds the lock."""
    known = set(vectors.ids())
    upserted = 0
    for some in _missing(database, known):
        upserted += _upsert(database, vectors, some)
    with database.latest() as connection:
        extra = sorted(known - {row[0] for row in connection.execute("SELECT id FROM passages")})
    vectors.delete_ids(extra)
    remember(database, location)
    if upserted or extra:
        _log.warning("vector index mended: %d rows written, %d deleted", upserted, len(extra))
    return Repair(upserted, len(extra))


def remember(database: Database, location: str) -> None:
    """Note which vector index goes with `library.db`."""
    with database.latest() as connection:
        known = connection.execute("SELECT 1 FROM meta WHERE key = 'vectors_at' AND value = ?", (location,)).fetchone()
    if known is None:
        with database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES ('vectors_at', ?)", (location,))


def differences(database: Database, vectors: Vectors) -> list[str]:
    """What is wrong with the indexes, one sentence each; empty when nothing is."""
    indexed = set(vectors.ids())
    with database.latest() as connection:
        connection.execute("BEGIN")
        rows = connection.execute("SELECT p.id, v.state FROM passages AS p JOIN versions AS v ON v.key = p.owner")
        states = dict(rows.fetchall())
        (entered,) = connection.execute("SELECT count(*) FROM lexical_docsize").fetchone()
        (without,) = connection.execute(
            "SELECT count(*) FROM passages WHERE rowid NOT IN (SELECT passage FROM vectors)"
        ).fetchone()
    live = {passage for passage, state in states.items() if state == "live"}
    problems = []
    if missing := sorted(live - indexed):
        problems.append(f"{len(missing)} passages are missing from the vector index, e.g. {missing[0]}")
    if extra := sorted(indexed - states.keys()):
        problems.append(f"{len(extra)} rows of the vector index belong to no passage, e.g. {extra[0]}")
    if entered != len(live):
        problems.append(f"the lexical index holds {entered} passages instead of {len(live)}")
    if without:
        problems.append(f"{without} passages have no vector")
    return problems


def _missing(database: Database, known: set[str]) -> Iterator[list[Any]]:
    with database.latest() as connection:
        rows = connection.execute(f"{_ROW} WHERE v.state <> 'dead'")
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            if lacking := [row for row in some if row[0] not in known]:
                yield lacking


def _upsert(database: Database, vectors: Vectors, rows: list[Any]) -> int:
    dense = decode_vectors([row[-1] for row in rows], database.meta.maker.dimension)
    vectors.upsert([VectorRow(*row[:-1]) for row in rows], dense)
    return len(rows)
