"""The library: documents as they were read, found by meaning and by words, whole or not at all."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ...errors import LibraryLost, OctavoError
from ...ingest.libraries import DATABASE
from . import disk
from .care import healing, mending, verify
from .care.backup import ByteWatcher, Manifest
from .care.restore import restore
from .chroma.index import Index
from .files.originals import Originals
from .lock import LibraryLock, NoLock
from .methods.contents import Contents
from .methods.descriptions import Descriptions
from .methods.documents import Documents
from .methods.files import Files
from .methods.finding import Finding
from .methods.writing import Writing
from .sqlite import migrations
from .sqlite.database import Database
from .values import Maker, Teller, silent


class Library(Writing, Documents, Contents, Descriptions, Files, Finding):
    """One collection of documents in one folder; made by `open`. Its methods may be called from any thread."""

    def __init__(self, folder: Path, database: Database, index: Index, lock: LibraryLock, wait: float) -> None:
        super().__init__(folder, database, index, lock, wait)
        self._at_close = ExitStack()

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        maker: Maker | None,
        chroma: str | None = None,
        wait: float = 0.0,
        create: bool = True,
        read_only: bool = False,
    ) -> Library:
        """The library in the folder `path`.

        With an embedded Chroma the library belongs to this process until it is closed. With a Chroma server any number
        of processes may have it open, of which one at a time writes.

        Args:
            path: Its folder.
            maker: The embedder whose vectors it holds, or shall hold; None takes a library of whatever embedder.
            chroma: URL of a Chroma server; None for the embedded one.
            wait: Seconds to wait for another process that has the library.
            create: Make the library if there is none.
            read_only: Read beside whoever writes: without the lock, without Chroma, and without changing anything.

        Raises:
            LibraryBusy: Another process has it.
            LibraryMismatch: It was made by another embedder or a newer Octavo, or is no library.
            LibraryLost: Its `library.db` is gone, and the rest is there.
            OctavoError: There is none, and `create` is not set.
        """
        folder = Path(path).absolute()
        if not cls.exists(folder) and not (create and not read_only):
            raise OctavoError("there is no library here", where=str(folder), cure="`octavo add FILE …` makes one")
        if not read_only:
            _make(folder)
        lock = NoLock(folder) if read_only else LibraryLock(folder, shared=chroma is not None)
        with ExitStack() as undo:
            undo.callback(lock.close)
            if chroma is None and not read_only:
                lock.acquire(wait)
            exclusively = partial(lock.held, wait)
            database = Database(folder / DATABASE, maker, create=create, exclusively=exclusively, read_only=read_only)
            undo.callback(database.close)
            index = Index(folder, chroma, database, lock)
            undo.callback(index.close)
            library = cls(folder, database, index, lock, wait)
            if read_only:
                healing.say_what_is_outdated(database)
            else:
                healing.heal(database, index, library._originals, library._sweeper, lock)
            library._at_close = undo.pop_all()
        return library

    @classmethod
    def restore(
        cls,
        file: str | Path,
        path: str | Path,
        *,
        chroma: str | None = None,
        force: bool = False,
        wait: float = 0.0,
        progress: ByteWatcher | None = None,
        tell: Teller = silent,
    ) -> Manifest:
        """Make the library in the folder `path` from a backup, and its vector index with it.

        All is checked before anything is replaced. Killed at any moment it leaves what was there or the restored
        library, whose next opening completes the vector index.

        Args:
            file: What `backup` wrote.
            path: The library's folder.
            chroma: See `open`.
            force: Replace a library that is there already.
            wait: See `open`.
            progress: Called with the bytes unpacked and the bytes in all.
            tell: Called with what is gone through after that, and how many of how many are done.

        Raises:
            OctavoError: It is no whole backup, there is a library already, or the disk is full.
            LibraryMismatch: A newer Octavo made it.
            LibraryBusy: Another process has the library.
            ServerUnavailable: The Chroma server does not answer.
        """
        folder = Path(path).absolute()
        manifest = restore(Path(file).absolute(), folder, chroma=chroma, force=force, wait=wait, progress=progress)
        with cls.open(folder, maker=manifest.maker, chroma=chroma, wait=wait, create=False) as library:
            library.repair(tell)
        return manifest

    @staticmethod
    def exists(path: str | Path) -> bool:
        """Whether there is a library in the folder `path`; raises LibraryLost where only its remains are."""
        _check_not_lost(Path(path))
        return (Path(path) / DATABASE).exists()

    @staticmethod
    def check_outside(path: str | Path, to: str | Path) -> None:
        """Raise OctavoError when writing the file `to` would write into the library in the folder `path`."""
        disk.check_outside(Path(path), Path(to))

    @staticmethod
    def outdated(path: str | Path) -> bool:
        """Whether the library in the folder `path` has an older schema: only opening it for writing migrates it."""
        return Library.exists(path) and migrations.due(Path(path).absolute() / DATABASE)

    def __enter__(self) -> Library:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the files and let others have the library; a second call does nothing, nor does a forked child's."""
        if self._lock.inherited():
            return
        self._at_close.pop_all().close()

    def verify(self, tell: Teller = silent) -> list[str]:
        """What is wrong with `library.db`, the vector index and the copied files: one sentence each, with the cure.

        Reads everything; nothing else may write meanwhile.

        Raises:
            LibraryBusy: Another process is writing.
        """
        with self._lock.held(self._wait):
            if damages := verify.damages(self._database):
                return damages
            return [
                *verify.gaps(self._database),
                *verify.words(self._database),
                *verify.vectors(self._database, self._index, tell),
                *verify.files(self._database, self._originals, tell),
            ]

    def repair(self, tell: Teller = silent) -> list[str]:
        """Mend what can be mended, and say what was done, one sentence each; `verify` knows what is left.

        Raises:
            LibraryBusy: Another process is writing.
            DiskFull: There is no room to mend.
        """
        with self._lock.held(self._wait):
            return [
                *mending.words(self._database),
                *mending.vectors(self._database, self._index, tell),
                *mending.files(self._database, self._originals, tell),
            ]


def _check_not_lost(folder: Path) -> None:
    """Raise LibraryLost where a new `library.db` would disown the files of the old one."""

    def empty() -> bool:
        return not database.exists() or database.stat().st_size == 0

    database, index = folder / DATABASE, folder / "chroma" / "chroma.sqlite3"
    # Asked again at the end: whoever makes a library at this moment makes `library.db` before the rest.
    if empty() and (Originals(folder / "originals").copies() or index.exists()) and empty():
        raise LibraryLost(
            f"{DATABASE} is gone or empty, and other files of a library are here",
            where=str(folder),
            cure="`octavo restore` a backup here; or move this folder away, and add the documents to a new library (its"
            " folder `originals` holds copies of the files)",
        )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the library's folder cannot be made ({error.strerror})"
        raise OctavoError(what, where=str(folder), cure="name another with --library") from error
