"""Synchronising: folders that change, vanish, cannot be read, overlap. Real folders, a real library."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from octavo import DocumentQA
from octavo.errors import SettingsError
from octavo.pipelines.reports import Progress, SyncReport
from octavo.pipelines.settings import Settings

from ..conftest import GARDEN, LIGHTHOUSE, PoolHere, interrupted, write_pdf


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three documents, one of them in a folder of its own."""
    (tmp_path / "in" / "deep").mkdir(parents=True)
    write_pdf(tmp_path / "in" / "a.pdf", LIGHTHOUSE)
    write_pdf(tmp_path / "in" / "b.pdf", GARDEN)
    write_pdf(tmp_path / "in" / "deep" / "c.pdf", GARDEN)
    return tmp_path / "in"


@pytest.fixture
def qa(tmp_path: Path, quick: dict[str, Any]) -> Iterator[DocumentQA]:
    with DocumentQA.open(tmp_path / "library", **quick) as opened:
        yield opened


def counts(report: SyncReport) -> dict[str, int]:
    """What is not nought."""
    said = {name: getattr(report, name) for name in ("added", "replaced", "removed", "unchanged")}
    said["failed"] = len(report.failed)
    return {name: count for name, count in said.items() if count}


def names(qa: DocumentQA) -> list[str]:
    return [document.name for document in qa.documents()]


def test_what_is_new_changed_and_gone(qa: DocumentQA, folder: Path, pool: type[PoolHere]) -> None:
    assert counts(qa.sync(folder)) == {"added": 3}
    assert counts(qa.sync(folder)) == {"unchanged": 3}
    write_pdf(folder / "b.pdf", LIGHTHOUSE[:1])
    write_pdf(folder / "d.pdf", GARDEN)
    (folder / "deep" / "c.pdf").unlink()
    pool.reads.clear()
    foreseen = qa.sync(folder, dry_run=True)
    assert counts(foreseen) == {"added": 1, "replaced": 1, "removed": 1, "unchanged": 1}
    assert (pool.reads, names(qa)) == ([], ["a.pdf", "b.pdf", "c.pdf"])
    events: list[Progress] = []
    done = qa.sync(folder, progress=events.append)
    assert counts(done) == counts(foreseen)
    assert done.changes == foreseen.changes
    assert [(change.what, Path(change.source).name) for change in done.changes] == [
        ("replaced", "b.pdf"),
        ("added", "d.pdf"),
        ("removed", "c.pdf"),
    ]
    assert names(qa) == ["a.pdf", "b.pdf", "d.pdf"]
    assert {event.files for event in events} == {4}
    assert events[-1].stage == "removed"  # additions come first
    assert qa.verify() == []


def test_a_renamed_file_is_added_before_its_old_name_goes(qa: DocumentQA, folder: Path) -> None:
    qa.sync(folder)
    (folder / "b.pdf").rename(folder / "z.pdf")
    assert [change.what for change in qa.sync(folder).changes] == ["added", "removed"]
    originals = {path.name for path in (qa.settings.library.path / "originals").iterdir()}
    assert {f"{document.content}.pdf" for document in qa.documents()} == originals  # shared, and still there


@pytest.mark.parametrize("away", [shutil.rmtree, lambda path: [p.unlink() for p in path.rglob("*.pdf")]])
def test_a_folder_that_is_gone_or_empty_takes_nothing_with_it(
    qa: DocumentQA, folder: Path, away: Callable[[Path], Any]
) -> None:
    qa.sync(folder)
    away(folder)
    report = qa.sync(folder)
    assert counts(report) == {"failed": 1}
    assert "3 documents are known from it" in report.failed[0].message
    assert "--allow-empty" in str(report.failed[0].cure)
    assert len(names(qa)) == 3
    assert counts(qa.sync(folder, dry_run=True, allow_empty=True)) == {"removed": 3}
    assert counts(qa.sync(folder, allow_empty=True)) == {"removed": 3}
    assert (names(qa), qa.status().failures) == ([], ())


