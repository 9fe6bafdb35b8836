"""The vocabulary of evaluation: questions with labels, what a system made of one question, a report over all."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, FiniteFloat, PositiveInt, model_validator

from ..generators.types import Citation
from ..ingest.types import BBox, Kind, Place, Value

Scope = Literal["document", "corpus"]
UNANSWERABLE = "unanswerable"


class EvidenceBox(Value):
    """A box drawn by a person around evidence: PDF points, top-left origin of the page as displayed."""

    page: PositiveInt
    x0: FiniteFloat
    y0: FiniteFloat
    x1: FiniteFloat
    y1: FiniteFloat
    whole_page: bool = False

    @model_validator(mode="after")
    def _corners_are_in_order(self) -> EvidenceBox:
        if self.x0 > self.x1 or self.y0 > self.y1:
            raise ValueError("a box needs x0 <= x1 and y0 <= y1")
        return self

    def on(self, width: float, height: float) -> BBox:
        """The box in fractions of a page of `width` × `height` points, clipped to it."""
        return BBox.of((self.x0, self.y0, self.x1, self.y1), width, height)


class Example(Value):
    """One labelled question: a line of a question file.

    `doc` is the file name of the document the question was written for. `evidence_pages` are 1-based; none means that
    the document does not answer. `scope` says whether the question can be asked of a whole corpus or makes sense only
    within `doc`. `evidence_boxes` is None where nobody drew any. `text_layer` is False where the evidence stands on
    pages that are pictures only. `extra` holds what else the line had.
    """

    id: Annotated[str, Field(min_length=1)]
    source: str
    doc: Annotated[str, Field(min_length=1)]
    question: Annotated[str, Field(min_length=1)]
    answer: str
    answer_format: str | None = None
    evidence_pages: tuple[PositiveInt, ...]
    evidence_type: Annotated[str, Field(min_length=1)]
    evidence_types: tuple[str, ...]
    evidence_text: str | None = None
    evidence_boxes: tuple[EvidenceBox, ...] | None = None
    scope: Scope
    text_layer: bool | None = None
    verified: str | None = None
    extra: dict[str, Any] = {}

    @model_validator(mode="after")
    def _labels_agree(self) -> Example:
        if (self.evidence_type == UNANSWERABLE) == self.answerable:
            raise ValueError("evidence_pages is empty if, and only if, evidence_type is 'unanswerable'")
        return self

    @property
    def answerable(self) -> bool:
        return bool(self.evidence_pages)

    @property
    def groups(self) -> tuple[str, ...]:
        """The breakdowns this question counts in: its evidence type, text layer, scope and source."""
        layer = () if self.text_layer is None else (f"text_layer.{str(self.text_layer).lower()}",)
        return (self.evidence_type, *layer, f"scope.{self.scope}", f"source.{self.source}")


class RankedPage(NamedTuple):
    """A page in a ranking; `document` is its name, `page` is 1-based."""

    document: str
    page: int
    score: FiniteFloat
    relevance: FiniteFloat | None = None


class RankedRegion(NamedTuple):
    """A region in a ranking, with every place it stands in."""

    document: str
    places: tuple[Place, ...]
    score: FiniteFloat
    relevance: FiniteFloat | None = None
    kind: Kind | None = None


class Row(Value):
    """What a system made of one question.

    `answerable` is the label; `refused` and `confidence` are the system's own view, None where no answer was asked
    for. `measures` holds only the measures that apply to this question. A row with an `error` has none and takes part
    in no mean. `seconds` is by stage: page, region, ask.
    """

    id: str
    doc: str
    groups: tuple[str, ...]
    answerable: bool
    ranking: tuple[RankedPage, ...] = ()
    regions: tuple[RankedRegion, ...] = ()
    refused: bool | None = None
    confidence: FiniteFloat | None = None
    answer: str | None = None
    citations: tuple[Citation, ...] = ()
    measures: dict[str, FiniteFloat] = {}
    unscored: tuple[str, ...] = ()
    seconds: dict[str, float] = {}
    error: str | None = None


class Counts(Value):
    """How the questions fared. `questions` = `answered` + `errors` + `pending`.

    `answered` counts questions the system came back from, with an answer or a refusal (`refused`); `unscored` those
    of them that a measure should have judged and could not.
    """

    questions: int
    answered: int = 0
    refused: int = 0
    errors: int = 0
    unscored: int = 0
    pending: int = 0
    answerable: int = 0
    unanswerable: int = 0


class Report(Value):
    """A run over a question file; `run.json` is this without `rows`.

    `aggregates` are means over the questions a measure applies to, None where there are none; `n` says how many those
    are, `intervals` gives 95 % bootstrap intervals. `by_type` and `by_type_n` hold the same for each evidence type and
    for breakdowns such as "text_layer.false". `counting` says in words what the means leave out. `seconds` is p50 and
    p95 by stage. `finished` is None while questions are pending.
    """

    config: dict[str, Any]
    versions: dict[str, str]
    started: datetime
    finished: datetime | None = None
    counts: Counts
    counting: str = ""
    aggregates: dict[str, FiniteFloat | None] = {}
    n: dict[str, int] = {}
    intervals: dict[str, tuple[FiniteFloat, FiniteFloat]] = {}
    by_type: dict[str, dict[str, FiniteFloat | None]] = {}
    by_type_n: dict[str, dict[str, int]] = {}
    seconds: dict[str, dict[str, float]] = {}
    rows: tuple[Row, ...] = ()
