"""What a hostile page does to the process that reads it. Worker processes import these functions by name."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

from octavo.ingest.options import IngestOptions
from octavo.ingest.types import Page


def pages(first: int, last: int) -> list[Page]:
    return [Page(number=n, width=1, height=1) for n in range(first, last + 1)]


def die(path: Path, options: IngestOptions, version: str, first: int, last: int) -> list[Page]:
    if first <= 2 <= last:
        os._exit(3)
    return pages(first, last)


def hang(path: Path, options: IngestOptions, version: str, first: int, last: int) -> list[Page]:
    if first <= 2 <= last:
        time.sleep(600)
    return pages(first, last)


def eat(path: Path, options: IngestOptions, version: str, first: int, last: int) -> list[Page]:
    if first <= 2 <= last:
        bytearray(3 * 1024**3)
    return pages(first, last)


def die_at_once(path: Path, options: IngestOptions) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def tell(path: Path, options: IngestOptions, version: str, first: int, last: int) -> list[Page]:
    """What a worker is like, as a note."""
    sys.stdout.write("this must not be seen")
    sys.stdout.flush()
    said = {
        "pid": os.getpid(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "started": multiprocessing.get_start_method(allow_none=True),
        "inherited": "only_in_the_parent" in sys.modules,
        "deaf": signal.getsignal(signal.SIGINT) == signal.SIG_IGN,
    }
    return [page.model_copy(update={"notes": (json.dumps(said),)}) for page in pages(first, last)]
