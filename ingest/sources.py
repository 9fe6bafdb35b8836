"""Finding what to read: files, folders, patterns, and the metadata that stands beside them.

A sidecar is a JSON object in `report.pdf.json` or `report.json`; it belongs to `report.pdf` and is no document itself.
"""

from __future__ import annotations

import fnmatch
import glob
import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import OctavoError, UnreadableFile, shown
from .files import READABLE
from .libraries import DATABASE, OWN, is_library, within_a_library
from .types import DEEPEST, Value, depth

_log = logging.getLogger(__name__)


class SourceFile(Value):
    """A file to read. `source` is its absolute path with forward slashes: the name it is known by ever after."""

    path: Path
    source: str
    metadata: dict[str, Any] = {}


def discover(
    paths: Iterable[str | Path], metadata: Mapping[str, Any] | None = None
) -> Iterator[SourceFile | OctavoError]:
    """The files that `paths` name, each once, in the order of `paths` and within a folder by name.

    Folders are searched to their depths for files of known kinds; hidden ones, locks of office programs
    (`~$report.docx`) and what is a library's own are left out, and a folder that links lead back to is entered once. A
    file named by itself, or by a pattern that spells out its ending, is taken whatever its kind. What cannot be taken
    comes out as an error in its place; nothing is raised.

    Args:
        metadata: kept with every file, over what its sidecar says.
    """
    return _taken((found for path in paths for found in _named(path)), metadata or {})


def discover_within(folder: Path, metadata: Mapping[str, Any] | None = None) -> Iterator[SourceFile | OctavoError]:
    """The files in one folder, as `discover` finds them; that there are none is no error."""
    if (error := within_a_library(folder)) is not None:
        return iter([error])
    return _taken(_walk(folder, _known, set()), metadata or {})


def _taken(found: Iterable[Path | OctavoError], metadata: Mapping[str, Any]) -> Iterator[SourceFile | OctavoError]:
    """Each path once, with what is known of it."""
    seen: set[str] = set()
    for path in found:
        if isinstance(path, OctavoError):
            yield path
            continue
        source = Path(os.path.abspath(path)).as_posix()  # not resolved: a link is a source of its own
        if source in seen:
            continue
        seen.add(source)
        try:
            beside = _sidecar(path)
        except UnreadableFile as error:
            yield error
            continue
        known = {**beside, **metadata}
        if depth(known) > DEEPEST:
            what = f"its metadata is nested more than {DEEPEST} levels deep"
            yield UnreadableFile(what, where=source, cure="make it flatter")
            continue
        yield SourceFile(path=Path(source), source=source, metadata=known)


def _named(given: str | Path) -> Iterator[Path | OctavoError]:
    """The files that one path or pattern stands for."""
    if not str(given):
        yield UnreadableFile("an empty path names no file", cure="give a file, a folder or a pattern")
        return
    path = Path(os.path.expanduser(given))
    try:
        if (error := within_a_library(path)) is not None:
            yield error
        elif os.path.isdir(path):
            yield from _folder(path)
        elif os.path.isfile(path):
            if not _is_sidecar(path):
                yield path
        elif os.path.lexists(path):
            yield _not_a_file(path)
        elif glob.has_magic(str(given)):
            yield from _pattern(path)
        else:
            yield UnreadableFile("the file does not exist", where=str(path), cure="check the path")
    except (OSError, ValueError) as error:  # names too long, or with a zero byte in them
        yield UnreadableFile(f"the path cannot be used ({error})", where=str(path), cure="check the path")


def _not_a_file(path: Path) -> UnreadableFile:
    if path.is_symlink():
        return UnreadableFile(f"a link to nothing ({path.readlink()})", where=str(path), cure="mend or remove the link")
    return UnreadableFile("not a file but a device, pipe or socket", where=str(path), cure="save its content as a file")


def _folder(folder: Path) -> Iterator[Path | OctavoError]:
    found = False
    for item in _walk(folder, _known, set()):
        found = True
        yield item
    if not found:
        kinds = " ".join(sorted(READABLE))
        yield UnreadableFile("no document is in this folder", where=str(folder), cure=f"it is searched for {kinds}")


def _known(path: Path) -> bool:
    return path.suffix.lower() in READABLE


