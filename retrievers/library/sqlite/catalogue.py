"""The documents of a library: listing them, and finding the one a user means."""

from __future__ import annotations

import difflib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ....errors import UnknownDocument
from ....ingest.types import DEEPEST, Document, depth
from ..values import FileStat, Held, Staged
from .codec import decode_optional, decode_text, encode_json, encode_optional, encode_text

_COLUMNS = "id, name, source, content, live_version, title, page_count, metadata"
_STAGED = """
    SELECT document, version, name, source, (SELECT count(*) FROM pages WHERE owner = key), page_count,
           (SELECT count(*) FROM passages WHERE owner = key), started_at
    FROM versions WHERE state = 'staging' ORDER BY started_at, document"""


def live_documents(connection: sqlite3.Connection) -> list[Document]:
    """All live documents by name."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY name, source").fetchall()
    return [_document(row) for row in rows]


def find(connection: sqlite3.Connection, document: str) -> Document | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (encode_text(document),)).fetchone()
    return None if row is None else _document(row)


def live(connection: sqlite3.Connection, document: str) -> Document:
    """The document; UnknownDocument if there is none."""
    found = find(connection, document)
    if found is None:
        raise unknown(document)
    return found


def live_key(connection: sqlite3.Connection, document: str) -> int:
    """The key of a document's live version; UnknownDocument if it has none."""
    row = connection.execute("SELECT key FROM versions WHERE document = ? AND state = 'live'", (document,)).fetchone()
    if row is None:
        raise unknown(document)
    return int(row[0])


def unknown(document: str) -> UnknownDocument:
    return UnknownDocument(f"no document has the id {document}", cure="`octavo list` shows what the library holds")


def generation(connection: sqlite3.Connection) -> int:
    """A number that grows whenever a version becomes live or ceases to be."""
    return int(connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()[0])


def live_keys(connection: sqlite3.Connection) -> set[int]:
    return {row[0] for row in connection.execute("SELECT key FROM versions WHERE state = 'live'")}


def passage_count(connection: sqlite3.Connection) -> int:
    """Live passages."""
    counted = "SELECT coalesce(sum(passage_count), 0) FROM versions WHERE state = 'live'"
    return int(connection.execute(counted).fetchone()[0])


def held(connection: sqlite3.Connection, document: str | None = None) -> dict[str, Held]:
    """What is held of one document, or of all (in the order of their names), by id."""
    rows = connection.execute(
        "SELECT id, source, size, mtime_ns, content, live_version, metadata, options, parser, attempt, passage_count,"
        " token_count FROM documents" + (" ORDER BY name, source" if document is None else " WHERE id = ?"),
        () if document is None else (document,),
    )
    return {row[0]: _held(*row) for row in rows}


def failed_pages(connection: sqlite3.Connection) -> dict[str, list[int]]:
    """The pages of live documents that could not be read: their numbers by the document's id."""
    rows = connection.execute(
        "SELECT v.document, p.number FROM versions AS v JOIN pages AS p ON p.owner = v.key"
        " WHERE v.state = 'live' AND p.notes LIKE '%\"failed: %' ORDER BY v.document, p.number"
    )
    found: dict[str, list[int]] = {}
    for document, number in rows:
        found.setdefault(document, []).append(number)
    return found


def named(connection: sqlite3.Connection, name: str) -> Document:
    """The document with this id, name, source, stem or beginning of a name, tried in that order.

    Raises:
        UnknownDocument: None fits (the message lists names like it), or several do (it lists them).
    """
    found = find(connection, name)
    if found is not None:
        return found
    encoded, path = encode_text(name), encode_text(Path(name).absolute().as_posix())
    for condition, values in (("name = ?", (encoded,)), ("source IN (?, ?)", (encoded, path))):
        rows = connection.execute(f"SELECT {_COLUMNS} FROM documents WHERE {condition}", values).fetchall()
        if rows:
            return _only(name, rows)
    rows = connection.execute(f"SELECT {_COLUMNS} FROM documents ORDER BY name").fetchall()
    names = [decode_text(row[1]) for row in rows]
    wanted = name.casefold()
    stems = [row for row, known in zip(rows, names, strict=True) if PurePosixPath(known).stem.casefold() == wanted]
    begun = [row for row, known in zip(rows, names, strict=True) if wanted and known.casefold().startswith(wanted)]
    if stems or begun:
        return _only(name, stems or begun)
    near = difflib.get_close_matches(wanted, [known.casefold() for known in names], n=3, cutoff=0.5)
    likely = list(dict.fromkeys(known for n in near for known in names if known.casefold() == n))
    raise UnknownDocument(
        f"no document is called {name!r}",
        cure=f"did you mean {' or '.join(likely)}?" if likely else "`octavo list` shows what the library holds",
    )


