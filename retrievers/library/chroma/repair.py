"""Comparing and mending the vector index by `library.db`."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....errors import DiskFull
from ..failpoints import reached
from ..sqlite import catalogue
from ..sqlite.codec import decode_vectors
from ..sqlite.database import Database
from ..values import Teller, silent
from .vectors import VectorRow, Vectors

_log = logging.getLogger(__name__)

_ROWS_AT_ONCE = 2000
_ROW = (
    "SELECT p.id, v.document, v.version, p.kind, p.first_page, p.last_page, x.dense FROM versions AS v"
    " CROSS JOIN passages AS p ON p.owner = v.key CROSS JOIN vectors AS x ON x.passage = p.rowid"
)
_ALL = "v.state <> 'dead'"
_CERTAIN = "(v.state = 'live' OR v.state = 'staging' AND p.ord < v.indexed)"  # the others are written when it goes on
_TOLERANCE = 1e-3  # of a number of a unit vector; float16 keeps three digits
_TELLING = "vectors"


class Repair(NamedTuple):
    """What was done to the vector index."""

    upserted: int
    deleted: int


class Expected(NamedTuple):
    """How many rows the vector index should have: those known to have been written, and those that may have been."""

    fewest: int
    most: int


class Faults(NamedTuple):
    """Ids of passages without a row and with a wrong one, and of rows without a passage."""

    missing: list[str]
    wrong: list[str]
    extra: list[str]


def index_staged(database: Database, vectors: Vectors, version: int, after: int) -> None:
    """Write the passages of a version from order `after` on to the vector index."""
    with database.latest() as connection:
        rows = connection.execute(f"{_ROW} WHERE v.key = ? AND p.ord >= ?", (version, after))
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            _upsert(database, vectors, some)


def expected(database: Database) -> Expected:
    with database.latest() as connection:  # a caller's snapshot may be older than the index
        (staged,) = connection.execute(
            "SELECT coalesce(sum(indexed), 0) FROM versions WHERE state = 'staging'"
        ).fetchone()
        (all_rows,) = connection.execute("SELECT count(*) FROM passages").fetchone()
        return Expected(catalogue.passage_count(connection) + int(staged), int(all_rows))


def looks_whole(database: Database, vectors: Vectors, location: str) -> bool:
    """Whether the vector index is the one written to before, and has about as many rows as it should: a glance."""
    fewest, most = expected(database)
    return noted(database, "vectors_at") in (None, location) and fewest <= vectors.count() <= most


def repair(database: Database, vectors: Vectors, location: str, tell: Teller = silent) -> Repair:
    """Upsert what the vector index lacks, delete what `library.db` does not know. The caller holds the lock."""
    known = set(vectors.ids())
    total = expected(database).most
    seen = upserted = 0
    for rows in _rows(database, _ALL):
        if lacking := [row for row in rows if row[0] not in known]:
            upserted += _upsert(database, vectors, lacking)
            reached("index rows written")
        seen += len(rows)
        tell(_TELLING, seen, total)
    with database.latest() as connection:
        extra = sorted(known - {row[0] for row in connection.execute("SELECT id FROM passages")})
    try:
        vectors.delete_ids(extra)
    except DiskFull as error:  # they harm nobody: searches go on, and the next opening tries again
        _log.warning("%d rows too many stay in the vector index until there is room: %s", len(extra), error)
        return Repair(upserted, 0)
    reached("index rows deleted")
    remember(database, location)
    if upserted or extra:
        _log.warning("vector index mended: %d rows written, %d deleted", upserted, len(extra))
    return Repair(upserted, len(extra))


def remember(database: Database, location: str) -> None:
    """Note which vector index goes with `library.db`."""
    note(database, "vectors_at", location)


def distrust(connection: sqlite3.Connection) -> None:
    """Have the vector index compared row by row when it is next looked over."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('vectors_at', '')")


def noted(database: Database, key: str) -> str | None:
    with database.latest() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def note(database: Database, key: str, value: str) -> None:
    """Keep a fact about the vector index in `library.db`; what is known already costs no transaction."""
    if noted(database, key) != value:
        with database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def sample(database: Database, n: int) -> NDArray[np.float32]:
    """Up to `n` vectors of live passages, shape (n, d), from all over the library."""
    with database.latest() as connection:
        step = max(catalogue.passage_count(connection) // n, 1)
        rows = connection.execute(
            "SELECT x.dense FROM versions AS v JOIN passages AS p ON p.owner = v.key"
            " JOIN vectors AS x ON x.passage = p.rowid WHERE v.state = 'live' AND p.rowid % ? = 0 LIMIT ?",
            (step, n),
        ).fetchall()
    return decode_vectors([row[0] for row in rows], database.meta.maker.dimension)


def faults(database: Database, vectors: Vectors, tell: Teller = silent) -> Faults:
    """How the vector index differs from `library.db`, row by row, vectors and all.

    Raises:
        IndexDamaged: It cannot be read.
    """
    indexed = set(vectors.ids())
    total = expected(database).most
    missing, wrong, seen = [], [], 0
    for rows in _rows(database, _CERTAIN):
        stored = vectors.stored([row[0] for row in rows if row[0] in indexed])
        dense = decode_vectors([row[-1] for row in rows], database.meta.maker.dimension)
        for row, vector in zip(rows, dense, strict=True):
            id_, facts = row[0], VectorRow(*row[:-1]).metadata()
            if id_ not in stored:
                missing.append(id_)
            elif stored[id_][0] != facts or not np.allclose(stored[id_][1], vector, atol=_TOLERANCE):
                wrong.append(id_)
        seen += len(rows)
        tell(_TELLING, seen, total)
    with database.latest() as connection:
        known = {row[0] for row in connection.execute("SELECT id FROM passages")}
    return Faults(missing, wrong, sorted(indexed - known))


def mend(database: Database, vectors: Vectors, found: Faults) -> Repair:
    """Write the rows that are missing or wrong, and delete those that should not be."""
    wanted = {*found.missing, *found.wrong}
    upserted = 0
    for rows in _rows(database, _CERTAIN) if wanted else ():
        if some := [row for row in rows if row[0] in wanted]:
            upserted += _upsert(database, vectors, some)
            reached("index rows written")
    vectors.delete_ids(found.extra)
    reached("index rows deleted")
    return Repair(upserted, len(found.extra))


def _rows(database: Database, which: str) -> Iterator[list[Any]]:
    with database.latest() as connection:
        rows = connection.execute(f"{_ROW} WHERE {which}")
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            yield some


def _upsert(database: Database, vectors: Vectors, rows: list[Any]) -> int:
    dense = decode_vectors([row[-1] for row in rows], database.meta.maker.dimension)
    vectors.upsert([VectorRow(*row[:-1]) for row in rows], dense)
    return len(rows)
