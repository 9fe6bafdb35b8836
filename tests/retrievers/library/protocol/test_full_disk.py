"""A disk that fills up or fails at every step: an error with a cure, nothing lost, and the next try completes."""

from __future__ import annotations

import errno
import hashlib
import os
import resource
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from octavo.errors import DiskFull, OctavoError
from octavo.retrievers.library import Library, disk, failpoints
from octavo.tests.conftest import SmallDisk
from octavo.tests.retrievers.library.material import MAKER, PROCESSES, dense, document, page, passage, stage
from octavo.tests.retrievers.library.upsets import HISTORIES, act, check, nothing_left_over, prepare, whole

WRITING: tuple[failpoints.Step, ...] = (
    "committing",
    "version staged",
    "pages staged",
    "passages staged",
    "vectors upserted",
    "original named",
    "original copied",
    "original kept",
    "before flip",
    "flipped",
    "vectors swept",
    "original dropped",
)
MIB = 1 << 20


def failing_at(step: failpoints.Step, nth: int, fail: Callable[[], None]) -> Callable[[failpoints.Step], None]:
    seen: Counter[str] = Counter()

    def hook(reached: failpoints.Step) -> None:
        seen[reached] += 1
        if reached == step and seen[step] == nth:
            fail()

    return hook


@pytest.mark.parametrize("step", WRITING)
def test_the_disk_fills_up_at_every_step(small_disk: SmallDisk, step: failpoints.Step) -> None:
    history = HISTORIES["back"]
    folder = small_disk.folder / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, history)
    failpoints.hook = failing_at(step, 2 if step == "committing" else 1, small_disk.fill)
    with Library.open(folder, maker=MAKER) as library:
        with pytest.raises(DiskFull) as told:
            act(library, history.steps)
        assert "the disk is full" in told.value.what
        assert told.value.where is not None
        assert told.value.where.startswith(str(folder))
        assert "make room" in str(told.value.cure)
        failpoints.hook = None
        assert [found.name for found in library.documents()] == ["a.pdf"]  # what was finished can be read
        small_disk.empty()
        act(library, history.steps)  # the same open library goes on
    check(folder, history, Counter())


@pytest.mark.parametrize("step", WRITING)
@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_an_error_at_every_step(tmp_path: Path, step: failpoints.Step, code: int) -> None:
    """Whatever is raised, where it is raised: the transaction is undone, and the next try goes on."""

    def fail() -> None:
        raise OSError(code, os.strerror(code))

    history = HISTORIES["back"]
    folder = tmp_path / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, history)
    failpoints.hook = failing_at(step, 1, fail)
    with Library.open(folder, maker=MAKER) as library:
        with pytest.raises((OSError, OctavoError)):
            act(library, history.steps)
        failpoints.hook = None
        act(library, history.steps)
    check(folder, history, Counter())


@pytest.mark.parametrize(
    ("code", "said"), [(sqlite3.SQLITE_FULL, "the disk is full"), (sqlite3.SQLITE_IOERR, "the disk fails")]
)
def test_what_sqlite_says_is_explained(tmp_path: Path, code: int, said: str) -> None:
    def fail() -> None:
        error = sqlite3.OperationalError("as SQLite says it")
        error.sqlite_errorcode = code
        raise error

    failpoints.hook = failing_at("committing", 1, fail)
    with Library.open(tmp_path / "library", maker=MAKER) as library:
        with pytest.raises(OctavoError, match=said) as told:
            act(library, HISTORIES["first"].steps)
        assert isinstance(told.value, DiskFull) == (code == sqlite3.SQLITE_FULL)


def writes_fail(folder: Path, history: str, step: failpoints.Step, told: Connection) -> None:
    """No file can grow any more from `step` on: every write of SQLite, Chroma and of copies fails as on a bad disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    failpoints.hook = failing_at(step, 1, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, limits[1])))
    try:
        with Library.open(folder, maker=MAKER) as library:
            act(library, HISTORIES[history].steps)
    except OctavoError as error:
        told.send(error)
    else:
        told.send(None)


def full_underneath(folder: Path, leaving: int, told: Connection) -> None:
    """Chroma itself meets the end of the disk, since nobody looks ahead."""
    disk.RESERVE = 0
    small = SmallDisk(folder.parents[1])
    failpoints.hook = failing_at("passages staged", 1, lambda: small.fill(leaving))
    try:
        with Library.open(folder, maker=MAKER) as library:
            act(library, HISTORIES["several"].steps)
    except OctavoError as error:
        told.send(error)
    else:
        told.send(None)


def ended(target: Callable[..., None], *args: object) -> OctavoError | None:
    """What a process of its own met."""
    here, there = PROCESSES.Pipe(duplex=False)
    child = PROCESSES.Process(target=target, args=(*args, there))
    child.start()
    there.close()
    child.join(60)
    hangs = child.is_alive()
    child.kill()
    assert not hangs, "the process hangs"
    assert child.exitcode == 0
    met: OctavoError | None = here.recv()
    return met


@pytest.mark.parametrize("step", WRITING)
def test_writes_fail_from_every_step_on(tmp_path: Path, step: failpoints.Step) -> None:
    history = HISTORIES["several"]
    folder = tmp_path / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, history)
    met = ended(writes_fail, folder, history.name, step)
    assert met is not None
    assert met.cure is not None
    with Library.open(folder, maker=MAKER) as library:
        live = {found.name for found in library.documents()}
        assert all(name in live or None in versions for name, versions in history.allowed.items())


@pytest.mark.parametrize("leaving", [0, 40_000, 70_000, 100_000, 200_000, 400_000])
def test_chroma_meets_a_full_disk(small_disk: SmallDisk, leaving: int) -> None:
    history = HISTORIES["several"]
    folder = small_disk.folder / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, history)
    met = ended(full_underneath, folder, leaving)
    assert isinstance(met, DiskFull)
    small_disk.empty()
    check(folder, history, Counter())


def test_removing_makes_room_where_chroma_cannot_be_written_to(small_disk: SmallDisk) -> None:
    folder = small_disk.folder / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, HISTORIES["removed"])
    source = small_disk.folder / "large.pdf"
    source.write_bytes(bytes(8 * MIB))
    large = document("large.pdf", content=hashlib.sha256(source.read_bytes()).hexdigest(), source=str(source))
    rest = {"a.pdf": "v1", "b.pdf": "v1", "c.pdf": "v1"}
    with Library.open(folder, maker=MAKER) as library:
        with stage(library, large) as staging:
            passages = [passage(large, order) for order in range(6)]
            staging.add_pages([page(large, number) for number in (1, 2, 3)], {})
            staging.add_passages(passages, dense(large, passages))
            staging.keep_original(source)
            staging.commit()
        small_disk.fill(leaving=2 * MIB)
        library.remove(large.id)
        assert shutil.disk_usage(folder).free > 9 * MIB
        whole(library, rest)
    with Library.open(folder, maker=MAKER) as library:
        whole(library, rest)  # searching needs no room, whatever is left in the vector index
        (problem,) = library.verify()
        assert "the vector index has 6 rows of no passage" in problem
        small_disk.empty()
    with Library.open(folder, maker=MAKER) as library:
        library._index.opened()
        assert library.verify() == []
        nothing_left_over(library)
