"""Is everything where it should be? Compares `library.db` with itself, with the vector index and with the files.

Each problem is one sentence with a count, an example where there is one, and the cure.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from ....errors import IndexDamaged, OctavoError, counted
from ..chroma import repair
from ..chroma.index import Index
from ..files import renditions
from ..files.originals import Originals
from ..search import lexical
from ..sqlite.codec import decode_text
from ..sqlite.database import Database
from ..values import Teller

REPAIR = "`octavo verify --repair` mends that"
_RESTORE = "restore a backup (`octavo restore`), or add the documents to a new library"
_ANEW = "remove it and add it again"
_READ_ERRORS = 10  # of SQLite's integrity check, at most

# What must hold of every live version, as a query for the names of those of which it does not.
_BROKEN = {
    "lacks pages": "v.page_count <> (SELECT count(*) FROM pages WHERE owner = v.key)"
    " OR v.page_count <> (SELECT coalesce(max(number), 0) FROM pages WHERE owner = v.key)",
    "lacks passages": "v.passage_count <> (SELECT count(*) FROM passages WHERE owner = v.key)"
    " OR v.passage_count <> (SELECT coalesce(max(ord) + 1, 0) FROM passages WHERE owner = v.key)",
    "has passages without a vector": "EXISTS (SELECT 1 FROM passages AS p WHERE p.owner = v.key AND NOT EXISTS"
    " (SELECT 1 FROM vectors WHERE passage = p.rowid AND length(dense) = 2 * :dimension))",
}


class Copy(NamedTuple):
    """A copied file that a document needs: its name, the hash of its bytes, and where the file was read."""

    name: str
    content: str
    document: str
    source: str


def damages(database: Database) -> list[str]:
    """What SQLite finds wrong with `library.db`; nothing else can be said of it then."""
    with database.latest() as connection:
        try:
            said = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_READ_ERRORS})")]
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            said, strays = [str(error)], []
    # SQLite from 3.44 on looks at the lexical index, too, which is another matter: it can be mended.
    if found := [each for each in said if each != "ok" and "FTS5" not in each]:
        return [f"library.db is damaged ({found[0]}): {_RESTORE}"]
    if not strays:
        return []
    return [f"library.db has {counted(len(strays), 'row')} of nothing, e.g. in {strays[0][0]}: {_RESTORE}"]


def gaps(database: Database) -> list[str]:
    """What live versions lack within `library.db`."""
    problems = []
    with database.latest() as connection:
        for what, condition in _BROKEN.items():
            names = connection.execute(
                f"SELECT v.name FROM versions AS v WHERE v.state = 'live' AND ({condition}) ORDER BY v.name",
                {"dimension": database.meta.maker.dimension},
            ).fetchall()
            if names:
                problems.append(f"{_some(names)} {what}: {_ANEW}")
    return problems


def words(database: Database) -> list[str]:
    """What is wrong with the lexical index."""
    with database.latest() as connection:
        connection.execute("BEGIN IMMEDIATE")  # FTS5's check counts as writing, and writes nothing
        try:
            wrong = lexical.faults(connection)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return [f"the lexical index cannot be read ({error}): {REPAIR}"]
    return [f"the lexical index {wrong}: {REPAIR}"] if wrong else []


def vectors(database: Database, index: Index, tell: Teller) -> list[str]:
    """What is wrong with the vector index."""
    try:
        found = repair.faults(database, index.unmended(), tell)
    except IndexDamaged as error:
        return [f"{error.what}: {REPAIR}"]
    said = (
        (found.missing, f"lacks {counted(len(found.missing), 'passage')}"),
        (found.wrong, f"has {counted(len(found.wrong), 'row')} with other values than library.db"),
        (found.extra, f"has {counted(len(found.extra), 'row')} of no passage"),
    )
    return [f"the vector index {what}, e.g. {ids[0]}: {REPAIR}" for ids, what in said if ids]


def copies(database: Database) -> list[Copy]:
    """The copied files that live documents need."""
    with database.latest() as connection:
        rows = connection.execute(
            "SELECT original, content, name, source FROM documents WHERE original IS NOT NULL ORDER BY name, source"
        ).fetchall()
    return [Copy(name, content, decode_text(document), decode_text(source)) for name, content, document, source in rows]


def lost(database: Database, originals: Originals, tell: Teller) -> Iterator[Copy]:
    """Those that are missing, or hold other bytes than were read."""
    wanted = copies(database)
    intact: dict[str, bool] = {}  # documents may share one
    for number, copy in enumerate(wanted, start=1):
        if copy.name not in intact:
            intact[copy.name] = originals.intact(copy.name, copy.content)
        if not intact[copy.name]:
            yield copy
        tell("copied files", number, len(wanted))


def strangers(database: Database, originals: Originals) -> list[str]:
    """Files among the copies that no version names."""
    with database.latest() as connection:
        versions = connection.execute("SELECT original, source, content FROM versions").fetchall()
    named = {original for original, _, _ in versions}
    named |= {originals.rendition(Path(decode_text(source)), content).name for _, source, content in versions}
    return sorted(originals.names() - named)


def files(database: Database, originals: Originals, tell: Teller) -> list[str]:
    """What is wrong with the copied files."""
    problems = []
    gone = list(lost(database, originals, tell))
    if here := [(copy.document,) for copy in gone if restorable(copy)]:
        problems.append(f"the copied file of {_some(here)} is missing or damaged: {REPAIR}")
    if away := [copy for copy in gone if not restorable(copy)]:
        names = _some([(copy.document,) for copy in away])
        cure = f"put {away[0].source} back as it was and `octavo verify --repair`, or remove the document"
        problems.append(f"the copied file of {names} is missing or damaged, and so is the one it was read from: {cure}")
    problems += _renditions(database, originals)
    if extra := strangers(database, originals):
        some = counted(len(extra), "file")
        problems.append(f"{originals.folder} has {some} of no document, e.g. {extra[0]}: {REPAIR}")
    return problems


def _renditions(database: Database, originals: Originals) -> Iterator[str]:
    """What is wrong with the PDFs that were made of files."""
    anew: list[tuple[str]] = []
    never: list[tuple[str]] = []
    for one in renditions.lost(database, originals):
        kept = one.original is not None and originals.intact(one.original, one.content)
        again = kept or restorable(Copy("", one.content, one.name, one.source))
        (anew if again else never).append((one.name,))
    for names, cure in (
        (anew, "`octavo refresh` makes another, and reads the document again"),
        (never, f"{_RESTORE}; or {_ANEW}"),
    ):
        if names:
            yield f"the PDF that was made of {_some(names)} is missing or damaged: {cure}"


def restorable(copy: Copy) -> bool:
    """Whether the file it was read from still has those bytes."""
    path = Path(copy.source)
    try:
        return Originals(path.parent).intact(path.name, copy.content)
    except OctavoError:
        return False


def _some(names: Sequence[Sequence[str | bytes]]) -> str:
    first = decode_text(names[0][0])
    return first if len(names) == 1 else f"{first} and {len(names) - 1} more"
