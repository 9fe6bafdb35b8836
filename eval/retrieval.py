"""Ask a system every question of a file and measure what it finds, shows and refuses."""

from __future__ import annotations

import math
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ..errors import DatasetError, OctavoError, SettingsError
from ..generators.types import Answer
from ..ingest.types import BBox
from ..retrievers.types import Hit, Level
from .dataset import fingerprint
from .records import RunFolder, versions
from .scoring import CONTAINED, aggregate, counting_of, counts_of, expected, measures_of
from .types import Example, RankedPage, RankedRegion, Report, Row, Scope

KS = (1, 3, 5, 10)


class RetrievalSystem(Protocol):
    """What is evaluated. `documents` are file names as in `Example.doc`; none of them means all there are.

    A question that cannot be answered for a technical reason raises an `OctavoError`.
    """

    def search(self, question: str, *, level: Level, documents: Sequence[str], k: int) -> list[Hit]:
        """At most `k` hits of that level, best first."""

    def ask(self, question: str, *, documents: Sequence[str]) -> Answer:
        """The answer, or the typed refusal."""

    def page_size(self, document: str, page: int) -> tuple[float, float]:
        """Width and height in PDF points of a page as displayed; `document` is a name or an id.

        Raises:
            OctavoError: There is no such document, or no such page.
        """

    def document_name(self, id: str) -> str:
        """The file name of a document."""


