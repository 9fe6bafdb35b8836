"""The check of the documents must itself notice what it is for."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import octavo

ROOT = Path(octavo.__file__).parent


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_check", ROOT / "docs" / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "line",
    [
        "octavo add report.pdf folder/ *.png      # progress bar",
        '$ octavo --library books ask "How much?" --doc report.pdf --json',
        "octavo [--library DIR] [--config NAME|FILE] …",
        "octavo list | status | show DOC PAGE [--regions] | remove DOC | doctor",
        "octavo list|status",
        "octavo eval retrieval --questions Q.jsonl --pdfs DIR [--scope document|corpus] [--out RUN/]",
        "octavo search growth --level=page -k 3",
        "pip install octavo --pre",
        "octavo --help",
    ],
)
def test_good_lines(check: ModuleType, line: str) -> None:
    assert check.problem_with(line) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("octavo query x", "no command query"),
        ("octavo ask x --document y", "no option --document"),
        ("octavo eval answers", "no command answers"),
        ("octavo add x --library y", "no option --library"),
        ("octavo list|stats", "no command stats"),
    ],
)
def test_bad_lines(check: ModuleType, line: str, problem: str) -> None:
    assert check.problem_with(line) == problem


def test_commands_are_found_wherever_they_are_quoted(check: ModuleType) -> None:
    text = "Use `octavo a` or\n\n```console\n$ octavo b\n```\n\n    octavo c\n"
    found = [line.strip() for line in check.quoted_commands(text)]
    assert {"octavo a", "$ octavo b", "octavo c"} <= set(found)
