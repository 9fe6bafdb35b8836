"""Libraries among the documents: their copies of files are no documents."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from ..errors import UnreadableFile

DATABASE = "library.db"
OWN = frozenset({DATABASE, "originals", "originals.stray", "chroma", "chroma.old", "restoring"})
"""What in a library's folder is its own; there may be documents beside it."""

_TABLES = "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'versions', 'passages', 'lexical')"


def is_library(folder: Path) -> bool:
    """Whether a folder holds a library, and not only a file of that name."""
    path = folder / DATABASE
    if not os.path.isfile(path) or os.path.getsize(path) == 0:  # a folder that may not be entered is none
        return False
    try:
        # `immutable`: nothing is written beside another program's database. By SQLite, even where reading a few bytes
        # would do: closing a file that this process has open as a database gives up SQLite's locks on it.
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            (tables,) = connection.execute(_TABLES).fetchone()
            empty = connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None
    except sqlite3.DatabaseError:  # another kind of file, or a library's that is damaged
        tables, empty = 0, True
    # The tables of a library just made may stand in its write-ahead log alone.
    return bool(tables == 4) or (empty and (folder / "library.lock").exists())


def within_a_library(path: Path) -> UnreadableFile | None:
    """What is wrong with taking a file or folder that is a library's own; nothing with what lies beside."""
    parts = Path(os.path.abspath(path)).parts
    for at, name in enumerate(parts):
        if name in OWN and is_library(library := Path(*parts[:at])):
            cure = f"add the files it was made of; `octavo --library {library} list` tells them"
            return UnreadableFile("this belongs to an Octavo library and is no document", where=str(path), cure=cure)
    return None
