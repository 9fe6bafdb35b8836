"""What an opening makes good: whatever a killed process, an older Octavo or a full disk has left.

What cannot be done now waits, unseen by readers, for the next opening.
"""

from __future__ import annotations

import logging

from ....errors import DiskFull, LibraryBusy, OctavoError
from ..chroma.index import Index
from ..failpoints import reached
from ..files.originals import Originals
from ..lock import LibraryLock
from ..protocol import rebuild
from ..protocol.sweep import Sweeper
from ..search import lexical
from ..sqlite import migrations
from ..sqlite.database import Database
from . import mending

_log = logging.getLogger(__name__)


def heal(database: Database, index: Index, originals: Originals, sweeper: Sweeper, lock: LibraryLock) -> None:
    """Finish what is unfinished, unless another process writes, which will do it."""
    unfinished = originals.unfinished()
    left = migrations.left_over(database.path) or sweeper.dead() or vectors_before(database)
    if not (unfinished or left or _words_outdated(database)):
        return
    try:
        with lock.held():
            migrations.clear_up(database.path)
            for name in unfinished:
                originals.drop(name)
            sweeper.sweep_quietly()
            _drop_vectors_before(database, index)
            _analyse(database)
    except LibraryBusy:
        pass


def say_what_is_outdated(database: Database) -> None:
    """What a reader has to do without, since it may not change anything."""
    if _words_outdated(database):
        _log.warning(
            "the words of %s were analysed by another Octavo, and some are not found: the next `octavo add` or"
            " `octavo refresh` analyses them anew",
            database.path.parent,
        )


def vectors_before(database: Database) -> str | None:
    """The collection of the embedder before this one, while it is not deleted."""
    with database.latest() as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = 'vectors_before'").fetchone()
    return None if row is None else str(row[0])


def _drop_vectors_before(database: Database, index: Index) -> None:
    """Killed after the new vectors took their place, a rebuild ends here."""
    before = vectors_before(database)
    if before is None:
        return
    rebuild.discard(database.path)
    try:
        index.opened()  # writes the new ones
        index.drop(before)
        reached("old vectors dropped")
    except OctavoError as error:
        _log.warning("the vectors of the embedder before are not deleted yet: %s", error)
        return
    with database.writing() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'vectors_before'")


def _words_outdated(database: Database) -> bool:
    with database.latest() as connection:
        return lexical.outdated(connection)


def _analyse(database: Database) -> None:
    try:
        mending.outdated_words(database)
    except DiskFull as error:
        _log.warning("words are found as before, until there is room to analyse them anew: %s", error)
