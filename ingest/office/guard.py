"""Runs a foreign program that may hang, swell or outlive us: `python guard.py SECONDS MEGABYTES COMMAND …`.

The command and all that it starts are killed when its time is over, and when this script's standard input closes,
which it does when the process that started it dies in whatever way. A script of its own, since that process may be
killed at any moment. Exits as the command does, or with 124 after a time-out.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

TIMED_OUT = 124


def main(arguments: list[str]) -> int:
    seconds, megabytes, *command = arguments
    _limit_memory(int(megabytes))
    with open(os.devnull, "w") as silence:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=silence, stderr=silence, start_new_session=True
        )
    threading.Thread(target=_kill_at_end_of_input, args=(process,), daemon=True).start()
    try:
        return process.wait(float(seconds))
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    finally:
        _kill(process)
        process.wait()


def _kill_at_end_of_input(process: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):  # not `sys.stdin`, whose lock the end of the interpreter asks for
        pass
    _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all of its group is gone already
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows; the time limit holds there
        return
    limit = megabytes * 1024 * 1024
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
