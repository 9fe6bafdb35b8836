"""Threads and tasks on one handle, in a process of their own that has to end cleanly."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

SECONDS = 2.0


def test_threads_and_tasks_on_one_handle(library: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(library, tmp_path / "library")
    program = Path(__file__).with_name("stress.py")
    python = [sys.executable, "-W", "always::ResourceWarning"]
    run = [*python, str(program), str(copy), str(tmp_path / "quillhaven.pdf"), str(SECONDS)]
    done = subprocess.run(run, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    looks, problems = map(ast.literal_eval, done.stdout.splitlines()[-2:])
    assert problems == []
    assert {"search", "ask", "stream", "add", "task", "left", "cancelled"} <= looks.keys()
