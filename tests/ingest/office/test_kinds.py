"""What LibreOffice has to convert, told by bytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from octavo.errors import EncryptedFile, UnreadableFile
from octavo.ingest.office import kinds
from octavo.ingest.office.kinds import kind_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def packed(*names: str, mimetype: str = "", manifest: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        if mimetype:
            file.writestr("mimetype", mimetype)
        if manifest:
            file.writestr("META-INF/manifest.xml", manifest)
        for name in names:
            file.writestr(name, "<x/>")
    return buffer.getvalue()


ODT = "application/vnd.oasis.opendocument.text"
DOCX = packed("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.docx", DOCX, ".docx"),
        ("a.pdf", DOCX, ".docx"),  # a wrong ending
        ("a", packed("[Content_Types].xml", "ppt/presentation.xml"), ".pptx"),
        ("a.docx", packed("[Content_Types].xml", "xl/workbook.xml"), ".xlsx"),
        ("a.odt", packed("content.xml", mimetype=ODT), ".odt"),
        ("a.docx", b"%PDF-1.7 and so on", None),
        ("a.epub", packed("x.html", mimetype="application/epub+zip"), None),
        ("a.cbz", packed("1.png"), None),
        ("a.doc", OLE + "WordDocument".encode("utf-16-le"), ".doc"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", ".html"),
        ("a.xls", b"a\tb\n1\t2\n", ".csv"),
        ("a.doc", rb"{\rtf1 text}", ".rtf"),
        ("a.md", b"# Heading", ".md"),
        ("a.html", "ü".encode("utf-16"), ".html"),
        ("a.csv", b"a,b", ".csv"),
        ("a.png", b"\x89PNG", None),
        ("a.dat", b"", None),
    ],
)  # fmt: skip
def test_the_bytes_say_what_a_file_is(tmp_path: Path, name: str, content: bytes, kind: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.docx", b"", "empty"),
        ("a.md", b"", "empty"),
        ("a.docx", DOCX[:-30], "damaged or truncated"),
        ("a.pptx", b"\x01\x02\x03\0" * 99, "not a .pptx file"),
        ("a.xls", b"\x01\x02\x03\0" * 99, "not a .xls file"),
        ("a.docx", packed("nothing.txt"), "not a .docx file"),
        ("a.doc", OLE, "not a .doc file"),
        ("a.txt", b"\x7fELF\0\0\0", "should hold text"),
    ],
)  # fmt: skip
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=what) as error:
        kind_of(path)
    assert error.value.where == str(path)
    assert error.value.cure


def test_encrypted_files_ask_for_their_password(tmp_path: Path) -> None:
    path = tmp_path / "a.odt"
    path.write_bytes(packed("content.xml", mimetype=ODT, manifest="<manifest:encryption-data/>"))
    with pytest.raises(EncryptedFile, match="encrypted") as error:
        kind_of(path)
    assert "--password" in (error.value.cure or "")
    assert kind_of(path, "sesame") == ".odt"
    sealed = Path(__file__).parents[2] / "data" / "sealed.docx"
    with pytest.raises(EncryptedFile):
        kind_of(sealed)
    assert kind_of(sealed, "sesame") == ".docx"


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<x/>")
        file.writestr("word/document.xml", bytes(4 << 20))
    assert path.stat().st_size < 10_000
    assert kind_of(path) == ".docx"
    monkeypatch.setattr(kinds, "_UNPACKED", 1 << 20)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        kind_of(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_damaged_entry_is_no_crash(tmp_path: Path, method: int) -> None:
    path = tmp_path / "a.epub"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("mimetype", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[45:75] = b"\xff" * 30  # within the packed bytes
    path.write_bytes(data)
    assert kind_of(path) is None  # whoever opens it says what is wrong
    path.rename(tmp_path / "a.odt")
    with pytest.raises(UnreadableFile, match=r"damaged or truncated \.odt file"):
        kind_of(tmp_path / "a.odt")


@pytest.mark.parametrize(
    ("cipher", "protected"),
    [
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", True),
        ("http://www.idpf.org/2008/embedding", False),  # of a font
        ("http://ns.adobe.com/pdf/enc#RC", False),
    ],
)
def test_a_protected_book_is_told_from_one_that_hides_its_fonts(tmp_path: Path, cipher: str, protected: bool) -> None:
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr(
            "META-INF/encryption.xml",
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:enc="http://www.w3.org/2001/04/'
            f'xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="{cipher}"/><enc:CipherData>'
            '<enc:CipherReference URI="one"/></enc:CipherData></enc:EncryptedData></encryption>',
        )
    if protected:
        with pytest.raises(EncryptedFile, match="protected from copying") as caught:
            kind_of(tmp_path / "a.epub")
        assert caught.value.cure
    else:
        assert kind_of(tmp_path / "a.epub") is None
