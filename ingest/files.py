"""Opening files: whatever PyMuPDF reads, as a PDF, with errors that say what to do."""

from __future__ import annotations

import contextlib
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EncryptedFile, UnreadableFile
from .office.kinds import CONVERTED
from .pagetree import mend_counts

if TYPE_CHECKING:
    import pymupdf
    from PIL import Image

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".jp2"})
OTHERS = frozenset({".xps", ".oxps", ".epub", ".cbz", ".fb2", ".mobi", ".svg"})
_PICTURE_HEADS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8")
READABLE = frozenset({".pdf"}) | PICTURES | OTHERS | CONVERTED

_CODE = re.compile(r"^code=\d+: ")  # MuPDF's
_NO_MEMORY = re.compile(r"[mc]?alloc\b.*failed|bad_?alloc|failed to allocate|cannot allocate", re.I)

UNDRAWN = "ERROR: cannot draw the picture"
"""Stands on the page of a comic whose picture is no picture or too large, as MuPDF says it of a book's chapters."""

_ARCHIVES = frozenset({"zip", "rar", "tar", "7z"})  # formats as MuPDF names them: pictures in a row

_SAID = ("title", "author", "subject", "keywords", "creationDate")

# A photograph without a resolution tag is taken to be an A4 page wide: its size in points then suits the layout model.
_PICTURE_WIDTH = 595.0
_LONGEST_SIDE, _SHORTEST_SIDE = 14_400.0, 3.0  # points, the usual limits of a PDF


def open_document(path: Path, password: str | None = None) -> pymupdf.Document:
    """The file as an open PDF; pictures, EPUB, XPS and the like are converted in memory.

    What a file is, its first bytes say rather than its ending.

    Raises:
        EncryptedFile: a password is needed or wrong.
        UnreadableFile: empty, truncated, without pages, of an unknown kind, or gone.
    """
    import pymupdf

    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    where = str(path)
    try:
        document = _open(path, password)
        pages = document.page_count
    except UnreadableFile:
        raise
    except FileNotFoundError as error:
        raise UnreadableFile("the file does not exist", where=where, cure="check the path") from error
    except PermissionError as error:
        raise UnreadableFile("the file may not be read", where=where, cure="check its permissions") from error
    except OSError as error:
        what = f"the file cannot be read ({error.strerror or said(error)})"
        raise UnreadableFile(what, where=where, cure="check that it is a file, and its disk") from error
    except broken() as error:
        check_memory(error)
        raise _unreadable(path, error) from error
    if pages == 0:
        raise UnreadableFile("the file has no pages", where=where, cure="it may be truncated; get it again")
    return document


def _open(path: Path, password: str | None) -> pymupdf.Document:
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise UnreadableFile("the file is empty", where=str(path), cure="get the file again from its source")
    if path.suffix.lower() == ".pdf" and _is_web_page(head):  # what servers send in place of a file
        cure = "get the file again from its source; if the page is what you want, give it the ending .html"
        raise UnreadableFile("this is an HTML page, not a PDF", where=str(path), cure=cure)
    if b"%PDF-" in head:
        document = _opened(path, "pdf")
    elif path.suffix.lower() in PICTURES or head.startswith(_PICTURE_HEADS) or head[8:12] == b"WEBP":
        return _open_picture(path)
    else:
        document = _opened(path, path.suffix.lower().lstrip("."))
    if document.needs_pass and not (password and document.authenticate(password)):
        wrong = "the password is wrong" if password else "the file is encrypted"
        cure = "pass its password: --password, or OCTAVO__INGEST__PASSWORD"
        raise EncryptedFile(wrong, where=str(path), cure=cure)
    if not document.is_pdf:
        return _converted(document)
    with contextlib.suppress(*broken()):  # a page tree that is damaged in other ways is MuPDF's to repair
        mend_counts(document)
    return document


def _opened(path: Path, kind: str) -> pymupdf.Document:
    import pymupdf

    try:
        str(path).encode()
    except UnicodeEncodeError:  # a name that is no UTF-8, which MuPDF cannot open
        return pymupdf.open(stream=path.read_bytes(), filetype=kind)
    return pymupdf.open(path, filetype="pdf") if kind == "pdf" else pymupdf.open(path)


