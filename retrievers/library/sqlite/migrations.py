"""Bringing an older `library.db` up to date: small steps, in one transaction, after a copy was made.

A step is SQL that leads from one schema to the next. `schema.py` makes new libraries at once as the last step leaves
them. A kept library of every schema there ever was is migrated by the tests.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from ....errors import LibraryMismatch, OctavoError
from .connections import explaining, reader
from .schema import SCHEMA_VERSION, has_tables, statements

_log = logging.getLogger(__name__)

ASIDE = "restoring"
"""The folder, in the library's own, where a backup is unpacked."""

STEPS: dict[int, str] = {
    # Pages that failed may be read anew; late interaction can say which documents lack token vectors.
    1: """
ALTER TABLE versions ADD COLUMN attempt INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN token_count INTEGER NOT NULL DEFAULT 0;
UPDATE versions SET token_count = (
    SELECT count(*) FROM passages AS p JOIN token_vectors AS t ON t.passage = p.rowid WHERE p.owner = versions.key
);
DROP VIEW documents;
CREATE VIEW documents AS
    SELECT document AS id, version AS live_version, name, source, content, title, page_count, metadata, outline, size,
           mtime_ns, original, options, parser, passage_count, added_at, attempt, token_count
    FROM versions WHERE state = 'live';
""",
    # Models describe figures and tables.
    2: """
CREATE TABLE descriptions (
    content TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (content, model, prompt)
) WITHOUT ROWID;
""",
    # Descriptions go with their documents; of which these are, nobody has noted.
    3: """
ALTER TABLE descriptions RENAME TO earlier;
CREATE TABLE descriptions (
    content TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    document TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (content, model, prompt, document)
) WITHOUT ROWID;
INSERT INTO descriptions SELECT content, model, prompt, '', text, at FROM earlier;
DROP TABLE earlier;
""",
    # A description is no context of a passage any more, of which it was the last line.
    4: """
ALTER TABLE passages ADD COLUMN description TEXT NOT NULL DEFAULT '';
UPDATE passages SET description = substr(context, 1 + length(rtrim(context, replace(context, char(10), ''))))
    WHERE text = '' AND EXISTS (
        SELECT 1 FROM regions AS r WHERE r.owner = passages.owner AND r.page = passages.first_page
        AND r.kind = passages.kind AND r.source = 'vlm'
        AND instr(r.text, substr(context, 1 + length(rtrim(context, replace(context, char(10), '')))))
    );
UPDATE passages SET context = substr(context, 1, max(length(context) - length(description) - 1, 0))
    WHERE description <> '';
""",
}
"""By the schema they start from."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the library at `path` to `SCHEMA_VERSION`. The caller holds the library's lock.

    Killed at any moment it leaves the old library or the new one. The copy, `library.db.schema-N` beside it, goes when
    the new one is on disk.

    Raises:
        LibraryMismatch: No step leads on from its schema.
    """
    before = version_of(connection)
    if before == SCHEMA_VERSION:  # another process was faster
        return
    if lacking := [number for number in range(before, SCHEMA_VERSION) if number not in STEPS]:
        raise LibraryMismatch(
            f"this library has schema {before}, and no migration leads on from schema {lacking[0]}",
            where=str(path),
            cure="open it with the Octavo that made it, or add the documents to a new library",
        )
    kept = path.with_name(f"{path.name}.schema-{before}")
    copy_database(connection, kept)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(before, SCHEMA_VERSION):
            for statement in statements(STEPS[number]):
                connection.execute(statement)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (SCHEMA_VERSION,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    clear_up(path)
    _log.info("library migrated from schema %d to %d", before, SCHEMA_VERSION)


def left_over(path: Path) -> list[Path]:
    """Copies of migrations, and backups being unpacked, whether or not by processes that were killed."""
    return [*path.parent.glob(f"{path.name}.schema-*"), *path.parent.glob(ASIDE)]


def clear_up(path: Path) -> None:
    """Delete what migrations and restorations left that are over. The caller holds the library's lock."""
    for copy in left_over(path):
        if copy.is_dir():
            shutil.rmtree(copy, ignore_errors=True)
        else:
            copy.unlink(missing_ok=True)


def due(path: Path) -> bool:
    """Whether the library at `path` is older than this Octavo. What is no library is not."""
    with explaining(path), closing(reader(path)) as connection:
        return has_tables(connection) and version_of(connection) < SCHEMA_VERSION


def has_library(path: Path) -> bool:
    """Whether a library lies at `path` that can be read."""
    try:
        with closing(reader(path)) as connection:
            return has_tables(connection) and connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except (sqlite3.DatabaseError, OctavoError):
        return False


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0])


def copy_database(connection: sqlite3.Connection, to: Path) -> None:
    """What a connection sees as a file of its own. Written aside and renamed: under its name it is whole."""
    draft = to.with_name(to.name + ".part")
    draft.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(draft)) as copy:
            connection.backup(copy)
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
