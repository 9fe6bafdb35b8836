"""Backups: whole and consistent while others write, checked before anything is replaced, and the same library after."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import signal
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import LibraryBusy, LibraryMismatch, OctavoError, ServerUnavailable
from octavo.retrievers.library import Library
from octavo.retrievers.library.care import restore
from octavo.retrievers.library.files import originals
from octavo.retrievers.library.lock import LibraryLock
from octavo.retrievers.library.sqlite.schema import SCHEMA_VERSION
from octavo.tests.data import keep_library
from octavo.tests.retrievers.library.material import (
    MAKER,
    PROCESSES,
    add,
    document,
    stage,
    vector,
    versions_found,
)

NAME = hashlib.sha256(b"report.pdf new").hexdigest() + ".pdf"


@pytest.fixture
def backup(library: Library, tmp_path: Path) -> Path:
    """Of a library with two documents, an unfinished and a dead one, failures and an original."""
    keep_library.fill(library, tmp_path)
    told: list[tuple[int, int]] = []
    manifest = library.backup(tmp_path / "library.tar", progress=lambda done, total: told.append((done, total)))
    assert (manifest.documents, manifest.pages, manifest.passages, manifest.missing) == (2, 6, 12, ())
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]
    return tmp_path / "library.tar"


def opened(folder: Path) -> Library:
    return Library.open(folder, maker=MAKER, create=False)


def rewritten(backup: Path, change: Callable[[tarfile.TarInfo, bytes], Any], *more: tarfile.TarInfo) -> Path:
    """The backup with each member as `change` returns it (None leaves it out), and more members."""
    to = backup.with_name("changed.tar")
    with tarfile.open(backup) as old, tarfile.open(to, "w") as new:
        for member in old:
            content = old.extractfile(member)
            assert content is not None
            changed = change(member, content.read())
            if changed is not None:
                member.size = len(changed)
                new.addfile(member, io.BytesIO(changed))
        for extra in more:
            new.addfile(extra)
    return to


def with_manifest(backup: Path, **facts: object) -> Path:
    def change(member: tarfile.TarInfo, content: bytes) -> bytes:
        return json.dumps({**json.loads(content), **facts}).encode() if member.name == "manifest.json" else content

    return rewritten(backup, change)


def test_all_comes_back(library: Library, backup: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    there = tmp_path / "elsewhere" / "library"
    Library.restore(backup, there, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 0
    with opened(there) as restored:
        assert keep_library.found(restored) == keep_library.found(library)
        assert restored.verify() == []
        assert restored._index.opened().count() == 14  # filled when it was restored, the unfinished document's too
        assert not restored._sweeper.dead()
        assert add(restored, keep_library.UNFINISHED) == {"pages": 1, "passages": 4}
    assert {path.name for path in there.iterdir()} == {"library.db", "library.lock", "originals", "chroma"}
    assert not [path.name for path in tmp_path.iterdir() if "part" in path.name]


def replace_often(folder: Path, ready: Any, stop: Any) -> None:
    with Library.open(folder, maker=MAKER) as library:
        for turn in range(1000):
            if stop.is_set():
                return
            text = f"report.pdf v{turn}"
            file = folder.parent / "report.pdf"
            file.write_text(text)
            report = document(version=f"v{turn}", content=hashlib.sha256(text.encode()).hexdigest())
            with stage(library, report) as staging:
                staging.keep_original(file)
                staging.commit()
            ready.set()


@pytest.mark.parametrize("name", ["library.db", "library.tar", "originals/library.tar"])
def test_a_library_is_not_written_over_by_its_backup(library: Library, tmp_path: Path, name: str) -> None:
    add(library, document())
    link = tmp_path / "link"
    link.symlink_to(library.folder)
    other = Library.open(tmp_path / "other", maker=MAKER)
    other.close()
    with pytest.raises(OctavoError, match="into a library itself"):
        library.backup(link / name)
    with pytest.raises(OctavoError, match="into a library itself"):
        other.backup(link / "library.db")
    assert library.verify() == []
    assert not (library.folder / "library.tar").exists()


def test_a_backup_beside_a_busy_writer_is_one_state(tmp_path: Path) -> None:
    ready, stop = PROCESSES.Event(), PROCESSES.Event()
    child = PROCESSES.Process(target=replace_often, args=(tmp_path / "library", ready, stop))
    child.start()
    seen = set()
    try:
        assert ready.wait(60)
        with Library.open(tmp_path / "library", maker=MAKER, read_only=True) as library:
            for turn in range(8):
                assert library.backup(tmp_path / "b.tar").missing == ()
                manifest = restore.restore(
                    tmp_path / "b.tar", tmp_path / f"{turn}", chroma=None, force=False, wait=0, progress=None
                )
                assert manifest.documents == 1
                with Library.open(tmp_path / f"{turn}", maker=MAKER, read_only=True) as restored:
                    (found,) = restored.documents()
                    assert restored.original(found.id).read_text() == f"report.pdf {found.version}"
                    seen.add(found.version)
    finally:
        stop.set()
        child.join(60)
        child.close()
    assert len(seen) > 1


def test_an_original_the_library_lost_is_named(library: Library, tmp_path: Path) -> None:
    keep_library.fill(library, tmp_path)
    (library.folder / "originals" / NAME).unlink()
    assert library.backup(tmp_path / "b.tar").missing == ("report.pdf",)
    Library.restore(tmp_path / "b.tar", tmp_path / "there")
    with opened(tmp_path / "there") as restored:
        assert len(restored.documents()) == 2


def test_an_original_that_cannot_be_read_is_told(library: Library, tmp_path: Path) -> None:
    keep_library.fill(library, tmp_path)
    original = library.folder / "originals" / NAME
    original.unlink()
    original.mkdir()  # what may not be read is read by root all the same
    with pytest.raises(OctavoError, match="Is a directory") as caught:
        library.backup(tmp_path / "b.tar")
    assert caught.value.where == str(original)
    assert "written" not in str(caught.value)
    assert not (tmp_path / "b.tar").exists()


def test_nothing_is_overwritten_unless_forced(library: Library, backup: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    with Library.open(there, maker=MAKER) as other:
        add(other, document("other.pdf"))
        file = tmp_path / "other.pdf"
        file.write_bytes(b"other.pdf v2")
        with stage(other, document("other.pdf", "v2")) as staging:
            staging.keep_original(file)
            staging.commit()
        with pytest.raises(LibraryBusy, match="in use by"):
            Library.restore(backup, there, force=True)
    with pytest.raises(OctavoError, match="a library here already") as caught:
        Library.restore(backup, there)
    assert "--force" in (caught.value.cure or "")
    with opened(there) as other:
        assert [d.name for d in other.documents()] == ["other.pdf"]
    with Library.open(there, maker=MAKER, read_only=True) as beside, beside.snapshot():
        assert beside.documents()[0].name == "other.pdf"
        Library.restore(backup, there, force=True)
        assert beside.documents()[0].name == "other.pdf"  # a snapshot stays what it was
    with opened(there) as restored:
        assert keep_library.found(restored) == keep_library.found(library)
        assert restored.verify() == []
    assert [path.name for path in (there / "originals").iterdir()] == [NAME]


@pytest.mark.parametrize(("chroma", "shareable"), [(None, True), ("http://127.0.0.1:9", False)])
def test_a_busy_library_is_waited_for(backup: Path, tmp_path: Path, chroma: str | None, shareable: bool) -> None:
    (tmp_path / "there").mkdir()
    with LibraryLock(tmp_path / "there").held(), pytest.raises(LibraryBusy) as caught:
        Library.restore(backup, tmp_path / "there", chroma=chroma)
    assert caught.value.cure is not None
    assert "--wait" in caught.value.cure
    assert ("Chroma server" in caught.value.cure) == shareable  # which it is already


def test_a_server_that_is_down_is_told_before_anything_is_made(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(ServerUnavailable, match="does not answer"):
        Library.restore(backup, tmp_path / "there", chroma="http://127.0.0.1:9")
    assert not (tmp_path / "there").exists()


def test_open_readers_are_told_of_a_restored_library(backup: Path, tmp_path: Path) -> None:
    Library.restore(backup, tmp_path / "there")
    with Library.open(tmp_path / "there", maker=MAKER, read_only=True) as beside:
        assert len(beside.documents()) == 2
        Library.restore(backup, tmp_path / "there", force=True)
        with pytest.raises(LibraryMismatch, match="another library has taken its place") as caught:
            beside.documents()
        assert caught.value.cure == "open it again"


@pytest.mark.parametrize("damage", [b"no database at all" * 400, b"", None])
def test_a_damaged_library_is_set_aside(backup: Path, tmp_path: Path, damage: bytes | None) -> None:
    there = tmp_path / "there"
    with Library.open(there, maker=MAKER) as other:
        add(other, document("other.pdf"))
    if damage is None:  # whole at its beginning only
        content = bytearray((there / "library.db").read_bytes())
        content[8192:] = os.urandom(len(content) - 8192)
        damage = bytes(content)
    (there / "library.db").write_bytes(damage)
    Library.restore(backup, there, force=True)
    with opened(there) as restored:
        assert len(restored.documents()) == 2
        assert restored.verify() == []
    assert (there / "library.db.damaged").read_bytes() == damage


@pytest.mark.parametrize("lost", [True, False])
def test_what_a_lost_library_kept_besides_is_set_aside(backup: Path, tmp_path: Path, lost: bool) -> None:
    there = tmp_path / "there"
    Library.restore(backup, there)
    newer = there / "originals" / f"{'0' * 64}.pdf"
    newer.write_bytes(b"added after the backup")
    if lost:
        (there / "library.db").unlink()
    Library.restore(backup, there, force=not lost)
    assert not newer.exists()
    assert (there / "originals.stray" / newer.name).exists() == lost
    with opened(there) as library:
        assert library.verify() == []


def test_a_backup_cut_off_anywhere_is_refused_and_changes_nothing(backup: Path, tmp_path: Path) -> None:
    there, whole = tmp_path / "there", backup.read_bytes()
    with Library.open(there, maker=MAKER) as other:
        add(other, document("other.pdf"))
    short = tmp_path / "short.tar"
    with tarfile.open(backup) as tar:
        starts = [member.offset for member in tar][1:]  # where a cut leaves a tar that only lacks files
    for length in (0, 100, 512, 1000, 5000, *starts, len(whole) // 2, len(whole) - 11_000):
        short.write_bytes(whole[:length])
        with pytest.raises(OctavoError, match="this backup cannot be used: it is damaged") as caught:
            Library.restore(short, there, force=True)
        assert caught.value.where == str(short)
        with pytest.raises(OctavoError, match="this backup cannot be used"):
            Library.restore(short, tmp_path / "new" / "library")
        assert not (tmp_path / "new").exists()
    with opened(there) as other:
        assert all(versions == {"v1"} for versions in versions_found(other).values())
        assert other.verify() == []


def test_a_changed_byte_is_noticed(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        places = {member.name: member.offset_data for member in tar}
    assert set(places) == {"library.db", f"originals/{NAME}", "manifest.json"}
    for name, place in places.items():
        changed = bytearray(whole)
        changed[place + 5] ^= 1
        (tmp_path / "changed.tar").write_bytes(changed)
        with pytest.raises(OctavoError, match=r"is not what it was|manifest cannot be read|files are missing"):
            Library.restore(tmp_path / "changed.tar", tmp_path / "new")
        assert not (tmp_path / "new").exists(), name
    assert not (tmp_path / "new" / "restoring").exists()


def member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


@pytest.mark.parametrize(
    "evil",
    [
        member("../evil"),
        member("/tmp/evil"),
        member("originals/../../evil"),
        member("originals/evil"),
        member(f"originals/{NAME}", tarfile.SYMTYPE, "/etc/passwd"),
        member("library.db", tarfile.LNKTYPE, "/etc/passwd"),
        member("originals", tarfile.SYMTYPE, "/tmp"),
        member("originals", tarfile.DIRTYPE),
        member("library.db", tarfile.FIFOTYPE),
        member("library.db-wal"),
    ],
)
def test_what_does_not_belong_into_a_backup_is_refused(backup: Path, tmp_path: Path, evil: tarfile.TarInfo) -> None:
    changed = rewritten(backup, lambda member, content: content, evil)
    with pytest.raises(OctavoError, match="does not belong into a backup"):
        Library.restore(changed, tmp_path / "a" / "new")
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("facts", [{"schema_version": SCHEMA_VERSION + 1}, {"format": 2}])
def test_a_newer_backup_is_refused(backup: Path, tmp_path: Path, facts: dict[str, int]) -> None:
    with pytest.raises(LibraryMismatch, match="a newer Octavo made this backup") as caught:
        Library.restore(with_manifest(backup, **facts), tmp_path / "new")
    assert "upgrade" in (caught.value.cure or "")
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="files are missing"):
        Library.restore(with_manifest(backup, files={}), tmp_path / "new")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.add(__file__, "notes.txt")
    with pytest.raises(OctavoError, match="no backup of an Octavo library"):
        Library.restore(tmp_path / "other.tar", tmp_path / "new")
    for path, said in ((tmp_path / "none.tar", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(OctavoError, match=f"the backup cannot be read .{said}") as caught:
            Library.restore(path, tmp_path / "new")
        assert (caught.value.where, caught.value.cure is None) == (str(path), False)
    assert not (tmp_path / "new").exists()


def test_an_older_backup_is_migrated(tmp_path: Path) -> None:
    with tarfile.open(Path(keep_library.__file__).with_name("library-schema-1.tar.xz")) as tar:
        tar.extractall(tmp_path, filter="data")
    database = tmp_path / "library" / "library.db"
    facts = {"format": 1, "schema_version": 1, "created": "", "documents": 2, "pages": 6, "passages": 12}
    maker = {"embedder": MAKER.name, "revision": MAKER.revision, "dimension": MAKER.dimension}
    names = {"library.db": database, f"originals/{NAME}": tmp_path / "library" / "originals" / NAME}
    files = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in names.items()}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({**facts, **maker, "files": files}))
    with tarfile.open(tmp_path / "old.tar", "w") as tar:
        for name, path in {**names, "manifest.json": manifest}.items():
            tar.add(path, name)
    Library.restore(tmp_path / "old.tar", tmp_path / "new")
    with opened(tmp_path / "new") as library:
        assert keep_library.found(library) == json.loads((tmp_path / "found.json").read_text())
        assert library._database.meta.schema == SCHEMA_VERSION


def test_a_full_disk_leaves_no_half_file(library: Library, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = backup.read_bytes()
    fsync = os.fsync

    def full(handle: int) -> None:
        if os.readlink(f"/proc/self/fd/{handle}").endswith((".tar.part", "restoring/library.db")):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    there = backup.parent / "there"
    works: list[Callable[[], object]] = [lambda: library.backup(backup), lambda: Library.restore(backup, there)]
    for work in works:
        with pytest.raises(OctavoError, match="No space left") as caught:
            work()
        assert "make room" in (caught.value.cure or "")
    assert backup.read_bytes() == before
    assert not [path for path in backup.parent.iterdir() if "part" in path.name]
    assert not there.exists()


def restore_and_die(backup: Path, folder: Path, where: str) -> None:
    """What the child does: it is killed before or after the moment at which the library changes."""

    def die(*args: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    if where == "before":
        restore._switch = die  # type: ignore[assignment]
    elif where == "originals":
        originals.sync_folder = restore.sync_folder = die  # type: ignore[assignment, attr-defined]
    else:
        Library.repair = die  # type: ignore[assignment, method-assign]
    Library.restore(backup, folder, force=True)


@pytest.mark.parametrize("where", ["before", "originals", "after"])
def test_a_kill_leaves_the_old_or_the_restored_library(backup: Path, tmp_path: Path, where: str) -> None:
    there = tmp_path / "there"
    with Library.open(there, maker=MAKER) as other:
        add(other, document("other.pdf", version="other"))
    child = PROCESSES.Process(target=restore_and_die, args=(backup, there, where))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    child.close()
    with opened(there) as library:
        expected = {"new", "v1"} if where == "after" else {"other"}
        assert versions_found(library)["dense"] == expected
        assert library.dense(vector("any"), 50)
    assert not (there / "restoring").exists()
    Library.restore(backup, there, force=True)
    with opened(there) as library:
        assert library.verify() == []
        assert {d.name for d in library.documents()} == {"report.pdf", keep_library.STRANGE.name}


def test_the_lock_is_free_after_a_failure(tmp_path: Path) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "bad.tar").write_bytes(b"x" * 2000)
    with pytest.raises(OctavoError):
        Library.restore(tmp_path / "bad.tar", tmp_path / "library")
    with LibraryLock(tmp_path / "library").held():
        pass


def test_the_copy_in_a_backup_is_sound(backup: Path, tmp_path: Path) -> None:
    with tarfile.open(backup) as tar:
        tar.extract("library.db", tmp_path, filter="data")
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM versions WHERE state = 'dead'").fetchone() == (0,)
