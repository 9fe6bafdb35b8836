"""The README's commands, run in its order from nothing: they do what it says, and print what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import octavo as package
from octavo.tests.pipelines.command import octavo

ROOT = Path(package.__file__).parent
RELEVANCE = re.compile(r"relevance (0\.\d+)")
CHANGING = re.compile(r"relevance 0\.\d+|-[0-9a-f]{16}\.")  # a little with the processor; with the parser's version
ELSEWHERE = ("doctor", "eval")  # take long, and have tests of their own


def blocks() -> list[list[str]]:
    """The indented blocks that name the command."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [[line[4:] for line in block.strip("\n").splitlines()] for block in found if "octavo " in block]


def test_the_commands_do_what_the_readme_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    first, commands = blocks()[:2]
    add, ask = (line[2:] for line in first if line.startswith("$ "))
    assert stdout(add).startswith("1 added")
    printed, shown = stdout(ask), "\n".join(first[2:])
    assert CHANGING.sub("…", printed).split() == CHANGING.sub("…", shown).split()
    relevance = [float(RELEVANCE.findall(text)[0]) for text in (printed, shown)]
    assert relevance[0] == pytest.approx(relevance[1], abs=0.03)
    for line in commands:
        words = shlex.split(line, comments=True)
        if words[1] not in (*ELSEWHERE, "add"):  # what is added there is the reader's own
            assert "do not answer" not in stdout(line)
    assert (tmp_path / "library.tar").exists()


def stdout(line: str) -> str:
    done = octavo(*shlex.split(line, comments=True)[1:])
    assert done.exit_code == 0, (line, done.output)
    return str(done.stdout)
