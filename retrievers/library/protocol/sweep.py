"""Forgetting versions that are dead: replaced or removed, invisible already, but still taking room."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from ....errors import DiskFull, OctavoError
from ..chroma import repair
from ..chroma.index import Index
from ..failpoints import reached
from ..files.originals import Originals
from ..search.scan import Scanner
from ..sqlite.codec import decode_text
from ..sqlite.database import Database

_log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps dead versions. Its caller holds the library's lock."""

    def __init__(self, database: Database, index: Index, scanner: Scanner, originals: Originals) -> None:
        self._database = database
        self._index = index
        self._scanner = scanner
        self._originals = originals
        self._guard = threading.Lock()

    def dead(self) -> bool:
        """Whether there is anything to do."""
        with self._database.latest() as connection:
            return connection.execute("SELECT 1 FROM versions WHERE state = 'dead'").fetchone() is not None

    def sweep(self, document: str | None = None) -> None:
        """Forget the dead versions of all documents, or of one: their vectors first, then their rows.

        A version stays `dead` until all of it is gone, so that a sweep that is cut short is done over. Only where the
        disk is too full for Chroma to be written to, rows go without their vectors, since somebody needs the room:
        searches drop what they do not know, and the vector index is mended when it is next looked over.
        """
        with self._guard:
            with self._database.latest() as connection:
                dead = connection.execute(
                    "SELECT key, document, version, original, source, content,"
                    " EXISTS (SELECT 1 FROM passages WHERE owner = key)"
                    " FROM versions WHERE state = 'dead' AND document = coalesce(?, document)",
                    (document,),
                ).fetchall()
            for key, of, version, original, source, content, has_vectors in dead:
                forgotten = not has_vectors or self._drop_vectors(of, version)
                reached("vectors swept")
                if original is not None:
                    self._drop_original(key, original)
                self._drop_rendition(key, decode_text(source), content)
                reached("original dropped")
                with self._database.writing() as connection:
                    connection.execute("DELETE FROM versions WHERE key = ?", (key,))
                    if not forgotten:
                        repair.distrust(connection)
                self._scanner.forget(key)
                reached("rows swept")

    def sweep_quietly(self, document: str | None = None) -> None:
        """The same; what cannot be swept now is left for the next opening."""
        try:
            self.sweep(document)
        except OctavoError as error:
            _log.warning("old versions are not swept yet: %s", error)

    def _drop_vectors(self, document: str, version: str) -> bool:
        """Whether there was room for it."""
        try:
            self._index.opened().delete(document, version)
        except DiskFull as error:
            _log.warning("vectors of what is gone stay in the vector index until there is room: %s", error)
            return False
        return True

    def _drop_rendition(self, version: int, source: str, content: str) -> None:
        rendition = self._originals.rendition(Path(source), content)
        with self._originals.guard:
            if self._originals.size(rendition.name) is None:
                return
            with self._database.latest() as connection:
                others = connection.execute(
                    "SELECT source FROM versions WHERE content = ? AND key <> ?", (content, version)
                ).fetchall()
            if all(self._originals.rendition(Path(decode_text(other)), content) != rendition for (other,) in others):
                self._originals.drop(rendition.name)

    def _drop_original(self, version: int, name: str) -> None:
        with self._originals.guard:
            with self._database.latest() as connection:
                shared = connection.execute(
                    "SELECT 1 FROM versions WHERE original = ? AND key <> ?", (name, version)
                ).fetchone()
            if shared is None:
                self._originals.drop(name)