def _walk(folder: Path, wanted: Callable[[Path], bool], entered: set[tuple[int, int]]) -> Iterator[Path | OctavoError]:
    """The wanted files in a folder, then those of its folders. `entered`: device and inode of the folders seen."""
    try:
        stat = folder.stat()
        names = sorted(os.listdir(folder))
    except OSError as error:
        yield UnreadableFile(
            f"the folder cannot be read ({error.strerror})", where=str(folder), cure="check its rights"
        )
        return
    if (stat.st_dev, stat.st_ino) in entered:
        return
    if DATABASE in names and is_library(folder):
        _log.warning("%s is an Octavo library: its own files are left out", shown(str(folder)))
        names = [name for name in names if name not in OWN]
    entered.add((stat.st_dev, stat.st_ino))
    folders: list[Path] = []
    for path in (folder / name for name in names if not name.startswith((".", "~$"))):
        if os.path.isdir(path):
            folders.append(path)
        elif wanted(path):
            yield path if os.path.isfile(path) else _not_a_file(path)
    # A folder that is also linked to is known by its own name, if it can be.
    for inner in sorted(folders, key=os.path.islink):
        yield from _walk(inner, wanted, entered)


def _pattern(pattern: Path) -> Iterator[Path | OctavoError]:
    """What a pattern matches; only one that spells out an ending (`*.dat`) brings files of unknown kinds."""
    spelled_out = bool(pattern.suffix) and not glob.has_magic(pattern.suffix)
    found = False
    for item in _deep(pattern, spelled_out) if "**" in pattern.parts else _flat(pattern, spelled_out):
        found = True
        yield item
    if not found:
        yield UnreadableFile("no document matches", where=str(pattern), cure="check the pattern, or name the folder")


def _flat(pattern: Path, spelled_out: bool) -> Iterator[Path | OctavoError]:
    for path in sorted(map(Path, glob.iglob(str(pattern)))):
        if (error := within_a_library(path)) is not None:
            yield error
        elif os.path.isdir(path):
            yield from _walk(path, _known, set())
        elif os.path.isfile(path) and (spelled_out or _known(path)) and not _is_sidecar(path):
            yield path


def _deep(pattern: Path, spelled_out: bool) -> Iterator[Path | OctavoError]:
    """`reports/**/2024*.pdf`: by our own walk, since `glob` runs in circles where links do."""
    at = pattern.parts.index("**")
    for base in sorted(map(Path, glob.iglob(str(Path(*pattern.parts[:at]))))):

        def wanted(path: Path, base: Path = base) -> bool:
            fits = _fits(path.relative_to(base).parts, pattern.parts[at:])
            return fits and (spelled_out or _known(path)) and not _is_sidecar(path)

        if os.path.isdir(base):
            yield from _walk(base, wanted, set())


def _fits(parts: Sequence[str], shape: Sequence[str]) -> bool:
    """Whether a path fits a pattern, part by part; `**` stands for any number of folders."""
    if not shape:
        return not parts
    if shape[0] == "**":
        return _fits(parts, shape[1:]) or (bool(parts) and _fits(parts[1:], shape))
    return bool(parts) and fnmatch.fnmatch(parts[0], shape[0]) and _fits(parts[1:], shape[1:])


def _is_sidecar(path: Path) -> bool:
    """Whether a JSON file describes a document that stands beside it."""
    if path.suffix.lower() != ".json":
        return False
    stem = path.with_suffix("")
    described = [stem] if stem.suffix else []
    described += [stem.with_name(stem.name + kind) for kind in READABLE]
    return any(os.path.isfile(document) for document in described) and _described_by(path) is not None


def _sidecar(document: Path) -> dict[str, Any]:
    """Metadata from the JSON object beside a file, if there is one. Raises `UnreadableFile` if it is broken."""
    for beside in (document.with_name(document.name + ".json"), document.with_suffix(".json")):
        if beside == document or not os.path.isfile(beside):
            continue
        said = _described_by(beside)
        if isinstance(said, Exception):
            what = f"its metadata in {beside.name} cannot be read ({said})"
            raise UnreadableFile(what, where=str(document), cure=f"mend or remove {beside.name}") from said
        if said is not None:
            return said
    return {}


def _described_by(beside: Path) -> dict[str, Any] | Exception | None:
    """The object in a JSON file, what is wrong with it, or None when it holds something else."""
    try:
        value = json.loads(beside.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        return error
    return value if isinstance(value, dict) else None
