"""The command, run in this process, or as a process of its own for what only that shows."""

from __future__ import annotations

import subprocess
import sys
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
