"""The library's way to its vector index: opened when first needed, and looked over once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....errors import IndexDamaged, LibraryBusy, OctavoError
from ..lock import LibraryLock
from ..sqlite.database import Database
from ..values import Teller, silent
from . import graph, repair
from .api import MAKE_ANEW, CollectionLost
from .vectors import VectorRow, Vectors, clear, clear_left_over

_log = logging.getLogger(__name__)

_SEAL = "vectors_seal"
_SAMPLED = 64


class Index:
    """The vector index of a library, embedded in its folder or on the server `chroma`."""

    def __init__(self, folder: Path, chroma: str | None, database: Database, lock: LibraryLock) -> None:
        self.location = chroma or "embedded"
        self._folder = None if chroma else folder / "chroma"
        self._vectors = Vectors(chroma or folder / "chroma", database.meta.vectors)
        self._database = database
        self._lock = lock
        self._guard = threading.Lock()
        self._looked_over = False
        self._mended = repair.Repair(0, 0)

    @property
    def embedded(self) -> bool:
        return self._folder is not None

    def opened(self, tell: Teller = silent) -> Vectors:
        """The vector index, mended from `library.db` if it is damaged, another one than before, or lacks rows."""
        with self._guard:
            if self._looked_over and self._lost():  # deleted under an open library
                self._looked_over = False
                self._vectors.forget()
            if not self._looked_over:
                try:
                    with self._lock.held():
                        self._mended = self._look_over(tell)
                except LibraryBusy:
                    pass  # on a server: the process that writes has looked it over, or will
                self._looked_over = True
        return self._vectors

    def make_good(self) -> None:
        """Make an embedded index anew whose files are gone; while they are there this costs a glance."""
        if self._lost() and repair.expected(self._database).fewest:
            _log.warning("the vector index is gone; it is made anew from library.db")
            self.opened()

    def upsert(self, rows: Sequence[VectorRow], vectors: NDArray[np.float32]) -> None:
        """`Vectors.upsert`, also when the index was lost since it was looked over."""
        try:
            self.opened().upsert(rows, vectors)
        except (CollectionLost, IndexDamaged):
            self.lost()
            self.opened().upsert(rows, vectors)

    def query(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """`Vectors.query`, also when it was lost since it was looked over: a server was exchanged, a disk was full."""
        try:
            return self.opened().query(vector, k)
        except (CollectionLost, IndexDamaged):
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

    def unmended(self) -> Vectors:
        """The vector index as it is.

        Raises:
            IndexDamaged: It is not safe to use.
        """
        with self._guard:
            if self._lost() and repair.expected(self._database).fewest:
                raise IndexDamaged("the vector index is gone", where=str(self._folder), cure=MAKE_ANEW)
            if not self._looked_over and not self._sound():
                raise IndexDamaged("the vector index cannot be read", where=str(self._folder), cure=MAKE_ANEW)
        return self._vectors

    def mended(self) -> repair.Repair:
        """What looking it over has mended; asked again, nothing."""
        done, self._mended = self._mended, repair.Repair(0, 0)
        return done

    def make_anew(self, tell: Teller = silent) -> repair.Repair:
        """Fill an embedded index again from `library.db`, one on a server where it lacks rows."""
        if self._folder is not None:
            self._vectors.clear()
        return repair.repair(self._database, self._vectors, self.location, tell)

    def close(self) -> None:
        self._vectors.close()
        if self._looked_over and self._folder is not None:
            try:
                repair.note(self._database, _SEAL, graph.seal(self._folder))
            except OctavoError as error:  # a full disk: the next opening tries the index before it trusts it
                _log.info("the vector index is closed without a seal: %s", error)

    def _look_over(self, tell: Teller) -> repair.Repair:
        if self._folder is not None:
            clear_left_over(self._folder)
            if self._lost():
                clear(self._folder)  # whatever is left there belongs to nothing
            if self._bloated():
                _log.warning("the vector index keeps far more deleted rows than others; it is made anew")
                return self.make_anew(tell)
        try:
            if self._folder is not None and not self._sound():
                raise IndexDamaged("its graph cannot be read", where=str(self._folder), cure=MAKE_ANEW)
            if not repair.looks_whole(self._database, self._vectors, self.location):
                return repair.repair(self._database, self._vectors, self.location, tell)
        except IndexDamaged as error:
            _log.warning("the vector index is damaged (%s); it is made anew from library.db", error.what)
            return self.make_anew(tell)
        repair.remember(self._database, self.location)
        return repair.Repair(0, 0)

    def _lost(self) -> bool:
        return self._folder is not None and not (self._folder / "chroma.sqlite3").exists()

    def _sound(self) -> bool:
        """Whether the graph's files are those that were closed, or can be read in another process."""
        if self._folder is None or not graph.written(self._folder, repair.expected(self._database).fewest):
            return True
        if repair.noted(self._database, _SEAL) == graph.seal(self._folder):
            return True
        return graph.sound(self._folder, self._vectors.name, repair.sample(self._database, _SAMPLED))

    def _bloated(self) -> bool:
        if self._folder is None:
            return False
        rows = repair.expected(self._database)
        return graph.bloated(self._folder, rows.most, self._database.meta.maker.dimension)
