"""The command, run in this process, or as a process of its own for what only that shows."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from octavo.pipelines.cli import app

COMMAND = (sys.executable, "-c", "from octavo.pipelines.cli import main; main()")


def octavo(*args: object, library: Path | None = None) -> Any:
    where = ["--library", str(library)] if library else []
    return CliRunner().invoke(app, [*where, *map(str, args)])


def process(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The installed command itself."""
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, check=False, env=env or None)


def hears_signals() -> None:
    """Called in a child: whoever runs the tests may have made them deaf, a shell its background jobs to Ctrl-C."""
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.SIG_DFL)


def descendants(pid: int) -> list[int]:
    """A process's children, and theirs, as Linux tells them."""
    try:
        found = [int(n) for file in Path(f"/proc/{pid}/task").glob("*/children") for n in file.read_text().split()]
    except OSError:  # it has ended
        return []
    return [each for child in found for each in (child, *descendants(child))]


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended may still be listed, as a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(done: Callable[[], bool], seconds: float = 20.0) -> None:
    """Returns when it is done, or it is too late."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)
