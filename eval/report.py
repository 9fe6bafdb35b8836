"""A report, or a comparison of two, to read: Markdown for documents, rich tables for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .comparison import Comparison
from .scoring import CONTAINED
from .types import Report

if TYPE_CHECKING:
    from rich.table import Table


Cells = list[list[str]]

# Column heads of the breakdown: the full names do not fit beside each other.
_NAMES = {
    "page.recall": "R",
    "layout.recall": "layout R",
    "answer.contained": "contained",
    "answer.refused_answerable": "refused",
    "answer.answered_unanswerable": "answered though unanswerable",
}
_SHORT = re.compile("|".join(map(re.escape, _NAMES)))


def overall_cells(report: Report) -> tuple[list[str], Cells]:
    """Header and rows: measure, value, interval, n."""
    return ["measure", "value", "95 % interval", "n"], [
        [name, _number(value), _interval(report.intervals.get(name)), str(report.n.get(name, 0))]
        for name, value in report.aggregates.items()
    ]


def breakdown_cells(report: Report, measures: Sequence[str] | None = None) -> tuple[list[str], Cells]:
    """Header and rows: a breakdown, how many of its questions came back, and its value of each measure.

    By default page recall, layout recall@5 and containment. A number in brackets says that fewer of the questions
    than the column `n` were fit for it.
    """
    if measures is None:
        mistakes = ("answer.refused_answerable", "answer.answered_unanswerable")
        wanted = ("page.recall@", "layout.recall@5", CONTAINED, *mistakes)
        measures = [name for name in report.aggregates if name.startswith(wanted)]
    cells: Cells = []
    for group, values in report.by_type.items():
        n = sum(group in row.groups and row.error is None for row in report.rows)
        line = [group, str(n)]
        for name in measures:
            of = report.by_type_n[group].get(name, 0)
            line.append(_number(values.get(name)) + (f" ({of})" if 0 < of < n else ""))
        cells.append(line)
    return ["questions", "n", *(_SHORT.sub(lambda m: _NAMES[m[0]], name) for name in measures)], cells


def comparison_cells(comparison: Comparison, groups: Sequence[str] | None = None) -> tuple[list[str], Cells]:
    """Header and rows of the differences; `*` marks an interval that does not hold zero."""
    cells: Cells = []
    for d in comparison.differences:
        if groups is not None and d.group not in groups:
            continue
        clear = d.interval is not None and not d.interval[0] <= 0 <= d.interval[1]
        change = _number(d.difference, sign=True) + ("*" if clear else "")
        values = [_number(d.first), _number(d.second), change, _interval(d.interval)]
        cells.append([d.group, d.measure, *values, str(d.n)])
    return ["questions", "measure", "first", "second", "difference", "95 % interval", "n"], cells


def markdown(report: Report) -> str:
    """The whole report as Markdown."""
    counts = report.counts
    ended = f"finished {report.finished:%Y-%m-%d %H:%M} UTC" if report.finished else "not finished"
    lines = [
        f"Scope {report.config['scope']}, {ended}. {counts.questions} questions, {counts.answerable} answerable: "
        f"{counts.answered} came back ({counts.refused} refused), {counts.errors} failed, {counts.unscored} unscored, "
        f"{counts.pending} pending.",
        "",
        report.counting,
        "",
        markdown_table(*overall_cells(report)),
        "",
        markdown_table(*breakdown_cells(report)),
    ]
    if report.seconds:
        lines += ["", markdown_table(["stage", "p50 s", "p95 s"], _stages(report))]
    return "\n".join(lines) + "\n"


def tables(report: Report) -> list[Table]:
    """The report as rich tables: overall, by type, seconds."""
    found = [
        _table("Overall", *overall_cells(report), caption=report.counting),
        _table("By type", *breakdown_cells(report)),
    ]
    if report.seconds:
        found.append(_table("Seconds", ["stage", "p50 s", "p95 s"], _stages(report)))
    return found


def comparison_markdown(comparison: Comparison, groups: Sequence[str] | None = None) -> str:
    """The comparison as Markdown."""
    return f"{_left_out(comparison)}\n\n{markdown_table(*comparison_cells(comparison, groups))}\n"


def comparison_table(comparison: Comparison, groups: Sequence[str] | None = ("all",)) -> Table:
    """The comparison as a rich table, over all questions unless asked otherwise."""
    return _table("Second run − first run", *comparison_cells(comparison, groups), caption=_left_out(comparison))


def markdown_table(header: Sequence[str], cells: Iterable[Sequence[str]]) -> str:
    """A table whose numbers are aligned to the right."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *cells]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _table(title: str, header: Sequence[str], cells: Iterable[Sequence[str]], caption: str | None = None) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, caption=None if caption is None else Text(caption))
    for number, name in enumerate(header):
        table.add_column(Text(name), justify="right" if number else "left", no_wrap=number == 0)
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))  # Text: a name in brackets is no markup
    return table


def _stages(report: Report) -> Cells:
    return [[stage, f"{t['p50']:.3f}", f"{t['p95']:.3f}"] for stage, t in report.seconds.items()]


def _left_out(comparison: Comparison) -> str:
    text = "Paired by question, drawn by document; * marks an interval without zero."
    missing = f" {comparison.left_out} questions failed in either run and are left out."
    return text + missing if comparison.left_out else text


def _number(value: float | None, sign: bool = False) -> str:
    if value is None:
        return "–"
    return re.sub(r"^([+-]?)0\.", r"\1.", f"{value:+.3f}" if sign else f"{value:.3f}")


def _interval(interval: Any) -> str:
    return "–" if interval is None else f"[{_number(interval[0])}, {_number(interval[1])}]"
