"""The tables of `library.db`, and the check that this Octavo may use them.

A document is whatever has a live version; there is no second place that could disagree. Everything read hangs on a
version's `key`, so a version appears, and goes, as a whole.
"""

from __future__ import annotations

import sqlite3
import uuid
from datetime import UTC, datetime
from typing import NamedTuple

from ....errors import LibraryMismatch
from ...analysis import ANALYSIS_VERSION
from ..values import Maker

SCHEMA_VERSION = 5
"""What `_SCHEMA` is. Whoever changes it adds a step to `migrations.py` and keeps a library as it was before."""

# A token is whatever `analyse` returned: FTS5 must only part them at spaces. Its `ascii` tokenizer takes every
# character beyond ASCII as part of a token (unicode61 would part Indic words at their vowel signs).
_TOKEN_CHARACTERS = "!#$%&()*+,-./:;<=>?@[\\]^_`{|}~"

_SCHEMA = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Keys are never used again, so that they can stand for a version's content in caches.
CREATE TABLE versions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL,
    version TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staging', 'live', 'dead')),
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    content TEXT NOT NULL,
    title TEXT,
    page_count INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    outline TEXT NOT NULL,
    size INTEGER,
    mtime_ns INTEGER,
    original TEXT,
    options TEXT NOT NULL,
    parser TEXT NOT NULL,
    reader_state TEXT,
    indexed INTEGER NOT NULL DEFAULT 0,   -- passages below this order are certainly in the vector index
    passage_count INTEGER NOT NULL DEFAULT 0,
    started_at TEXT NOT NULL,
    added_at TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,       -- of reading the same bytes with the same settings
    token_count INTEGER NOT NULL DEFAULT 0,   -- passages that have token vectors
    UNIQUE (document, version)
);
CREATE UNIQUE INDEX versions_one_live ON versions (document) WHERE state = 'live';
CREATE UNIQUE INDEX versions_one_staging ON versions (document) WHERE state = 'staging';
CREATE INDEX versions_state ON versions (state, document);

CREATE VIEW documents AS
    SELECT document AS id, version AS live_version, name, source, content, title, page_count, metadata, outline, size,
           mtime_ns, original, options, parser, passage_count, added_at, attempt, token_count
    FROM versions WHERE state = 'live';

CREATE TABLE pages (
    owner INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    rotation INTEGER NOT NULL,
    label TEXT,
    notes TEXT NOT NULL,
    PRIMARY KEY (owner, number)
) WITHOUT ROWID;

CREATE TABLE regions (
    owner INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    page INTEGER NOT NULL,
    ord INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    box BLOB NOT NULL,
    source TEXT NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    caption TEXT,
    html TEXT,
    cells BLOB,
    words BLOB NOT NULL,
    PRIMARY KEY (owner, page, ord)
);
CREATE INDEX regions_id ON regions (id);

CREATE TABLE passages (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner INTEGER NOT NULL REFERENCES versions (key) ON DELETE CASCADE,
    ord INTEGER NOT NULL,
    kind TEXT NOT NULL,
    first_page INTEGER NOT NULL,
    last_page INTEGER NOT NULL,
    places TEXT NOT NULL,
    regions TEXT NOT NULL,
    text TEXT NOT NULL,
    context TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',   -- a model's
    UNIQUE (owner, ord)
);
-- Covers every filter, so that counting and listing a scope touches no text.
CREATE INDEX passages_scope ON passages (owner, kind, first_page, last_page);

-- Apart from the passages, so that scans over vectors read vectors only.
CREATE TABLE vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages (rowid) ON DELETE CASCADE,
    dense BLOB NOT NULL   -- float16, little-endian
);
CREATE TABLE token_vectors (
    passage INTEGER PRIMARY KEY REFERENCES passages (rowid) ON DELETE CASCADE,
    tokens BLOB NOT NULL
);

