"""Foreign programs are stopped, with all that they started, whatever becomes of us."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from octavo.ingest.office import guard

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


def start(tmp_path: Path, seconds: float, script: str) -> subprocess.Popen[bytes]:
    """A guarded shell script that first notes the process it starts, in `child`."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    command = [sys.executable, "-I", guard.__file__, str(seconds), "4096", str(program)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, cwd=tmp_path)


def gone(pid: int) -> bool:
    """Whether a process ends within ten seconds."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


def noted(tmp_path: Path) -> int:
    for _ in range(100):
        if (tmp_path / "child").exists() and (text := (tmp_path / "child").read_text().strip()):
            return int(text)
        time.sleep(0.1)
    raise AssertionError("the program did not start")


SLEEPER = "sleep 600 & echo $! > child; wait"


def test_it_exits_as_the_program_does(tmp_path: Path) -> None:
    assert start(tmp_path, 10, "exit 3").wait(20) == 3


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="tells by /proc what still runs")
@pytest.mark.parametrize("how", ["time", "input"])  # the end of its input is how it learns of our death
def test_everything_ends(tmp_path: Path, how: str) -> None:
    process = start(tmp_path, 2 if how == "time" else 60, SLEEPER)
    child = noted(tmp_path)
    assert process.stdin is not None
    if how == "input":
        process.stdin.close()
    assert (process.wait(20) == guard.TIMED_OUT) == (how == "time")
    assert gone(child)
