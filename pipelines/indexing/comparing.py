"""What a file is to a library: new, changed, or what the library has already."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...errors import UnreadableFile
from ...ingest.identity import PARSER, content_hash, document_id
from ...ingest.options import IngestOptions

if TYPE_CHECKING:
    from ...ingest.sources import SourceFile
    from ...retrievers.library import FileStat, Held


class Comparison(NamedTuple):
    """A file, and what the library holds of it. `unchanged`: its bytes were read as they would be read now."""

    file: SourceFile
    document: str
    content: str
    stat: FileStat
    held: Held | None
    unchanged: bool


def compare(file: SourceFile, collection: str, options: IngestOptions, held: Mapping[str, Held]) -> Comparison:
    """Costs a stat, and a hash where the stat is another than the one held.

    Raises:
        UnreadableFile: The file is gone, or may not be read.
    """
    stat = stat_of(file.path)
    document = document_id(collection, file.source)
    known = held.get(document)
    unmoved = known is not None and (known.size, known.mtime_ns) == tuple(stat)
    content = known.content if known is not None and unmoved else hash_of(file.path)
    unchanged = known is not None and known.content == content and read_as(known, options)
    return Comparison(file, document, content, stat, known, unchanged)


def read_as(held: Held, options: IngestOptions) -> bool:
    """Whether a document was read by this parser, with settings that come to the same as `options`."""
    return held.parser == PARSER and not options.changed_since(held.options)


def stat_of(path: Path) -> FileStat:
    from ...retrievers.library import FileStat

    try:
        stat = path.stat()
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    return FileStat(stat.st_size, stat.st_mtime_ns)


def hash_of(path: Path) -> str:
    try:
        return content_hash(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError | ValueError) -> UnreadableFile:
    if isinstance(error, FileNotFoundError):
        return UnreadableFile("the file is gone", where=str(path), cure="put it back, or `octavo remove` it")
    why = error.strerror if isinstance(error, OSError) else str(error)
    return UnreadableFile(f"the file cannot be read ({why})", where=str(path), cure="check its rights and its disk")
