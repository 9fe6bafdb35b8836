"""Office files, web pages and texts as PDF, by LibreOffice: in a process and a profile of its own, without macros,
without the network, for a limited time.

A document is the bytes of one file: pictures that lie beside it or elsewhere are not fetched.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from ...errors import EncryptedFile, MissingExtra, UnreadableFile, WorkerFailed
from ..options import IngestOptions
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
_POLL_S = 0.1


@contextmanager
def as_pdf(
    path: Path, options: IngestOptions, *, kept: Path | None = None, stopped: Event | None = None
) -> Iterator[Path]:
    """The file itself where it is read as it is; else a PDF of it that is gone at the end.

    Args:
        kept: a PDF that was made of these bytes before, to be used instead of another.
        stopped: when set, converting ends.

    Raises:
        MissingExtra: it has to be converted, and LibreOffice is not there.
        EncryptedFile: a password is needed or wrong.
        UnreadableFile: an office file that is empty, damaged or none.
        WorkerFailed: LibreOffice took too long or broke down.
    """
    try:
        kind = kind_of(path, options.password)
    except OSError:  # whoever opens it says why
        kind = None
    if kind is None or kept is not None:
        yield kept if kind is not None and kept is not None else path
        return
    program = find_libreoffice(options.libreoffice)
    with tempfile.TemporaryDirectory(prefix="octavo-", ignore_cleanup_errors=True) as folder:
        yield _convert(path, kind, Path(folder), program, options, stopped or Event())


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


def _convert(path: Path, kind: str, folder: Path, program: str, options: IngestOptions, stopped: Event) -> Path:
    made, said = folder / "document.pdf", folder / "said"
    # A copy under a plain name: nothing is written beside the original, nothing beside it is found.
    copy = folder / f"document{kind}"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    filter_name = filter_options = ""
    if kind in TEXTS:
        content, suffix, filter_name, filter_options = prepared(content, kind)
        # A table of values has no name but its file's.
        copy = folder / (re.sub(r"[^\w -]", "_", path.stem)[:31] + suffix)
    copy.write_bytes(content)
    profile = write_profile(folder / "profile")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")},
        "OCTAVO_FROM": copy.as_uri(),
        "OCTAVO_TO": made.as_uri(),
        "OCTAVO_SAID": str(said),
        "OCTAVO_FILTER": filter_name,
        "OCTAVO_FILTER_OPTIONS": filter_options,
        "OCTAVO_PASSWORD": options.password or "",
    }
    command = [program, "--headless", "--invisible", "--norestore", "--nologo", "--nolockcheck"]
    status = _run([*command, f"-env:UserInstallation={profile.as_uri()}", MACRO], environment, options, stopped)
    outcome = said.read_text(errors="replace").strip() if said.exists() else ""
    if outcome == "done" and made.exists():
        return made
    if stopped.is_set():
        raise WorkerFailed("converting was stopped", where=str(path))
    if status == guard.TIMED_OUT:
        what = f"LibreOffice took longer than {options.convert_timeout_s:g} s and was stopped"
        raise WorkerFailed(what, where=str(path), cure="raise ingest.convert_timeout_s if the file is just large")
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


def _run(command: list[str], environment: dict[str, str], options: IngestOptions, stopped: Event) -> int:
    """Exit code of the command, which ends when its time is over, when `stopped` is set, and when this process does."""
    limits = [str(options.convert_timeout_s), str(options.worker_memory_mb)]
    guarded = [sys.executable, "-I", guard.__file__, *limits, *command]
    # A session of its own: Ctrl-C is for this process, which then tells the guard.
    with subprocess.Popen(guarded, stdin=subprocess.PIPE, env=environment, start_new_session=True) as process:
        try:
            while (status := process.poll()) is None and not stopped.is_set():
                time.sleep(_POLL_S)
        finally:
            assert process.stdin is not None
            process.stdin.close()
        return process.wait() if status is None else status
