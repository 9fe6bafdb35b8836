"""An open library: what the others hold on to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from ..chroma.index import Index
from ..files.originals import Originals
from ..lock import LibraryLock
from ..protocol.sweep import Sweeper
from ..search.scan import CACHED_BY_READERS, CACHED_NUMBERS, Scanner
from ..sqlite import schema
from ..sqlite.database import Database
from ..sqlite.snapshots import Snapshot
from ..values import Maker

_PATIENCE_S = 5.0  # on a server, where who only reads has the lock for the moment in which it looks the index over


class Opened:
    """A library that is open. The methods of all that derive from it may be called from any thread.

    Every method sees one state of the library; `snapshot` makes several see the same.
    """

    def __init__(self, folder: Path, database: Database, index: Index, lock: LibraryLock, wait: float) -> None:
        self.folder = folder
        self._database = database
        self._index = index
        self._lock = lock
        self._wait = max(wait, _PATIENCE_S)
        self._originals = Originals(folder / "originals")
        self._scanner = Scanner(self.maker.dimension, CACHED_BY_READERS if database.read_only else CACHED_NUMBERS)
        self._sweeper = Sweeper(database, index, self._scanner, self._originals)

    @property
    def maker(self) -> Maker:
        """The embedder whose vectors this library holds."""
        return self._database.meta.maker

    def check_maker(self, maker: Maker) -> None:
        """Raise LibraryMismatch, with the cure, when it holds the vectors of another embedder."""
        schema.check_maker(self.maker, maker, str(self._database.path))

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading only."""
        return self._database.read_only

    def snapshot(self) -> AbstractContextManager[None]:
        """A block in which this task, and the threads it hands work to, sees one state of the library.

        A search of several steps belongs in one: whatever is replaced or removed meanwhile stays as it was, whole.
        """
        return self._database.snapshot()

    def hold(self) -> Snapshot:
        """The same for what is no block, such as a generator: a state to be entered at each step, and closed."""
        return self._database.hold()
