"""The bundled embedder, loaded once."""

from __future__ import annotations

import pytest

from octavo.retrievers.embedders import SentenceEmbedder


@pytest.fixture(scope="session")
def minilm() -> SentenceEmbedder:
    return SentenceEmbedder(device="cpu")
