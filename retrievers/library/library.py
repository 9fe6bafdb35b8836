"""The library: documents as they were read, found by meaning and by words, whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import LibraryBusy, OctavoError, UnknownDocument, UnreadableFile
from ...ingest.types import Document, Page, Passage, Region
from ..types import Filters
from . import catalogue, content, dense, failures, flip, lexical
from .codec import decode_text, decode_vectors
from .database import Database
from .index import Index
from .lock import LibraryLock
from .mending import Mender, Repair
from .originals import Originals
from .scan import Scanner
from .schema import now
from .scope import resolve
from .staging import Staging
from .values import Failure, FileStat, Held, Maker, Staged

_log = logging.getLogger(__name__)

_EVERYTHING = Filters()
_PAGES_AT_ONCE = 8


class Library:
    """One collection of documents in one folder. Its methods may be called from any thread.

    Every reading method sees one state of the library; `snapshot` makes several see the same.
    """

    def __init__(self, folder: Path, database: Database, lock: LibraryLock, chroma: str | None, wait: float) -> None:
        maker = database.meta.maker
        self.folder = folder
        self.maker = maker
        self._database = database
        self._lock = lock
        self._wait = wait
        self._embedded = chroma is None
        self._active: set[str] = set()
        self._originals = Originals(folder / "originals")
        scanner = Scanner(maker.dimension)
        self._index = Index(folder, chroma, database.meta.library, lock)
        self._mender = Mender(database, self._index.opened, scanner, self._originals, maker.dimension)
        self._index.mender = self._mender
        self._dense = dense.Dense(database, self._index.opened, scanner, maker.dimension)
