"""One state of the library for several readings, by one task and the threads it hands work to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from .connections import Connection


class State:
    """A connection inside a read transaction, shared by all that read in one snapshot; the last gives it back."""

    def __init__(self, connection: Connection, give_back: Callable[[Connection], None]) -> None:
        self.connection = connection
        self._give_back = give_back
        self._guard = threading.Lock()
        self._users = 1

    def join(self) -> bool:
        """Be one more user; False when it is over, since a task may outlive the block it was begun in."""
        with self._guard:
            self._users += self._users > 0
            return self._users > 0

    def leave(self) -> None:
        with self._guard:
            self._users -= 1
            last = self._users == 0
        if last:
            self._give_back(self.connection)


# What the running task reads from, by database. A context variable, so that a snapshot holds for a coroutine and for
# the threads it hands work to (`asyncio.to_thread`), not for whatever else runs on its thread.
STATES: ContextVar[Mapping[object, State]] = ContextVar("STATES", default={})  # noqa: B039 (never changed)


class Snapshot:
    """One state of the library, kept until it is closed. Made by `Database.hold`."""

    def __init__(self, database: object, state: State) -> None:
        self._database = database
        self._state: State | None = state

    @contextmanager
    def active(self) -> Iterator[None]:
        """A block in which this task, and the threads it hands work to, reads from here.

        A block that spans a `yield` of an asynchronous generator is not one: between two steps of it others run.
        """
        if self._state is None:
            raise ValueError("this snapshot is closed")
        token = STATES.set({**STATES.get(), self._database: self._state})
        try:
            yield
        finally:
            STATES.reset(token)

    def close(self) -> None:
        """Let go of it; a second call does nothing."""
        state, self._state = self._state, None
        if state is not None:
            state.leave()