def test_a_folder_further_down_that_is_all_at_once_empty_takes_nothing_with_it(qa: DocumentQA, folder: Path) -> None:
    disk = folder / "deep"
    (disk / "shelf").mkdir()
    write_pdf(disk / "shelf" / "d.pdf", LIGHTHOUSE)
    assert counts(qa.sync(folder)) == {"added": 4}
    disk.rename(folder.parent / "unmounted")
    disk.mkdir()
    (folder / "b.pdf").unlink()
    for dry_run in (True, False):
        report = qa.sync(folder, dry_run=dry_run)
        assert counts(report) == {"unchanged": 1, "removed": 1, "failed": 1}
        assert report.failed[0].source == str(disk)
        assert "2 documents are known from it; nothing was removed" in report.failed[0].message
        assert "--allow-empty" in str(report.failed[0].cure)
    assert names(qa) == ["a.pdf", "c.pdf", "d.pdf"]
    assert counts(qa.sync(folder, dry_run=True, allow_empty=True)) == {"unchanged": 1, "removed": 2}
    disk.rmdir()
    assert counts(qa.sync(folder)) == {"unchanged": 1, "removed": 2}


def test_one_missing_folder_does_not_stop_the_others(qa: DocumentQA, folder: Path) -> None:
    report = qa.sync(folder.parent / "absent", folder)
    assert counts(report) == {"added": 3, "failed": 1}
    assert "no such folder" in report.failed[0].message
    assert counts(qa.sync(folder.parent / "absent", allow_empty=True)) == {"failed": 1}


