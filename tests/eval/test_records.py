"""Run folders: written as the run goes, continued where it stopped, never mixed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from octavo.errors import DatasetError, SettingsError
from octavo.eval import records
from octavo.eval.records import load_run
from octavo.eval.retrieval import run_retrieval
from octavo.eval.types import Example

System = Any  # the system under evaluation, from conftest


def test_what_a_run_writes(tmp_path: Path, system: System, examples: list[Example]) -> None:
    report = run_retrieval(system, examples, out=tmp_path / "run", config={"embedder": "tiny"})
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["aggregates"]["page.recall@1"] == pytest.approx(1 / 3)
    assert run["by_type"]["text_layer.false"]["page.recall@1"] == 1
    assert run["config"]["system"] == {"embedder": "tiny"}
    assert (run["config"]["scope"], run["config"]["ks"]) == ("document", [1, 3, 5, 10])
    assert {"python", "octavo", "octavo.code", "numpy", "chromadb"} <= run["versions"].keys()
    assert run["counts"]["answered"] == 5
    assert "rows" not in run
    lines = (tmp_path / "run" / "rows.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["q1", "q2", "q3", "q4", "q5"]
    first = json.loads(lines[0])
    assert first["ranking"][1] == ["a.pdf", 2, 8.0, 0.8]
    assert first["confidence"] == 0.9
    assert first["citations"][0]["quote"] == "Licences: 72.30 % of sales"
    assert load_run(tmp_path / "run") == report


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path: Path, system: System, examples: list[Example]) -> None:
    system.failing[examples[2].question] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run_retrieval(system, examples, out=tmp_path)
    halfway = load_run(tmp_path)
    assert halfway.finished is None
    assert (halfway.counts.questions, len(halfway.rows)) == (5, 2)

    system.failing.clear()
    system.calls.clear()
    seen: list[tuple[int, int]] = []
    report = run_retrieval(system, examples, out=tmp_path, progress=lambda *now: seen.append(now))
    assert system.asked() == [example.question for example in examples[2:]]
    assert seen == [(2, 5), (3, 5), (4, 5), (5, 5)]
    whole = run_retrieval(system, examples)
    assert (report.aggregates, report.by_type, report.intervals) == (whole.aggregates, whole.by_type, whole.intervals)
    assert report.started == halfway.started


def test_a_finished_run_is_not_made_again(tmp_path: Path, system: System, examples: list[Example]) -> None:
    report = run_retrieval(system, examples, out=tmp_path)
    system.calls.clear()
    assert run_retrieval(system, examples, out=tmp_path) == report
    assert system.calls == []


def test_failed_questions_are_asked_again(
    tmp_path: Path, system: System, examples: list[Example], broken: Callable[[System, str], System]
) -> None:
    assert run_retrieval(broken(system, "q2"), examples, out=tmp_path).counts.errors == 1
    system.failing.clear()
    system.calls.clear()
    report = run_retrieval(system, examples, out=tmp_path)
    assert system.asked() == [examples[1].question]
    assert report.counts.errors == 0
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 6  # the failed row stays on record
    assert [row.error for row in load_run(tmp_path).rows] == [None] * 5


def test_a_row_torn_by_a_crash_is_asked_again(tmp_path: Path, system: System, examples: list[Example]) -> None:
    report = run_retrieval(system, examples, out=tmp_path)
    rows = tmp_path / "rows.jsonl"
    rows.write_bytes(rows.read_bytes()[:-40])
    assert len(load_run(tmp_path).rows) == 4
    system.calls.clear()
    again = run_retrieval(system, examples, out=tmp_path)
    assert system.asked() == [examples[4].question]
    assert again.aggregates == report.aggregates
    assert len(load_run(tmp_path).rows) == 5


def test_a_damaged_row_is_named(tmp_path: Path, system: System, examples: list[Example]) -> None:
    run_retrieval(system, examples, out=tmp_path)
    rows = tmp_path / "rows.jsonl"
    rows.write_text("{}\n" + rows.read_text())
    with pytest.raises(DatasetError, match=r"rows\.jsonl, line 1: Not a row: id: Field required\n.*asked again"):
        run_retrieval(system, examples, out=tmp_path)


def test_another_configuration_is_refused(tmp_path: Path, system: System, examples: list[Example]) -> None:
    run_retrieval(system, examples, out=tmp_path, config={"search": {"k": 5}})
    system.calls.clear()
    with pytest.raises(SettingsError, match=r"other config: system\.search\.k 5 → 6\n.*new folder"):
        run_retrieval(system, examples, out=tmp_path, config={"search": {"k": 6}})
    with pytest.raises(SettingsError, match="scope document → corpus"):
        run_retrieval(system, examples, out=tmp_path, config={"search": {"k": 5}}, scope="corpus")
    with pytest.raises(SettingsError, match=r"questions\.count 5 → 4"):
        run_retrieval(system, examples[1:], out=tmp_path, config={"search": {"k": 5}})
    assert system.calls == []


def test_rows_of_another_state_of_the_code_are_refused(
    tmp_path: Path, system: System, examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_retrieval(system, examples, out=tmp_path)
    monkeypatch.setattr(records, "_code", lambda: "changed")
    with pytest.raises(SettingsError, match=r"other versions: octavo\.code \w+ → changed"):
        run_retrieval(system, examples, out=tmp_path)


def test_a_folder_with_other_things_is_refused(tmp_path: Path, system: System, examples: list[Example]) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(SettingsError, match="not a run folder"):
        run_retrieval(system, examples, out=tmp_path)
    with pytest.raises(SettingsError, match="not a run folder"):
        run_retrieval(system, examples, out=tmp_path / "thesis.txt")
    assert system.calls == []


def test_no_run_to_load(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"run\.json: No run can be read here: No such file"):
        load_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(DatasetError, match=r"No run can be read here: JSON"):
        load_run(tmp_path)
