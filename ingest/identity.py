"""Who a document is: the hash of its bytes, the version of its reading, its place in a collection."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .options import IngestOptions

PARSER = "octavo-1"
"""Raised whenever reading changes in a way that makes another version of every document."""


def content_hash(path: Path) -> str:
    """sha256 of the file's bytes, in hex. Raises OSError when the file cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(content: str, options: IngestOptions) -> str:
    """32 hex digits that change when the bytes, the parser or the settings of reading change."""
    return _digest(content, PARSER, options.fingerprint())[:32]


def document_id(collection: str, source: str) -> str:
    """16 hex digits for one source in one collection: the same bytes elsewhere are another document."""
    return _digest(collection, source)[:16]


def region_id(version: str, page: int, order: int) -> str:
    return f"{version[:16]}.{page}.{order}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
