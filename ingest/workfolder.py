"""Where files are converted: a folder in TMPDIR that is gone at the end, and is named when there is no room in it."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from ..errors import WorkerFailed

_PREFIX = "octavo-"
_FULL = 16 << 20  # bytes; with fewer, what failed without a reason is blamed on the lack of room
_CURE = "make room there, or set TMPDIR to a folder on another disk; then add the file again"


def new_work_folder() -> tempfile.TemporaryDirectory[str]:
    """Raises WorkerFailed when there can be none."""
    try:
        return tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
    except OSError as error:
        raise WorkerFailed(f"there is no folder for temporary files ({error.strerror})", cure=_CURE) from error


def no_room(folder: Path) -> WorkerFailed:
    return WorkerFailed(f"the disk of temporary files is full ({_place_of(folder)})", cure=_CURE)


def explained(error: OSError, folder: Path) -> WorkerFailed:
    """Why something could not be written into a work folder."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_room(folder)
    return WorkerFailed(f"temporary files cannot be written ({error.strerror}: {_place_of(folder)})", cure=_CURE)


def looks_full(folder: Path) -> bool:
    return shutil.disk_usage(folder).free < _FULL


def _place_of(folder: Path) -> Path:
    """The folder that was there before: what TMPDIR says."""
    return next((one.parent for one in (folder, *folder.parents) if one.name.startswith(_PREFIX)), folder)
