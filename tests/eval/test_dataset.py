"""Question files: what is read, and what is refused with its line and its cure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import DatasetError
from octavo.eval.dataset import fingerprint, load_examples, question_files
from octavo.eval.types import EvidenceBox, Example
from octavo.ingest.types import BBox

Questions = list[dict[str, Any]]


def write(path: Path, *lines: str | dict[str, Any]) -> Path:
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x, ensure_ascii=False)) + "\n" for x in lines))
    return path


def test_every_field_of_the_file_is_read(tmp_path: Path, questions: Questions) -> None:
    first, second, *_, last = load_examples(write(tmp_path / "q.jsonl", *questions))
    assert (first.id, first.source, first.doc, first.answer) == ("q1", "House", "a.pdf", "72.3%")
    assert (first.evidence_pages, first.evidence_type, first.evidence_types) == ((2, 3), "table", ("table", "text"))
    assert first.evidence_boxes is not None
    assert first.evidence_boxes[0] == EvidenceBox(page=2, x0=0, y0=0, x1=300, y1=400)
    assert first.evidence_boxes[1].whole_page
    assert (first.scope, first.text_layer, first.verified, first.answer_format) == ("corpus", True, "by us", "Float")
    assert (second.evidence_boxes, second.answer_format, second.evidence_text, second.verified) == (None,) * 4
    assert first.answerable
    assert not last.answerable
    assert last.text_layer is None


def test_breakdowns_of_a_question(examples: list[Example]) -> None:
    assert examples[1].groups == ("figure", "text_layer.false", "scope.document", "source.House")
    assert examples[4].groups == ("unanswerable", "scope.document", "source.Guests")


def test_blank_lines_a_byte_order_mark_and_odd_line_separators_do_no_harm(tmp_path: Path, questions: Questions) -> None:
    questions[0]["question"] = "One\u2028two\x85three?"
    path = write(tmp_path / "q.jsonl", "\ufeff" + json.dumps(questions[0], ensure_ascii=False), "", questions[1])
    assert [example.id for example in load_examples(path)] == ["q1", "q2"]
    assert load_examples(path)[0].question == "One\u2028two\x85three?"


def test_unknown_fields_are_kept(tmp_path: Path, questions: Questions) -> None:
    (example,) = load_examples(write(tmp_path / "q.jsonl", questions[0] | {"difficulty": 3, "extra": {"x": 1}}))
    assert example.extra == {"difficulty": 3, "extra": {"x": 1}}


@pytest.mark.parametrize(
    ("change", "what", "cure"),
    [
        ({"answer": None}, r"answer: Input should be a valid string", "Correct"),
        ({"evidence_pages": [0]}, r"evidence_pages\.0: .*greater than 0", "Correct"),
        ({"scope": "galaxy"}, r"scope: .*'document' or 'corpus'", "Correct"),
        ({"evidence_pages": []}, r"if, and only if, evidence_type is 'unanswerable'", "Correct"),
        ({"evidence_type": "unanswerable"}, r"if, and only if, evidence_type is 'unanswerable'", "Correct"),
        ({"evidence_boxes": [{"page": 2, "x0": 9, "y0": 0, "x1": 1, "y1": 1}]}, r"x0 <= x1", "Correct"),
        ({"evidence_boxes": [{"page": 2, "x0": 0, "y0": 0, "x1": 1}]}, r"Missing evidence_boxes\.0\.y1", "Add it"),
        ({"evidence_box": []}, r"Unknown field 'evidence_box'", "'evidence_boxes'"),
        ({"text_layers": False}, r"Unknown field 'text_layers'", "'text_layer'"),
    ],
)
def test_a_bad_line_is_named_with_its_cure(
    tmp_path: Path, questions: Questions, change: dict[str, Any], what: str, cure: str
) -> None:
    with pytest.raises(DatasetError, match=what) as error:
        load_examples(write(tmp_path / "q.jsonl", questions[1], questions[0] | change))
    assert error.value.where == f"{tmp_path / 'q.jsonl'}, line 2"
    assert cure in (error.value.cure or "")


@pytest.mark.parametrize(
    "field", ["id", "source", "doc", "question", "answer", "evidence_pages", "evidence_type", "scope"]
)
def test_missing_fields_are_named(tmp_path: Path, questions: Questions, field: str) -> None:
    del questions[0][field]
    with pytest.raises(DatasetError, match=rf"line 1: Missing {field}\n"):
        load_examples(write(tmp_path / "q.jsonl", questions[0]))


@pytest.mark.parametrize(("line", "what"), [("{", "Not JSON"), ("[1]", "not list"), ('"x"', "not str")])
def test_a_line_that_is_no_object(tmp_path: Path, questions: Questions, line: str, what: str) -> None:
    with pytest.raises(DatasetError, match=rf"line 3: .*{what}"):
        load_examples(write(tmp_path / "q.jsonl", questions[0], "", line))


def test_ids_do_not_repeat(tmp_path: Path, questions: Questions) -> None:
    with pytest.raises(DatasetError, match=r"line 3: The id 'q1' was used before, on line 1"):
        load_examples(write(tmp_path / "q.jsonl", questions[0], questions[1], questions[0]))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No such file"):
        load_examples(tmp_path / "none.jsonl")
    with pytest.raises(DatasetError, match="No questions"):
        load_examples(write(tmp_path / "q.jsonl", ""))
    (tmp_path / "q.jsonl").write_bytes(b'{"id": "\xff"}\n')
    with pytest.raises(DatasetError, match=r"not UTF-8: .* at byte 8"):
        load_examples(tmp_path / "q.jsonl")


def test_the_fingerprint_sees_labels_and_order(examples: list[Example]) -> None:
    other = examples[0].model_copy(update={"evidence_pages": (2,)})
    marks = {fingerprint(e) for e in (examples, examples[::-1], examples[1:], [other, *examples[1:]])}
    assert len(marks) == 4
    assert fingerprint(examples) == fingerprint(list(examples))


def test_the_documents_asked_about(tmp_path: Path, examples: list[Example]) -> None:
    (tmp_path / "a.pdf").touch()
    with pytest.raises(DatasetError, match=r"1 of the 2 documents .*: b\.pdf"):
        question_files(examples, tmp_path)
    (tmp_path / "b.pdf").touch()
    assert question_files(examples, tmp_path) == [tmp_path / "a.pdf", tmp_path / "b.pdf"]


def test_boxes_become_page_fractions_clipped_to_the_page() -> None:
    assert EvidenceBox(page=1, x0=-5, y0=200, x1=300, y1=900).on(600, 800) == BBox(0.0, 0.25, 0.5, 1.0)
