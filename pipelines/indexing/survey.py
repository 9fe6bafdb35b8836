"""What is in folders, beside what a library knows from them.

That a file is gone needs proof. A folder that is missing, unreadable or all at once empty may be a disk that is not
mounted: nothing beneath it counts as gone. Nor does what lies beneath a folder that cannot be listed, or behind a link
to nothing; nor, where it were several documents, what lay in a folder further down that is empty now.
"""

from __future__ import annotations

import glob
import os
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...errors import OctavoError, SettingsError, UnreadableFile
from ...ingest.identity import document_id
from ...ingest.sources import SourceFile, discover, discover_within
from .indexer import Indexer

_MOUNT = "mount its disk; or, if this is meant, `octavo sync --allow-empty FOLDER`"


class Survey:
    """What is in the folders, and what the library knows beneath them.

    Attributes:
        found: The files, and what is wrong with some, in order.
        vanished: Sources of documents that are known to be gone, with their ids.
        troubles: Folders of which nothing may be concluded.
    """

    def __init__(self, indexer: Indexer, folders: list[Path], metadata: Mapping[str, Any], allow_empty: bool) -> None:
        library, collection = indexer.library, indexer.collection
        known = [(held.source, id) for id, held in library.held().items()]
        known += [(begun.source, begun.document) for begun in library.staged()]
        # The same source in another collection has another id.
        self._known = {source: id for source, id in known if document_id(collection, source) == id}
        self._folders = folders
        self._metadata = metadata
        self.found: list[SourceFile | OctavoError] = []
        self.troubles: list[OctavoError] = []
        self.vanished: dict[str, str] = {}
        self._untouchable: list[str] = []
        self._seen: set[str] = set()
        for folder in folders:
            try:
                self._look_into(folder, allow_empty)
            except UnreadableFile as error:
                self.troubles.append(error)
                self._untouchable.append(folder.as_posix())
        self.vanished = {source: id for source, id in self.vanished.items() if self.may_remove(source)}

    def may_remove(self, source: str) -> bool:
        """Whether a file is known to be gone, now."""
        return not any(beneath(source, place) for place in self._untouchable) and vanished(Path(source))

    def concerns(self, source: str) -> bool:
        """Whether a file lies in one of the folders."""
        return any(beneath(source, folder.as_posix()) for folder in self._folders)

    def _look_into(self, folder: Path, allow_empty: bool) -> None:
        known = {source: id for source, id in self._known.items() if beneath(source, folder.as_posix())}
        _check_there(folder, len(known), allow_empty)
        found = list(discover_within(folder, self._metadata)) if folder.exists() else []
        names = {file.source for file in found if isinstance(file, SourceFile)}
        errors = [error for error in found if isinstance(error, OctavoError)]
        self._untouchable += [Path(error.where).as_posix() for error in errors if error.where]
        gone = {source: id for source, id in known.items() if source not in names and vanished(Path(source))}
        if known and not found and len(gone) == len(known) and not allow_empty:
            raise UnreadableFile(
                f"the folder is empty, and {_documents(len(known))} known from it; nothing was removed",
                where=str(folder),
                cure=_MOUNT,
            )
        if not allow_empty:
            self._note_emptied(folder, gone)
        # Hidden files and those of unknown kinds, which were added by name, are kept up to date as well.
        rest = sorted(known.keys() - names - gone.keys())
        found += discover([source for source in rest if os.path.lexists(source)], self._metadata)
        self._note_hidden([source for source in rest if not os.path.lexists(source)])
        for file in found:
            name = file.source if isinstance(file, SourceFile) else str(file.where)
            if name not in self._seen:
                self._seen.add(name)
                self.found.append(file)
        self.vanished |= gone

    def _note_emptied(self, folder: Path, gone: Iterable[str]) -> None:
        """Say which folders further down lack all they held. One file may be deleted without a question."""
        for place, count in Counter(map(_nearest, map(Path, gone))).items():
            if count > 1 and folder in place.parents and _is_empty(place):
                self._untouchable.append(place.as_posix())
                what = f"the folder is empty, and {_documents(count)} known from it; nothing was removed"
                self.troubles.append(UnreadableFile(what, where=str(place), cure=f"{_MOUNT}, or delete it as well"))

    def _note_hidden(self, sources: Iterable[str]) -> None:
        """Say where nothing can be told of files, once for all that lie there."""
        for place, count in Counter(map(_nearest, map(Path, sources))).items():
            if place.as_posix() not in self._untouchable:
                self._untouchable.append(place.as_posix())
                what = "a link to nothing" if place.is_symlink() else "a folder that cannot be read"
                what = f"{what}, and {_documents(count)} known from it; nothing was removed"
                self.troubles.append(UnreadableFile(what, where=str(place), cure="mount its disk, or mend its rights"))


def beneath(source: str, place: str) -> bool:
    """Whether a path is `place`, or lies in it."""
    return source == place or source.startswith(place.rstrip("/") + "/")


def vanished(path: Path) -> bool:
    """Whether there certainly is no file of this name any more. A folder that cannot be asked proves nothing."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        # What lies behind a link to nothing may be on a disk that is not mounted.
        return _nearest(path).exists()
    except (OSError, ValueError):
        return False


def _nearest(path: Path) -> Path:
    """The innermost folder above a path that is there, if only as a link."""
    return next((folder for folder in path.parents if os.path.lexists(folder)), Path("/"))


def _is_empty(folder: Path) -> bool:
    try:
        return not os.listdir(folder)
    except OSError:
        return False


def folder_of(given: str | Path) -> Path:
    path = Path(os.path.abspath(os.path.expanduser(given))) if str(given) else None
    if path is None or path.is_file():
        cure = "name the folder it is in, or `octavo add` it"
        raise SettingsError("sync takes folders, and this is a file", where=str(given) or "an empty path", cure=cure)
    if glob.has_magic(str(given)) and not path.exists():
        cure = "name the folder, or `octavo add` what matches"
        raise SettingsError("sync takes folders, and no patterns", where=str(given), cure=cure)
    return path


def _check_there(folder: Path, known: int, allow_empty: bool) -> None:
    """Raises UnreadableFile unless there is such a folder, or its absence is meant."""
    try:
        os.listdir(folder)
    except FileNotFoundError as error:
        if not known:
            raise UnreadableFile("there is no such folder", where=str(folder), cure="check the path") from error
        if allow_empty and vanished(folder):
            return
        raise UnreadableFile(
            f"the folder is gone, and {_documents(known)} known from it; nothing was removed",
            where=str(folder),
            cure=f"put it back, or {_MOUNT}",
        ) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        what = f"the folder cannot be read ({why}); nothing was removed"
        raise UnreadableFile(what, where=str(folder), cure="check its rights and its disk") from error


def _documents(count: int) -> str:
    return "one document is" if count == 1 else f"{count} documents are"
