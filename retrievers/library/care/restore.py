"""Making a library from a backup. All is read and checked aside before anything is replaced."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tarfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from ....errors import LibraryMismatch, OctavoError
from ....ingest.libraries import DATABASE
from ..chroma import api
from ..files.originals import Originals, is_unfinished, sync_folder
from ..lock import LibraryLock
from ..sqlite.connections import explaining, writer
from ..sqlite.migrations import ASIDE, has_library
from ..sqlite.schema import SCHEMA_VERSION
from .backup import FORMAT, MANIFEST, ORIGINALS, ByteWatcher, Hashing, Manifest, explaining_files

_NAME = re.compile(rf"{re.escape(DATABASE)}|{ORIGINALS}[0-9a-f]{{64}}(\.[a-z0-9]{{1,8}}){{0,2}}")
_UPGRADE = "upgrade Octavo (`pip install --upgrade octavo`)"


def restore(
    file: Path, folder: Path, *, chroma: str | None, force: bool, wait: float, progress: ByteWatcher | None
) -> Manifest:
    """Put the library in the backup `file` into `folder`; `chroma` is the URL of its Chroma server, if it has one.

    Killed at any moment it leaves what was there before, or the restored library. The vector index is not written yet.

    Raises:
        OctavoError: It is no whole backup, there is a library already and `force` is not set, or the disk is full.
        LibraryMismatch: A newer Octavo made the backup.
        LibraryBusy: Another process has the library.
        ServerUnavailable: The Chroma server does not answer.
    """
    with _opened(file) as tar:
        manifest = _manifest(tar, file)
        with _made(folder), LibraryLock(folder, shared=chroma is not None).held(wait):
            if (folder / DATABASE).exists() and not force:
                raise OctavoError(
                    "there is a library here already",
                    where=str(folder),
                    cure="replace it with --force, or name another folder with --library",
                )
            if chroma is not None:
                api.check(chroma)
            aside = folder / ASIDE
            shutil.rmtree(aside, ignore_errors=True)
            try:
                with explaining_files(folder):
                    _unpack(tar, manifest, file, aside, progress)
                    _rename(aside / DATABASE)
                    _switch(aside, folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
    return manifest


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """The folder, which goes again with what it was made for."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    with explaining_files(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        if folder in new and not (folder / DATABASE).exists():
            with suppress(OSError):
                (folder / "library.lock").unlink(missing_ok=True)
                for place in new:
                    place.rmdir()
        raise


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise _damaged(file, f"it is damaged, or no backup at all ({error})") from error
    except OSError as error:
        what, cure = f"the backup cannot be read ({error.strerror})", "check the path, its rights and its disk"
        raise OctavoError(what, where=str(file), cure=cure) from error


def _manifest(tar: tarfile.TarFile, file: Path) -> Manifest:
    """What the archive says it holds, which is also all that is taken from it."""
    members = {member.name: member for member in tar}
    if MANIFEST not in members:  # it comes last
        ours = any(_NAME.fullmatch(name) for name in members)
        what = "it is damaged: its end is missing" if ours else "it is no backup of an Octavo library"
        raise _damaged(file, what)
    for name, member in members.items():
        plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
        if not plain or not (name == MANIFEST or _NAME.fullmatch(name)):
            raise _damaged(file, f"{name!r} does not belong into a backup")
    text = tar.extractfile(members[MANIFEST])
    assert text is not None
    try:
        manifest = Manifest.model_validate_json(text.read())
    except ValidationError as error:
        raise _damaged(file, f"its manifest cannot be read: {error.errors()[0]['msg']}") from error
    if manifest.format > FORMAT or manifest.schema_version > SCHEMA_VERSION:
        what = f"a newer Octavo made this backup (schema {manifest.schema_version}; this one knows {SCHEMA_VERSION})"
        raise LibraryMismatch(what, where=str(file), cure=_UPGRADE)
    if DATABASE not in manifest.files or not manifest.files.keys() <= members.keys():
        raise _damaged(file, "files are missing")
    return manifest


def _unpack(tar: tarfile.TarFile, manifest: Manifest, file: Path, aside: Path, progress: ByteWatcher | None) -> None:
    (aside / ORIGINALS).mkdir(parents=True)
    total, done = sum(tar.getmember(name).size for name in manifest.files), 0

    def tell(size: int) -> None:
        nonlocal done
        done += size
        if progress is not None:
            progress(done, total)

    for name, digest in manifest.files.items():
        content = tar.extractfile(name)
        assert content is not None
        hashed = Hashing(content, file, tell)
        with (aside / name).open("wb") as out:
            shutil.copyfileobj(hashed, out, 1 << 20)
            out.flush()
            os.fsync(out.fileno())
        if hashed.digest() != digest:
            raise _damaged(file, f"{name} is not what it was")
    with explaining(file), closing(sqlite3.connect(aside / DATABASE)) as connection:
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise _damaged(file, f"{DATABASE} in it is damaged")


def _rename(database: Path) -> None:
    """A new name for a new life: handles that are open on what was there notice, and on a Chroma server the library
    shares its collection with nobody."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'library'", (uuid.uuid4().hex,))
        connection.execute("DELETE FROM meta WHERE key LIKE 'vectors%'")  # what is known of a vector index


def _switch(aside: Path, folder: Path) -> None:
    """Originals first: named by their content, they disturb nobody. The database changes in one step."""
    originals = folder / ORIGINALS
    originals.mkdir(exist_ok=True)
    restored = {path.name for path in (aside / ORIGINALS).iterdir()}
    for name in restored:
        (aside / ORIGINALS / name).replace(originals / name)
    sync_folder(originals)
    there = folder / DATABASE
    replaced = has_library(there)
    if replaced:
        # By SQLite's own transaction: processes that have it open see the old library or the new one.
        with explaining(there), closing(sqlite3.connect(aside / DATABASE)) as new, closing(writer(there)) as old:
            new.backup(old)
    else:
        if there.exists():  # whatever it is, it is kept
            there.replace(there.with_name(f"{DATABASE}.damaged"))
        for suffix in ("-wal", "-shm"):
            there.with_name(DATABASE + suffix).unlink(missing_ok=True)
        (aside / DATABASE).replace(there)
    sync_folder(folder)
    shutil.rmtree(folder / "chroma", ignore_errors=True)  # of what was there before
    kept = Originals(originals)
    for name in kept.names() - restored:
        if replaced or is_unfinished(name):
            kept.drop(name)
        else:  # of a library whose database is lost: perhaps added after the backup
            kept.set_aside(name)


def _damaged(file: Path, what: str) -> OctavoError:
    return OctavoError(f"this backup cannot be used: {what}", where=str(file), cure="take another one")
