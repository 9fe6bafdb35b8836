"""The files of Chroma's graph: whether it is safe to open them, and whether they hold more than they should.

Chroma (1.5.9) writes its graph (hnswlib) in place, so that a kill may leave it torn, and reads it unchecked: a torn or
garbled one is a segmentation fault, or a search that finds nothing. So the files are remembered when the index is
closed; if they are others at the next opening, a process of its own tries them first. Its first 1,000 rows Chroma keeps
in its SQLite file only, which is safe.

The graph also never forgets: each deleted row stays in it, and slows down every insert (2,000 vectors of 384
dimensions, replaced eleven times: 3 → 40 MB, 0.7 → 7.6 s). Hence it is made anew when most of it is waste.
"""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_log = logging.getLogger(__name__)

_ROWS_BEFORE = 1000
_TIMEOUT_S = 300
_DAMAGED = 3
_LINK_BYTES = 144  # of an element at the ground level, besides its vector: 2 × 16 links of 4 bytes, a count, a label
_WASTE_FACTOR = 3
_WASTE_BYTES = 16 << 20

# Run as text, so that the process needs nothing but chromadb. Every stored vector is its own nearest neighbour; an
# approximate search may miss one now and then, a broken graph misses most.
_TRIAL = f"""
import io
import sys
import numpy as np
import chromadb
from chromadb.config import Settings
try:
    client = chromadb.PersistentClient(sys.argv[1], Settings(anonymized_telemetry=False))
    collection = client.get_collection(sys.argv[2], embedding_function=None)
    sample = np.load(io.BytesIO(sys.stdin.buffer.read()))
    collection.count()
    missed = 0
    for vector in sample:
        (found,) = collection.query(query_embeddings=vector[None], n_results=10, include=["distances"])["distances"]
        missed += not found or not found[0] < 0.01
    damaged = missed * 10 > len(sample)
except BaseException as error:
    print(f"{{type(error).__name__}}: {{error}}", file=sys.stderr)
    damaged = True
sys.exit({_DAMAGED} if damaged else 0)
"""


def files(folder: Path) -> list[Path]:
    """The files of the graphs in the folder of an embedded Chroma."""
    return sorted(path for path in folder.glob("*/*") if path.suffix in {".bin", ".pickle"})


def written(folder: Path, rows: int) -> bool:
    """Whether there is a graph in these files, or should be one for so many `rows`; before, they are not read."""
    return rows >= _ROWS_BEFORE or any(path.suffix == ".pickle" for path in files(folder))


def seal(folder: Path) -> str:
    """What tells these files from others: names, sizes, times."""
    stats = [(path.relative_to(folder).as_posix(), path.stat()) for path in files(folder)]
    return json.dumps([[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])


def bloated(folder: Path, rows: int, dimension: int) -> bool:
    """Whether far more is kept than `rows` vectors need."""
    needed = rows * (4 * dimension + _LINK_BYTES)
    kept = sum(path.stat().st_size for path in files(folder) if path.name == "data_level0.bin")
    return kept > _WASTE_FACTOR * needed + _WASTE_BYTES


def sound(folder: Path, collection: str, sample: NDArray[np.float32]) -> bool:
    """Whether a process of its own can load the graph and finds the vectors `sample` (n, d), which are in it."""
    sent = io.BytesIO()
    np.save(sent, sample)
    command = [sys.executable, "-c", _TRIAL, str(folder), collection]
    try:
        tried = subprocess.run(command, input=sent.getvalue(), capture_output=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    if tried.returncode not in (0, _DAMAGED):
        _log.info("the process that tried the vector index ended with %s", tried.returncode)
    return tried.returncode == 0
