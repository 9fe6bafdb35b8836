"""Adding documents: found, read, cut into passages, embedded, and made visible in one step each.

What a killed process had done stays staged, and the next call goes on there. While one file is embedded the next is
read. A file that fails is recorded and the others go on; a page that fails is missing from a document that is there.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import OctavoError, UnreadableFile
from ..ingest.identity import PARSER, content_hash, document_id, version_of
from ..ingest.options import IngestOptions
from ..ingest.passages import build_passages
from ..ingest.reader import failure_of
from ..ingest.sections import Sections
from ..ingest.types import Document, Passage
from ..ingest.workers import ReadingPool
from .reading import ReadAhead, Reading
from .reports import AddReport, Failure, Progress, Stage

if TYPE_CHECKING:
    from ..ingest.sources import SourceFile
    from ..retrievers.embedders import Embedder
    from ..retrievers.library import Library
    from ..retrievers.library.staging import Staging
    from ..retrievers.library.values import FileStat

_PAGES_PER_CHECKPOINT = 8
_PASSAGES_PER_WINDOW = 256  # the embedder sorts these by length and batches them


@dataclass(frozen=True)
class _Job:
    """A file that has to be read."""

    file: SourceFile
    number: int
    document: str
    content: str
    version: str
    stat: FileStat
    replaces: bool
    reading: Reading
