"""The library: documents as they were read, found by meaning and by words, whole or not at all."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any

from ...errors import DiskFull, LibraryBusy, OctavoError
from ...ingest.types import Document
from . import catalogue, failures, flip, lexical, mending, migrations, rebuild, verify
from .backup import ByteWatcher, Manifest
from .codec import decode_text
from .database import Database
from .failpoints import reached
from .index import Index
from .lock import LibraryLock, NoLock
from .reading import Reading
from .restore import restore
from .schema import now
from .staging import Staging
from .sweep import Sweeper
from .values import FileStat, Maker, Teller, silent

_log = logging.getLogger(__name__)

_DATABASE = "library.db"
_PATIENCE_S = 1.0  # on a server, where who only reads has the lock for the moment in which it looks the index over


class Library(Reading):
    """One collection of documents in one folder; made by `open`. Its methods may be called from any thread."""

    def __init__(self, folder: Path, database: Database, index: Index, lock: LibraryLock, wait: float) -> None:
        super().__init__(folder, database, index)
        self._lock = lock
        self._wait = max(wait, _PATIENCE_S)
        self._sweeper = Sweeper(database, index, self._scanner, self._originals)
        self._staging: set[str] = set()
        self._guard = threading.Lock()
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
            OctavoError: There is none, and `create` is not set.
        """
        folder = Path(path).absolute()
        if not (create and not read_only) and not cls.exists(folder):
            raise OctavoError("there is no library here", where=str(folder), cure="`octavo add FILE …` makes one")
        if not read_only:
            _make(folder)
        lock = NoLock(folder) if read_only else LibraryLock(folder)
        with ExitStack() as undo:
            undo.callback(lock.close)
            if chroma is None and not read_only:
                lock.acquire(wait)
            exclusively = partial(lock.held, wait)
            database = Database(folder / _DATABASE, maker, create=create, exclusively=exclusively, read_only=read_only)
            undo.callback(database.close)
            index = Index(folder, chroma, database, lock)
            undo.callback(index.close)
            library = cls(folder, database, index, lock, wait)
            if not read_only:
                library._heal()
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
        """
        folder = Path(path).absolute()
        manifest = restore(Path(file).absolute(), folder, force=force, wait=wait, progress=progress)
        with cls.open(folder, maker=manifest.maker, chroma=chroma, wait=wait, create=False) as library:
            library.repair(tell)
        return manifest

    @staticmethod
    def exists(path: str | Path) -> bool:
        """Whether there is a library in the folder `path`."""
        return (Path(path) / _DATABASE).exists()

    @staticmethod
    def outdated(path: str | Path) -> bool:
        """Whether the library in the folder `path` has an older schema: only opening it for writing migrates it."""
        return Library.exists(path) and migrations.due(Path(path).absolute() / _DATABASE)

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def read_only(self) -> bool:
        """Whether it was opened for reading only."""
        return self._database.read_only

    def close(self) -> None:
        """Close the files and let others have the library; a second call does nothing, nor does a forked child's."""
        if self._lock.inherited():
            return
        self._at_close.pop_all().close()

    def stage(
        self,
        document: Document,
        *,
        options: dict[str, Any],
        parser: str,
        stat: FileStat | None = None,
        outline: Sequence[tuple[int, str, int]] = (),
        attempt: int = 0,
    ) -> Staging:
        """Begin to write `document.version`, or go on with it; other unfinished versions of the document are dropped.

        Args:
            document: What is known of it; a `page_count` of 0 is counted at the end.
            options: The settings of reading (JSON), for the record.
            parser: The reader's name and version, for the record.
            stat: The file's, before it was read.
            outline: Its bookmarks as (level, title, page).
            attempt: Which reading of the same bytes with the same settings this is, for the record.

        Raises:
            LibraryBusy: Another thread or process is writing this document.
            ValueError: This version is live already.
        """
        with ExitStack() as undo:
            undo.enter_context(self._lock.held(self._wait))
            self._claim(document)
            undo.callback(self._staging.discard, document.id)
            with self._database.writing() as connection:
                states = dict(
                    connection.execute(
                        "SELECT version, state FROM versions WHERE document = ?", (document.id,)
                    ).fetchall()
                )
                if states.get(document.version) == "live":
                    raise ValueError(f"version {document.version} of {document.name} is live already")
                connection.execute(
                    "UPDATE versions SET state = 'dead' WHERE document = ? AND version <> ? AND state = 'staging'",
                    (document.id, document.version),
                )
            # Dead rows of this very version (A was replaced by B, and B now by A) have the ids that are to be written.
            self._sweeper.sweep(document.id)
            with self._database.writing() as connection:
                row = connection.execute(
                    "SELECT key FROM versions WHERE document = ? AND state = 'staging'", (document.id,)
                ).fetchone()
                if row is None:
                    # What is true of the live version stays said until this one takes its place.
                    live = next((version for version, state in states.items() if state == "live"), None)
                    failures.clear(connection, document.source, but=live)
                    key = catalogue.insert_staging(
                        connection,
                        document,
                        outline=outline,
                        options=options,
                        parser=parser,
                        stat=stat,
                        attempt=attempt,
                        started=now(),
                    )
                else:
                    key = row[0]
                    catalogue.refresh_staging(connection, key, document, outline, stat)
            reached("version staged")
            release = undo.pop_all()
            try:
                return Staging(
                    key, document, self._database, self._index, self._sweeper, self._originals, release.close
                )
            except BaseException:
                release.close()
                raise

    def update_document(
        self,
        document_id: str,
        *,
        title: str | None = None,
        metadata: dict[str, Any] | None = None,
        stat: FileStat | None = None,
    ) -> Document:
        """Change what is given of a live document: its title, all of its metadata, its file's stat.

        Raises:
            UnknownDocument: There is no such document.
        """
        with self._lock.held(self._wait), self._database.writing() as connection:
            key = catalogue.live_key(connection, document_id)
            catalogue.update(connection, key, title=title, metadata=metadata, stat=stat)
            document = catalogue.find(connection, document_id)
        assert document is not None
        return document

    def remove(self, document_id: str) -> None:
        """Take a document out: out of sight in one transaction, then swept. Unfinished versions of it go as well.

        Raises:
            UnknownDocument: There is no such document, finished or not.
        """
        with self._lock.held(self._wait):
            with self._database.writing() as connection:
                row = connection.execute(
                    "SELECT source FROM versions WHERE document = ? AND state <> 'dead'", (document_id,)
                ).fetchone()
                if row is None:
                    raise catalogue.unknown(document_id)
                flip.end(connection, document_id)
                failures.clear(connection, decode_text(row[0]))
            reached("flipped")
            self._sweep_quietly(document_id)

    def record_failure(
        self, source: str, error: OctavoError, *, page: int | None = None, version: str | None = None
    ) -> None:
        """Note what could not be read. It is forgotten when the source is staged or committed.

        Args:
            source: The document's `source`.
            error: What happened.
            page: The page, when it was not the whole file.
            version: The version being staged, when the rest of it goes on: committing it keeps the note.
        """
        with self._lock.held(self._wait), self._database.writing() as connection:
            failures.record(connection, source, error, page, version)

    def clear_failures(self, source: str, *, pages: bool = True) -> None:
        """Forget that a source could not be read; without `pages` those that failed stay noted."""
        with self._lock.held(self._wait), self._database.writing() as connection:
            failures.clear(connection, source, pages=pages)

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

    @contextmanager
    def rebuilding(self, maker: Maker, *, token_vectors: bool) -> Iterator[rebuild.Rebuild]:
        """All passages and vectors anew, by another embedder; goes on where an earlier block ended.

        After its `commit` this library is another one, and has to be opened again.

        Raises:
            LibraryBusy: Another process writes.
        """
        with self._lock.held(self._wait):
            work = rebuild.Rebuild(self._database, maker, token_vectors=token_vectors)
            with closing(work):
                yield work

    def _claim(self, document: Document) -> None:
        with self._guard:
            if document.id in self._staging:
                raise LibraryBusy(f"{document.name} is being added already", where=document.source)
            self._staging.add(document.id)

    def _heal(self) -> None:
        """Finish what a killed process left; what cannot be finished now waits, unseen, for the next opening."""
        unfinished = self._originals.unfinished()
        left = self._sweeper.dead() or migrations.left_over(self._database.path) or self._vectors_before()
        if left or unfinished or self._words_outdated():
            try:
                with self._lock.held():
                    migrations.clear_up(self._database.path)
                    for name in unfinished:
                        self._originals.drop(name)
                    self._sweep_quietly()
                    self._drop_vectors_before()
                    self._analyse_quietly()
            except LibraryBusy:
                pass  # the process that writes will do it

    def _vectors_before(self) -> str | None:
        """The collection of the embedder before this one, while it is not deleted."""
        with self._database.latest() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'vectors_before'").fetchone()
        return None if row is None else str(row[0])

    def _drop_vectors_before(self) -> None:
        """Killed after the new vectors took their place, a rebuild ends here."""
        before = self._vectors_before()
        if before is None:
            return
        rebuild.discard(self._database.path)
        try:
            self._index.opened()  # writes the new ones
            self._index.drop(before)
            reached("old vectors dropped")
        except OctavoError as error:
            _log.warning("the vectors of the embedder before are not deleted yet: %s", error)
            return
        with self._database.writing() as connection:
            connection.execute("DELETE FROM meta WHERE key = 'vectors_before'")

    def _words_outdated(self) -> bool:
        with self._database.latest() as connection:
            return lexical.outdated(connection)

    def _analyse_quietly(self) -> None:
        try:
            mending.outdated_words(self._database)
        except DiskFull as error:
            _log.warning("words are found as before, until there is room to analyse them anew: %s", error)

    def _sweep_quietly(self, document: str | None = None) -> None:
        try:
            self._sweeper.sweep(document)
        except OctavoError as error:
            _log.warning("old versions are not swept yet: %s", error)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the library's folder cannot be made ({error.strerror})"
        raise OctavoError(what, where=str(folder), cure="name another with --library") from error
