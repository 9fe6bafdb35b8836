"""Which documents there are, and what is known of them."""

from __future__ import annotations

import json

from ....ingest.types import Document
from ..sqlite import catalogue, failures
from ..values import Failure, Held, Staged
from .opened import Opened


class Documents(Opened):
    """What a library tells of its documents."""

    def documents(self) -> list[Document]:
        """All documents, by name."""
        with self._database.reading() as connection:
            return catalogue.live_documents(connection)

    def document(self, name_or_id: str) -> Document:
        """The document with this id, name, source, stem or beginning of a name.

        Raises:
            UnknownDocument: None fits, or several do; the message lists them.
        """
        with self._database.reading() as connection:
            return catalogue.named(connection, name_or_id)

    def find(self, document_id: str) -> Document | None:
        """The document with this id."""
        with self._database.reading() as connection:
            return catalogue.find(connection, document_id)

    def outline(self, document_id: str) -> list[tuple[int, str, int]]:
        """The bookmarks of a live document as (level from 1, title, 1-based page)."""
        with self._database.reading() as connection:
            key = catalogue.live_key(connection, document_id)
            (outline,) = connection.execute("SELECT outline FROM versions WHERE key = ?", (key,)).fetchone()
        return [(level, title, page) for level, title, page in json.loads(outline)]

    def stat_of(self, document_id: str) -> Held | None:
        """What is needed to tell whether a document's file has changed; None if the library does not have it."""
        with self._database.reading() as connection:
            return catalogue.held(connection, document_id).get(document_id)

    def held(self) -> dict[str, Held]:
        """What `stat_of` says, for all documents at once, by id."""
        with self._database.reading() as connection:
            return catalogue.held(connection)

    def failed_pages(self) -> dict[str, list[int]]:
        """The pages of live documents that could not be read: their numbers (1-based) by the document's id."""
        with self._database.reading() as connection:
            return catalogue.failed_pages(connection)

    def failures(self) -> list[Failure]:
        """What could not be read."""
        with self._database.reading() as connection:
            return failures.listed(connection)

    def staged(self) -> list[Staged]:
        """Documents that were begun and not finished."""
        with self._database.reading() as connection:
            return catalogue.staged(connection)

    def pages_staged(self, document_id: str, version: str) -> int:
        """How many pages of an unfinished version are there already: the pages 1 to this one."""
        with self._database.reading() as connection:
            return catalogue.pages_staged(connection, document_id, version)
