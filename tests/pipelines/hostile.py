"""Files that hurt whoever reads them, made here byte by byte, each with the word that it must end with."""

from __future__ import annotations

import io
import os
import socket
import struct
import zipfile
import zlib
from pathlib import Path

import pymupdf

TEXT = b"BT /F 12 Tf 20 100 Td (The lamp was out for nineteen minutes) Tj ET"
FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pdf(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects; number 1 is its root."""
    out, at = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        at[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table, size = len(out), max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        out += b"%010d 00000 n \n" % at[number] if number in at else b"0000000000 65535 f \n"
    out += b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, table)
    return bytes(out)


def stream(data: bytes, extra: bytes = b"", filters: bytes = b"/FlateDecode") -> bytes:
    return b"<</Length %d/Filter%s%s>>\nstream\n%s\nendstream" % (len(data), filters, extra, data)


def packed(data: bytes, times: int = 1) -> bytes:
    """`data` deflated; with `times`, a block that is repeated, at the price of a checksum that is not right."""
    if times == 1:
        return zlib.compress(data, 9)
    squeeze = zlib.compressobj(9, wbits=-15)
    block = squeeze.compress(data) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + block * times + b"\x03\x00" + bytes(4)


def one_page(
    content: bytes = TEXT, *, page: bytes = b"", resources: bytes = b"", root: bytes = b"", **more: bytes
) -> bytes:
    """A PDF of one page; `more` are its objects from number 6 on, as `o6=…`."""
    box = b"" if b"/MediaBox" in page else b"/MediaBox[0 0 300 200]"
    head = b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>%s%s>>" % (resources, box, page)
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R%s>>" % root,
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: head,
            4: stream(packed(content)),
            5: FONT,
            **{int(name[1:]): body for name, body in more.items()},
        }
    )


def form(content: bytes, inner: int) -> bytes:
    extra = b"/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</XObject<</X %d 0 R>>>>" % inner
    return stream(packed(content), extra)


def picture_page(width: int, height: int) -> bytes:
    """A page with a white picture that takes a byte for each pixel once it is unpacked, and none before."""
    extra = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray" % (width, height)
    data = stream(packed(b"\xff" * width, height), extra)
    return one_page(b"300 0 0 200 0 0 cm /I Do", resources=b"/XObject<</I 6 0 R>>", o6=data)


def pages(texts: list[str], **save: object) -> bytes:
    document = pymupdf.open()
    for text in texts:
        document.new_page(width=300, height=200).insert_text((20, 100), text)
    data: bytes = document.tobytes(**save)
    return data


def png(width: int, height: int) -> bytes:
    """A white picture of one bit a pixel."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = packed(b"\0" + b"\xff" * (width // 8), height)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    made = (struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)


def book(chapter: str) -> bytes:
    """An EPUB of one chapter."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/epub+zip")
        file.writestr(
            "META-INF/container.xml",
            '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        )
        file.writestr(
            "c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata/>'
            '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        )
        file.writestr("a.xhtml", chapter)
    return buffer.getvalue()


_LAUGH = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
LAUGHS = f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a0 "lol">{_LAUGH}]>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="500" height="99">'
SIX = [f"Page number {n} of the keeper's log" for n in range(1, 7)]
KIDS = b"<</Type/Catalog/Pages 2 0 R>>"

BROKEN: dict[str, tuple[bytes, str]] = {
    "empty.pdf": (b"", "the file is empty"),
    "zeros.pdf": (bytes(9999), "zeros, nothing else"),
    "noise.pdf": (bytes(range(256)) * 20, "bytes of an unknown kind"),
    "text.pdf": (b"just words\n" * 50, "it holds text"),
    "web.pdf": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "this is an HTML page, not a PDF"),
    "header.pdf": (pages(SIX)[:60], "its end is missing"),
    "no-pages.pdf": (pdf({1: KIDS, 2: b"<</Type/Pages/Count 0/Kids[]>>"}), "no pages"),
    "kids-of-itself.pdf": (pdf({1: KIDS, 2: b"<</Type/Pages/Count 3/Kids[2 0 R 2 0 R]>>"}), "no pages"),
    "many-pages-told.pdf": (pdf({1: KIDS, 2: b"<</Type/Pages/Count 999999999/Kids[]>>"}), "no pages"),
    "kids-shared.pdf": (
        pdf({1: KIDS, **{n: b"<</Type/Pages/Count 0/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(2, 50)}}),
        "no pages",
    ),
    "secret.pdf": (pages(SIX, encryption=5, user_pw="user", owner_pw="owner"), "the file is encrypted"),
    "secret-rc4.pdf": (pages(SIX, encryption=2, user_pw="user", owner_pw="owner"), "the file is encrypted"),
    "bomb.png": (png(60_000, 60_000), "million pixels"),
    "cut.png": (png(90, 90)[:60], "not a picture"),
    "truncated.epub": (book("<p>text</p>")[:300], "not a document"),
}  # fmt: skip
"""Content, and what is said of a file of which nothing can be read."""

BAD_PAGES: dict[str, tuple[bytes, dict[int, str]]] = {
    "cut.pdf": (pages(SIX)[: int(len(pages(SIX)) * 0.3)], {n: "missing" for n in range(2, 7)}),
    "cut-objects.pdf": (
        (whole := pages(SIX, use_objstms=1, deflate=True))[: int(len(whole) * 0.8)],
        {n: "missing" for n in range(2, 7)},
    ),
}  # fmt: skip
"""Content, and what is said of some of its pages; the others are read."""

LOST_PAGES: dict[str, tuple[bytes, str]] = {
    "content-bomb.pdf": (
        pdf(
            {
                1: KIDS,
                2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
                3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R>>",
                4: stream(packed(packed(b" " * 10**7, 600)), filters=b"[/FlateDecode/FlateDecode]"),
            }
        ),
        "took longer",
    ),
    "form-bomb.pdf": (
        one_page(
            b"/X Do",
            resources=b"/XObject<</X 6 0 R>>",
            **{f"o{n}": form(b"/X Do " * 10, n + 1) for n in range(6, 26)},
            o26=form(b"0 0 9 9 re f", 26),
        ),
        "took longer",
    ),
    "picture-bomb.pdf": (picture_page(60_000, 60_000), "took longer"),
    "huge.pdf": (one_page(page=b"/MediaBox[0 0 1000000 1000000]"), "too large to be drawn"),
    "user-unit.pdf": (one_page(page=b"/UserUnit 100000"), "too large to be drawn"),
    "deep.pdf": (one_page(b"[" * 3_000_000), "stack overflow"),
    "deep-page.pdf": (one_page(page=b"/A " + b"[" * 10**6 + b"]" * 10**6), "missing"),
    "states.pdf": (one_page(b"q " * 3_000_000 + TEXT), "nested"),
}
"""Content, and what is said of a file whose only page cannot be read."""

READ: dict[str, bytes] = {
    "good.pdf": one_page(),
    "zero-box.pdf": one_page(page=b"/MediaBox[0 0 0 0]"),
    "nan-box.pdf": one_page(page=b"/MediaBox[0 0 nan nan]"),
    "negative-box.pdf": one_page(page=b"/MediaBox[300 200 -10 -10]"),
    "infinite-box.pdf": one_page(page=b"/MediaBox[0 0 1e38 1e38]"),
    "no-table.pdf": (whole := one_page())[: whole.rindex(b"xref", 0, -30)],
    "table-loop.pdf": (whole := one_page()).replace(b"/Size 6", b"/Size 6/Prev %d" % whole.rindex(b"xref", 0, -30)),
    "outline-cycle.pdf": one_page(
        root=b"/Outlines 6 0 R",
        o6=b"<</First 7 0 R/Last 7 0 R/Count 1>>",
        o7=b"<</Title(a)/Next 8 0 R/Parent 6 0 R/Dest[3 0 R/Fit]>>",
        o8=b"<</Title(b)/Next 7 0 R/First 6 0 R/Parent 6 0 R>>",
    ),
    "field-loop.pdf": one_page(
        page=b"/Annots[6 0 R]",
        root=b"/AcroForm<</Fields[6 0 R]>>",
        o6=b"<</Type/Annot/Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/Parent 7 0 R/Kids[6 0 R]>>",
        o7=b"<</Parent 6 0 R/Kids[6 0 R]/T(b)>>",
    ),
    "form-loop.pdf": one_page(TEXT + b" /X Do", resources=b"/XObject<</X 6 0 R>>", o6=form(b"/X Do /X Do", 6)),
    "owner-only.pdf": pages(["The lamp was out for nineteen minutes"], encryption=5, owner_pw="owner", user_pw=""),
    "really-a.png": one_page(),
    "laughs.svg": f'{LAUGHS}{SVG}<text x="9" y="30">The lamp was out &a9;</text></svg>'.encode(),
    "laughs.epub": book(f"{LAUGHS}<html><body><p>The lamp was out &a9;</p></body></html>"),
    "outside.svg": (
        f'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY e SYSTEM "file:///etc/passwd">]>{SVG}'
        '<text x="9" y="30">The lamp was out &e;</text></svg>'
    ).encode(),
    "name with\nnewline.pdf": one_page(),
    "long" * 60 + ".pdf": one_page(),
}
"""Content in which something is wrong that costs nothing: each says that the lamp was out."""


def fill(folder: Path) -> None:
    """Writes them all into a folder, with what is no file at all."""
    folder.mkdir()
    for name, content in READ.items():
        (folder / name).write_bytes(content)
    for name, (content, _) in {**BROKEN, **LOST_PAGES}.items():
        (folder / name).write_bytes(content)
    for name, (content, _) in BAD_PAGES.items():
        (folder / name).write_bytes(content)
    Path(os.fsdecode(os.fsencode(folder) + b"/latin-\xe9.pdf")).write_bytes(one_page())
    os.mkfifo(folder / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(folder)  # a socket's path has at most 108 bytes
        try:
            listener.bind("socket.pdf")
        finally:
            os.chdir(here)
    (folder / "loop").symlink_to(folder)
    (folder / "itself.pdf").symlink_to(folder / "itself.pdf")
    (folder / "nothing.pdf").symlink_to(folder / "gone")
