"""Finding files: folders, patterns, sidecars, and everything a file system can hold against us."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import OctavoError, UnreadableFile
from octavo.ingest.sources import SourceFile, discover
from octavo.ingest.types import DEEPEST
from octavo.retrievers.library import Library, Maker


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%PDF-1.7 stub")


def files(*paths: str | Path, **metadata: Any) -> list[SourceFile]:
    found = list(discover(paths, metadata))
    assert not [error for error in found if isinstance(error, OctavoError)]
    return [file for file in found if isinstance(file, SourceFile)]


def names(*paths: str | Path, under: Path) -> list[str]:
    return [Path(file.source).relative_to(under).as_posix() for file in files(*paths)]


def only_error(*paths: str | Path) -> OctavoError:
    (error,) = discover(paths)
    assert isinstance(error, UnreadableFile)
    assert error.cure
    return error


def test_folders_are_searched_in_order_for_known_kinds(tmp_path: Path) -> None:
    touch(*(tmp_path / name for name in ("b.pdf", "a.PDF", "z/deep/c.png", "m/d.tiff", "notes.txt", "y.json")))
    assert names(tmp_path, under=tmp_path) == ["a.PDF", "b.pdf", "m/d.tiff", "z/deep/c.png"]


def test_sources_are_absolute_and_come_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "in" / "a.pdf")
    monkeypatch.chdir(tmp_path)
    (file,) = files("in/a.pdf", "./in/../in/a.pdf", tmp_path / "in", "in/*.pdf")
    assert file.source == (tmp_path / "in" / "a.pdf").as_posix()
    assert file.path == tmp_path / "in" / "a.pdf"


def test_hidden_files_and_folders_are_left_out_unless_named(tmp_path: Path) -> None:
    touch(tmp_path / ".hidden.pdf", tmp_path / ".git" / "a.pdf", tmp_path / "seen.pdf")
    assert names(tmp_path, under=tmp_path) == ["seen.pdf"]
    assert names(tmp_path / ".git", tmp_path / ".hidden.pdf", under=tmp_path) == [".git/a.pdf", ".hidden.pdf"]


def test_only_a_library_s_own_files_are_left_out(
    tmp_path: Path, library: Path, caplog: pytest.LogCaptureFixture
) -> None:
    touch(*(tmp_path / name for name in ("text/originals/a.pdf", "birds/originals/b.pdf", "empty/chroma/c.pdf")))
    (tmp_path / "text" / "library.db").write_text("books, by shelf")
    with closing(sqlite3.connect(tmp_path / "birds" / "library.db")) as connection, connection:
        connection.execute("CREATE TABLE meta (name)")
    (tmp_path / "empty" / "library.db").touch()
    assert len(files(tmp_path)) == 3
    assert [record.args for record in caplog.records] == [(str(library),)]
    assert len(files(tmp_path / "text" / "originals")) == 1
    caplog.clear()
    touch(library / "beside.pdf", library / "originals" / "copy.pdf")
    assert names(library, under=library) == ["beside.pdf"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{library} is an Octavo library: its own files are left out"
    ]
    for path in ("originals", "originals/copy.pdf", "originals/*.pdf", "*/copy.pdf", "library.db"):
        assert "belongs to an Octavo library" in only_error(library / path).what


@pytest.fixture(params=["closed", "just made"])
def library(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    opened = Library.open(tmp_path / "library", maker=Maker("toy", "1", 16))
    if request.param == "closed":
        opened.close()
    yield tmp_path / "library"
    opened.close()


def test_a_file_that_is_named_is_tried_whatever_its_ending(tmp_path: Path) -> None:
    touch(tmp_path / "report.dat", tmp_path / "report")
    assert names(tmp_path / "report.dat", tmp_path / "report", under=tmp_path) == ["report.dat", "report"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.pdf", ["a.pdf", "b.pdf"]),
        ("[ab].pdf", ["a.pdf", "b.pdf"]),
        ("*", ["a.pdf", "b.pdf", "in/c.pdf", "in/deep/d.png"]),  # folders it matches are searched
        ("*.dat", ["raw.dat"]),  # an ending spelled out is a kind asked for
        ("in/*", ["in/c.pdf", "in/deep/d.png"]),
        ("**/*.pdf", ["a.pdf", "b.pdf", "in/c.pdf"]),
        ("**", ["a.pdf", "b.pdf", "in/c.pdf", "in/deep/d.png"]),
        ("in/**/d.*", ["in/deep/d.png"]),
        ("i?/**/deep/*.png", ["in/deep/d.png"]),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    touch(*(tmp_path / name for name in ("a.pdf", "b.pdf", "raw.dat", "in/c.pdf", "in/deep/d.png", ".x/e.pdf")))
    assert names(tmp_path / pattern, under=tmp_path) == expected


def test_a_name_that_looks_like_a_pattern_is_a_name_first(tmp_path: Path) -> None:
    touch(tmp_path / "minutes [final].pdf", tmp_path / "minutes f.pdf")
    assert names(tmp_path / "minutes [final].pdf", under=tmp_path) == ["minutes [final].pdf"]


@pytest.mark.parametrize("sidecar", ["report.pdf.json", "report.json"])
def test_a_sidecar_describes_its_file_and_is_no_document(tmp_path: Path, sidecar: str) -> None:
    touch(tmp_path / "report.pdf", tmp_path / "other.pdf")
    (tmp_path / sidecar).write_text(json.dumps({"year": 2023, "author": "Ö"}), encoding="utf-8")
    other, report = files(tmp_path / "report.pdf", tmp_path / sidecar, tmp_path, year=2024)[::-1]
    assert report.metadata == {"year": 2024, "author": "Ö"}  # what the caller says stands above the sidecar
    assert other.metadata == {"year": 2024}


def test_metadata_may_not_be_nested_without_end(tmp_path: Path) -> None:
    touch(tmp_path / "report.pdf")
    for deep, taken in ((DEEPEST, True), (DEEPEST + 1, False)):
        (tmp_path / "report.json").write_text('{"a":' * deep + "1" + "}" * deep, encoding="utf-8")
        (found,) = discover([tmp_path])
        assert isinstance(found, SourceFile) == taken
        assert taken or "nested more than 100 levels deep" in str(found)


def test_metadata_that_holds_itself_is_refused(tmp_path: Path) -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    touch(tmp_path / "report.pdf")
    (found,) = discover([tmp_path], endless)
    assert "nested more than 100 levels deep" in str(found)


def test_the_sidecar_with_the_full_name_comes_first(tmp_path: Path) -> None:
    touch(tmp_path / "report.pdf")
    (tmp_path / "report.json").write_text('{"from": "stem"}')
    (tmp_path / "report.pdf.json").write_bytes(b'\xef\xbb\xbf{"from": "name"}')  # as Windows editors write it
    assert files(tmp_path)[0].metadata == {"from": "name"}


def test_json_that_holds_no_object_is_no_sidecar(tmp_path: Path) -> None:
    touch(tmp_path / "report.pdf")
    (tmp_path / "report.json").write_text("[1, 2]")
    assert files(tmp_path)[0].metadata == {}
    assert names(tmp_path / "report.json", under=tmp_path) == ["report.json"]


@pytest.mark.parametrize("content", [b'{"year": ', b"\xff\xfe\x00", b"[" * 100_000])
def test_a_broken_sidecar_fails_its_file_alone(tmp_path: Path, content: bytes) -> None:
    touch(tmp_path / "a.pdf", tmp_path / "b.pdf", tmp_path / "c.pdf")
    (tmp_path / "b.json").write_bytes(content)
    first, error, last = discover([tmp_path])
    assert isinstance(first, SourceFile)
    assert isinstance(last, SourceFile)
    assert isinstance(error, UnreadableFile)
    assert error.where == str(tmp_path / "b.pdf")
    assert "b.json" in error.what
    assert "b.json" in (error.cure or "")


def test_links_that_run_in_circles_are_entered_once(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.pdf")
    for name in ("one", "two", "three"):
        (tmp_path / "in" / name).symlink_to(tmp_path, target_is_directory=True)
    assert names(tmp_path, under=tmp_path) == ["in/a.pdf"]
    assert names(tmp_path / "**" / "*.pdf", under=tmp_path) == ["in/a.pdf"]


def test_a_linked_file_is_a_source_of_its_own(tmp_path: Path) -> None:
    touch(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").symlink_to("a.pdf")
    assert names(tmp_path, under=tmp_path) == ["a.pdf", "b.pdf"]


def test_what_is_not_there_is_an_error_and_the_rest_goes_on(tmp_path: Path) -> None:
    touch(tmp_path / "a.pdf")
    missing, found = discover([tmp_path / "gone.pdf", tmp_path / "a.pdf"])
    assert isinstance(missing, UnreadableFile)
    assert missing.where == str(tmp_path / "gone.pdf")
    assert isinstance(found, SourceFile)


def test_errors_name_the_case(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling.pdf").symlink_to("nowhere.pdf")
    os.mkfifo(tmp_path / "pipe.pdf")
    assert "empty path" in only_error("").what
    assert "no document is in this folder" in only_error(tmp_path / "empty").what
    assert ".pdf" in (only_error(tmp_path / "empty").cure or "")
    assert "no document matches" in only_error(tmp_path / "*.xyz").what
    assert "no document matches" in only_error(tmp_path / "none" / "**").what
    assert "link to nothing" in only_error(tmp_path / "dangling.pdf").what
    assert "pipe" in only_error(tmp_path / "pipe.pdf").what
    assert "does not exist" in only_error("https://example.org/a.pdf").what
    only_error("x" * 5000)
    only_error("a\0b")


def test_a_dangling_link_and_a_pipe_in_a_folder_are_reported_and_not_opened(tmp_path: Path) -> None:
    touch(tmp_path / "a.pdf")
    (tmp_path / "b.pdf").symlink_to("nowhere.pdf")
    os.mkfifo(tmp_path / "c.pdf")
    found, link, pipe = discover([tmp_path])
    assert isinstance(found, SourceFile)
    assert isinstance(link, UnreadableFile)
    assert isinstance(pipe, UnreadableFile)
    assert "pipe" in pipe.what


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to root")
def test_a_closed_folder_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    touch(tmp_path / "closed" / "a.pdf", tmp_path / "open" / "b.pdf")
    (tmp_path / "closed").chmod(0)
    try:
        error, found = discover([tmp_path])
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert isinstance(error, UnreadableFile)
    assert isinstance(found, SourceFile)
