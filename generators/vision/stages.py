"""When the stages of an answer began, and how long they took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Stages:
    """`trace` is `{"seconds": {stage: …}, "begun": {stage: seconds since 1970}}`, in the order in which they ended."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.begun: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage; its time also counts when it raises."""
        now, start = time.time(), time.perf_counter()
        try:
            yield
        finally:
            self.begun[name] = now
            self.seconds[name] = round(time.perf_counter() - start, 4)

    def over(self, trace: dict[str, Any]) -> dict[str, Any]:
        """These stages, and before them those that another `trace` has."""
        return {
            "seconds": {**trace.get("seconds", {}), **self.seconds},
            "begun": {**trace.get("begun", {}), **self.begun},
        }

    @property
    def trace(self) -> dict[str, Any]:
        return {"seconds": dict(self.seconds), "begun": dict(self.begun)}