def test_an_empty_folder_of_which_nothing_is_known_is_no_error(qa: DocumentQA, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert counts(qa.sync(tmp_path / "empty")) == {}


def test_beneath_a_folder_that_cannot_be_listed_nothing_goes(
    qa: DocumentQA, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    qa.sync(folder)
    listdir = os.listdir

    def failing(path: Any = ".") -> list[str]:
        if Path(path).name == "deep":
            raise OSError(5, "Input/output error", str(path))
        return listdir(path)

    monkeypatch.setattr(os, "listdir", failing)
    (folder / "deep" / "c.pdf").unlink()  # as far as can be told
    (folder / "a.pdf").unlink()
    report = qa.sync(folder)
    assert counts(report) == {"removed": 1, "unchanged": 1, "failed": 1}
    assert report.failed[0].source == str(folder / "deep")
    assert names(qa) == ["b.pdf", "c.pdf"]


def test_behind_a_link_to_nothing_nothing_goes(qa: DocumentQA, folder: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (folder / "deep").rename(disk)
    (folder / "deep").symlink_to(disk)
    (folder / "e.pdf").symlink_to(write_pdf(tmp_path / "e.pdf", GARDEN))
    assert counts(qa.sync(folder)) == {"added": 4}
    disk.rename(tmp_path / "unmounted")
    (tmp_path / "e.pdf").unlink()
    report = qa.sync(folder)
    assert counts(report) == {"unchanged": 2, "failed": 2}
    assert [(Path(failure.source).name, "a link to nothing" in failure.message) for failure in report.failed] == [
        ("deep", True),
        ("e.pdf", True),
    ]
    assert names(qa) == ["a.pdf", "b.pdf", "c.pdf", "e.pdf"]
    (folder / "deep").unlink()
    (folder / "e.pdf").unlink()
    assert counts(qa.sync(folder)) == {"unchanged": 2, "removed": 2}


def test_a_file_that_fails_keeps_its_old_version(qa: DocumentQA, folder: Path) -> None:
    qa.sync(folder)
    good = (folder / "b.pdf").read_bytes()
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 half a file")
    assert counts(qa.sync(folder)) == {"unchanged": 2, "failed": 1}
    assert len(qa.status().failures) == 1
    assert "omato" in qa.page("b.pdf", 1).regions[0].text
    (folder / "b.pdf").write_bytes(good)
    assert counts(qa.sync(folder)) == {"unchanged": 3}
    assert qa.status().failures == ()
    (folder / "x.pdf").write_bytes(b"%PDF-1.7 half a file")
    assert counts(qa.sync(folder)) == {"unchanged": 3, "failed": 1}
    (folder / "x.pdf").unlink()
    assert counts(qa.sync(folder)) == {"unchanged": 3}
    assert qa.status().failures == ()  # gone, and no longer wrong


def test_documents_from_elsewhere_are_not_touched(
    qa: DocumentQA, folder: Path, tmp_path: Path, quick: dict[str, Any]
) -> None:
    beside = tmp_path / "in-and-out"  # its name begins like the folder's
    beside.mkdir()
    write_pdf(beside / "o.pdf", GARDEN)
    qa.add(beside)
    qa.close()
    other = Settings.checked({**quick, "library": {"path": tmp_path / "library", "collection": "other"}})
    with DocumentQA.open(settings=other) as second:
        second.add(folder / "b.pdf")
    with DocumentQA.open(tmp_path / "library", **quick) as first:
        assert counts(first.sync(folder)) == {"added": 3}
        (folder / "b.pdf").unlink()
        (beside / "o.pdf").unlink()
        assert counts(first.sync(folder)) == {"unchanged": 2, "removed": 1}
        assert names(first) == ["a.pdf", "b.pdf", "c.pdf", "o.pdf"]  # the other collection's b.pdf
    with DocumentQA.open(settings=other) as second:
        assert counts(second.sync(folder)) == {"added": 2, "removed": 1}


def test_files_added_by_name_are_kept_up_to_date(qa: DocumentQA, folder: Path) -> None:
    write_pdf(folder / ".hidden.pdf", GARDEN)
    write_pdf(folder / "report.v2", GARDEN)
    assert counts(qa.sync(folder)) == {"added": 3}
    qa.add(folder / ".hidden.pdf", folder / "report.v2")
    write_pdf(folder / ".hidden.pdf", LIGHTHOUSE)
    assert counts(qa.sync(folder)) == {"replaced": 1, "unchanged": 4}
    (folder / "report.v2").unlink()
    (folder / ".hidden.pdf").unlink()
    (folder / ".hidden.pdf").mkdir()
    assert counts(qa.sync(folder)) == {"removed": 2, "unchanged": 3}


def test_overlapping_folders_and_names_that_occur_twice(qa: DocumentQA, folder: Path) -> None:
    write_pdf(folder / "deep" / "a.pdf", GARDEN)
    assert counts(qa.sync(folder / "deep", folder, f"{folder}/../in/deep/")) == {"added": 4}
    (folder / "deep" / "a.pdf").unlink()
    assert counts(qa.sync(folder, folder / "deep")) == {"removed": 1, "unchanged": 3}
    assert names(qa) == ["a.pdf", "b.pdf", "c.pdf"]
    (folder / "deep" / "c.pdf").unlink()
    report = qa.sync(folder, folder / "deep")  # empty all at once
    assert counts(report) == {"unchanged": 2, "failed": 1}
    assert counts(qa.sync(folder)) == {"unchanged": 2, "removed": 1}


@pytest.mark.parametrize("where", ["octavo-library", "deep", ""])
def test_a_library_within_the_folder_is_not_read(folder: Path, quick: dict[str, Any], where: str) -> None:
    with DocumentQA.open(folder / where, **quick) as qa:
        assert counts(qa.sync(folder)) == {"added": 3}
        assert counts(qa.sync(folder)) == {"unchanged": 3}
        assert qa.add(folder).unchanged == 3
    with DocumentQA.open(folder / where, **quick) as qa:
        assert counts(qa.sync(folder)) == {"unchanged": 3}
        for path in (folder / where / "originals", folder / where / "library.db"):
            (failure,) = qa.add(path).failed
            assert "belongs to an Octavo library" in failure.message
        (failure,) = qa.sync(folder / where / "originals").failed
        assert "belongs to an Octavo library" in failure.message
        assert len(names(qa)) == 3


def test_a_linked_folder_is_known_by_its_own_name(qa: DocumentQA, folder: Path) -> None:
    qa.sync(folder)
    (folder / "0-link").symlink_to(folder / "deep")
    (folder / "loop").symlink_to(folder)
    assert counts(qa.sync(folder)) == {"unchanged": 3}


@pytest.mark.parametrize("given", ["in/a.pdf", "in/*.pdf", ""])
def test_files_and_patterns_are_refused(qa: DocumentQA, folder: Path, given: str) -> None:
    with pytest.raises(SettingsError, match="sync takes folders"):
        qa.sync(str(folder.parent / given) if given else "")
    assert names(qa) == []


def test_an_interrupted_sync_goes_on(qa: DocumentQA, folder: Path) -> None:
    qa.sync(folder)
    (folder / "a.pdf").unlink()
    write_pdf(folder / "b.pdf", LIGHTHOUSE)
    with interrupted():
        qa.sync(folder)
    assert names(qa) == ["a.pdf", "b.pdf", "c.pdf"]
    assert "omato" in qa.page("b.pdf", 1).regions[0].text
    assert counts(qa.sync(folder)) == {"replaced": 1, "removed": 1, "unchanged": 1}


def test_an_unfinished_document_goes_with_its_file(qa: DocumentQA, folder: Path) -> None:
    with interrupted():
        qa.sync(folder)
    assert [one.name for one in qa.status().unfinished] == ["a.pdf"]
    (folder / "a.pdf").unlink()
    assert counts(qa.sync(folder)) == {"added": 2, "removed": 1}
    assert qa.status().unfinished == ()
