"""Copies of the files that were read, by the hash of their bytes: pictures of pages survive moved files.

    originals/<sha256>.docx        the file, unless the library only links to it
    originals/<sha256>.docx.pdf    its rendition: the PDF that was made of it, whose pages were read

A rendition is named after the file's hash and ending, so that any version row tells which one is its own; it belongs to
every version of these bytes, and goes with the last.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from pathlib import Path

from ...errors import UnreadableFile

_PIECE = 1 << 20


class Originals:
    """The folder `originals` of a library. `guard` is held from asking who uses a copy to making or dropping it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.guard = threading.Lock()

    def name(self, path: Path, content: str) -> str:
        """What the copy of a file with this hash is called; the suffix tells readers its kind."""
        suffix = path.suffix.lower()
        return content + (suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")

    def rendition(self, source: Path, content: str) -> Path:
        """Where the PDF that was made of a file is, if one was."""
        return self.folder / f"{self.name(source, content)}.pdf"

    def keep_rendition(self, pdf: Path, source: Path, content: str) -> None:
        """Copy the PDF that was made of `source`, unless there is one already. It appears when it is whole."""
        kept = self.rendition(source, content)
        if not kept.exists():
            self._store(pdf, kept)

    def keep(self, path: Path, content: str) -> None:
        """Copy `path`, unless a copy is there. It appears under its name only when it is whole and on disk.

        Raises:
            UnreadableFile: The file vanished, or its bytes no longer have the hash `content`.
        """
        kept = self.folder / self.name(path, content)
        if not kept.exists():
            self._store(path, kept, content)

    def _store(self, path: Path, kept: Path, content: str | None = None) -> None:
        self.folder.mkdir(exist_ok=True)
        draft = kept.with_name(kept.name + ".part")
        try:
            digest = _copied(path, draft)
            if content is not None and digest != content:
                raise UnreadableFile(
                    "the file changed while it was read", where=str(path), cure="add it again when it is finished"
                )
            draft.replace(kept)
            sync_folder(self.folder)
        finally:
            draft.unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


def _copied(path: Path, to: Path) -> str:
    """Copy and hash in one go, and wait until the copy is on disk."""
    hashed = hashlib.sha256()
    try:
        source = path.open("rb")
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    with source, to.open("wb") as copy:
        while piece := source.read(_PIECE):
            hashed.update(piece)
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())
    return hashed.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where folders can be synced."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
