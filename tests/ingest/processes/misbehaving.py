"""What a hostile page does to the process that reads it. Reading processes import these functions by name."""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from octavo.ingest.options import IngestOptions
from octavo.ingest.processes.tasks import Source
from octavo.ingest.types import Page


def page(number: int, *notes: str) -> Page:
    return Page(number=number, width=1, height=1, notes=notes)


def die(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    if number == 2:
        os._exit(3)
    return page(number)


def segfault(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    if number == 2:
        ctypes.string_at(0)
    return page(number)


def die_each_time(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    os._exit(3)


def hang(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    if number == 2:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        time.sleep(600)
    return page(number)


def hang_with_a_child(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    """Leaves the child's process number in the file `child` beside the document."""
    if number == 2:
        child = subprocess.Popen(["sleep", "600"])
        (source.path.parent / "child").write_text(str(child.pid))
        child.wait()
    return page(number)


def take_their_time(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    if number == 2:
        time.sleep(1.5)
    return page(number)


def eat(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    if number == 2:
        bytearray(3 * 1024**3)
    return page(number)


def count(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    """Leaves a line for each time a page is read in the file `count` beside the document."""
    with (source.path.parent / "count").open("a") as file:
        file.write(f"{number}\n")
    return page(number)


def die_at_once(source: Source, options: IngestOptions, scratch: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hang_at_once(source: Source, options: IngestOptions, *rest: object) -> None:
    time.sleep(600)


def tell(source: Source, options: IngestOptions, version: str, number: int) -> Page:
    """What a process is like, as a note."""
    sys.stdout.write("this must not be seen")
    sys.stdout.flush()
    said = {
        "pid": os.getpid(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "started": multiprocessing.get_start_method(allow_none=True),
        "inherited": "only_in_the_parent" in sys.modules,
        "deaf": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
        "expendable": Path("/proc/self/oom_score_adj").read_text().strip(),
    }
    return page(number, json.dumps(said))
