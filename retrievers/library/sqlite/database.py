"""Connections to `library.db`: a pool of readers, one writer at a time, snapshots."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

from ....errors import LibraryBusy, LibraryMismatch, OctavoError
from ..failpoints import reached
from ..values import Maker
from . import connections, migrations, schema
from .connections import Connection, explaining, file_at
from .snapshots import STATES, Snapshot, State

_IDLE_CONNECTIONS = 8


class Database:
    """`library.db`, usable from any thread of the process that opened it.

    Args:
        path: The file; made, with its tables, when `create` is set.
        maker: The embedder it must belong to; None for any.
        exclusively: The library's lock, for the time of a migration.
        read_only: Nothing is written, not even to make or to migrate it.

    Raises:
        LibraryMismatch: See `schema.check`.
        LibraryBusy: It has to be migrated, and another process has the lock.
    """

    def __init__(
        self,
        path: Path,
        maker: Maker | None,
        *,
        create: bool,
        exclusively: Callable[[], AbstractContextManager[None]],
        read_only: bool = False,
    ) -> None:
        self.path = path
        self.read_only = read_only
        self._process = os.getpid()
        self._idle: list[Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.RLock()
        self._closed = False
        with explaining(path), closing(self._connect()) as connection:
            if create and not read_only and maker is not None:
                schema.create(connection, maker)
            self.meta = schema.check(connection, maker, str(path))
            if self.meta.schema < schema.SCHEMA_VERSION:
                if read_only:
                    raise schema.outdated(self.meta.schema, str(path))
                with exclusively():
                    migrations.migrate(connection, path)
                self.meta = schema.check(connection, maker, str(path))

    def close(self) -> None:
        """Close the idle connections, and the others when they come back; waits for what is being written."""
        with self._writing, self._guard:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the library for the length of the block."""
        state = self._state()
        try:
            with explaining(self.path):
                yield state.connection
        finally:
            state.leave()

    def hold(self) -> Snapshot:
        """The present state, or that of the snapshot this task is in."""
        return Snapshot(self, self._state())

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All `reading` in this block, by this task, sees one state of the library."""
        with closing(self.hold()) as held, held.active():
            yield

    @contextmanager
    def latest(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees the present state, even inside a snapshot."""
        with self._borrowed() as connection, explaining(self.path):
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of the block or, when it raises, nothing.

        Raises:
            LibraryBusy: Another process writes and does not finish.
            OctavoError: The disk is full or fails, or the library was opened for reading.
        """
        with self._writing, self._borrowed() as connection, explaining(self.path):
            connection.execute("BEGIN IMMEDIATE")
            self._check_same(connection)
            yield connection
            reached("committing")
            connection.execute("COMMIT")

    def _state(self) -> State:
        """One more share in what this task reads from, or in a state of its own."""
        current = STATES.get().get(self)
        if current is not None and current.join():
            return current
        connection = self._borrow()
        try:
            with explaining(self.path):
                connection.execute("BEGIN")
                # SQLite takes its snapshot at the first read, not at BEGIN.
                self._check_same(connection)
        except BaseException:
            self._give_back(connection)
            raise
        return State(connection, self._give_back)

    def _check_same(self, connection: sqlite3.Connection) -> None:
        """Whoever restores a backup, or gives a library other vectors, does it under open readers."""
        now, then = schema.described(connection), self.meta
        if now.library != then.library:
            what = "another library has taken its place"
        elif now.vectors != then.vectors:
            what = f"its passages and vectors were made anew by {now.maker}"
        else:
            return
        raise LibraryMismatch(what, where=str(self.path.parent), cure="open it again")

    @contextmanager
    def _borrowed(self) -> Iterator[Connection]:
        connection = self._borrow()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _borrow(self) -> Connection:
        if os.getpid() != self._process:
            raise OctavoError(
                "the library was opened before this process was forked",
                where=str(self.path.parent),
                cure="open it here",
            )
        file = file_at(self.path)
        with self._guard:
            if self._closed:
                raise OctavoError("the library is closed", where=str(self.path.parent))
            connection = self._idle.pop() if self._idle else None
        if connection is not None and connection.file[:2] == file[:2]:
            return connection
        if connection is not None:
            connection.close()  # of a file that was replaced
        with explaining(self.path):
            return self._connect()

    def _give_back(self, connection: Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")  # of a read, or of what failed
        except sqlite3.Error:
            connection.close()
            raise
        if connection.frozen:
            connection.close()
            if connection.file != file_at(self.path):
                raise LibraryBusy("the library was changed while it was read", where=str(self.path), cure="try again")
            return
        with self._guard:
            if not self._closed and len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self) -> Connection:
        return connections.reader(self.path) if self.read_only else connections.writer(self.path)
