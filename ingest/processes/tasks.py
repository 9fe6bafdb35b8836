"""What a reading process does: it describes a file, and reads single pages of the files that it holds open."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from ...errors import UnreadableFile
from ..files import broken, open_document, said
from ..memory import give_back
from ..options import IngestOptions
from ..reader import FileInfo, describe, read_page
from ..types import Page
from ..workfolder import looks_full, no_room

if TYPE_CHECKING:
    import pymupdf

_MOST_HELD = 4  # files are read side by side, each page by whichever process is free


class Source(NamedTuple):
    """A file as it was when its reading began, and its conversion, if it is no PDF itself."""

    path: Path
    size: int
    mtime_ns: int
    inode: int
    converted: Path | None = None


_held: OrderedDict[tuple[Source, str | None], pymupdf.Document] = OrderedDict()


def source_of(path: Path) -> Source:
    """Raises `UnreadableFile` if the file is gone."""
    try:
        stat = path.stat()
    except FileNotFoundError as error:
        raise UnreadableFile("the file does not exist", where=str(path), cure="check the path") from error
    except OSError as error:
        what = f"the file cannot be read ({error.strerror})"
        raise UnreadableFile(what, where=str(path), cure="check its folder") from error
    return Source(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)


def describe_file(source: Source, options: IngestOptions, scratch: Path) -> tuple[FileInfo, Source]:
    """The file's own description. What is no PDF is converted once, into the folder `scratch`."""
    with open_document(source.path, options.password) as document:
        info = describe(document)
        if document.name == str(source.path):
            return info, source
        converted = scratch / f"{uuid4().hex}.pdf"  # each reading's own: a file and a link to it are read side by side
        try:
            document.save(converted)
        except broken() as error:
            if looks_full(scratch):
                raise no_room(scratch) from error
            what = f"it cannot be converted to PDF ({said(error)})"
            raise UnreadableFile(what, where=str(source.path), cure="save it as PDF, and add that") from error
    return info, source._replace(converted=converted)


def hold_open(source: Source, options: IngestOptions) -> None:
    """Opens the file, unless it is open. Raises as `open_document` does, and when the file is not what it was."""
    if source_of(source.path) != source._replace(converted=None):
        raise UnreadableFile("the file changed while it was read", where=str(source.path), cure="add it again")
    key = (source, options.password)
    if key not in _held:
        while len(_held) >= _MOST_HELD:
            _held.popitem(last=False)[1].close()
        _held[key] = open_document(source.converted or source.path, options.password)
    _held.move_to_end(key)


def read_held(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    """A page (1-based) of a file that `hold_open` opened."""
    import pymupdf

    try:
        return read_page(_held[source, options.password], number, options, version=version)
    finally:
        pymupdf.TOOLS.store_shrink(100)  # a page's fonts and pictures are quickly read again
        give_back()
