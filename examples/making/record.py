"""A finished example: the document, where its evidence stands, and the questions that may be asked of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pymupdf

from .canvas import Canvas, Mark

_DATE = "D:20250303090000Z"
_KINDS = ("table", "text", "figure", "chart")


class Question(NamedTuple):
    """`evidence` maps the key of a mark to its kind (text, table, figure, chart); none: not answerable.

    `quote` is the sentence or row that answers, as a reader of the page would find it.
    """

    text: str
    answer: str
    form: str
    evidence: dict[str, str]
    quote: str = ""
    scope: str = "document"


class Example:
    """One document in the making."""

    def __init__(self, name: str, title: str, author: str, *, size: tuple[float, float] = (595.0, 842.0)) -> None:
        self.name = name
        self.size = size
        self.document = pymupdf.open()
        self.marks: dict[str, list[Mark]] = {}
        self.questions: list[Question] = []
        self.outline: list[list[str | int]] = []
        self.text_layer = True
        self.document.set_metadata(
            {
                "title": title,
                "author": author,
                "creator": "examples/make_examples.py",
                "producer": "PyMuPDF",
                "creationDate": _DATE,
                "modDate": _DATE,
            }
        )

    def page(self) -> Canvas:
        """A new last page."""
        self.document.new_page(width=self.size[0], height=self.size[1])
        return Canvas(self.document, self.document.page_count, self.marks)

    def save(self, folder: Path) -> None:
        """Write the document: the same bytes whenever the same versions of PyMuPDF and Pillow make it."""
        self.document.set_toc(self.outline)
        self.document.subset_fonts()
        self.document.save(
            folder / self.name, garbage=4, deflate=True, use_objstms=1, no_new_id=True, reproducible=True
        )
        self.document.close()

    def rows(self, start: int) -> list[dict[str, Any]]:
        """The questions as rows of `questions.jsonl`, numbered from `start`."""
        return [self._row(number, question) for number, question in enumerate(self.questions, start)]

    def _row(self, number: int, question: Question) -> dict[str, Any]:
        row: dict[str, Any] = {
            "id": f"octavo-{number:02d}",
            "source": "octavo-examples",
            "doc": self.name,
            "question": question.text,
            "answer": question.answer,
            "answer_format": question.form,
        }
        places = [mark for key in question.evidence for mark in self.marks[key]]
        kinds = list(dict.fromkeys(question.evidence.values()))
        row["evidence_pages"] = sorted({place.page for place in places})
        row["evidence_type"] = min(kinds, key=_KINDS.index) if kinds else "unanswerable"
        row["evidence_types"] = kinds
        if places:
            row["evidence_text"] = question.quote
            row["evidence_boxes"] = [_box(place) for place in places]
        row["scope"] = question.scope
        if places:
            row["text_layer"] = self.text_layer
        row["verified"] = "by construction"
        return row


def write_questions(rows: list[dict[str, Any]], path: Path) -> None:
    """One JSON object a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _box(place: Mark) -> dict[str, float | int | bool]:
    x0, y0, x1, y1 = (round(value, 1) for value in place.box)
    return {"page": place.page, "x0": x0, "y0": y0, "x1": x1, "y1": y1, "whole_page": False}
