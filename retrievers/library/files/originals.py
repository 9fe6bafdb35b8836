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
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from ....errors import UnreadableFile
from .. import disk
from ..failpoints import reached

_PIECE = 1 << 20
_UNFINISHED = ".part"
_COPY = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]{1,8}){0,2}")


class Originals:
    """The folder `originals` of a library, and `stray` beside it.

    `guard` is held from asking who uses a copy to making or dropping it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stray = folder.with_name("originals.stray")
        self.guard = threading.Lock()

    def name(self, path: Path, content: str) -> str:
        """What the copy of a file with this hash is called; the suffix tells readers its kind."""
        suffix = path.suffix.lower()
        return content + (suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "")

    def rendition(self, source: Path, content: str) -> Path:
        """Where the PDF that was made of a file is, if one was."""
        return self.folder / f"{self.name(source, content)}.pdf"

    def keep(self, path: Path, content: str) -> None:
        """Copy `path`, unless a copy is there.

        Raises:
            UnreadableFile: The file vanished, or its bytes no longer have the hash `content`.
            DiskFull: There is no room for it.
        """
        name = self.name(path, content)
        if self.size(name) is None:
            self.copy(path, name, content)

    def copy(self, path: Path, name: str, content: str | None = None) -> None:
        """Copy `path` to `name`. It appears there only when it is whole and on disk; errors are those of `keep`."""
        kept = self.folder / name
        draft = kept.with_name(name + _UNFINISHED)
        with disk.explaining(self.folder):
            self.folder.mkdir(exist_ok=True)
            try:
                digest = _copied(path, draft)
                reached("original copied")
                if content is not None and digest != content:
                    raise UnreadableFile(
                        "the file changed while it was read", where=str(path), cure="add it again when it is finished"
                    )
                draft.replace(kept)
                sync_folder(self.folder)
            finally:
                draft.unlink(missing_ok=True)

    def size(self, name: str) -> int | None:
        """Bytes of a file there; None if there is none of this name."""
        with disk.explaining(self.folder / name):
            try:
                return (self.folder / name).stat().st_size
            except FileNotFoundError:
                return None

    def drop(self, name: str) -> None:
        with disk.explaining(self.folder):
            (self.folder / name).unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Every file there, copies that were not finished among them."""
        with disk.explaining(self.folder):
            return {path.name for path in self.folder.iterdir()} if self.folder.exists() else set()

    def copies(self) -> list[str]:
        """The files there that are named as this library names them."""
        return [name for name in self.names() if _COPY.fullmatch(name)]

    def set_aside(self, name: str) -> None:
        """Move a file that nobody names to `stray`, over none that is there: it may be the last of its kind."""
        with disk.explaining(self.stray):
            self.stray.mkdir(exist_ok=True)
            to = next(to for to in _numbered(self.stray / name) if not os.path.lexists(to))
            (self.folder / name).rename(to)
            sync_folder(self.stray)

    def unfinished(self) -> list[str]:
        """The copies of which `is_unfinished` is true."""
        return [name for name in self.names() if is_unfinished(name)]

    def intact(self, name: str, content: str) -> bool:
        """Whether the copy is there and has the hash `content`; reads all of it."""
        kept = self.folder / name
        with disk.explaining(kept):
            if not kept.is_file():
                return False
            with kept.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == content


def is_unfinished(name: str) -> bool:
    """Whether a file of this name is a copy that is being made, or that a killed process left half done."""
    return name.endswith(_UNFINISHED)


def _numbered(path: Path) -> Iterator[Path]:
    """`a`, `a.2`, `a.3` and so on."""
    yield path
    yield from (path.with_name(f"{path.name}.{number}") for number in count(2))


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
