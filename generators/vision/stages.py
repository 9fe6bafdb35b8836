"""When the stages of an answer began, how long they took, and what they cost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ..chat.spending import spending
from ..chat.types import Usage

_NOTHING = Usage(prompt=0, completion=0)


class Stages:
    """`trace` is `{"seconds": {stage: …}, "begun": {stage: seconds since 1970}, "tokens": {stage: …}}`, as they ended.

    Stages in which no model was asked, or one that counts nothing, have no tokens.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.begun: dict[str, float] = {}
        self.tokens: dict[str, Usage] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """One stage; its time also counts when it raises."""
        now, start = time.time(), time.perf_counter()
        try:
            yield
        finally:
            self.begun[name] = now
            self.seconds[name] = round(time.perf_counter() - start, 4)

    @contextmanager
    def asking(self, name: str) -> Iterator[None]:
        """A stage whose requests to chat models are counted. It may hold no `yield` of a generator."""
        with self.stage(name), spending() as spent:
            try:
                yield
            finally:
                self.spend(name, sum(spent, start=_NOTHING) if spent else None)

    def spend(self, name: str, usage: Usage | None) -> None:
        """So many tokens more; None: nobody counted them."""
        if usage is not None:
            self.tokens[name] = self.tokens.get(name, _NOTHING) + usage

    def over(self, trace: dict[str, Any]) -> dict[str, Any]:
        """These stages, and before them those that another `trace` has."""
        return {
            "seconds": {**trace.get("seconds", {}), **self.seconds},
            "begun": {**trace.get("begun", {}), **self.begun},
            "tokens": {**trace.get("tokens", {}), **_told(self.tokens)},
        }

    @property
    def trace(self) -> dict[str, Any]:
        return self.over({})


def _told(tokens: Mapping[str, Usage]) -> dict[str, dict[str, int]]:
    return {stage: usage.model_dump() for stage, usage in tokens.items()}


def spent(trace: Mapping[str, Any]) -> dict[str, int]:
    """What the stages of a trace cost together, for `Answer.usage`; nothing where nobody counted."""
    costs = trace["tokens"].values()
    return {f"{name}_tokens": sum(cost[name] for cost in costs) for name in Usage.model_fields} if costs else {}