def run_retrieval(
    system: RetrievalSystem,
    examples: Sequence[Example],
    *,
    scope: Scope = "document",
    out: str | Path | None = None,
    ks: Sequence[int] = KS,
    answers: bool = True,
    config: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Evaluate `system` on `examples`.

    Pages come from `search(level="page")`, layout recall from `search(level="region")`, refusals and quotes from `ask`.
    With scope "document" each question is asked within its own document; with "corpus" all are asked of everything,
    also those written for one document ("how many figures are on page 3?"): the breakdown "scope.corpus" has those
    that are fit for it, and an unanswerable one may find an answer elsewhere.

    Args:
        system: The system; any `OctavoError` it raises becomes an error row, any other exception ends the run.
        examples: The questions, with ids of their own.
        scope: Where to look.
        out: Run folder; rows already there are not asked again. None keeps everything in memory.
        ks: Cut-offs of the measures; the largest is how deep is searched.
        answers: Whether to call `ask` as well.
        config: The system's own settings and anything else that makes runs differ (JSON); kept in `run.json`, and
            compared when a run goes on.
        progress: Called with questions done and questions in all, at the start and after each.

    Raises:
        DatasetError: No questions, or ids that repeat.
        SettingsError: The run folder holds another run, or the cut-offs make no sense.
    """
    if not examples or len({example.id for example in examples}) < len(examples):
        raise DatasetError("A run needs questions, each with an id of its own", cure="Check the question file.")
    if not ks or min(ks) < 1:
        raise SettingsError(f"Cut-offs must be at least 1, not {tuple(ks)}", cure="Leave ks out for 1, 3, 5, 10.")
    ks = sorted(set(ks))
    begun = Report(
        config={
            "questions": {"sha256": fingerprint(examples), "count": len(examples)},
            "scope": scope,
            "ks": ks,
            "answers": answers,
            "system": dict(config or {}),
        },
        versions=versions(),
        started=datetime.now(UTC),
        counts=counts_of([], examples),
    )
    folder = RunFolder(out) if out is not None else None
    before = folder.start(begun) if folder is not None else begun
    rows = {row.id: row for row in before.rows if row.error is None}
    missing = [example for example in examples if example.id not in rows]
    if progress is not None:
        progress(len(rows), len(examples))
    for example in missing:
        rows[example.id] = row = _ask(system, example, scope, ks, answers)
        if folder is not None:
            folder.append(row)
        if progress is not None:
            progress(len(rows), len(examples))
    ended = datetime.now(UTC) if missing or before.finished is None else before.finished
    report = summarise([rows[example.id] for example in examples], examples, before, ended)
    if folder is not None:
        folder.write(report)
    return report


def summarise(rows: Sequence[Row], examples: Sequence[Example], begun: Report, finished: datetime) -> Report:
    """The report of the run that was `begun`, over `rows`, one for each of `examples`."""
    counts = counts_of(rows, examples)
    overall = aggregate(rows, expected(begun.config["ks"], begun.config["answers"]))
    names = sorted({group for row in rows for group in row.groups}, key=lambda name: ("." in name, name))
    groups = {name: aggregate([row for row in rows if name in row.groups], intervals=False) for name in names}
    return Report(
        config=begun.config,
        versions=begun.versions,
        started=begun.started,
        finished=finished,
        counts=counts,
        counting=counting_of(counts),
        aggregates={name: one.value for name, one in overall.items()},
        n={name: one.n for name, one in overall.items()},
        intervals={name: one.interval for name, one in overall.items() if one.interval is not None},
        by_type={group: {name: one.value for name, one in found.items()} for group, found in groups.items()},
        by_type_n={group: {name: one.n for name, one in found.items()} for group, found in groups.items()},
        seconds=_seconds(rows),
        rows=tuple(rows),
    )


def _ask(system: RetrievalSystem, example: Example, scope: Scope, ks: Sequence[int], answers: bool) -> Row:
    row = Row(id=example.id, doc=example.doc, groups=example.groups, answerable=example.answerable)
    documents = (example.doc,) if scope == "document" else ()
    clock = _Stages()
    try:
        gold = _human_boxes(system, example)
        with clock("page"):
            pages = system.search(example.question, level="page", documents=documents, k=max(ks))
        with clock("region"):
            regions = system.search(example.question, level="region", documents=documents, k=max(ks))
        found: dict[str, Any] = {
            "ranking": [RankedPage(_name(system, h, example), h.page, h.score, h.relevance) for h in pages],
            "regions": [
                RankedRegion(_name(system, h, example), h.places, h.score, h.relevance, h.kind) for h in regions
            ],
        }
        if answers:
            with clock("ask"):
                answer = system.ask(example.question, documents=documents)
            found |= {"refused": not answer.answerable, "confidence": answer.confidence}
            found |= {"answer": answer.text, "citations": answer.citations}
    except OctavoError as error:
        return row.model_copy(update={"error": f"{type(error).__name__}: {error}", "seconds": clock.seconds})
    row = Row.model_validate({**row.model_dump(), **found, "seconds": clock.seconds})
    measures = measures_of(row, example, gold, ks)
    judged = not answers or not example.answerable or CONTAINED in measures
    return row.model_copy(update={"measures": measures, "unscored": () if judged else (CONTAINED,)})


def _human_boxes(system: RetrievalSystem, example: Example) -> list[tuple[int, BBox]]:
    # Also asks for pages without boxes: a document or page that is not there must be an error, not a miss.
    boxes = example.evidence_boxes or ()
    pages = dict.fromkeys([*example.evidence_pages, *(box.page for box in boxes)] or [1])
    sizes = {page: system.page_size(example.doc, page) for page in pages}
    return [(box.page, box.on(*sizes[box.page])) for box in boxes]


def _name(system: RetrievalSystem, hit: Hit, example: Example) -> str:
    """The name of a hit's document, as the question writes it: names come in more than one Unicode form."""
    name = system.document_name(hit.ref.document)
    same = unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", example.doc)
    return example.doc if same else name


class _Stages:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.seconds[stage] = time.perf_counter() - begun


def _seconds(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """p50 and p95 of each stage (nearest rank), over the questions that came back."""
    found: dict[str, list[float]] = {}
    for row in rows:
        if row.error is None:
            for stage, seconds in row.seconds.items():
                found.setdefault(stage, []).append(seconds)
    return {
        stage: {f"p{q}": sorted(times)[math.ceil(q / 100 * len(times)) - 1] for q in (50, 95)}
        for stage, times in found.items()
    }
