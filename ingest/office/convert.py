"""Office files, web pages and texts as PDF, by LibreOffice: in a process and a profile of its own, without macros,
without the network, for a limited time.

A document is the bytes of one file: pictures that lie beside it or elsewhere are not fetched.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import NamedTuple

from ...errors import EncryptedFile, MissingExtra, UnreadableFile, WorkerFailed
from ..options import IngestOptions
from ..workfolder import explained, looks_full, new_work_folder, no_room
from . import guard
from .kinds import TEXTS, kind_of
from .markup import prepared
from .profile import MACRO, write_profile

_NAMES = ("soffice", "libreoffice")
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
)
INSTALL = (
    "install LibreOffice (Debian, Ubuntu: apt install libreoffice-writer-nogui libreoffice-calc-nogui"
    " libreoffice-impress-nogui; macOS: brew install --cask libreoffice; Windows: winget install"
    " TheDocumentFoundation.LibreOffice), or say where it is: ingest.libreoffice"
)
_PROFILE = "profile"
_POLL_S = 0.1


class Ready(NamedTuple):
    """What LibreOffice is given of a file: a copy in its work folder, and the filter that reads it, if one is set."""

    copy: Path
    filter: str
    filter_options: str


@contextmanager
def as_pdf(path: Path, options: IngestOptions) -> Iterator[Path]:
    """The file itself where it is read as it is; else a PDF of it that is gone at the end.

    Raises as `made_ready` and `converted` do.
    """
    with new_work_folder() as folder:
        ready = made_ready(path, options, Path(folder))
        yield path if ready is None else converted(ready, path, options)


def made_ready(path: Path, options: IngestOptions, folder: Path) -> Ready | None:
    """A copy of the file for LibreOffice, in `folder`, which is made; None for a file that is read as it is.

    All that is done to the bytes of a file before LibreOffice has them is done here, so that a process of its own can.

    Raises:
        EncryptedFile: a password is needed.
        UnreadableFile: an office file that is empty, damaged or none.
        WorkerFailed: there is no room in `folder`.
    """
    try:
        kind = kind_of(path, options.password)
    except OSError:  # whoever opens it says why
        return None
    if kind is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    # A copy under a plain name: nothing is written beside the original, nothing beside it is found.
    copy, filter_name, filter_options = folder / f"document{kind}", "", ""
    if kind in TEXTS:
        content, suffix, filter_name, filter_options = prepared(content, kind)
        # A table of values has no name but its file's.
        copy = folder / (re.sub(r"[^\w -]", "_", path.stem)[:31] + suffix)
    try:
        folder.mkdir(exist_ok=True)
        copy.write_bytes(content)
        write_profile(folder / _PROFILE)
    except OSError as error:
        raise explained(error, folder) from error
    return Ready(copy, filter_name, filter_options)


def find_libreoffice(setting: str | None = None) -> str:
    """The LibreOffice to use. Raises `MissingExtra` where there is none."""
    if setting is not None:
        if found := shutil.which(os.path.expanduser(setting)):
            return found
        raise MissingExtra("there is no LibreOffice", where=f"ingest.libreoffice = {setting}", cure=INSTALL)
    for name in (*_NAMES, *_PLACES):
        if found := shutil.which(name):
            return found
    raise MissingExtra("LibreOffice is not installed, which makes pages of office files and texts", cure=INSTALL)


def converted(ready: Ready, path: Path, options: IngestOptions, stopped: Event | None = None) -> Path:
    """The PDF that LibreOffice makes of the copy of `path`, beside that.

    Args:
        stopped: when set, converting ends.

    Raises:
        MissingExtra: LibreOffice is not there.
        EncryptedFile: the password is wrong.
        UnreadableFile: LibreOffice does not open it.
        WorkerFailed: it took too long, broke down, or found no room.
    """
    stopped = stopped or Event()
    program = find_libreoffice(options.libreoffice)
    folder = ready.copy.parent
    made, said = folder / "document.pdf", folder / "said"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        **dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(folder)),  # what it leaves when it is killed goes with the rest
        "OCTAVO_FROM": ready.copy.as_uri(),
        "OCTAVO_TO": made.as_uri(),
        "OCTAVO_SAID": str(said),
        "OCTAVO_FILTER": ready.filter,
        "OCTAVO_FILTER_OPTIONS": ready.filter_options,
        "OCTAVO_PASSWORD": options.password or "",
    }
    profile = (folder / _PROFILE).as_uri()
    command = [program, "--headless", "--invisible", "--norestore", "--nologo", "--nolockcheck"]
    try:
        status = _run([*command, f"-env:UserInstallation={profile}", MACRO], environment, options, stopped)
    finally:
        _socket_of(profile).unlink(missing_ok=True)
    outcome = said.read_text(errors="replace").strip() if said.exists() else ""
    if outcome == "done" and made.exists():
        return made
    if stopped.is_set():
        raise WorkerFailed("converting was stopped", where=str(path))
    if status == guard.TIMED_OUT:
        what = f"LibreOffice took longer than {options.convert_timeout_s:g} s and was stopped"
        raise WorkerFailed(what, where=str(path), cure="raise ingest.convert_timeout_s if the file is just large")
    if looks_full(folder):
        raise no_room(folder)
    if outcome.startswith("not opened") and options.password:
        cure = "check the password, and that the file opens in its program"
        raise EncryptedFile("it does not open: the password is wrong, or it is damaged", where=str(path), cure=cure)
    if outcome.startswith("not opened"):
        cure = "open it in its program and save it again; if it asks for a password there, pass --password"
        raise UnreadableFile("LibreOffice cannot open it", where=str(path), cure=cure)
    raise WorkerFailed(
        f"LibreOffice broke down on it ({outcome or f'exit code {status}'})",
        where=str(path),
        cure="save it as PDF in its own program, and add that; or raise ingest.worker_memory_mb",
    )


def _socket_of(profile: str) -> Path:
    """What a LibreOffice that is killed leaves in /tmp, whatever TMPDIR says: named after its profile (a URI)."""
    digest = hashlib.md5(profile.encode("utf-16-le"), usedforsecurity=False).digest()
    user = os.getuid() if hasattr(os, "getuid") else ""
    return Path(f"/tmp/OSL_PIPE_{user}_SingleOfficeIPC_{''.join(f'{byte:x}' for byte in digest)}")


def _run(command: list[str], environment: dict[str, str], options: IngestOptions, stopped: Event) -> int:
    """Exit code of the command, which ends when its time is over, when `stopped` is set, and when this process does."""
    limits = [str(options.convert_timeout_s), str(options.worker_memory_mb)]
    guarded = [sys.executable, "-I", guard.__file__, *limits, *command]
    # A session of its own: Ctrl-C is for this process, which then tells the guard.
    try:
        started = subprocess.Popen(guarded, stdin=subprocess.PIPE, env=environment, start_new_session=True)
    except OSError as error:
        what = f"LibreOffice cannot be started ({error.strerror})"
        raise WorkerFailed(what, cure="close other programs, or set fewer ingest.workers") from error
    with started as process:
        try:
            while (status := process.poll()) is None and not stopped.is_set():
                time.sleep(_POLL_S)
        finally:
            assert process.stdin is not None
            process.stdin.close()
        return process.wait() if status is None else status
