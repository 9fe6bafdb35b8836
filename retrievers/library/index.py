"""The library's way to its vector index: opened when first needed, and looked over once."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...errors import LibraryBusy
from . import repair
from .database import Database
from .lock import LibraryLock
from .vectors import CollectionLost, Vectors


class Index:
    """The vector index of a library, embedded in its folder or on the server `chroma`."""

    def __init__(self, folder: Path, chroma: str | None, database: Database, lock: LibraryLock) -> None:
        self.location = chroma or "embedded"
        self._vectors = Vectors(chroma or folder / "chroma", database.meta.vectors)
        self._database = database
        self._lock = lock
        self._guard = threading.Lock()
        self._looked_over = False

    def opened(self) -> Vectors:
        """The vector index, mended from `library.db` if it is another one than before or lacks rows."""
        with self._guard:
            if not self._looked_over:
                self._look_over()
                self._looked_over = True
        return self._vectors

    def query(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """`Vectors.query`, also when the server was exchanged for an empty one since it was looked over."""
        try:
            return self.opened().query(vector, k)
        except CollectionLost:
            self.lost()
            return self.opened().query(vector, k)

    def lost(self) -> None:
        """Look it over once more before its next use."""
        with self._guard:
            self._looked_over = False
            self._vectors.forget()

    def drop(self, name: str) -> None:
        """Delete another collection, which the library has no use for any more."""
        old = Vectors(self._vectors.location, name)
        try:
            old.drop()
        finally:
            old.close()

    def close(self) -> None:
        self._vectors.close()

    def _look_over(self) -> None:
        try:
            with self._lock.held():
                if repair.looks_whole(self._database, self._vectors, self.location):
                    repair.remember(self._database, self.location)
                else:
                    repair.repair(self._database, self._vectors, self.location)
        except LibraryBusy:
            pass  # on a server: the process that writes has looked it over, or will
