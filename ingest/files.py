"""Opening files: whatever PyMuPDF reads, as a PDF, with errors that say what to do."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import EncryptedFile, UnreadableFile
from .kinds import CONVERTED

if TYPE_CHECKING:
    import pymupdf
    from PIL import Image

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".gif", ".jp2"})
OTHERS = frozenset({".xps", ".oxps", ".epub", ".cbz", ".fb2", ".mobi", ".svg"})
_PICTURE_HEADS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8")
READABLE = frozenset({".pdf"}) | PICTURES | OTHERS | CONVERTED

_NO_MEMORY = re.compile(r"[mc]?alloc\b.*failed|bad_?alloc|failed to allocate|cannot allocate", re.I)

_SAID = ("title", "author", "subject", "keywords", "creationDate")

# A photograph without a resolution tag is taken to be an A4 page wide: its size in points then suits the layout model.
_PICTURE_WIDTH = 595.0


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
    except broken() as error:
        check_memory(error)
        raise UnreadableFile(
            f"not a document that can be read ({said(error)})",
            where=where,
            cure="open it in a viewer; if it shows there, save it again as PDF",
        ) from error
    if pages == 0:
        raise UnreadableFile("the file has no pages", where=where, cure="it may be truncated; get it again")
    return document


def _open(path: Path, password: str | None) -> pymupdf.Document:
    import pymupdf

    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise UnreadableFile("the file is empty", where=str(path), cure="get the file again from its source")
    if b"%PDF-" in head:
        document = pymupdf.open(path, filetype="pdf")
    elif path.suffix.lower() in PICTURES or head.startswith(_PICTURE_HEADS) or head[8:12] == b"WEBP":
        return _open_picture(path)
    else:
        document = pymupdf.open(path)
    if document.needs_pass and not (password and document.authenticate(password)):
        wrong = "the password is wrong" if password else "the file is encrypted"
        cure = "pass its password: --password, or OCTAVO__INGEST__PASSWORD"
        raise EncryptedFile(wrong, where=str(path), cure=cure)
    return document if document.is_pdf else _converted(document)


def _converted(document: pymupdf.Document) -> pymupdf.Document:
    """An EPUB, XPS or the like as PDF, with what it says of itself and its bookmarks."""
    import pymupdf

    pdf = pymupdf.open("pdf", document.convert_to_pdf())
    pdf.set_metadata({key: value for key, value in (document.metadata or {}).items() if key in _SAID and value})
    with contextlib.suppress(ValueError):  # bookmarks whose levels make no tree
        pdf.set_toc(document.get_toc())
    return pdf


def _open_picture(path: Path) -> pymupdf.Document:
    """One PDF page per frame, upright by its EXIF orientation, transparent parts on white."""
    import pymupdf
    from PIL import Image, ImageOps, ImageSequence

    document = pymupdf.open()
    try:
        with Image.open(path) as picture:
            for frame in ImageSequence.Iterator(picture):
                _add_picture_page(document, _as_rgb(ImageOps.exif_transpose(frame)))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
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
    width, height = _PICTURE_WIDTH, _PICTURE_WIDTH * picture.height / picture.width
    page = document.new_page(width=width, height=height)
    page.insert_image(page.rect, stream=buffer.getvalue())


def broken() -> tuple[type[Exception], ...]:
    """What MuPDF, Pillow and the models raise on broken files: nearly anything."""
    import struct

    import pymupdf

    programs = (RuntimeError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError)
    return (*programs, OSError, EOFError, SyntaxError, struct.error, pymupdf.mupdf.FzErrorBase)


def said(error: BaseException) -> str:
    """The first line of an error of another library, with its name where it says little alone."""
    text = (str(error).strip().splitlines() or [""])[0][:200].removeprefix("code=").strip()
    return text if isinstance(error, OSError) and text else f"{type(error).__name__}: {text}".rstrip(": ")


def check_memory(error: Exception) -> None:
    """Raises MemoryError if that is what another library's error comes from."""
    if _NO_MEMORY.search(str(error)):
        raise MemoryError(said(error)) from error
