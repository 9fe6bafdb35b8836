"""The vocabulary of answers: citations, answers, and the events a generator streams."""

from __future__ import annotations

from typing import Any, Literal

from ..ingest.types import Place, Value

Support = Literal["verbatim", "supported", "derived", "contradicted", "absent", "unchecked"]


class Citation(Value):
    """Proof of a claim: a quote, and the page and box it stands in. `marker` is the `[n]` of the answer's text.

    `claim` is the sentence of the answer that it proves, where a model wrote one; `detail` says why it is contradicted,
    absent or unchecked, or how it was derived. `checked` is the probability that the model itself, asked again, gives
    to this evidence supporting it.
    """

    marker: int
    document: str
    name: str
    version: str
    places: tuple[Place, ...]
    quote: str
    regions: tuple[str, ...] = ()
    support: Support = "verbatim"
    relevance: float | None = None
    claim: str = ""
    detail: str = ""
    checked: float | None = None

    @property
    def page(self) -> int:
        return self.places[0].page


class Answer(Value):
    """An answer and where it stands. When nothing in the documents answers, `answerable` is False and `text` says so.

    `confidence` is the probability in [0, 1] that the documents answer the question. `usage` counts what was spent
    (tokens of all requests, pictures); `trace` records stages, timings and scores. `value` is the answer in the form
    asked for.
    """

    question: str
    text: str
    citations: tuple[Citation, ...] = ()
    answerable: bool
    confidence: float
    usage: dict[str, int] = {}
    value: Any = None
    trace: dict[str, Any] = {}


NOT_IN_DOCUMENTS = "The documents do not answer this."


def not_in_documents(question: str, confidence: float = 0.0, **trace: Any) -> Answer:
    """The typed answer for zero evidence."""
    return Answer(question=question, text=NOT_IN_DOCUMENTS, answerable=False, confidence=confidence, trace=trace)


class Event(Value):
    """One step of a streamed answer: a piece of text, a citation, or (last) the whole answer."""

    text: str = ""
    citation: Citation | None = None
    answer: Answer | None = None
