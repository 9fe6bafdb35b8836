"""Octavo answers questions from documents and shows where each answer stands: page, box, picture."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import OctavoError as OctavoError
    from .generators.types import Answer as Answer
    from .generators.types import Citation as Citation
    from .generators.types import Event as Event
    from .ingest.types import BBox as BBox
    from .ingest.types import Document as Document
    from .ingest.types import Page as Page
    from .ingest.types import Passage as Passage
    from .ingest.types import Place as Place
    from .ingest.types import Region as Region
    from .pipelines.qa import AsyncDocumentQA as AsyncDocumentQA
    from .pipelines.qa import DocumentQA as DocumentQA
    from .pipelines.reports import AddReport as AddReport
    from .pipelines.reports import Progress as Progress
    from .pipelines.settings import Settings as Settings
    from .retrievers.types import Filters as Filters
    from .retrievers.types import Hit as Hit
    from .retrievers.types import Query as Query

__version__ = "0.1.0"

# Where each public name lives. They are imported at first use, so that `import octavo` stays light.
_HOMES = {
    "OctavoError": ".errors",
    "BBox": ".ingest.types",
    "Document": ".ingest.types",
    "Page": ".ingest.types",
    "Passage": ".ingest.types",
    "Place": ".ingest.types",
    "Region": ".ingest.types",
    "Filters": ".retrievers.types",
    "Hit": ".retrievers.types",
    "Query": ".retrievers.types",
    "Answer": ".generators.types",
    "Citation": ".generators.types",
    "Event": ".generators.types",
    "AddReport": ".pipelines.reports",
    "Progress": ".pipelines.reports",
    "AsyncDocumentQA": ".pipelines.qa",
    "DocumentQA": ".pipelines.qa",
    "Settings": ".pipelines.settings",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
