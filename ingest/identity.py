"""Who a document is: the hash of its bytes, the version of its reading, its place in a collection."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from .options import IngestOptions

PARSER = "octavo-2"
"""Raised whenever reading changes in a way that makes another version of every document."""

CUTTER = 4
"""Raised whenever the same pages are cut into other passages. Stored as `cutter` among the settings of a version; the
first had none."""


def content_hash(path: Path) -> str:
    """sha256 of the file's bytes, in hex. Raises OSError when the file cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(content: str, options: IngestOptions, attempt: int = 0) -> str:
    """32 hex digits that change when the bytes, the parser, the cutter or the settings of reading change.

    Args:
        attempt: Above 0 it is another reading of the same bytes with the same settings.
    """
    again = [str(attempt)] if attempt else []
    return _digest(content, PARSER, str(CUTTER), options.fingerprint(), *again)[:32]


def described_version(version: str, descriptions: Mapping[str, str]) -> str:
    """The version that `version` becomes with these descriptions (by region)."""
    return _digest(version, *(part for pair in sorted(descriptions.items()) for part in pair))[:32]


def document_id(collection: str, source: str) -> str:
    """16 hex digits for one source in one collection: the same bytes elsewhere are another document."""
    return _digest(collection, source)[:16]


def region_id(version: str, page: int, order: int) -> str:
    return f"{version[:16]}.{page}.{order}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
