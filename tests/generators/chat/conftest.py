"""The local server, one per test; LlamaIndex is imported before the first clock runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.tests.generators.chat.server import Server, serving


@pytest.fixture(scope="session", autouse=True)
def _imported() -> None:
    import openai.resources.chat  # noqa: F401


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as host:
        yield host
