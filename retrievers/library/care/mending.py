"""Mending what `verify` finds, as far as what is left tells how. Each function gives what it did, one sentence each.

What is killed here is done over: nothing is taken away before it is known that it can be had again, and nothing that
is seen by readers changes but in one transaction.
"""

from __future__ import annotations

import logging
from pathlib import Path

from ....errors import IndexDamaged, counted
from ..chroma import repair
from ..chroma.index import Index
from ..failpoints import reached
from ..files.originals import Originals, is_unfinished
from ..search import lexical
from ..sqlite import catalogue
from ..sqlite.database import Database
from ..values import Teller
from . import verify

_log = logging.getLogger(__name__)


def words(database: Database) -> list[str]:
    """Make the lexical index anew from the passages, if it is wrong."""
    if not verify.words(database):
        return []
    _analyse(database)
    return ["the lexical index was made anew"]


def outdated_words(database: Database) -> None:
    """Analyse all passages anew, if an Octavo with another analysis did it."""
    with database.latest() as connection:
        outdated = lexical.outdated(connection)
        count = catalogue.passage_count(connection)
    if outdated:
        if count:
            _log.warning("words are analysed otherwise since this library was made: its %d passages, anew", count)
        _analyse(database)


def _analyse(database: Database) -> None:
    with database.writing() as connection:
        lexical.enter_anew(connection)
    reached("words entered anew")


def vectors(database: Database, index: Index, tell: Teller) -> list[str]:
    """Write and delete rows of the vector index; make it anew if it cannot be read."""
    opened = index.opened(tell)
    try:
        done = repair.mend(database, opened, repair.faults(database, opened, tell))
    except IndexDamaged:
        if not index.embedded:
            raise
        done = index.make_anew(tell)
    before = index.mended()
    upserted, deleted = before.upserted + done.upserted, before.deleted + done.deleted
    if not (upserted or deleted):
        return []
    return [f"{counted(upserted, 'row')} written to the vector index and {deleted} deleted"]


def files(database: Database, originals: Originals, tell: Teller) -> list[str]:
    """Copy files again whose copy is lost while they themselves are not; set aside what belongs to nobody."""
    done = []
    with originals.guard:
        for copy in {copy.name: copy for copy in verify.lost(database, originals, tell)}.values():
            if verify.restorable(copy):
                originals.copy(Path(copy.source), copy.name, copy.content)
                reached("original put back")
                done.append(f"{copy.document} was copied again from {copy.source}")
        extra = verify.strangers(database, originals)
        for name in extra:
            if is_unfinished(name):
                originals.drop(name)
            else:  # perhaps all that is left of a document: not ours to delete
                originals.set_aside(name)
            reached("strangers removed")
    if stray := [name for name in extra if not is_unfinished(name)]:
        done.append(f"{counted(len(stray), 'file')} of no document moved to {originals.stray}")
    if len(stray) < len(extra):
        done.append(f"{counted(len(extra) - len(stray), 'unfinished file')} deleted")
    return done
