"""A whole run over five questions, against aggregates worked by hand (see conftest)."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from octavo.errors import DatasetError, SettingsError
from octavo.eval.retrieval import run_retrieval
from octavo.eval.types import Example, Report

System = Any  # the system under evaluation, from conftest


def test_page_measures_are_means_over_the_answerable(report: Report) -> None:
    expected = {"page.recall@1": 1 / 3, "page.recall@3": (1 / 2 + 1 + 0) / 3, "page.recall@5": 2 / 3}
    expected |= {"page.hit@1": 1 / 3, "page.hit@3": 2 / 3, "page.mrr@10": (1 / 2 + 1 + 0) / 3}
    expected |= {"page.ndcg@3": ((1 / math.log2(3)) / (1 + 1 / math.log2(3)) + 1) / 3}
    assert {name: report.aggregates[name] for name in expected} == pytest.approx(expected)
    assert {report.n[name] for name in expected} == {3}


def test_layout_recall_is_over_questions_with_human_boxes(report: Report) -> None:
    # Of q1's two boxes the one on page 2 is found with three regions, the one on page 3 never.
    assert [report.aggregates[f"layout.recall@{k}"] for k in (1, 3, 5, 10)] == [0, 1 / 2, 1 / 2, 1 / 2]
    assert report.n["layout.recall@5"] == 1


def test_answers_and_refusals(report: Report) -> None:
    # q1's number is quoted, one of q2's two colours, q3 was refused; of the unanswerable q4 was answered.
    expected = {"answer.contained@60": 1 / 3, "answer.refused_answerable": 1 / 3, "answer.answered_unanswerable": 1 / 2}
    expected |= {"answerability.auroc": 4.5 / 6, "answerability.unanswerable_answered@30": 0.55}
    assert {name: report.aggregates[name] for name in expected} == pytest.approx(expected)
    assert report.n["answerability.auroc"] == 5
    assert [row.measures for row in report.rows[3:]] == [{"answer.answered_unanswerable": x} for x in (1.0, 0.0)]
    counts = report.counts
    assert (counts.questions, counts.answered, counts.refused, counts.errors, counts.unscored) == (5, 5, 2, 0, 0)
    assert (counts.answerable, counts.unanswerable, counts.pending) == (3, 2, 0)


def test_breakdowns(report: Report) -> None:
    assert list(report.by_type) == [
        *("figure", "table", "text", "unanswerable", "scope.corpus", "scope.document"),
        *("source.Guests", "source.House", "text_layer.false", "text_layer.true"),
    ]
    assert report.by_type["text_layer.false"]["page.recall@1"] == 1
    assert report.by_type["text_layer.true"]["page.recall@3"] == pytest.approx(1 / 4)
    assert report.by_type_n["text_layer.true"]["page.recall@3"] == 2
    assert report.by_type["unanswerable"] == {"answer.answered_unanswerable": 1 / 2}
    assert "layout.recall@5" not in report.by_type["figure"]
    assert report.by_type["source.House"]["answerability.auroc"] == 1


def test_intervals_hold_their_mean(report: Report) -> None:
    for name, (low, high) in report.intervals.items():
        value = report.aggregates[name]
        assert value is not None
        assert low <= value <= high
    assert "page.recall@1" in report.intervals
    assert "layout.recall@5" not in report.intervals  # one document says nothing of the spread


def test_rows_keep_what_was_found(report: Report) -> None:
    row = report.rows[0]
    assert [(hit.document, hit.page) for hit in row.ranking] == [("a.pdf", 1), ("a.pdf", 2), ("a.pdf", 4), ("a.pdf", 3)]
    assert (row.ranking[0].score, row.ranking[0].relevance) == (9.0, 0.9)
    assert [hit.document for hit in row.regions] == ["a.pdf", "b.pdf", "a.pdf"]
    assert (row.confidence, row.refused, row.citations[0].quote) == (0.9, False, "Licences: 72.30 % of sales")
    assert set(row.seconds) == {"page", "region", "ask"}
    assert set(report.seconds["ask"]) == {"p50", "p95"}


def test_the_scope_says_where_to_look(system: System, examples: list[Example]) -> None:
    run_retrieval(system, examples[:3])
    assert {documents for _, _, documents in system.calls} == {("a.pdf",), ("b.pdf",)}
    system.calls.clear()
    run_retrieval(system, examples[:3], scope="corpus")
    assert {documents for _, _, documents in system.calls} == {()}


def test_a_page_of_another_document_is_no_gold_page(system: System, examples: list[Example]) -> None:
    system.names["id-a"] = "c.pdf"
    report = run_retrieval(system, examples, scope="corpus")
    assert report.aggregates["page.recall@10"] == 0


def test_names_meet_in_any_unicode_form(system: System, examples: list[Example]) -> None:
    name = "Übersicht.pdf"
    system.names["id-a"] = unicodedata.normalize("NFD", name)
    system.sizes[name] = 4
    moved = [example.model_copy(update={"doc": name}) for example in examples if example.doc == "a.pdf"]
    report = run_retrieval(system, moved, scope="corpus")
    assert report.aggregates["page.recall@5"] == 1


def test_without_answers(system: System, examples: list[Example]) -> None:
    report = run_retrieval(system, examples, answers=False, ks=(5, 1))
    assert {level for _, level, _ in system.calls} == {"page", "region"}
    assert [name for name in report.aggregates if name.startswith(("page.recall", "answer"))] == [
        "page.recall@1",
        "page.recall@5",
    ]
    assert report.rows[0].refused is None
    assert report.counts.unscored == 0


def test_a_failing_question_is_counted_and_no_zero(
    system: System, examples: list[Example], broken: Callable[[System, str], System]
) -> None:
    report = run_retrieval(broken(system, "q3"), examples)
    assert report.rows[2].error == "ServerUnavailable: no server\n  → start it"
    assert (report.counts.errors, report.counts.answered) == (1, 4)
    assert report.aggregates["page.recall@3"] == pytest.approx((1 / 2 + 1) / 2)
    assert report.n["page.recall@3"] == 2
    assert "1 of 5 questions failed: they are in no mean" in report.counting
    assert report.by_type["text"] == {}


def test_a_document_or_page_that_is_not_there_is_an_error_not_a_miss(system: System, examples: list[Example]) -> None:
    del system.sizes["b.pdf"]
    report = run_retrieval(system, examples, scope="corpus")
    assert [row.error is None for row in report.rows] == [True, True, False, True, False]
    assert "UnknownDocument" in (report.rows[2].error or "")
    system.sizes["b.pdf"] = 4
    (row,) = run_retrieval(system, examples[2:3]).rows
    assert "b.pdf has no page 5" in (row.error or "")


def test_a_bug_ends_the_run(system: System, examples: list[Example]) -> None:
    system.failing[examples[0].question] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        run_retrieval(system, examples)


def test_no_measure_is_a_mean_of_nothing(system: System, examples: list[Example]) -> None:
    report = run_retrieval(system, examples[3:])
    assert report.aggregates["page.recall@1"] is None
    assert report.n["page.recall@1"] == 0
    assert report.aggregates["answerability.auroc"] is None
    assert report.aggregates["answer.answered_unanswerable"] == 1 / 2


def test_a_label_with_nothing_to_compare_is_unscored(system: System, examples: list[Example]) -> None:
    odd = examples[0].model_copy(update={"answer": "–"})
    report = run_retrieval(system, [odd, *examples[1:]])
    assert report.counts.unscored == 1
    assert report.n["answer.contained@60"] == 2
    assert report.aggregates["answer.contained@60"] == 0
    assert "1 answers could not be compared" in report.counting


def test_what_cannot_be_run(system: System, examples: list[Example]) -> None:
    with pytest.raises(DatasetError, match="needs questions"):
        run_retrieval(system, [])
    with pytest.raises(DatasetError, match="id of its own"):
        run_retrieval(system, [examples[0], examples[0]])
    with pytest.raises(SettingsError, match="at least 1"):
        run_retrieval(system, examples, ks=(0, 5))


def test_progress_begins_at_nothing_and_ends_at_all(system: System, examples: list[Example]) -> None:
    seen: list[tuple[int, int]] = []
    run_retrieval(system, examples, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 5) for n in range(6)]
