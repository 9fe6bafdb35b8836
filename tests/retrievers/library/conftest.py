"""A library in a folder of its own, with Chroma embedded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.retrievers.library import Library, failpoints
from octavo.tests.retrievers.library.material import MAKER


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", maker=MAKER) as library:
        yield library


@pytest.fixture(autouse=True)
def _no_failpoints() -> Iterator[None]:
    yield
    failpoints.hook = None
