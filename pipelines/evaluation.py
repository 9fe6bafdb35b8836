"""Evaluation of a library: the documents are added, then every question is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DatasetError

if TYPE_CHECKING:
    from ..eval.types import Report, Scope
    from .qa import DocumentQA
    from .reports import Progress

# Where a library or a server is, and how many processes work, changes nothing that is measured.
_PLACES: Any = {
    "library": True,
    "ingest": dict.fromkeys(("workers", "keep_originals", "password", "libreoffice", "convert_timeout_s"), True),
    "relevance": dict.fromkeys(("base_url", "api_key"), True),
    "vlm": dict.fromkeys(("base_url", "api_key", "timeout", "retries", "concurrency"), True),
}


def evaluate(
    qa: DocumentQA,
    questions: Path,
    folder: Path,
    *,
    scope: Scope = "document",
    out: Path | None = None,
    answers: bool = True,
    reading: Callable[[Progress], None] | None = None,
    asking: Callable[[int, int], None] | None = None,
) -> Report:
    """Add the documents in `folder` that the questions are about, then measure retrieval and refusals.

    Raises:
        DatasetError: The question file is malformed, or a document is missing or cannot be read: a question about a
            document that is not there would be measured as a miss of the search.
    """
    from ..eval.dataset import load_examples, question_files
    from ..eval.retrieval import run_retrieval

    examples = load_examples(questions)
    files = question_files(examples, folder)
    added = qa.add(*files, progress=reading)
    if added.failed:
        raise DatasetError(
            f"{len(added.failed)} of {len(files)} documents could not be read: {added.failed[0]}",
            where=str(folder),
            cure="repair or replace them, or take their questions out",
        )
    config = {
        **qa.settings.model_dump(mode="json", exclude=_PLACES),
        "documents": len(qa.documents()),
    }
    return run_retrieval(qa, examples, scope=scope, out=out, answers=answers, config=config, progress=asking)
