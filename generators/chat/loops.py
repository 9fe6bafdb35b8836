"""What belongs to one event loop: connections and semaphores work in the loop that made them, and in no other."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

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
