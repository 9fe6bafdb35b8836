"""Office files in a library: asked, shown, moved, removed, and where LibreOffice is missing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from octavo import DocumentQA
from octavo.errors import UnreadableFile
from octavo.pipelines.reports import Failure, said_once
from octavo.tests.conftest import SmallDisk

from .conftest import GARDEN, write_pdf

LAMP = "# The lamp\n\nThe lamp of Ravensholm burns nine pints of colza oil in a night.\n"


def written(folder: Path) -> list[str]:
    return sorted(path.suffixes[0] + "".join(path.suffixes[1:]) for path in (folder / "originals").glob("*"))


@pytest.mark.libreoffice
@pytest.mark.parametrize("keep", [True, False], ids=["copied", "linked"])
def test_pictures_need_neither_the_file_nor_libreoffice(tmp_path: Path, keep: bool) -> None:
    folder = tmp_path / "library"
    notes = tmp_path / "lamp.md"
    notes.write_text(LAMP)
    with DocumentQA.open(folder, ingest={"workers": 1, "keep_originals": keep}) as qa:
        report = qa.add(notes)
        assert (report.added, report.failed, report.pages) == (1, (), 1)
        assert qa.document("lamp.md").metadata["converter"].startswith("LibreOffice")
    assert written(folder) == ([".md", ".md.pdf"] if keep else [".md.pdf"])
    notes.unlink()
    with DocumentQA.open(folder, ingest={"libreoffice": "/nowhere"}) as qa:
        answer = qa.ask("How much oil does the lamp burn in a night?")
        assert "nine pints" in answer.citations[0].quote
        assert qa.image(answer.citations[0]).startswith(b"\x89PNG")
        assert qa.page_image("lamp.md", 1).startswith(b"\x89PNG")
        # The same bytes elsewhere need no other rendition; the last document that has them takes it along.
        again = tmp_path / "again.md"
        again.write_text(LAMP)
        assert qa.add(again).added == 1
        qa.remove("lamp.md")
        assert qa.page_image("again.md", 1).startswith(b"\x89PNG")
        qa.remove("again.md")
    assert written(folder) == []


@pytest.mark.libreoffice
def test_a_lost_rendition_is_said_and_a_backup_has_it(tmp_path: Path) -> None:
    notes = tmp_path / "lamp.md"
    notes.write_text(LAMP)
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        qa.add(notes)
        qa.backup(tmp_path / "backup.tar")
        shutil.rmtree(tmp_path / "library" / "originals")
        with pytest.raises(UnreadableFile, match="the PDF that was made of it is gone"):
            qa.page_image("lamp.md", 1)
        assert len(qa.verify()) == 2  # and the copy of the file
        assert len(qa.repair()) == 1
        (stale,) = qa.status().stale
        assert stale.why == "rendition"
        assert any("`octavo refresh` reads them again" in value for _, value in qa.status().lines())
        assert qa.refresh().replaced == 1
        assert qa.page_image("lamp.md", 1).startswith(b"\x89PNG")
        assert (qa.verify(), qa.status().stale) == ([], ())
    DocumentQA.restore(tmp_path / "backup.tar", library=tmp_path / "restored")
    with DocumentQA.open(tmp_path / "restored") as qa:  # backups have it
        assert qa.page_image("lamp.md", 1).startswith(b"\x89PNG")


def test_without_libreoffice_the_other_files_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    write_pdf(folder / "garden.pdf", GARDEN, "Growing tomatoes")
    for n in range(5):
        (folder / f"{n}.md").write_text(LAMP)
    (folder / "~$0.docx").write_bytes(b"a lock")
    (folder / "requirements.txt").write_text("octavo\n")
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1, "libreoffice": "/nowhere/soffice"}) as qa:
        report = qa.add(folder)
        assert report.added == 1
        assert [Path(failure.source).name for failure in report.failed] == [f"{n}.md" for n in range(5)]
        (said,) = said_once(report.failed)
        assert said.startswith("5 files (0.md, 1.md, 2.md and 2 more): there is no LibreOffice")
        assert "apt install" in said
        assert [value for name, value in qa.status().lines() if name == "failed"] == [said]


@pytest.mark.libreoffice
@pytest.mark.parametrize("leaving", [64 << 10, 4 << 20], ids=["for the copy", "for LibreOffice"])
def test_a_full_disk_of_temporary_files_is_said_and_the_other_files_go_on(
    tmp_path: Path, small_disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, leaving: int
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "a.md").write_text(LAMP * 10_000)
    write_pdf(papers / "garden.pdf", GARDEN, "Growing tomatoes")
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk.folder))
    small_disk.fill(leaving)
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        report = qa.add(papers)
        (failure,) = report.failed
        assert (report.added, report.untried) == (1, 0)
        assert failure.message == f"the disk of temporary files is full ({small_disk.folder})"
        assert "set TMPDIR" in (failure.cure or "")
        (papers / "a.md").write_text(LAMP)
        small_disk.empty()
        assert qa.add(papers).added == 1
    assert list(small_disk.folder.glob("octavo-*")) == []


def test_what_is_done_to_a_text_before_it_is_converted_hurts_that_file_alone(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "large.md").write_bytes(b"# Lamp\n" * (30 << 20))
    write_pdf(papers / "garden.pdf", GARDEN, "Growing tomatoes")
    limits = {"workers": 1, "worker_memory_mb": 512}
    with DocumentQA.open(tmp_path / "library", ingest=limits) as qa:
        report = qa.add(papers)
    assert report.added == 1
    assert [failure.message for failure in report.failed] == ["reading ran out of memory"]


def test_pages_of_a_file_that_fail_alike_are_said_together_and_so_are_files() -> None:
    pages = [Failure(source="a.pdf", message="torn", page=n) for n in range(1, 41)]
    others = [Failure(source="d.pdf", message="torn", page=n) for n in (1, 2)]
    pair = [Failure(source=name, message="empty") for name in ("b.pdf", "c.pdf")]
    assert list(said_once([*pages, *others, *pair])) == [
        "a.pdf, pages 1, 2, 3 and 37 more: torn",
        *map(str, others),
        *map(str, pair),
    ]
