"""The library on disk: one truth in SQLite, a vector index beside it, and the protocol that keeps them together."""

from .care.backup import ByteWatcher, Manifest
from .library import Library
from .protocol.rebuild import Rebuild, Version
from .protocol.staging import Staging
from .sqlite.snapshots import Snapshot
from .values import Failure, FileStat, Held, Maker, Staged

__all__ = [
    "ByteWatcher",
    "Failure",
    "FileStat",
    "Held",
    "Library",
    "Maker",
    "Manifest",
    "Rebuild",
    "Snapshot",
    "Staged",
    "Staging",
    "Version",
]
