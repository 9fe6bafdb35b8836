"""Changing documents, each change in one step."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from ....errors import LibraryBusy, OctavoError
from ....ingest.types import Document
from ..chroma.index import Index
from ..failpoints import reached
from ..lock import LibraryLock
from ..protocol import flip, rebuild
from ..protocol.staging import Staging
from ..sqlite import catalogue, failures
from ..sqlite.codec import decode_text
from ..sqlite.database import Database
from ..sqlite.schema import now
from ..values import FileStat, Maker
from .opened import Opened


class Writing(Opened):
    """What changes a library."""

    def __init__(self, folder: Path, database: Database, index: Index, lock: LibraryLock, wait: float) -> None:
        super().__init__(folder, database, index, lock, wait)
        self._staging: set[str] = set()
        self._guard = threading.Lock()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """A block that changes many documents: no other process comes in between.

        A vector index whose files are gone is made anew first.

        Raises:
            LibraryBusy: Another process writes.
            OctavoError: The library was opened for reading only.
        """
        with self._lock.held(self._wait):
            self._index.make_good()
            yield

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
            return catalogue.live(connection, document_id)

    def remove(self, document_id: str) -> None:
        """Take a document out: out of sight in one transaction, then swept.

        Its unfinished versions go as well, and what models wrote of it.

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
                connection.execute("DELETE FROM descriptions WHERE document = ?", (document_id,))
                # Those that an older Octavo kept name no document, and go with the last one.
                connection.execute(
                    "DELETE FROM descriptions WHERE document = ''"
                    " AND NOT EXISTS (SELECT 1 FROM versions WHERE state <> 'dead')"
                )
            reached("flipped")
            self._sweeper.sweep_quietly(document_id)

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
