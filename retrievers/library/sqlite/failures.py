"""What could not be read, kept until it can be."""

from __future__ import annotations

import sqlite3
from pathlib import PurePath

from ....errors import OctavoError
from ..values import Failure
from .codec import decode_optional, decode_text, encode_optional, encode_text
from .schema import now


def record(
    connection: sqlite3.Connection, source: str, error: OctavoError, page: int | None, version: str | None
) -> None:
    """Note an error about a source or one of its pages, in place of an earlier one about the same."""
    encoded = encode_text(source)
    connection.execute("DELETE FROM failures WHERE source = ? AND page IS ?", (encoded, page))
    connection.execute(
        "INSERT INTO failures (source, file, page, version, error, message, cure, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            encoded,
            encode_text(PurePath(source).name),
            page,
            version,
            type(error).__name__,
            encode_text(error.what),
            encode_optional(error.cure),
            now(),
        ),
    )


def clear(connection: sqlite3.Connection, source: str, *, pages: bool = True, but: str | None = None) -> None:
    """Forget what could not be read of a source: with its `pages` or without, except of its version `but`."""
    connection.execute(
        "DELETE FROM failures WHERE source = ? AND (? OR page IS NULL) AND (? IS NULL OR version IS NOT ?)",
        (encode_text(source), pages, but, but),
    )


def listed(connection: sqlite3.Connection) -> list[Failure]:
    """All failures, by source and page."""
    rows = connection.execute(
        "SELECT source, file, page, error, message, cure, at FROM failures ORDER BY source, page"
    ).fetchall()
    return [
        Failure(
            source=decode_text(source),
            file=decode_text(file),
            page=page,
            error=error,
            message=decode_text(message),
            cure=decode_optional(cure),
            at=at,
        )
        for source, file, page, error, message, cure, at in rows
    ]
