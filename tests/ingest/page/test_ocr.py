"""Pages whose text is missing, partial or garbled: read by OCR, with words where they are printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from octavo.ingest.reader import failure_of
from octavo.ingest.types import Page, Word

from ..conftest import assert_on_ink, picture_of, read_all, text_of, words_of

SIZE = (480.0, 300.0)  # a small sheet: OCR takes its time by the pixel
SCANNED = """\
In the night a gannet, blown off its course by the gale, flew through
the seaward window of the lantern room and broke three of our glasses.

We have also fired more rockets than I had counted on."""

Save = Callable[[str, pymupdf.Document], Path]


def shifted(text: str) -> str:
    return "".join(chr((ord(c) - 97 + 3) % 26 + 97) if c.islower() else c for c in text)


@pytest.fixture(scope="session")
def scan() -> tuple[bytes, list[Word]]:
    return picture_of(SCANNED, size=SIZE)


@pytest.fixture(scope="session")
def scans(save: Save, scan: tuple[bytes, list[Word]]) -> Path:
    """The same letter as a picture: alone, with a stamp as text, and under two text layers that say something else."""
    document = pymupdf.open()
    for number in range(4):
        page = document.new_page(width=SIZE[0], height=SIZE[1])
        page.insert_image(page.rect, stream=scan[0])
        if number == 1:
            page.insert_text((290, 60), "RECEIVED 21 OCT 1968", fontsize=12)
        if number == 2:
            for n, line in enumerate(SCANNED.splitlines()):
                page.insert_text((70, 90 + 16.5 * n), shifted(line), fontsize=11, render_mode=3)
        if number == 3:
            # A font without a usable encoding: glyphs come out as private-use or replacement characters.
            font = pymupdf.Font("cjk")
            page.insert_font(fontname="odd", fontbuffer=font.buffer)
            for n, line in enumerate(SCANNED.splitlines()):
                odd = "".join(chr(0xE000 + ord(c)) if c != " " else c for c in line)
                page.insert_text((70, 90 + 16.5 * n), odd, fontsize=8, fontname="odd", render_mode=3)
    return save("scans.pdf", document)


@pytest.fixture(scope="session")
def scanned(scans: Path) -> list[Page]:
    return read_all(scans)


def found_in_place(words: Sequence[Word], truth: Sequence[Word]) -> float:
    """Share of the true words that were read letter for letter with their middle in the true box."""

    def letters(text: str) -> str:
        return "".join(c for c in text.lower() if c.isalnum())

    hits = [
        any(letters(w.text) == letters(t.text) and t.bbox.grown(0.004).contains(*w.bbox.center) for w in words)
        for t in truth
    ]
    return sum(hits) / len(hits)


def test_a_scanned_page_is_read_word_by_word(scans: Path, scan: tuple[bytes, list[Word]], scanned: list[Page]) -> None:
    page = scanned[0]
    words = words_of(page)
    assert page.notes == ("ocr: no text layer",)
    assert {w.source for w in words} == {"ocr"}
    assert {r.source for r in page.regions} == {"ocr"}
    assert found_in_place(words, scan[1]) > 0.9
    assert_on_ink(scans, page, least=0.9)
    flat = " ".join(text_of(page).split())
    assert flat.index("gannet") < flat.index("seaward window") < flat.index("broke three") < flat.index("rockets")


def test_a_stamp_on_a_scan_stays_and_the_rest_is_read(scan: tuple[bytes, list[Word]], scanned: list[Page]) -> None:
    page = scanned[1]
    assert page.notes == ("ocr: hardly any text on a page-wide picture",)
    assert found_in_place(words_of(page), scan[1]) > 0.9
    stamp = [w for w in words_of(page) if w.source == "text-layer"]
    assert [w.text for w in stamp] == ["RECEIVED", "21", "OCT", "1968"]
    assert text_of(page).count("RECEIVED") == 1


@pytest.mark.parametrize(("number", "reason"), [(3, "letters that form no words"), (4, "characters without meaning")])
def test_a_garbled_text_layer_is_replaced(
    scan: tuple[bytes, list[Word]], scanned: list[Page], number: int, reason: str
) -> None:
    page = scanned[number - 1]
    assert page.notes == (f"ocr: garbled text layer ({reason})",)
    assert {w.source for w in words_of(page)} == {"ocr"}
    assert found_in_place(words_of(page), scan[1]) > 0.9
    assert shifted("gannet") not in text_of(page)
    assert len(words_of(page)) < 1.1 * len(scan[1])


def test_ocr_never_takes_the_text_layer_as_it_is(scans: Path) -> None:
    pages = read_all(scans, ocr="never")
    assert not any(page.notes for page in pages)
    assert words_of(pages[0]) == []
    assert text_of(pages[1]) == "RECEIVED 21 OCT 1968"
    assert shifted("gannet") in text_of(pages[2])
    assert [r.kind for r in pages[0].regions] == ["figure"]  # it is still there to be shown


def test_ocr_always_reads_what_the_text_layer_lacks(save: Save) -> None:
    picture, truth = picture_of("A line in a small picture", size=(250, 130), letters=14)
    document = pymupdf.open()
    page = document.new_page(width=300, height=300)
    page.insert_text((30, 40), "The text layer says this", fontsize=14)
    page.insert_image((25, 100, 275, 230), stream=picture)
    (found,) = read_all(save("always.pdf", document), ocr="always")
    assert found.notes == ("ocr: asked for",)
    said = {source: " ".join(w.text for w in words_of(found) if w.source == source) for source in ("text-layer", "ocr")}
    assert said["text-layer"] == "The text layer says this"
    assert said["ocr"] == "A line in a small picture"


def test_chinese_is_read(save: Save) -> None:
    source = pymupdf.open()
    page = source.new_page(width=400, height=200)
    page.insert_text((40, 60), "每年四月到十月，礁石上的潮汐地衣", fontsize=18, fontname="china-s")
    page.insert_text((40, 100), "会在夜里发出柔和的绿光。", fontsize=18, fontname="china-s")
    document = pymupdf.open()
    page = document.new_page(width=400, height=200)
    page.insert_image(page.rect, pixmap=source[0].get_pixmap(dpi=150))
    (found,) = read_all(save("chinese.pdf", document))
    said = "".join(text_of(found).split())
    assert "礁石上的潮汐地衣" in said
    assert "会在夜里发出柔和的绿光" in said


def test_a_tall_picture_is_read_line_by_line(tmp_path: Path) -> None:
    size = (130.0, 560.0)
    text = "\n".join(f"Line {n}" for n in range(25))
    png, truth = picture_of(text, size=size, letters=11)
    (tmp_path / "tall.png").write_bytes(png)
    (page,) = read_all(tmp_path / "tall.png")
    words = words_of(page)
    assert found_in_place(words, truth) > 0.95
    assert len(words) < 1.05 * len(truth)  # none twice


@pytest.mark.parametrize("size", [(20, 20_000), (20_000, 20)])
def test_a_picture_too_narrow_for_ocr_is_marked(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "narrow.png"
    Image.new("1", size, 1).save(path)
    (page,) = read_all(path)
    error = failure_of(page, path)
    assert error is not None
    assert "too long and narrow" in error.what