-- The analysed tokens of every passage, joined by spaces. The index over them holds the live passages only: it is
-- filled and emptied in the transaction that flips a version, so that no search can meet anything else and bm25 counts
-- nothing else. FTS5 forgets a row only when shown the very tokens it was given: hence they are kept.
CREATE TABLE terms (
    passage INTEGER PRIMARY KEY REFERENCES passages (rowid) ON DELETE CASCADE,
    context TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE VIRTUAL TABLE lexical USING fts5 (
    context, body, content = 'terms', content_rowid = 'passage', tokenize = "ascii tokenchars '{_TOKEN_CHARACTERS}'"
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (lexical, 'row');

-- What models wrote of crops. It outlives versions: a crop that is read again, and looks as it did, keeps it. It goes
-- with the last of the documents that show such a crop.
CREATE TABLE descriptions (
    content TEXT NOT NULL,   -- hash of the crop as it is drawn
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,    -- its version
    document TEXT NOT NULL,
    text TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (content, model, prompt, document)
) WITHOUT ROWID;

CREATE TABLE failures (
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    page INTEGER,
    version TEXT,
    error TEXT NOT NULL,
    message TEXT NOT NULL,
    cure TEXT,
    at TEXT NOT NULL
);
CREATE INDEX failures_source ON failures (source, page);
"""


class Meta(NamedTuple):
    """What a library says of itself. `library` is a random name (hex) that outlives moves and copies of its folder.

    `vectors` names its collection in the vector index; the one of another embedder is another.
    """

    schema: int
    library: str
    maker: Maker
    created: str
    vectors: str


def now() -> str:
    """This moment in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def create(connection: sqlite3.Connection, maker: Maker) -> None:
    """Make the tables, unless they are there. One transaction: a library exists wholly or not at all."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:  # another program's are left alone
            for statement in statements(_SCHEMA):
                connection.execute(statement)
            values = {
                "schema": SCHEMA_VERSION,
                "library": uuid.uuid4().hex,
                "embedder": maker.name,
                "revision": maker.revision,
                "dimension": maker.dimension,
                "created": now(),
                "generation": 0,
                "analysis": ANALYSIS_VERSION,
            }
            connection.executemany("INSERT INTO meta VALUES (?, ?)", [(k, str(v)) for k, v in values.items()])
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def check(connection: sqlite3.Connection, maker: Maker | None, where: str) -> Meta:
    """What the library says of itself; its schema may be an older one (see `migrations.py`).

    Raises:
        LibraryMismatch: It is no library, of a newer schema, or holds the vectors of another embedder.
    """
    if not has_tables(connection):
        raise LibraryMismatch(
            "this SQLite file is not an Octavo library", where=where, cure="name another folder with --library"
        )
    schema = int(connection.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0])
    if schema > SCHEMA_VERSION:
        raise LibraryMismatch(
            f"this library has schema {schema}; this Octavo knows schemas up to {SCHEMA_VERSION}",
            where=where,
            cure="upgrade Octavo (`pip install --upgrade octavo`), or add the documents to a new library: "
            "`octavo --library NEW add …`",
        )
    found = described(connection)
    if maker is not None:
        check_maker(found.maker, maker, where)
    return found


def check_maker(made: Maker, maker: Maker, where: str) -> None:
    """Raise LibraryMismatch unless a library `made` by one embedder is `maker`'s."""
    if made != maker:
        raise LibraryMismatch(
            f"this library was made with the embedder {made}; the one configured is {maker}",
            where=where,
            cure=f"set the embedder back to {made.name} (setting embedder.model), or embed everything anew: "
            "`octavo refresh`, which reads no file again",
        )


def described(connection: sqlite3.Connection) -> Meta:
    """What the library says of itself, unchecked."""
    values = dict(connection.execute("SELECT key, value FROM meta"))
    maker = Maker(values["embedder"], values["revision"], int(values["dimension"]))
    library = values["library"]
    return Meta(int(values["schema"]), library, maker, values["created"], values.get("vectors", library))


def outdated(schema: int, where: str) -> LibraryMismatch:
    """What is said where a library may not be migrated."""
    return LibraryMismatch(
        f"this library has schema {schema} and has to be brought to {SCHEMA_VERSION}",
        where=where,
        cure="open it once for writing (`octavo status` does), where its folder can be written to",
    )


def has_tables(connection: sqlite3.Connection) -> bool:
    ours = "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'versions', 'passages', 'lexical')"
    return bool(connection.execute(ours).fetchone()[0] == 4)


def statements(script: str) -> list[str]:
    """`executescript` commits what is open; this keeps the script inside the caller's transaction."""
    statements, current = [], ""
    for line in script.splitlines():
        current += line + "\n"
        if sqlite3.complete_statement(current):
            statements.append(current)
            current = ""
    return statements
