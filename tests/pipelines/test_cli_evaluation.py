"""The command that measures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .command import octavo
from .conftest import BUILT


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    common = {"source": "made here", "scope": "document", "answer_format": "Str"}
    lines = [
        {"id": "q1", "doc": "lighthouse.pdf", "question": BUILT, "answer": "1874", "evidence_pages": [1], **common},
        {
            "id": "q2",
            "doc": "lighthouse.pdf",
            "question": "How many steps may visitors climb?",
            "answer": "142",
            "evidence_pages": [2],
            **common,
        },
    ]
    for line in lines:
        line |= {"evidence_type": "text", "evidence_types": ["text"]}
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_eval_retrieval_writes_a_run(documents: Path, questions: Path, tmp_path: Path) -> None:
    def run(*more: object) -> Any:
        found = octavo(
            "--set", "ingest.workers=1", "eval", "retrieval", "--questions", questions, "--pdfs", documents, *more
        )
        assert found.exit_code == 0, found.output
        return found

    out = tmp_path / "run"
    assert "page.recall@1" in run("--out", out).stdout
    recorded = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert recorded["aggregates"]["page.recall@1"] == 1.0
    assert recorded["config"]["scope"] == "document"
    rows = (out / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert (tmp_path / "run-library" / "library.db").exists()
    # The same run again asks nothing and says the same.
    assert json.loads(run("--out", out, "--json").stdout)["aggregates"] == recorded["aggregates"]
    assert (out / "rows.jsonl").read_text(encoding="utf-8").splitlines() == rows


def test_eval_retrieval_needs_its_documents(questions: Path, tmp_path: Path) -> None:
    found = octavo("eval", "retrieval", "--questions", questions, "--pdfs", tmp_path, library=tmp_path / "library")
    assert found.exit_code == 1
    assert "lighthouse.pdf" in found.stderr
