"""What runs in a reading process: it calls what it is told to, under limits, until its parent is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ...errors import OctavoError, WorkerFailed

_CPU_SPARE_S = 60  # processor time beyond its wall-clock limit after which a process ends even without its parent
LOOK = "look at it in a viewer; if it shows there, save it again as PDF"


def serve(pipe: Connection, memory_mb: int) -> None:
    _prepare(memory_mb)
    pipe.send(None)
    while True:
        try:
            function, args, limit_s = pipe.recv()
        except (EOFError, OSError):  # the parent is gone
            return
        _limit_cpu(limit_s)
        error: OctavoError | MemoryError | None = None
        result: Any = None
        try:
            result = function(*args)
        except (OctavoError, MemoryError) as raised:
            error = raised
        except Exception as raised:  # noqa: BLE001 - a border between processes: the parent shall know
            error = WorkerFailed(f"reading broke ({type(raised).__name__}: {raised})", cure=LOOK)
        pipe.send((error, result))


def _prepare(memory_mb: int) -> None:
    """Makes a fresh process a modest one: one thread, bounded memory, silent, deaf to Ctrl-C (its parent stops it)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()  # what it starts ends with it
    os.environ["OMP_NUM_THREADS"] = "1"
    one_thread_per_session()
    import pymupdf.layout  # noqa: F401 - the model is loaded before any page's time starts

    for stream in (1, 2):  # MuPDF prints what it thinks of a file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    with contextlib.suppress(OSError):  # a machine that is short of memory shall end this process, not its parent
        Path("/proc/self/oom_score_adj").write_text("1000")
    _limit_memory(memory_mb)


def one_thread_per_session() -> None:
    """onnxruntime takes every core for each model; PyMuPDF offers no setting, so its sessions get one here."""
    import onnxruntime

    class OneThread(onnxruntime.InferenceSession):  # type: ignore[misc]
        def __init__(self, model: Any, sess_options: Any = None, **kwargs: Any) -> None:
            options = sess_options or onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            super().__init__(model, sess_options=options, **kwargs)

    onnxruntime.InferenceSession = OneThread


def _limit_memory(megabytes: int) -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the time limit still holds there
        return
    statm = Path("/proc/self/statm")
    used = int(statm.read_text().split()[0]) * resource.getpagesize() if statm.exists() else 0
    _lower(resource.RLIMIT_AS, used + megabytes * 1024 * 1024)


def _limit_cpu(seconds: float) -> None:
    """An endless loop shall end even when the parent was killed and stops nobody any more."""
    try:
        import resource
    except ImportError:
        return
    _lower(resource.RLIMIT_CPU, int(time.process_time() + seconds) + _CPU_SPARE_S)


def _lower(kind: int, limit: int) -> None:
    """Sets a soft limit, under the hard one."""
    import resource

    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))
