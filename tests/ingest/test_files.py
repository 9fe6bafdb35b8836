"""Opening files: pictures and books as PDFs, and a named error with a cure for all that cannot be read."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.errors import EncryptedFile, OctavoError, UnreadableFile
from octavo.ingest.files import open_document
from octavo.ingest.options import IngestOptions
from octavo.ingest.reader import failure_of, info_of, read

from .conftest import AES_256, picture_of, read_all, text_of

SIZE = (300.0, 120.0)


def pdf(*texts: str, **save: object) -> bytes:
    document = pymupdf.open()
    for text in texts or ("A page of text",):
        document.new_page(width=SIZE[0], height=SIZE[1]).insert_text((30, 40), text)
    data: bytes = document.tobytes(**save)
    return data


def picture(text: str = "The lamp was out") -> Image.Image:
    """A line of text, dark on light, at 150 dots per inch."""
    return Image.open(io.BytesIO(picture_of(text, size=SIZE, letters=16)[0])).convert("L")


def book(*missing: str) -> bytes:
    """An EPUB of two chapters, `one` and `two`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        chapters = {"one": "The tide lichen glows at night.", "two": "It dims by day."}
        items = "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in chapters)
        refs = "".join(f'<itemref idref="{n}"/>' for n in chapters)
        file.writestr(
            "c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Field book</dc:title></metadata>'
            f"<manifest>{items}</manifest><spine>{refs}</spine></package>",
        )
        for name in chapters.keys() - set(missing):
            html = f"<h1>Chapter {name}</h1><p>{chapters[name]}</p>"
            file.writestr(f"{name}.xhtml", f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{html}</body></html>')
    return buffer.getvalue()


def error_of(path: Path, password: str | None = None) -> OctavoError:
    with pytest.raises(UnreadableFile) as caught:
        open_document(path, password)
    assert caught.value.where == str(path)
    assert caught.value.cure
    return caught.value


NO_PAGES = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj
trailer<</Root 1 0 R>>"""


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("empty.pdf", b"", "empty"),
        ("noise.pdf", bytes(range(256)) * 20, "not a document"),
        ("text.xps", b"just some words", "it holds text"),
        ("cut.pdf", pdf()[:200], "its end is missing"),
        ("page.pdf", b"\xef\xbb\xbf\n<!DOCTYPE html><html><body>404</body></html>", "an HTML page, not a PDF"),
        ("zeros.pdf", bytes(5000), "zeros, nothing else"),
        ("none.pdf", NO_PAGES, "no pages"),
        ("noise.png", b"no picture at all", "not a picture"),
        ("cut.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "not a picture"),
        ("cut.epub", book()[:300], "not a document"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_so(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert what in error_of(path).what
    with pytest.raises(UnreadableFile):
        next(read(path))
    with pytest.raises(UnreadableFile):
        info_of(path, IngestOptions())


def test_missing_files_and_folders(tmp_path: Path) -> None:
    assert "does not exist" in error_of(tmp_path / "gone.pdf").what
    error_of(tmp_path)


def test_a_cut_picture_is_an_error_or_a_page_but_never_a_crash(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "PNG")
    path = tmp_path / "cut.png"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    error_of(path)


@pytest.mark.parametrize(("password", "what"), [(None, "encrypted"), ("", "encrypted"), ("guess", "wrong")])
def test_encrypted_files_ask_for_their_password(tmp_path: Path, password: str | None, what: str) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(pdf(encryption=AES_256, owner_pw="owner", user_pw="user"))
    error = error_of(path, password)
    assert isinstance(error, EncryptedFile)
    assert what in error.what
    assert "--password" in (error.cure or "")


@pytest.mark.parametrize("password", ["user", "owner"])
def test_encrypted_files_open_with_their_password(tmp_path: Path, password: str) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(pdf("The secret text", encryption=AES_256, owner_pw="owner", user_pw="user"))
    (page,) = read_all(path, password=password)
    assert text_of(page) == "The secret text"
    assert page.notes == ()


def test_files_without_a_user_password_need_none(tmp_path: Path) -> None:
    path = tmp_path / "printed-only.pdf"
    path.write_bytes(pdf(encryption=AES_256, owner_pw="owner", user_pw=""))
    with open_document(path) as document:
        assert document.page_count == 1


@pytest.mark.parametrize("name", ["a.png", "a.epub", "a.txt", "a", "a.PDF"])
def test_a_pdf_is_one_whatever_its_ending(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\n\n" + pdf("Still a PDF"))
    with open_document(path) as document:
        assert "Still a PDF" in document[0].get_text()


@pytest.mark.parametrize(("kind", "name"), [("PNG", "a.pdf"), ("JPEG", "a.epub"), ("TIFF", "a.dat"), ("WEBP", "a")])
def test_a_picture_is_one_whatever_its_ending(tmp_path: Path, kind: str, name: str) -> None:
    picture().save(tmp_path / name, kind)
    with open_document(tmp_path / name) as document:
        assert document.page_count == 1
        assert len(document[0].get_images()) == 1


def brightness(path: Path, page: int = 0) -> np.ndarray:
    with open_document(path) as document:
        pixmap = document[page].get_pixmap(dpi=36, colorspace=pymupdf.csGRAY)
        return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)


def test_pictures_are_as_wide_as_a_sheet(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.png")
    with open_document(tmp_path / "a.png") as document:
        assert tuple(document[0].rect) == pytest.approx((0, 0, 595, 595 * SIZE[1] / SIZE[0]), abs=1)


def test_every_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "fax.tiff"
    first, second = Image.new("1", (60, 40), 1), Image.new("L", (40, 60), 0)
    first.save(path, save_all=True, append_images=[second])
    with open_document(path) as document:
        assert [round(page.rect.width / page.rect.height, 2) for page in (document[0], document[1])] == [1.5, 0.67]
    assert brightness(path, 0).min() == 255
    assert brightness(path, 1).max() == 0


def test_pictures_are_turned_by_their_exif_orientation(tmp_path: Path) -> None:
    shown = Image.new("L", (80, 40), 255)
    shown.paste(0, (0, 0, 40, 40))  # dark at the left
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera stood upright: turn clockwise to view
    shown.save(tmp_path / "a.jpg", exif=exif)
    found = brightness(tmp_path / "a.jpg")
    assert found.shape[0] > found.shape[1]
    assert found[: len(found) // 2 - 2].mean() < 20  # what was left is above
    assert found[len(found) // 2 + 2 :].mean() > 235


def test_see_through_pictures_lie_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert brightness(tmp_path / "a.png").min() == 255
    indexed = Image.new("P", (40, 40), 0)
    indexed.putpalette([0, 0, 0])
    indexed.save(tmp_path / "a.gif", transparency=0)
    assert brightness(tmp_path / "a.gif").min() == 255


def test_sixteen_bits_a_pixel_are_scaled_not_cut_off(tmp_path: Path) -> None:
    values = np.full((40, 40), 60_000, np.uint16)
    values[:20] = 2_000
    Image.fromarray(values).save(tmp_path / "a.png")
    found = brightness(tmp_path / "a.png")
    assert found[5].mean() < 30
    assert found[-5].mean() > 220


def test_cmyk_pictures_keep_their_colours(tmp_path: Path) -> None:
    Image.new("CMYK", (40, 40), (0, 0, 0, 255)).save(tmp_path / "a.jpg")
    assert brightness(tmp_path / "a.jpg").max() < 60


def test_a_webp_picture_is_read(tmp_path: Path) -> None:
    picture().save(tmp_path / "a.webp")
    (page,) = read_all(tmp_path / "a.webp")
    assert text_of(page) == "The lamp was out"
    assert {w.source for r in page.regions for w in r.words} == {"ocr"}


def test_a_book_is_read_with_its_title(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    path.write_bytes(book())
    assert info_of(path, IngestOptions()).title == "Field book"
    pages = read_all(path)
    assert [p.number for p in pages] == [1, 2]
    assert "The tide lichen glows at night." in text_of(pages[0])
    assert "It dims by day." in text_of(pages[1])


def test_a_chapter_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "book.epub"
    path.write_bytes(book("one"))
    pages = read_all(path)
    assert [failure_of(page, path) is None for page in pages] == [False, True]
    assert "the chapter is missing" in str(failure_of(pages[0], path))
    assert "It dims by day." in text_of(pages[1])


def test_a_comic_says_which_of_its_pictures_cannot_be_drawn(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture().save(buffer, "PNG")
    good = buffer.getvalue()
    large = good[:16] + struct.pack(">II", 70_000, 70_000) + good[24:29]
    large = good[:8] + large[8:] + struct.pack(">I", zlib.crc32(large[12:])) + good[33:]
    path = tmp_path / "comic.cbz"
    with zipfile.ZipFile(path, "w") as file:
        for name, content in (("1.png", good), ("2.png", b"no picture"), ("3.png", large)):
            file.writestr(name, content)
    pages = read_all(path)
    assert text_of(pages[0]) == "The lamp was out"
    assert [failure_of(page, path) is None for page in pages] == [True, False, False]
    assert all("the picture is damaged, or too large" in page.notes[0] for page in pages[1:])


def test_damaged_files_raise_nothing_but_named_errors(tmp_path: Path) -> None:
    chance, whole = random.Random(4), pdf("one", "two", deflate=True)
    path = tmp_path / "damaged.pdf"
    for n in range(60):
        data = bytearray(whole)
        if n % 2:
            del data[chance.randrange(len(data)) :]
        for _ in range(20):
            if data:
                data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            info_of(path, IngestOptions())
        except UnreadableFile as error:
            assert error.cure  # noqa: PT017 - either outcome is right
