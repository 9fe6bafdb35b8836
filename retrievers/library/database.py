"""Connections to `library.db`: a pool of readers, one writer at a time, snapshots, errors with a cure."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from contextvars import ContextVar
from pathlib import Path

from ...errors import LibraryBusy, LibraryMismatch, OctavoError
from . import migrations, schema
from .values import Maker

_BUSY_MS = 30_000
_IDLE_CONNECTIONS = 8

# Which connection the running task reads from inside `snapshot`. A context variable, so that a snapshot holds for a
# coroutine and for the threads it hands work to (`asyncio.to_thread`), not for whatever else runs on its thread.
_SNAPSHOTS: ContextVar[Mapping[int, sqlite3.Connection]] = ContextVar("_SNAPSHOTS", default={})  # noqa: B039 (never changed)


class Database:
    """`library.db`, usable from any thread.

    Args:
        path: The file; made, with its tables, when `create` is set.
        maker: The embedder it must belong to.
        exclusively: The library's lock, for the time of a migration.

    Raises:
        LibraryMismatch: See `schema.check`.
        LibraryBusy: It has to be migrated, and another process has the lock.
    """

    def __init__(
        self, path: Path, maker: Maker, *, create: bool, exclusively: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        self._closed = False
        with _explaining(path), closing(self._connect()) as connection:
            if create:
                schema.create(connection, maker)
            self.meta = schema.check(connection, maker, str(path))
            if self.meta.schema < schema.SCHEMA_VERSION:
                with exclusively():
                    migrations.migrate(connection, path)
                self.meta = schema.check(connection, maker, str(path))

    def close(self) -> None:
        """Close the idle connections, and the others when they come back."""
        with self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the library for the length of the block."""
        held = _SNAPSHOTS.get().get(id(self))
        if held is not None:
            yield held
            return
        with self._borrowed() as connection, _explaining(self.path):
            connection.execute("BEGIN")
            # SQLite takes its snapshot at the first read, not at BEGIN.
            connection.execute("SELECT 1 FROM meta").fetchone()
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All `reading` in this block, by this task, sees one state of the library."""
        with self.reading() as connection:
            token = _SNAPSHOTS.set({**_SNAPSHOTS.get(), id(self): connection})
            try:
                yield
            finally:
                _SNAPSHOTS.reset(token)

    @contextmanager
    def latest(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees the present state, even inside a snapshot."""
        with self._borrowed() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block or, when it raises, nothing.

        Raises:
            LibraryBusy: Another process writes and does not finish.
            OctavoError: The disk is full or fails.
        """
        with self._writing, self._borrowed() as connection, _explaining(self.path):
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            if self._closed:
                raise OctavoError("the library is closed", where=str(self.path.parent))
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._connect()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # of a read, or of what failed
        except sqlite3.Error:
            connection.close()
            raise
        with self._guard:
            if not self._closed and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL, not WAL's usual NORMAL: after a power cut NORMAL may come back without its last commits. A flip that
            # is undone so would bring back a version whose vectors Chroma has already forgotten.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """SQLite's errors in Octavo's words, where the user can do something; the rest are bugs and stay as they are."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        explained = _explained(error, str(path))
        if explained is None:
            raise
        raise explained from error


def _explained(error: sqlite3.DatabaseError, where: str) -> OctavoError | None:
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:  # the low byte is the primary code
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return LibraryBusy("another process is writing", where=where, cure="try again, or use `--wait SECONDS`")
        case sqlite3.SQLITE_NOTADB:
            return LibraryMismatch("this is not an Octavo library", where=where, cure="name another with --library")
        case sqlite3.SQLITE_FULL:
            return OctavoError("the disk is full", where=where, cure="make room; what was finished is kept")
        case sqlite3.SQLITE_IOERR:
            return OctavoError(
                f"the disk fails ({error})", where=where, cure="check the disk; what was finished is kept"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return OctavoError(f"cannot write here ({error})", where=where, cure="check the folder's permissions")
        case sqlite3.SQLITE_CORRUPT:
            return OctavoError("library.db is damaged", where=where, cure="restore a backup, or add the documents anew")
    return None
