"""Damaged files: what is lost is said, what is left is read, and what is merely untidy is not accused."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from octavo.ingest.reader import failure_of
from octavo.ingest.types import Page

from ..conftest import read_all, text_of


def lines(document: pymupdf.Document, number: int) -> None:
    page = document.new_page()
    text = "\n".join(f"Line {n} of page {number} of the keeper's log: {hash((n, number))}" for n in range(12))
    page.insert_text((60, 90), text)


@pytest.fixture
def whole() -> bytes:
    document = pymupdf.open()
    for number in (1, 2, 3):
        lines(document, number)
    data: bytes = document.tobytes(deflate=True)
    return data


def read(tmp_path: Path, data: bytes) -> list[Page]:
    path = tmp_path / "log.pdf"
    path.write_bytes(data)
    return read_all(path)


def said(pages: list[Page]) -> dict[int, str]:
    return {page.number: error.what for page in pages if (error := failure_of(page, Path("log.pdf"))) is not None}


def test_a_sound_file_is_not_accused(tmp_path: Path, whole: bytes) -> None:
    assert [page.notes for page in read(tmp_path, whole)] == [(), (), ()]


def test_a_file_without_its_table_is_repaired_and_says_so(tmp_path: Path, whole: bytes) -> None:
    pages = read(tmp_path, whole[: whole.rindex(b"xref", 0, -30)])
    assert said(pages) == {}
    assert [len(page.notes) for page in pages] == [1, 0, 0]
    assert "repaired" in pages[0].notes[0]
    assert all("Line 11" in text_of(page) for page in pages)


def test_pages_behind_the_cut_are_missing_not_blank(tmp_path: Path, whole: bytes) -> None:
    at = [n for n in range(len(whole)) if whole.startswith(b"endstream", n)]
    pages = read(tmp_path, whole[: at[1] + 20])
    assert len(pages) == 3
    assert "Line 11 of page 1" in text_of(pages[0])
    assert "missing" in said(pages)[3]


def test_a_page_whose_text_breaks_off_is_marked_and_keeps_the_rest(tmp_path: Path, whole: bytes) -> None:
    data = bytearray(whole)
    at = data.index(b"stream\n") + len(b"stream\n")
    for n in range(at + 100, at + 130):
        data[n] ^= 0x5A
    pages = read(tmp_path, bytes(data))
    assert list(said(pages)) == [1]
    assert "part of the page may be missing" in said(pages)[1]
    assert "Line 11 of page 2" in text_of(pages[1])


@pytest.mark.parametrize("count", [b"/Count 0", b"/Count 1", b"/Count()", b"/Count -1", b"/Count 99999999"])
def test_pages_are_read_whatever_their_number_is_said_to_be(tmp_path: Path, whole: bytes, count: bytes) -> None:
    pages = read(tmp_path, whole.replace(b"/Count 3", count))
    assert said(pages) == {}
    assert [f"Line 11 of page {n}" in text_of(page) for n, page in enumerate(pages, 1)] == [True] * 3


def test_pages_that_are_counted_and_not_there_are_missing(tmp_path: Path, whole: bytes) -> None:
    pages = read(tmp_path, whole.replace(b"/Count 3", b"/Count 5"))
    assert len(pages) == 5
    assert list(said(pages)) == [4, 5]
