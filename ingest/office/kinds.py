"""Which files LibreOffice has to convert, and what hinders it: told by their bytes rather than their ending."""

from __future__ import annotations

import lzma
import re
import zipfile
import zlib
from pathlib import Path

from ...errors import EncryptedFile, UnreadableFile

SHEETS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
WRITTEN = frozenset({".docx", ".docm", ".doc", ".odt", ".rtf"})
SLIDES = frozenset({".pptx", ".pptm", ".ppt", ".odp"})
PAGES = frozenset({".html", ".htm", ".xhtml", ".md", ".markdown"})
LOOSE = frozenset({".txt", ".csv", ".tsv"})
"""Read when they are named; a folder's are as often lists of packages, logs or data as documents."""

CONVERTED = SHEETS | WRITTEN | SLIDES | PAGES
TEXTS = PAGES | LOOSE

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
)
"""What a damaged ZIP raises."""

_MANIFEST = 1 << 20  # bytes
_UNPACKED = 1 << 30  # bytes; more is a bomb, or nothing that anyone reads
_IN_ZIP = (("word/", ".docx"), ("xl/", ".xlsx"), ("ppt/", ".pptx"))
_MIMETYPES = {
    b"application/vnd.oasis.opendocument.text": ".odt",
    b"application/vnd.oasis.opendocument.spreadsheet": ".ods",
    b"application/vnd.oasis.opendocument.presentation": ".odp",
}
_CIPHER = re.compile(rb"EncryptionMethod\b[^>]{0,500}?Algorithm\s*=\s*[\"']([^\"']*)")
_OF_FONTS = frozenset({b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC"})
"""Books hide their fonts with these, which hinders nobody."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE = (("WordDocument", ".doc"), ("Workbook", ".xls"), ("PowerPoint Document", ".ppt"))
_LIKE_HTML = (b"<!doctype html", b"<html", b"<table")
_CURE_PASSWORD = "pass its password: --password, or OCTAVO__INGEST__PASSWORD"


def kind_of(path: Path, password: str | None = None) -> str | None:
    """The ending of what LibreOffice has to convert, or None for a file that is read without it.

    Raises:
        EncryptedFile: a password is needed, or the file is a protected book.
        UnreadableFile: an office file that is empty, truncated, a bomb, or none.
        OSError: the file cannot be read.
    """
    suffix = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(1024)
    if b"%PDF-" in head:
        return None
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(path, password)
    if head.startswith(_OLE):
        return _in_ole(path, password)
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    if suffix not in CONVERTED | LOOSE:
        return None
    if not head:
        raise UnreadableFile("the file is empty", where=str(path), cure="get the file again from its source")
    if suffix in TEXTS:
        _check_text(path, head)
        return suffix
    # Programs export "Excel" files that are web pages or separated values.
    if any(head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(start) for start in _LIKE_HTML):
        return ".html"
    if suffix in (".xls", ".doc") and _is_text(head):
        return ".csv" if suffix == ".xls" else ".txt"
    raise _no_such(path, suffix)


def _in_zip(path: Path, password: str | None) -> str | None:
    """The kind of a ZIP: an office file, or something that is read without LibreOffice (EPUB, XPS, comics)."""
    suffix = path.suffix.lower()
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            names = [entry.filename for entry in entries]
            kind = _MIMETYPES.get(_beginning(packed, "mimetype", 100).strip())
            manifest = _beginning(packed, "META-INF/manifest.xml", _MANIFEST) if kind else b""
            ciphers = set(_CIPHER.findall(_beginning(packed, "META-INF/encryption.xml", _MANIFEST)))
    except _BROKEN as error:
        if suffix not in CONVERTED:
            return None
        what = f"a damaged or truncated {suffix} file ({error})"
        raise UnreadableFile(what, where=str(path), cure="get the file again from its source") from error
    if "[Content_Types].xml" in names:
        kind = next((ending for start, ending in _IN_ZIP if any(name.startswith(start) for name in names)), kind)
    if kind is None:
        if suffix in CONVERTED:
            raise _no_such(path, suffix)
        if ciphers - _OF_FONTS:
            cure = "get it without the protection from its publisher; what you bought it with may save it as PDF"
            raise EncryptedFile("the book is protected from copying (DRM)", where=str(path), cure=cure)
        return None
    if sum(entry.file_size for entry in entries) > _UNPACKED:
        size = sum(entry.file_size for entry in entries) / 2**30
        what = f"it unpacks to {size:.1f} GiB, which no document needs"
        raise UnreadableFile(what, where=str(path), cure="if it is genuine, save it as PDF and add that")
    if b"encryption-data" in manifest and not password:
        raise EncryptedFile("the file is encrypted", where=str(path), cure=_CURE_PASSWORD)
    return kind


def _beginning(packed: zipfile.ZipFile, name: str, size: int) -> bytes:
    """The first bytes of an entry, of which a few may stand for gigabytes; nothing where there is no such entry."""
    if name not in packed.namelist():
        return b""
    with packed.open(name) as entry:
        return entry.read(size)


def _in_ole(path: Path, password: str | None) -> str | None:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        if not password:
            raise EncryptedFile("the file is encrypted", where=str(path), cure=_CURE_PASSWORD)
        suffix = path.suffix.lower()
        return suffix if suffix in CONVERTED else ".docx"
    for stream, kind in _IN_OLE:
        if stream.encode("utf-16-le") in content:
            return kind
    if path.suffix.lower() in CONVERTED:
        raise _no_such(path, path.suffix.lower())
    return None


def _check_text(path: Path, head: bytes) -> None:
    if not _is_text(head):
        raise UnreadableFile(
            f"a {path.suffix.lower()} file should hold text, and this one does not",
            where=str(path),
            cure="give it the ending of what it is",
        )


def _is_text(head: bytes) -> bool:
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _no_such(path: Path, suffix: str) -> UnreadableFile:
    return UnreadableFile(
        f"not a {suffix} file: its bytes are those of something else",
        where=str(path),
        cure="open it in the program that made it, and save it again",
    )
