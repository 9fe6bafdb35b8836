"""A library in one file: a tar of `library.db`, the originals it needs, and a manifest with the hash of each.

Taken without the lock, also while another process writes. Chroma is not in it: it cannot be copied while it is open,
and `library.db` holds all its vectors (100,000 × 384 are written to a new index in about a minute).
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict

from ....errors import OctavoError, counted
from ....ingest.libraries import DATABASE
from .. import disk
from ..files.originals import Originals, sync_folder
from ..sqlite import catalogue, schema
from ..sqlite.codec import decode_text
from ..sqlite.connections import explaining
from ..sqlite.database import Database
from ..sqlite.migrations import copy_database
from ..values import Maker

FORMAT = 1
MANIFEST = "manifest.json"
ORIGINALS = "originals/"

ByteWatcher = Callable[[int, int], None]
"""Takes bytes done and bytes in all."""


class Manifest(BaseModel):
    """What a backup holds. `files` gives the SHA-256 of each by its name in the archive."""

    model_config = ConfigDict(frozen=True)

    format: int
    schema_version: int
    embedder: str
    revision: str
    dimension: int
    documents: int
    pages: int
    passages: int
    created: str
    files: dict[str, str]
    missing: tuple[str, ...] = ()
    """Documents whose original the library itself no longer had."""

    def held(self) -> str:
        """In words."""
        said = {"document": self.documents, "page": self.pages, "passage": self.passages}
        return ", ".join(counted(count, thing) for thing, count in said.items())

    @property
    def maker(self) -> Maker:
        return Maker(self.embedder, self.revision, self.dimension)


def write(database: Database, originals: Originals, to: Path, progress: ByteWatcher | None) -> Manifest:
    """Write a backup of the library as it is now. It appears at `to` whole, in place of an earlier one.

    Raises:
        OctavoError: `to` lies in the library, its disk is full, or it may not be written to; nothing is left then.
    """
    disk.check_outside(database.path.parent, to)
    draft, copy = to.with_name(to.name + ".part"), to.with_name(to.name + ".part-library.db")
    with explaining_files(to):
        try:
            with draft.open("wb") as file:
                with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                    manifest = _fill(_Archive(tar, progress), database, originals, copy)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(to)
            sync_folder(to.parent)
        finally:
            draft.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
    return manifest


def _fill(archive: _Archive, database: Database, originals: Originals, copy: Path) -> Manifest:
    """The originals first: one that goes meanwhile, with its document, is not in the next copy of the database."""
    missing: dict[str, str] = {}
    while True:
        with database.latest() as connection, explaining(copy):
            copy_database(connection, copy)
        with explaining(copy), closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            needed = _lightened(connection) | _renditions(connection, originals)
            lacking = _keep(archive, originals, needed, copy.stat().st_size)
        known, missing = set(missing), {name: needed[name] for name in lacking}
        if lacking <= known:  # else replaced since, or truly gone: the next copy tells
            break
    archive.add(DATABASE, copy)
    with explaining(copy), closing(sqlite3.connect(copy)) as connection:
        manifest = _manifest(connection, archive, set(needed) - set(missing), [n for n in missing.values() if n])
    archive.add_text(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _lightened(connection: sqlite3.Connection) -> dict[str, str]:
    """Forgets the dead versions, whose files may go at any moment. Gives the originals needed by the others, each with
    the name of a live document, or nothing for one that is being added."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("DELETE FROM versions WHERE state = 'dead'")
    rows = connection.execute(
        "SELECT original, max(CASE state WHEN 'live' THEN name ELSE '' END) FROM versions"
        " WHERE original IS NOT NULL GROUP BY original"
    )
    return {original: decode_text(name) for original, name in rows}


def _renditions(connection: sqlite3.Connection, originals: Originals) -> dict[str, str]:
    """The PDFs that were made of files, as `_lightened` gives originals."""
    found: dict[str, str] = {}
    for source, content, state, name in connection.execute("SELECT source, content, state, name FROM versions"):
        rendition = originals.rendition(Path(decode_text(source)), content)
        if originals.size(rendition.name) is not None:
            found[rendition.name] = decode_text(name) if state == "live" else found.get(rendition.name, "")
    return found


def _keep(archive: _Archive, originals: Originals, needed: dict[str, str], more: int) -> set[str]:
    """Archive the originals that are not in it yet. Gives those that are not there."""
    names = [name for name in needed if ORIGINALS + name not in archive.hashes]
    archive.expect(more + sum(originals.size(name) or 0 for name in names))
    lacking = set()
    for name in names:
        try:
            archive.add(ORIGINALS + name, originals.folder / name)
        except FileNotFoundError:
            lacking.add(name)
    return lacking


def _manifest(connection: sqlite3.Connection, archive: _Archive, originals: set[str], missing: list[str]) -> Manifest:
    described = schema.described(connection)
    maker = described.maker
    wanted = {DATABASE, *(ORIGINALS + name for name in originals)}
    documents, pages = connection.execute("SELECT count(*), coalesce(sum(page_count), 0) FROM documents").fetchone()
    return Manifest(
        format=FORMAT,
        schema_version=described.schema,
        embedder=maker.name,
        revision=maker.revision,
        dimension=maker.dimension,
        documents=documents,
        pages=pages,
        passages=catalogue.passage_count(connection),
        created=schema.now(),
        files={name: digest for name, digest in sorted(archive.hashes.items()) if name in wanted},
        missing=tuple(sorted(missing)),
    )


class _Archive:
    """A tar being written, with the hash of each file in it."""

    def __init__(self, tar: tarfile.TarFile, progress: ByteWatcher | None) -> None:
        self.hashes: dict[str, str] = {}
        self._tar = tar
        self._progress = progress
        self._done = self._total = 0

    def expect(self, size: int) -> None:
        self._total = self._done + size

    def add(self, name: str, path: Path) -> None:
        """Raises FileNotFoundError before anything is written."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise disk.explained(error, str(path)) from error
        with file:
            info = tarfile.TarInfo(name)
            info.size = os.fstat(file.fileno()).st_size
            hashed = Hashing(file, path, self._tell)
            self._tar.addfile(info, hashed)
        self.hashes[name] = hashed.digest()

    def add_text(self, name: str, text: str) -> None:
        data = text.encode()
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._tar.addfile(info, io.BytesIO(data))

    def _tell(self, size: int) -> None:
        self._done += size
        if self._progress is not None:
            self._progress(self._done, max(self._total, self._done))


class Hashing(io.RawIOBase):
    """What stands in the file `path`, hashed as it is read."""

    def __init__(self, file: IO[bytes], path: Path, tell: Callable[[int], None]) -> None:
        self._file, self._path, self._tell, self._sha = file, path, tell, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        with disk.explaining(self._path):
            data = self._file.read(size)
        self._sha.update(data)
        self._tell(len(data))
        return data

    def digest(self) -> str:
        return self._sha.hexdigest()


@contextmanager
def explaining_files(path: Path) -> Iterator[None]:
    """The file system's errors in Octavo's words."""
    try:
        yield
    except OSError as error:
        cure = "check the path and its permissions"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            cure = "make room, or name a place on another disk"
        where = str(error.filename or path)
        raise OctavoError(f"cannot be written ({error.strerror})", where=where, cure=cure) from error
