"""Taking a document out of a library, or what is left of a file that never became one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UnknownDocument

if TYPE_CHECKING:
    from ...retrievers.library import Library


def remove(library: Library, name_or_id: str) -> str:
    """Gives the name of what is gone. Raises `UnknownDocument`."""
    try:
        document = library.document(name_or_id)
    except UnknownDocument:
        # One that was begun and never finished can go, too.
        for begun in library.staged():
            if name_or_id in {begun.document, begun.name, begun.source}:
                library.remove(begun.document)
                return begun.name
        # And what never could be read need not be complained of for ever.
        for failure in library.failures():
            if name_or_id in {failure.file, failure.source} and failure.page is None:
                library.clear_failures(failure.source)
                return failure.file
        raise
    library.remove(document.id)
    return document.name