def staged(connection: sqlite3.Connection) -> list[Staged]:
    rows = connection.execute(_STAGED).fetchall()
    return [
        Staged(
            document, version, decode_text(name), decode_text(source), pages_done, page_count, passages_done, started
        )
        for document, version, name, source, pages_done, page_count, passages_done, started in rows
    ]


def pages_staged(connection: sqlite3.Connection, document: str, version: str) -> int:
    """How many pages of a version are staged."""
    (count,) = connection.execute(
        "SELECT count(*) FROM versions AS v JOIN pages AS p ON p.owner = v.key"
        " WHERE v.document = ? AND v.version = ? AND v.state = 'staging'",
        (document, version),
    ).fetchone()
    return int(count)


def insert_staging(
    connection: sqlite3.Connection,
    document: Document,
    *,
    outline: Sequence[tuple[int, str, int]],
    options: dict[str, Any],
    parser: str,
    stat: FileStat | None,
    attempt: int,
    started: str,
) -> int:
    """A new version, visible to nobody; gives its key."""
    read = (encode_json(options), parser, attempt, started)
    cursor = connection.execute(
        "INSERT INTO versions (document, version, state, name, source, content, title, page_count, metadata, outline,"
        " size, mtime_ns, options, parser, attempt, started_at)"
        " VALUES (?, ?, 'staging', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (document.id, document.version, *_facts(document, outline, stat), *read),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def refresh_staging(
    connection: sqlite3.Connection,
    key: int,
    document: Document,
    outline: Sequence[tuple[int, str, int]],
    stat: FileStat | None,
) -> None:
    """What is known of a resumed version's file, as of today."""
    connection.execute(
        "UPDATE versions SET name = ?, source = ?, content = ?, title = ?, page_count = ?, metadata = ?, outline = ?,"
        " size = ?, mtime_ns = ? WHERE key = ?",
        (*_facts(document, outline, stat), key),
    )


def update(
    connection: sqlite3.Connection,
    key: int,
    *,
    title: str | None,
    metadata: dict[str, Any] | None,
    stat: FileStat | None,
) -> None:
    """Change what is given of a version's facts."""
    if title is not None:
        connection.execute("UPDATE versions SET title = ? WHERE key = ?", (encode_text(title), key))
    if metadata is not None:
        connection.execute("UPDATE versions SET metadata = ? WHERE key = ?", (encode_json(metadata), key))
    if stat is not None:
        connection.execute("UPDATE versions SET size = ?, mtime_ns = ? WHERE key = ?", (*stat, key))


def _facts(
    document: Document, outline: Sequence[tuple[int, str, int]], stat: FileStat | None
) -> tuple[str | bytes | int | None, ...]:
    return (
        encode_text(document.name),
        encode_text(document.source),
        document.content,
        encode_optional(document.title),
        document.page_count,
        encode_json(document.metadata),
        encode_json(list(outline)),
        *(stat or (None, None)),
    )


def _held(
    document: str,
    source: str | bytes,
    size: int | None,
    mtime_ns: int | None,
    content: str,
    version: str,
    metadata: str,
    options: str,
    *rest: Any,
) -> Held:
    where = decode_text(source)
    return Held(document, where, size, mtime_ns, content, version, json.loads(metadata), json.loads(options), *rest)


def _document(row: Sequence[Any]) -> Document:
    document, name, source, content, version, title, page_count, metadata = row
    return Document(
        id=document,
        name=decode_text(name),
        source=decode_text(source),
        content=content,
        version=version,
        title=decode_optional(title),
        page_count=page_count,
        metadata={key: _shallow(value) for key, value in json.loads(metadata).items()},
    )


def _shallow(value: Any) -> Any:
    """Metadata as it can be shown: an older Octavo took in what is nested too deeply for that."""
    return "(nested too deeply)" if depth(value) >= DEEPEST else value


def _only(name: str, rows: Sequence[Sequence[Any]]) -> Document:
    if len(rows) > 1:
        some = "; ".join(f"{row[0]} = {decode_text(row[2])}" for row in rows[:10])
        more = f"; and {len(rows) - 10} more" if len(rows) > 10 else ""
        raise UnknownDocument(f"{name!r} fits {len(rows)} documents", cure=f"say which by its id: {some}{more}")
    return _document(rows[0])
