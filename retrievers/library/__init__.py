"""The library on disk: one truth in SQLite, a vector index beside it, and the protocol that keeps them together."""

from .library import Library
from .repair import Repair
from .snapshots import Snapshot
from .staging import Staging
from .values import Failure, FileStat, Held, Maker, Staged

__all__ = ["Failure", "FileStat", "Held", "Library", "Maker", "Repair", "Snapshot", "Staged", "Staging"]
