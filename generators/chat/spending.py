"""What the requests of a question cost together: they are made in many places, which do not know of each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from .types import Usage

_SPENT: ContextVar[list[Usage] | None] = ContextVar("spent", default=None)


@contextmanager
def spending() -> Iterator[list[Usage]]:
    """The usage of each reply that comes within, to this task or to those that it starts. Not around a `yield`."""
    spent: list[Usage] = []
    token = _SPENT.set(spent)
    try:
        yield spent
    finally:
        _SPENT.reset(token)


def note(usage: Usage | None) -> None:
    """One reply's; None where the provider counts nothing."""
    spent = _SPENT.get()
    if usage is not None and spent is not None:
        spent.append(usage)
