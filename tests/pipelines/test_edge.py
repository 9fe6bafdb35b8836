"""Where the command meets the system: whatever is wrong there is one error in words, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from octavo.pipelines.cli.edge import ESCAPES

from .command import COMMAND, octavo, process
from .conftest import BUILT

UNCLOSED = os.name == "nt" or not Path("/dev/full").exists()


def shell(line: str, *, library: Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`octavo` of a line, in a shell that knows it, for what happens to streams and folders."""
    env = {**os.environ, "OCTAVO_LIBRARY": str(library)}
    script = f'octavo() {{ "$PY" -c "$CODE" "$@"; }}; {line}'
    env |= {"PY": COMMAND[0], "CODE": COMMAND[2]}
    return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, env=env, cwd=cwd)


@pytest.mark.skipif(UNCLOSED, reason="needs /dev/full and a shell")
@pytest.mark.parametrize("line", ["octavo list >/dev/full", "octavo list --json >&-", "octavo --version >/dev/full"])
def test_output_that_cannot_be_written_is_told(library: Path, line: str) -> None:
    found = shell(line, library=library)
    assert found.returncode == 1
    assert found.stderr.startswith("octavo: standard output cannot be written (")
    assert len(found.stderr.splitlines()) == 2


@pytest.mark.skipif(UNCLOSED, reason="needs a shell")
def test_remarks_that_nobody_takes_keep_no_command_from_its_work(library: Path, tmp_path: Path) -> None:
    found = shell("octavo show garden 1 --png p.png 2>&- <&-", library=library, cwd=tmp_path)
    assert (found.returncode, "Tomatoes" in found.stdout, (tmp_path / "p.png").exists()) == (0, True, True)


@pytest.mark.skipif(UNCLOSED, reason="needs a shell")
def test_a_working_directory_that_is_gone(library: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    found = shell('rmdir "$PWD"; octavo add a.pdf', library=library, cwd=here)
    assert (found.returncode, found.stderr.splitlines()[0]) == (1, "octavo: the working directory is gone")


def test_what_the_output_cannot_say_comes_as_escapes_and_json_stays_json(library: Path) -> None:
    env = {**os.environ, "OCTAVO_LIBRARY": str(library), "PYTHONIOENCODING": "cp437"}
    found = process("show", "garden", "9", **env)
    assert found.stderr.endswith("\\u2192 it has 1 page\n")
    text = "“😀” ö\udce9"
    assert json.loads(json.dumps(text, ensure_ascii=False).encode("cp437", ESCAPES).decode("cp437")) == text


@pytest.mark.parametrize("question", ["", "  ", "caf\udce9"])
def test_a_question_must_say_something(library: Path, question: str) -> None:
    for command in ("ask", "search"):
        found = octavo(command, question, library=library)
        assert (found.exit_code, "the question is " in found.stderr) == (2, True)


@pytest.mark.parametrize("seconds", ["nan", "-1"])
def test_seconds_to_wait_are_a_number(library: Path, seconds: str) -> None:
    found = octavo("--wait", seconds, "verify", library=library)
    assert (found.exit_code, "no number of seconds" in found.stderr) == (2, True)


def test_pages_may_be_as_many_as_anyone_says(library: Path) -> None:
    many = "9" * 30
    assert "1874" in octavo("search", BUILT, "--pages", f"1-{many}", library=library).stdout
    assert octavo("search", BUILT, "--pages", many, library=library).stdout == ""
    shown = octavo("show", "garden", many, library=library)
    assert shown.exit_code == 1
    assert shown.stderr.endswith("it has 1 page\n")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is closed to root")
def test_what_may_not_be_read_is_told(library: Path, tmp_path: Path) -> None:
    originals = library / "originals"
    originals.chmod(0)
    try:
        for command in (("show", "garden", "1", "--png", tmp_path / "p.png"), ("verify",), ("doctor",)):
            found = octavo(*command, library=library)
            assert (found.exit_code, "no access (Permission denied)" in found.output) == (1, True)
    finally:
        originals.chmod(0o755)
