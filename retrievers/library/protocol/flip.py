"""The moments at which the library changes for its readers. Each function is part of one transaction."""

from __future__ import annotations

import sqlite3

from ..search import lexical
from ..sqlite.schema import now


def go_live(connection: sqlite3.Connection, version: int) -> None:
    """Make a staged version its document's live one; the one before, if any, is dead from now on."""
    ((document, name, source),) = connection.execute(
        "SELECT document, version, source FROM versions WHERE key = ? AND state = 'staging'", (version,)
    )
    _end_live(connection, document)
    lexical.enter(connection, version)
    connection.execute(
        "UPDATE versions SET state = 'live', added_at = ?, reader_state = NULL,"
        " page_count = (SELECT count(*) FROM pages WHERE owner = versions.key),"
        " passage_count = (SELECT count(*) FROM passages WHERE owner = versions.key),"
        " indexed = (SELECT count(*) FROM passages WHERE owner = versions.key),"
        " token_count = (SELECT count(*) FROM passages AS p JOIN token_vectors AS t ON t.passage = p.rowid"
        " WHERE p.owner = versions.key) WHERE key = ?",
        (now(), version),
    )
    # What failed on the way here is still true of this version; older complaints are answered.
    connection.execute("DELETE FROM failures WHERE source = ? AND version IS NOT ?", (source, name))
    _next_generation(connection)


def end(connection: sqlite3.Connection, document: str) -> None:
    """Take a document from its readers, and what is staged of it."""
    _end_live(connection, document)
    connection.execute("UPDATE versions SET state = 'dead' WHERE document = ? AND state = 'staging'", (document,))
    _next_generation(connection)


def _end_live(connection: sqlite3.Connection, document: str) -> None:
    row = connection.execute("SELECT key FROM versions WHERE document = ? AND state = 'live'", (document,)).fetchone()
    if row is not None:
        lexical.leave(connection, row[0])
        connection.execute("UPDATE versions SET state = 'dead' WHERE key = ?", row)


def _next_generation(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
