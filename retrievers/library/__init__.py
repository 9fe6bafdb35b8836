"""The library on disk: one truth in SQLite, a vector index beside it, and the protocol that keeps them together."""

from .backup import ByteWatcher, Manifest
from .library import Library
from .rebuild import Rebuild, Version
from .snapshots import Snapshot
from .staging import Staging
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
