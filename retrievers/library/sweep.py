"""Forgetting versions that are dead: replaced or removed, invisible already, but still taking room."""

from __future__ import annotations

import threading
from pathlib import Path

from .codec import decode_text
from .database import Database
from .failpoints import reached
from .index import Index
from .originals import Originals
from .scan import Scanner


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

        A version stays `dead` until all of it is gone, so that a sweep that is cut short is done over.
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
                if has_vectors:
                    self._index.opened().delete(of, version)
                reached("vectors swept")
                if original is not None:
                    self._drop_original(key, original)
                self._drop_rendition(key, decode_text(source), content)
                reached("original dropped")
                with self._database.writing() as connection:
                    connection.execute("DELETE FROM versions WHERE key = ?", (key,))
                self._scanner.forget(key)
                reached("rows swept")

    def _drop_rendition(self, version: int, source: str, content: str) -> None:
        rendition = self._originals.rendition(Path(source), content)
        with self._originals.guard:
            if not rendition.exists():
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
