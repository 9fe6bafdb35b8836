"""Opening `library.db`: for writing, for reading, and what SQLite's errors mean to a user."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ....errors import LibraryBusy, LibraryMismatch, OctavoError
from .. import disk

_BUSY_S = 30.0


class File(NamedTuple):
    """Which file lies at a path, and how it stands."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class Connection(sqlite3.Connection):
    """A connection that remembers the file it was opened on; `frozen` ones must not outlive a change of it."""

    file: File
    frozen: bool


def file_at(path: Path) -> File:
    """Raises OctavoError when there is none."""
    try:
        stat = path.stat()
    except OSError as error:
        raise OctavoError(
            f"the library is gone ({error.strerror})", where=str(path), cure="put it back, and open it again"
        ) from error
    return File(stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns)


def writer(path: Path) -> Connection:
    """A connection that reads and writes; makes the file if there is none."""
    connection = _connected(path, "")
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL, not WAL's usual NORMAL: after a power cut NORMAL may come back without its last commits. A flip that is
        # undone so would bring back a version whose vectors Chroma has already forgotten.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def reader(path: Path) -> Connection:
    """A connection that cannot write.

    A reader takes part in the write-ahead log by `library.db-shm`, which SQLite makes where it is missing. In a folder
    that may not be written to, a library without a log is read as it lies there (SQLite's `immutable`): nobody has it
    open for writing then, since a writer's first act is to make the log; and whoever comes later is noticed (`frozen`).
    """
    frozen = not os.access(path.parent, os.W_OK) and not _has_log(path)
    return _connected(path, "?mode=ro&immutable=1" if frozen else "?mode=ro", frozen=frozen)


def _has_log(path: Path) -> bool:
    log, shared = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    return shared.exists() or (log.exists() and log.stat().st_size > 0)


def _connected(path: Path, how: str, *, frozen: bool = False) -> Connection:
    connection = sqlite3.connect(
        path.as_uri() + how,
        uri=True,
        timeout=_BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=Connection,
    )
    try:
        connection.file, connection.frozen = file_at(path), frozen
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """SQLite's errors in Octavo's words, where the user can do something; the rest are bugs and stay as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        explained = _explained(error, path)
        if explained is None:
            raise
        raise explained from error


def _explained(error: sqlite3.DatabaseError, path: Path) -> OctavoError | None:
    where = str(path)
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:  # the low byte is the primary code
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LibraryBusy("another process is writing", where=where, cure="try again, or use `--wait SECONDS`")
        case sqlite3.SQLITE_NOTADB:
            return LibraryMismatch("this is not an Octavo library", where=where, cure="name another with --library")
        case sqlite3.SQLITE_FULL:
            return disk.full(where)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if disk.looks_full(path):
            return disk.full(where)  # SQLite has no better word for a write-ahead log that finds no room
        case sqlite3.SQLITE_IOERR:
            return disk.fails(error, where)
        case sqlite3.SQLITE_CANTOPEN if _has_log(path) and not os.access(path.parent, os.W_OK):
            return OctavoError(
                "the library was copied while it was in use (library.db-wal, without library.db-shm)",
                where=where,
                cure="copy the folder to where it can be written to, or take an `octavo backup` instead",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return disk.refuses(error, where)
        case sqlite3.SQLITE_CORRUPT:
            return OctavoError(
                "library.db is damaged",
                where=where,
                cure="`octavo restore` a backup, or add the documents to a new library",
            )
    return None
