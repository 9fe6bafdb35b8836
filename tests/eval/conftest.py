"""A question file of our own and a system whose results are written down, so that every number can be worked by hand.

Pages are 600 × 800 points. Five questions on two documents:

| id | document | gold pages | found pages (best first) | confidence | refused |
|----|----------|------------|--------------------------|------------|---------|
| q1 | a.pdf    | 2, 3       | 1, 2, 4, 3               | .9         | no      |
| q2 | a.pdf    | 1          | 1                        | .6         | no      |
| q3 | b.pdf    | 5          | 1                        | .2         | yes     |
| q4 | a.pdf    | none       | 1                        | .5         | no      |
| q5 | b.pdf    | none       | 2                        | .2         | yes     |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from octavo.errors import OctavoError, ServerUnavailable, UnknownDocument
from octavo.eval.retrieval import run_retrieval
from octavo.eval.types import Example, Report
from octavo.generators.types import Answer, Citation, not_in_documents
from octavo.ingest.types import BBox, Place
from octavo.retrievers.types import Hit, Level, Ref

IDS = {"a.pdf": "id-a", "b.pdf": "id-b"}
PAGE = BBox(0.0, 0.0, 1.0, 1.0)

QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "q1",
        "source": "House",
        "doc": "a.pdf",
        "question": "What share came from licences?",
        "answer": "72.3%",
        "answer_format": "Float",
        "evidence_pages": [2, 3],
        "evidence_type": "table",
        "evidence_types": ["table", "text"],
        "evidence_boxes": [
            {"page": 2, "x0": 0, "y0": 0, "x1": 300, "y1": 400, "whole_page": False},
            {"page": 3, "x0": 0, "y0": 0, "x1": 600, "y1": 800, "whole_page": True},
        ],
        "scope": "corpus",
        "text_layer": True,
        "verified": "by us",
    },
    {
        "id": "q2",
        "source": "House",
        "doc": "a.pdf",
        "question": "Which two colours has the logo?",
        "answer": "['red', 'dark blue']",
        "evidence_pages": [1],
        "evidence_type": "figure",
        "evidence_types": ["figure"],
        "scope": "document",
        "text_layer": False,
    },
    {
        "id": "q3",
        "source": "Guests",
        "doc": "b.pdf",
        "question": "Who signed?",
        "answer": "J. Doe",
        "evidence_pages": [5],
        "evidence_type": "text",
        "evidence_types": ["text"],
        "scope": "document",
        "text_layer": True,
    },
    {
        "id": "q4",
        "source": "House",
        "doc": "a.pdf",
        "question": "What will it cost in 2050?",
        "answer": "Not answerable",
        "evidence_pages": [],
        "evidence_type": "unanswerable",
        "evidence_types": [],
        "scope": "document",
    },
    {
        "id": "q5",
        "source": "Guests",
        "doc": "b.pdf",
        "question": "Who did not sign?",
        "answer": "Not answerable",
        "evidence_pages": [],
        "evidence_type": "unanswerable",
        "evidence_types": [],
        "scope": "document",
    },
]


def hit(level: Level, document: str, *places: tuple[int, BBox], score: float) -> Hit:
    ref = Ref(kind=level, id=f"{document}-{score}", document=IDS[document], version="v")
    return Hit(ref=ref, places=tuple(Place(*place) for place in places), score=score, relevance=score / 10)


def pages(document: str, *numbers: int) -> list[Hit]:
    return [hit("page", document, (n, PAGE), score=9.0 - rank) for rank, n in enumerate(numbers)]


def said(question: str, confidence: float, *quotes: str) -> Answer:
    cited = tuple(
        Citation(marker=n, document="id-a", name="a.pdf", version="v", places=(Place(2, PAGE),), quote=quote)
        for n, quote in enumerate(quotes, start=1)
    )
    return Answer(question=question, text=" ".join(quotes), citations=cited, answerable=True, confidence=confidence)


class WrittenDown:
    """A retrieval system that returns what is written in its tables, and remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, tuple[str, ...]]] = []
        self.failing: dict[str, BaseException] = {}
        self.sizes = {"a.pdf": 4, "b.pdf": 5}
        self.names = {id: name for name, id in IDS.items()}
        q1, q2, q3, q4, q5 = (question["question"] for question in QUESTIONS)
        self.pages = {
            q1: pages("a.pdf", 1, 2, 4, 3),
            q2: pages("a.pdf", 1),
            q3: pages("b.pdf", 1),
            q4: pages("a.pdf", 1),
            q5: pages("b.pdf", 2),
        }
        # The human box on page 2 is its upper left quarter. The first region covers .4 of it, the second .4 as well,
        # of which .2 anew: .6 together. The third lies on another document's page 2.
        self.regions = {
            q1: [
                hit("region", "a.pdf", (2, BBox(0.0, 0.0, 0.5, 0.2)), score=3.0),
                hit("region", "b.pdf", (3, PAGE), score=2.5),
                hit("region", "a.pdf", (2, BBox(0.0, 0.1, 1.0, 0.3)), score=2.0),
            ]
        }
        self.answers = {
            q1: said(q1, 0.9, "Licences: 72.30 % of sales"),
            q2: said(q2, 0.6, "The logo is red", "and green."),
            q3: not_in_documents(q3, 0.2),
            q4: said(q4, 0.5, "Costs rise."),
            q5: not_in_documents(q5, 0.2),
        }

    def search(self, question: str, *, level: Level, documents: Sequence[str], k: int) -> list[Hit]:
        self.calls.append((question, level, tuple(documents)))
        if question in self.failing:
            raise self.failing[question]
        return (self.pages[question] if level == "page" else self.regions.get(question, []))[:k]

    def ask(self, question: str, *, documents: Sequence[str]) -> Answer:
        self.calls.append((question, "ask", tuple(documents)))
        return self.answers[question]

    def page_size(self, document: str, page: int) -> tuple[float, float]:
        if document not in self.sizes:
            raise UnknownDocument(f"No document {document!r}", cure="Add it.")
        if page > self.sizes[document]:
            raise OctavoError(f"{document} has no page {page}")
        return 600.0, 800.0

    def document_name(self, id: str) -> str:
        return self.names[id]

    def asked(self) -> list[str]:
        """The questions that were asked, each once, in order."""
        return list(dict.fromkeys(question for question, _, _ in self.calls))


@pytest.fixture
def questions() -> list[dict[str, Any]]:
    return [dict(question) for question in QUESTIONS]


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return [Example.model_validate(question) for question in QUESTIONS]


@pytest.fixture(scope="session")
def report(examples: list[Example]) -> Report:
    """The run over all five questions that nothing disturbs."""
    return run_retrieval(WrittenDown(), examples)


@pytest.fixture
def system() -> WrittenDown:
    return WrittenDown()


@pytest.fixture
def broken(examples: list[Example]) -> Callable[[WrittenDown, str], WrittenDown]:
    """Makes a system's server fail at one question."""

    def breaking(system: WrittenDown, id: str) -> WrittenDown:
        (question,) = (example.question for example in examples if example.id == id)
        system.failing[question] = ServerUnavailable("no server", cure="start it")
        return system

    return breaking
