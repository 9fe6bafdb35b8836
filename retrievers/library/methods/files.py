"""The files that documents were read from, and those whose pages they are."""

from __future__ import annotations

from pathlib import Path

from ....errors import UnreadableFile
from ....ingest.office.kinds import kind_of
from ....ingest.types import Document
from ..care.backup import ByteWatcher, Manifest, write
from ..files import renditions
from ..sqlite import catalogue
from .opened import Opened


class Files(Opened):
    """The files of a library, and all of it as one file."""

    def original(self, document_id: str) -> Path:
        """The file a document was read from: the library's copy, or else the file itself.

        Raises:
            UnknownDocument: There is no such document.
            UnreadableFile: Neither is there.
        """
        if kept := self.kept(document_id):
            return kept
        source = Path(self._live(document_id).source)
        if not source.exists():
            raise UnreadableFile("the file is gone", where=str(source), cure="put it back, or add it again")
        return source

    def kept(self, document_id: str) -> Path | None:
        """The library's own copy of the file a document was read from, if it has one."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT original FROM documents WHERE id = ?", (document_id,)).fetchone()
        name: str | None = row and row[0]
        return self._originals.folder / name if name and self._originals.size(name) is not None else None

    def rendition(self, source: str, content: str) -> Path | None:
        """The PDF that was made of these bytes, if the library has one that is whole."""
        rendition = self._originals.rendition(Path(source), content)
        return rendition if renditions.whole(rendition) else None

    def renditions_lost(self) -> set[str]:
        """The ids of documents whose pages are those of a PDF that was made of them, and that is gone or damaged."""
        return {lost.document for lost in renditions.lost(self._database, self._originals)}

    def shown(self, document_id: str) -> Path:
        """The file whose pages were read: the PDF that was made of the original, or else the original.

        Raises:
            UnknownDocument: There is no such document.
            UnreadableFile: Neither is there.
        """
        document = self._live(document_id)
        if rendition := self.rendition(document.source, document.content):
            return rendition
        original = self.original(document_id)
        if kind_of(original) is not None:
            cure = "`octavo refresh` makes another, and reads the document again"
            raise UnreadableFile("the PDF that was made of it is gone or damaged", where=document.source, cure=cure)
        return original

    def backup(self, to: str | Path, progress: ByteWatcher | None = None) -> Manifest:
        """Write all of the library to one file, as it is now, also while another process changes it.

        Args:
            to: The file; it appears when it is whole, in place of an earlier one.
            progress: Called with the bytes done and the bytes in all.

        Raises:
            OctavoError: The disk is full, or may not be written to.
        """
        return write(self._database, self._originals, Path(to).absolute(), progress)

    def _live(self, document_id: str) -> Document:
        with self._database.reading() as connection:
            return catalogue.live(connection, document_id)
