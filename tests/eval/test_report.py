"""Reports as Markdown and tables, and two runs compared."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from octavo.errors import SettingsError
from octavo.eval.comparison import Comparison, compare
from octavo.eval.report import comparison_markdown, comparison_table, markdown, markdown_table, tables
from octavo.eval.retrieval import run_retrieval
from octavo.eval.types import Example, Report

System = Any  # the system under evaluation, from conftest


def shown(*things: Any) -> str:
    console = Console(file=io.StringIO(), width=300)
    console.print(*things)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def row(text: str, *starts: str) -> list[str]:
    """The cells of the one Markdown row that begins with these cells."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    (found,) = [cells for cells in rows if cells[: len(starts)] == list(starts)]
    return found


@pytest.fixture
def better(system: System, examples: list[Example], report: Report) -> Comparison:
    """Against a run that puts q3's page first: recall@1 of b.pdf's one answerable question goes from 0 to 1."""
    question = examples[2].question
    system.pages[question] = [
        h.model_copy(update={"places": (h.places[0]._replace(page=5),)}) for h in system.pages[question]
    ]
    system.answers[question] = system.answers[question].model_copy(update={"confidence": 0.7})
    return compare(report, run_retrieval(system, examples))


def test_markdown_says_value_interval_and_n(report: Report) -> None:
    text = markdown(report)
    assert row(text, "page.recall@1") == ["page.recall@1", ".333", "[.000, .500]", "3"]
    assert row(text, "layout.recall@5") == ["layout.recall@5", ".500", "–", "1"]
    assert "5 questions, 3 answerable: 5 came back (2 refused), 0 failed, 0 unscored, 0 pending." in text
    header = row(text, "questions")
    table = dict(zip(header, row(text, "text_layer.false"), strict=True))
    assert (table["n"], table["R@1"], table["layout R@5"]) == ("1", "1.000", "–")
    house = dict(zip(header, row(text, "source.House"), strict=True))
    assert (house["n"], house["R@1"], house["layout R@5"]) == ("3", ".500 (2)", ".500 (1)")


def test_markdown_tells_of_failures(
    system: System, examples: list[Example], broken: Callable[[System, str], System]
) -> None:
    text = markdown(run_retrieval(broken(system, "q1"), examples))
    assert "1 of 5 questions failed: they are in no mean" in text
    assert row(text, "layout.recall@5") == ["layout.recall@5", "–", "–", "0"]


def test_tables_show_the_same_and_no_markup(system: System, examples: list[Example]) -> None:
    named = [example.model_copy(update={"source": "[bold]Us"}) for example in examples]
    text = shown(*tables(run_retrieval(system, named)))
    assert "page.recall@1" in text
    assert "[.000, .500]" in text
    assert "source.[bold]Us" in text


def test_a_bar_in_a_cell_does_not_break_the_row() -> None:
    assert markdown_table(["a", "b"], [["x|y", "1"]]).splitlines() == ["| a | b |", "| --- | --: |", "| x\\|y | 1 |"]


def test_a_comparison_is_paired_by_question(better: Comparison) -> None:
    found = {(d.group, d.measure): d for d in better.differences}
    recall = found["all", "page.recall@1"]
    assert (recall.first, recall.second, recall.difference) == pytest.approx((1 / 3, 2 / 3, 1 / 3))
    assert recall.n == 3
    # Differences 0, 0 in a.pdf and 1 in b.pdf: a draw of two documents gives 0, 1/3 or 1.
    assert recall.interval == (0.0, 1.0)
    assert found["text", "page.recall@1"].difference == 1
    assert found["figure", "page.recall@1"].difference == 0
    auroc = found["all", "answerability.auroc"]
    assert (auroc.first, auroc.second) == pytest.approx((4.5 / 6, 1))
    assert auroc.n == 5
    assert better.left_out == 0


def test_a_run_does_not_differ_from_itself(report: Report) -> None:
    differences = compare(report, report).differences
    assert {d.difference for d in differences} == {0}
    assert {d.interval for d in differences} == {(0, 0), None}
    assert all(d.interval == (0, 0) for d in differences if d.group == "all" and d.measure.startswith("answerability"))


def test_both_ends_of_an_interval_are_shown(system: System, examples: list[Example], report: Report) -> None:
    for found in system.pages.values():
        found.clear()
    worse = compare(report, run_retrieval(system, examples))
    text = comparison_markdown(worse, groups=["all"])
    # recall@1 falls by 0 and 1 in a.pdf and by 0 in b.pdf: two documents drawn give -1/2, -1/3 or 0.
    assert row(text, "all", "page.recall@1")[2:] == [".333", ".000", "-.333", "[-.500, .000]", "3"]


def test_failed_questions_are_left_out_of_a_comparison(
    system: System, examples: list[Example], report: Report, broken: Callable[[System, str], System]
) -> None:
    comparison = compare(report, run_retrieval(broken(system, "q3"), examples))
    found = {(d.group, d.measure): d for d in comparison.differences}
    assert comparison.left_out == 1
    assert (found["all", "page.recall@1"].first, found["all", "page.recall@1"].n) == (1 / 2, 2)
    assert "1 questions failed in either run" in comparison_markdown(comparison)
    assert "page.recall@1" in shown(comparison_table(comparison))


def test_runs_of_other_questions_do_not_compare(system: System, examples: list[Example], report: Report) -> None:
    with pytest.raises(SettingsError, match="different questions"):
        compare(report, run_retrieval(system, examples[1:]))


def test_differences_have_a_sign_and_stars_when_clear(better: Comparison) -> None:
    text = comparison_markdown(better)
    assert row(text, "all", "page.recall@1")[2:] == [".333", ".667", "+.333", "[.000, 1.000]", "3"]
    clear = better.differences[0].model_copy(update={"interval": (0.1, 0.5)})
    assert "*" in row(comparison_markdown(Comparison(differences=(clear,), left_out=0)), "all")[4]
