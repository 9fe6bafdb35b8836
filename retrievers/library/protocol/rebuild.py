"""Giving a library the vectors of another embedder: built beside it, then put in their place in one transaction.

`rebuild.db` collects the new passages of each version with their vectors; until it has all of them the library is as it
was. Versions never change, so whatever was built of one stays good, whenever the process was killed. The vector index
follows `library.db`, as it always does: a new one is filled, and the old one is dropped.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....ingest.identity import CUTTER
from ....ingest.types import Document, Page, Passage
from ...analysis import ANALYSIS_VERSION
from ..failpoints import reached
from ..sqlite import catalogue, codec, content
from ..sqlite.connections import explaining, writer
from ..sqlite.database import Database
from ..values import Maker

_TABLES = ("passages", "vectors", "token_vectors", "terms")
_PAGES_AT_ONCE = 8


class Version(NamedTuple):
    """A live version whose passages are to be made anew; `options` are the settings it was read with."""

    key: int
    document: Document
    options: dict[str, Any]


class Rebuild:
    """A rebuild begun, or gone on with; `close` keeps what was done. Its caller holds the library's lock.

    Args:
        maker: The embedder whose vectors it makes.
        token_vectors: Whether it makes them for tokens as well.
    """

    def __init__(self, database: Database, maker: Maker, *, token_vectors: bool) -> None:
        self._database = database
        self._maker = maker
        self._path = path_beside(database.path)
        made_for = (*map(str, maker), str(token_vectors), database.meta.library, str(ANALYSIS_VERSION), str(CUTTER))
        self._draft = writer(self._path)
        try:
            if not _is_for(self._draft, made_for):
                self._draft.close()
                discard(database.path)
                self._draft = writer(self._path)
                self._make(made_for)
        except BaseException:
            self._draft.close()
            raise

    def close(self) -> None:
        self._draft.close()

    def versions(self) -> list[Version]:
        """The live versions, by name; those that are done are among them."""
        with self._database.latest() as connection:
            documents = {document.id: document for document in catalogue.live_documents(connection)}
            rows = connection.execute("SELECT key, document, options FROM versions WHERE state = 'live'").fetchall()
        found = {document: (key, json.loads(options)) for key, document, options in rows}
        return [Version(found[id][0], document, found[id][1]) for id, document in documents.items()]

    def pages(self, version: Version) -> Iterator[Page]:
        """The pages of a version, in order, a few in memory at a time."""
        for start in range(1, version.document.page_count + 1, _PAGES_AT_ONCE):
            with self._database.latest() as connection:
                some = content.load_pages(connection, version.key, start, start + _PAGES_AT_ONCE - 1)
            yield from some

    def passages_done(self, version: Version) -> int | None:
        """How many passages of a version are built; None when all are."""
        if self._draft.execute("SELECT 1 FROM done WHERE owner = ?", (version.key,)).fetchone() is not None:
            return None
        counted = "SELECT count(*) FROM passages WHERE owner = ?"
        return int(self._draft.execute(counted, (version.key,)).fetchone()[0])

    def add_passages(
        self,
        version: Version,
        passages: Sequence[Passage],
        dense: NDArray[np.float32],
        tokens: Sequence[bytes | None] | None,
    ) -> None:
        """Keep the next passages of a version with their vectors; see `Staging.add_passages`."""
        vectors = codec.unit_rows(dense)
        terms = content.analysed(passages)
        with explaining(self._path), self._draft:
            self._draft.execute("BEGIN IMMEDIATE")
            content.store_passages(self._draft, version.key, passages, vectors, tokens or [None] * len(passages), terms)
        reached("passages rebuilt")

    def finish(self, version: Version) -> None:
        """All passages of a version are there."""
        with explaining(self._path), self._draft:
            self._draft.execute("INSERT OR IGNORE INTO done VALUES (?)", (version.key,))

    def commit(self) -> None:
        """Make the new passages and vectors the library's. Open libraries notice it at their next step.

        Raises:
            ValueError: A live version is not done.
        """
        self._draft.close()
        with self._database.latest() as connection, explaining(self._database.path):
            connection.execute("ATTACH ? AS draft", (str(self._path),))
            try:
                connection.execute("BEGIN IMMEDIATE")
                self._exchange(connection)
                reached("before flip")
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                connection.execute("DETACH draft")
        reached("flipped")
        discard(self._database.path)

    def _exchange(self, connection: sqlite3.Connection) -> None:
        live = "(SELECT key FROM versions WHERE state = 'live')"
        (lacking,) = connection.execute(f"SELECT count(*) FROM {live} WHERE key NOT IN draft.done").fetchone()
        if lacking:
            raise ValueError(f"{lacking} versions are not done")
        connection.execute("INSERT INTO lexical (lexical) VALUES ('delete-all')")
        for table in reversed(_TABLES):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(f"INSERT INTO passages SELECT * FROM draft.passages WHERE owner IN {live}")
        for table in _TABLES[1:]:
            connection.execute(
                f"INSERT INTO {table} SELECT * FROM draft.{table} WHERE passage IN (SELECT rowid FROM passages)"
            )
        connection.execute("INSERT INTO lexical (rowid, context, body) SELECT passage, context, body FROM terms")
        # Unfinished versions keep their pages; they are cut and embedded when they are gone on with.
        connection.execute(
            "UPDATE versions SET indexed = 0, options = json_set(options, '$.cutter', ?), passage_count ="
            " (SELECT count(*) FROM passages WHERE owner = versions.key), token_count ="
            " (SELECT count(*) FROM passages AS p JOIN token_vectors AS t ON t.passage = p.rowid"
            " WHERE p.owner = versions.key)",
            (CUTTER,),
        )
        maker, meta = self._maker, self._database.meta
        values = {"embedder": maker.name, "revision": maker.revision, "dimension": str(maker.dimension)}
        values |= {"vectors": f"{meta.library}-{uuid.uuid4().hex[:8]}", "vectors_before": meta.vectors}
        values["analysis"] = str(ANALYSIS_VERSION)
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
        connection.execute("DELETE FROM meta WHERE key = 'vectors_at'")
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    def _make(self, made_for: tuple[str, ...]) -> None:
        """The tables as the library has them, except that nothing hangs on versions."""
        with self._database.latest() as connection:
            names = ", ".join("?" * len(_TABLES))
            tables = connection.execute(
                f"SELECT sql FROM sqlite_schema WHERE type = 'table' AND name IN ({names})", _TABLES
            ).fetchall()
        with explaining(self._path), self._draft:
            self._draft.execute("PRAGMA foreign_keys = OFF")
            self._draft.execute("BEGIN IMMEDIATE")
            for (statement,) in tables:
                self._draft.execute(statement)
            self._draft.execute("CREATE TABLE done (owner INTEGER PRIMARY KEY)")
            self._draft.execute("CREATE TABLE made_for (said TEXT NOT NULL)")
            self._draft.execute("INSERT INTO made_for VALUES (?)", (codec.encode_json(made_for),))


def path_beside(library: Path) -> Path:
    return library.with_name("rebuild.db")


def discard(library: Path) -> None:
    """Delete what a rebuild left beside a library. The caller holds the library's lock."""
    for suffix in ("", "-wal", "-shm"):
        path = path_beside(library)
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _is_for(draft: sqlite3.Connection, made_for: tuple[str, ...]) -> bool:
    draft.execute("PRAGMA foreign_keys = OFF")
    try:
        row = draft.execute("SELECT said FROM made_for").fetchone()
    except sqlite3.DatabaseError:  # begun and not finished, or no database at all
        return False
    return row is not None and row[0] == codec.encode_json(made_for)
