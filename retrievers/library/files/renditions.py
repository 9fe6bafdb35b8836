"""The PDFs that were made of office files and texts: whose pages they are, and whether they are whole.

No hash of them is kept: what is known is that a PDF begins and ends as one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from ....errors import EncryptedFile, UnreadableFile
from ....ingest.office.kinds import kind_of
from .. import disk
from ..sqlite.codec import decode_text
from ..sqlite.database import Database
from .originals import Originals

_TAIL = 1024  # bytes; readers look for the end of a PDF in so many


class Lost(NamedTuple):
    """A live document whose rendition is missing or damaged. `original` is the library's copy of its file, if any."""

    document: str
    name: str
    source: str
    content: str
    original: str | None


def whole(rendition: Path) -> bool:
    """Whether a PDF is there from its first line to its last."""
    with disk.explaining(rendition):
        if not rendition.is_file():
            return False
        with rendition.open("rb") as file:
            begins = file.read(5) == b"%PDF-"
            file.seek(max(rendition.stat().st_size - _TAIL, 0))
            return begins and b"%%EOF" in file.read()


def lost(database: Database, originals: Originals) -> list[Lost]:
    """Those of the live documents, by name."""
    with database.latest() as connection:
        rows = connection.execute(
            "SELECT id, name, source, content, original, metadata FROM documents ORDER BY name, source"
        ).fetchall()
    found = []
    for document, name, source, content, original, metadata in rows:
        one = Lost(document, decode_text(name), decode_text(source), content, original)
        rendition = originals.rendition(Path(one.source), content)
        there = originals.size(rendition.name) is not None
        needed = there or ("converter" in json.loads(metadata) and _converted(one, originals))
        if needed and not whole(rendition):
            found.append(one)
    return found


def _converted(one: Lost, originals: Originals) -> bool:
    """Whether this is a file that has to be converted; what is no longer there is taken for one."""
    path = originals.folder / one.original if one.original else Path(one.source)
    try:
        return kind_of(path) is not None
    except (EncryptedFile, UnreadableFile, OSError):
        return True