def _unreadable(path: Path, error: BaseException | None) -> UnreadableFile:
    """What is wrong with a file that MuPDF does not open."""
    with path.open("rb") as file:
        head = file.read(1024)
        file.seek(-min(2048, file.seek(0, 2)), 2)
        tail = file.read()
    if b"%PDF-" in head:
        why = [] if b"%%EOF" in tail else ["its end is missing: it was cut off on its way"]
        why += [said(error)] if error is not None and "Failed to open file" not in str(error) else []
        what = "the PDF is damaged beyond repair" + (f" ({'; '.join(why)})" if why else "")
        return UnreadableFile(what, where=str(path), cure="get the file again from its source")
    kind = "zeros, nothing else" if not head.strip(b"\0") else "text" if _is_text(head) else "bytes of an unknown kind"
    what = f"not a document that can be read: it holds {kind}"
    return UnreadableFile(what, where=str(path), cure="open it in a viewer; if it shows there, save it again as PDF")


def _is_web_page(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith(b"<") and (b"<!doctype html" in start or b"<html" in start)


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 27 for byte in head)


def _converted(document: pymupdf.Document) -> pymupdf.Document:
    """An EPUB, XPS or the like as PDF, with what it says of itself and its bookmarks."""
    import pymupdf

    pdf = pymupdf.open("pdf", document.convert_to_pdf())
    pdf.set_metadata({key: value for key, value in (document.metadata or {}).items() if key in _SAID and value})
    if (document.metadata or {}).get("format") in _ARCHIVES:
        for n in range(pdf.page_count):
            if not pdf[n].get_images():
                pdf.delete_page(n)
                pdf.new_page(n).insert_text((20, 30), UNDRAWN)
    with contextlib.suppress(ValueError):  # bookmarks whose levels make no tree
        pdf.set_toc(document.get_toc())
    return pdf


def _open_picture(path: Path) -> pymupdf.Document:
    """One PDF page per frame, upright by its EXIF orientation, transparent parts on white."""
    import pymupdf
    from PIL import Image, ImageOps, ImageSequence

    document = pymupdf.open()
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as picture:  # of large ones
            for frame in ImageSequence.Iterator(picture):
                _add_picture_page(document, _as_rgb(ImageOps.exif_transpose(frame)))
    except Image.DecompressionBombError as error:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        what = f"the picture has more than {most} million pixels"
        raise UnreadableFile(what, where=str(path), cure="scale it down, or cut it into parts") from error
    except broken() as error:
        check_memory(error)
        raise UnreadableFile(
            f"not a picture that can be read ({said(error)})",
            where=str(path),
            cure="open it in a viewer and save it again as PNG or JPEG",
        ) from error
    return document


def _as_rgb(picture: Image.Image) -> Image.Image:
    import numpy as np
    from PIL import Image

    if picture.mode in ("RGBA", "LA", "PA", "P"):
        rgba = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
    elif picture.mode.startswith(("I", "F")):
        # More than 8 bits a pixel, which `convert` would cut off rather than scale.
        values = np.asarray(picture, np.float32)
        top = 65535.0 if values.max() > 255 else 255.0
        picture = Image.fromarray((values / top * 255).clip(0, 255).astype(np.uint8))
    return picture.convert("RGB")


def _add_picture_page(document: pymupdf.Document, picture: Image.Image) -> None:
    import io

    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    scale = min(_PICTURE_WIDTH / picture.width, _LONGEST_SIDE / picture.height)
    scale = max(scale, _SHORTEST_SIDE / min(picture.size))
    width, height = picture.width * scale, picture.height * scale
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=buffer.getvalue())


def broken() -> tuple[type[Exception], ...]:
    """What MuPDF, Pillow and the models raise on broken files: nearly anything."""
    import struct

    import pymupdf

    programs = (RuntimeError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError)
    return (*programs, OSError, EOFError, SyntaxError, struct.error, pymupdf.mupdf.FzErrorBase)


def said(error: BaseException) -> str:
    """The first line of an error of another library, with its name where that says more."""
    import pymupdf

    text = _CODE.sub("", (str(error).strip().splitlines() or [""])[0])[:200]
    speaks = isinstance(error, OSError | RuntimeError | pymupdf.mupdf.FzErrorBase) and bool(text)
    return text if speaks else f"{type(error).__name__}: {text}".rstrip(": ")


def check_memory(error: Exception) -> None:
    """Raises MemoryError if that is what another library's error comes from."""
    if _NO_MEMORY.search(str(error)):
        raise MemoryError(said(error)) from error
