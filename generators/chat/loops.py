"""What belongs to one event loop: connections and semaphores, which work in no other; and many calls at once in it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from ...errors import OctavoError

T = TypeVar("T")


class PerLoop(Generic[T]):
    """One `T` per running event loop, made at its first use. What ended loops used is let go."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._guard = threading.Lock()
        self._made: dict[asyncio.AbstractEventLoop, T] = {}

    def here(self) -> T:
        """The running loop's own."""
        loop = asyncio.get_running_loop()
        with self._guard:
            if loop not in self._made:
                self._made = {known: made for known, made in self._made.items() if not known.is_closed()}
                self._made[loop] = self._make()
            return self._made[loop]

    def taken(self) -> T | None:
        """The running loop's own, if it was ever used; the next use makes another."""
        with self._guard:
            return self._made.pop(asyncio.get_running_loop(), None)


async def at_once(ask: Callable[[int, T], Coroutine[Any, Any, None]], items: Sequence[T]) -> None:
    """`ask(n, item)` for all items together. The first of Octavo's errors ends the others and is raised itself."""
    import anyio

    try:
        async with anyio.create_task_group() as tasks:
            for n, item in enumerate(items):
                tasks.start_soon(ask, n, item)
    except* OctavoError as failures:
        first: BaseException = failures
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
