"""From one question's results to its measures, and from many questions' measures to a report's numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ingest.types import BBox
from .measures import (
    QUOTED_WORDS,
    Interval,
    answered_at_refusal,
    auroc,
    bootstrap,
    bootstrap_mean,
    contained,
    layout_recall,
    page_measures,
)
from .types import Counts, Example, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REFUSED = 0.30
CONTAINED = f"answer.contained@{QUOTED_WORDS}"
AUROC = "answerability.auroc"
ANSWERED_AT_REFUSAL = f"answerability.unanswerable_answered@{REFUSED * 100:.0f}"


def measures_of(row: Row, example: Example, gold: Sequence[tuple[int, BBox]], ks: Sequence[int]) -> dict[str, float]:
    """The measures that apply to one question; those that do not are left out, not zero.

    - `page.…@k` (answerable): see `page_measures`; a page is a document's name and a number
    - `layout.recall@k` (answerable, with human boxes): see `layout_recall`
    - `answer.contained@60` (answerable, answered or refused, with a comparable label): see `contained`
    - `answer.refused_answerable`, `answer.answered_unanswerable`: the two mistakes of the system's own cut

    Args:
        row: What the system returned.
        example: The question and its labels.
        gold: The human boxes in page fractions, with their pages.
        ks: Cut-offs.
    """
    measures: dict[str, float] = {}
    if example.answerable:
        pages = {(example.doc, page) for page in example.evidence_pages}
        ranking = [(hit.document, hit.page) for hit in row.ranking]
        measures |= {f"page.{name}": value for name, value in page_measures(pages, ranking, ks).items()}
    if gold:
        boxes = [((example.doc, page), box) for page, box in gold]
        regions = [[((hit.document, place.page), place.bbox) for place in hit.places] for hit in row.regions]
        measures |= {f"layout.recall@{k}": layout_recall(boxes, regions, k) for k in ks}
    if row.refused is not None:
        if example.answerable:
            measures["answer.refused_answerable"] = float(row.refused)
            if (found := contained(example.answer, [citation.quote for citation in row.citations])) is not None:
                measures[CONTAINED] = float(found)
        else:
            measures["answer.answered_unanswerable"] = float(not row.refused)
    return measures


class Aggregate(NamedTuple):
    """A mean (or area) over `n` questions, None over none, with its bootstrap interval where there is one."""

    value: float | None
    n: int
    interval: Interval | None = None


def expected(ks: Sequence[int], answers: bool) -> tuple[str, ...]:
    """The measures that a whole run reports even if no question was fit for them."""
    pages = [*(f"page.recall@{k}" for k in ks), *(f"page.hit@{k}" for k in ks), f"page.mrr@{max(ks)}"]
    pages += [*(f"page.ndcg@{k}" for k in ks), *(f"layout.recall@{k}" for k in ks)]
    asked = [CONTAINED, "answer.refused_answerable", "answer.answered_unanswerable", AUROC, ANSWERED_AT_REFUSAL]
    return (*pages, *asked) if answers else tuple(pages)


def aggregate(
    rows: Sequence[Row], names: Sequence[str] | None = None, *, intervals: bool = True, seed: int = 0
) -> dict[str, Aggregate]:
    """Means over the rows a measure applies to; a row with an error has no measures, so it takes part in none.

    Args:
        rows: One per question.
        names: The measures to report, in this order; by default those that apply to any row.
        intervals: Whether to bootstrap (documents, each with its questions).
        seed: Of the bootstrap.
    """
    judged = [row for row in rows if row.confidence is not None]
    if names is None:
        names = list(dict.fromkeys(name for row in rows for name in row.measures))
        if len({row.answerable for row in judged}) == 2:
            names += [AUROC, ANSWERED_AT_REFUSAL]
    found: dict[str, Aggregate] = {}
    for name in names:
        if name in STATISTICS:
            found[name] = _statistic(STATISTICS[name], judged, intervals, seed)
            continue
        having = [row for row in rows if name in row.measures]
        values = [row.measures[name] for row in having]
        found[name] = Aggregate(
            mean(values) if values else None,
            len(values),
            bootstrap_mean(values, [row.doc for row in having], seed=seed) if values and intervals else None,
        )
    return found


def mean(values: Sequence[float]) -> float:
    """The mean; raises ValueError for none."""
    if not values:
        raise ValueError("an empty list has no mean")
    return sum(values) / len(values)


Statistic = Callable[[Sequence[float], Sequence[float]], float]
STATISTICS: dict[str, Statistic] = {
    AUROC: auroc,
    ANSWERED_AT_REFUSAL: lambda yes, no: answered_at_refusal(yes, no, REFUSED),
}
"""Measures of all questions together, from the confidences of the answerable and the unanswerable ones."""


def at(statistic: Statistic, rows: Sequence[Row]) -> Callable[[NDArray[np.intp] | None], float | None]:
    """`statistic` over the rows at some positions (None: all); None where one of the two kinds is missing."""
    import numpy as np

    confidence = np.array([row.confidence for row in rows], dtype=np.float64)
    answerable = np.array([row.answerable for row in rows], dtype=bool)

    def over(positions: NDArray[np.intp] | None) -> float | None:
        some, which = (confidence, answerable) if positions is None else (confidence[positions], answerable[positions])
        yes: Any = some[which]
        no: Any = some[~which]
        return statistic(yes, no) if len(yes) and len(no) else None

    return over


def _statistic(statistic: Statistic, rows: Sequence[Row], intervals: bool, seed: int) -> Aggregate:
    over = at(statistic, rows)
    if (value := over(None)) is None:
        return Aggregate(None, 0)
    return Aggregate(value, len(rows), bootstrap(over, [row.doc for row in rows], seed=seed) if intervals else None)


def counts_of(rows: Sequence[Row], examples: Sequence[Example]) -> Counts:
    """How the questions fared; the rows belong to the examples, at most one each."""
    answerable = sum(example.answerable for example in examples)
    return Counts(
        questions=len(examples),
        answered=sum(row.error is None for row in rows),
        refused=sum(row.refused is True for row in rows),
        errors=sum(row.error is not None for row in rows),
        unscored=sum(bool(row.unscored) for row in rows),
        pending=len(examples) - len(rows),
        answerable=answerable,
        unanswerable=len(examples) - answerable,
    )


def counting_of(counts: Counts) -> str:
    """In words: what the means are over, and what they leave out."""
    text = "Each mean is over the questions its measure applies to (n); intervals draw whole documents."
    if counts.errors:
        text += f" {counts.errors} of {counts.questions} questions failed: they are in no mean, not zeros in one."
    if counts.unscored:
        text += f" {counts.unscored} answers could not be compared with their label and are unscored."
    if counts.pending:
        text += f" {counts.pending} questions are still to be asked."
    return text
