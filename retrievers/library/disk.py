"""What a full or failing disk means to a user, whichever part of the library met it."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import DiskFull, OctavoError
from ...ingest.libraries import within_a_library

RESERVE = 32 << 20
"""Bytes that must be free before Chroma is given rows. A disk that fills while Chroma writes its graph breaks the graph
for good, and Chroma then hangs now and then; what the library does with fewer bytes (noting a failure, sweeping)
still finds room."""

_FULL = 4 << 20  # bytes; with fewer, an error without a reason is blamed on the lack of room
_CURE = "make room, and do it again; what was finished is kept"


def full(where: str) -> DiskFull:
    return DiskFull("the disk is full", where=where, cure=_CURE)


def check_room(folder: Path, wanted: int = 0) -> None:
    """Raise DiskFull unless `wanted` bytes can be written and the reserve is left."""
    free = _free(folder)
    if free < RESERVE + wanted:
        what = f"the disk is full ({free >> 20} MB are free, {(RESERVE + wanted) >> 20} MB are needed)"
        raise DiskFull(what, where=str(folder), cure=_CURE)


def check_outside(library: Path, to: Path) -> None:
    """Raise OctavoError when the file `to` would lie in the folder of the library, or be another library's own."""
    if library.resolve() in to.resolve().parents or within_a_library(to.resolve()) is not None:
        cure = "name a file elsewhere, best on another disk"
        raise OctavoError("nothing is written into a library itself", where=str(to), cure=cure)


def looks_full(path: Path) -> bool:
    """Whether so little room is left on the disk of `path` that whatever failed there may have failed for that."""
    return _free(path) < _FULL


def fails(error: object, where: str) -> OctavoError:
    return OctavoError(f"the disk fails ({error})", where=where, cure="check the disk; what was finished is kept")


def refuses(error: object, where: str) -> OctavoError:
    return OctavoError(f"no access ({error})", where=where, cure="check the permissions of folder and files")


def explained(error: OSError, where: str) -> OctavoError:
    """The same in Octavo's words."""
    why = error.strerror or str(error)
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return full(where)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return refuses(why, where)
    return fails(why, where)


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Errors of the operating system, in this block, in Octavo's words."""
    try:
        yield
    except OSError as error:
        raise explained(error, str(path)) from error


def _free(path: Path) -> int:
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free
