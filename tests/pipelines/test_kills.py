"""The real command, killed while it works, and met by a full disk."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from octavo import DocumentQA
from octavo.retrievers.library import disk
from octavo.tests.pipelines.conftest import GARDEN, LIGHTHOUSE, write_pdf

COMMAND = """
import os, sys
from pathlib import Path
from octavo.pipelines.cli import main
from octavo.retrievers.library import failpoints
step, said = sys.argv.pop(1), Path(sys.argv.pop(1))
def hook(reached):
    if reached in (step, "committing"):
        said.write_text(reached)
    if reached == step:
        os.kill(os.getpid(), 9)
failpoints.hook = hook
if __name__ == "__main__":
    main()
"""


def files(folder: Path) -> Path:
    """Two documents, one of some length."""
    folder.mkdir()
    write_pdf(folder / "a-long.pdf", [text for _ in range(5) for text in LIGHTHOUSE], "Ravensholm")
    write_pdf(folder / "b-short.pdf", GARDEN, "Growing tomatoes")
    return folder


def started(tmp_path: Path, step: str, said: Path) -> subprocess.Popen[bytes]:
    script = tmp_path / "command.py"
    script.write_text(COMMAND, encoding="utf-8")
    options = ["--library", str(tmp_path / "library"), "--set", "ingest.workers=1"]
    return subprocess.Popen(
        [sys.executable, str(script), step, str(said), *options, "add", str(tmp_path / "files")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def left_running(session: int) -> list[str]:
    """The command lines of the processes of a session, Python's own helpers aside; on Linux."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            facts = (process / "stat").read_text().rpartition(")")[2].split()
            if int(facts[3]) == session and facts[0] != "Z":
                found.append((process / "cmdline").read_text())
    return [line for line in found if "resource_tracker" not in line]


def completes(tmp_path: Path) -> None:
    """What is there is whole; adding again completes it."""
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        assert qa.verify() == []
        staged = {one.name: one.pages_done for one in qa.status().unfinished}
        held = {document.name: document.page_count for document in qa.documents()}
        assert set(held.items()) <= {("a-long.pdf", 10), ("b-short.pdf", 1)}
        read: list[int] = []
        report = qa.add(
            tmp_path / "files",
            progress=lambda event: read.append(event.page) if event.stage == "reading" else None,
        )
        assert (report.added, report.unchanged, report.failed) == (2 - len(held), len(held), ())
        if "a-long.pdf" in staged:  # goes on after the pages that were finished
            assert all(page > staged["a-long.pdf"] or page in {0, 1} for page in read), (staged, read)
        assert {document.name: document.page_count for document in qa.documents()} == {
            "a-long.pdf": 10,
            "b-short.pdf": 1,
        }
        assert "1874" in qa.search("When was the lighthouse built?", k=1)[0].text
        assert qa.verify() == []
        assert qa.status().unfinished == ()


@pytest.mark.parametrize("step", ["pages staged", "vectors upserted", "original copied", "vectors swept", "rows swept"])
def test_the_command_is_killed_at_a_step(tmp_path: Path, step: str) -> None:
    files(tmp_path / "files")
    if step.endswith("swept"):  # there is something to sweep when a file was another before
        write_pdf(tmp_path / "files" / "a-long.pdf", GARDEN, "Something else")
        with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
            qa.add(tmp_path / "files" / "a-long.pdf")
        write_pdf(tmp_path / "files" / "a-long.pdf", [text for _ in range(5) for text in LIGHTHOUSE], "Ravensholm")
    command = started(tmp_path, step, tmp_path / "said")
    assert command.wait(120) == -signal.SIGKILL
    completes(tmp_path)
    assert left_running(command.pid) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_command_is_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    files(tmp_path / "files")
    said = tmp_path / "said"
    command = started(tmp_path, "never", said)
    end = time.monotonic() + 120
    while not said.exists() and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(random.Random(seed).uniform(0.0, 2.0))
    os.kill(command.pid, signal.SIGKILL)
    command.wait(60)
    completes(tmp_path)


def test_a_full_disk_ends_adding_with_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(tmp_path / "files")
    write_pdf(tmp_path / "files" / "0-first.pdf", GARDEN, "The first")
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
        qa.add(tmp_path / "files" / "0-first.pdf")
        with monkeypatch.context() as patch:
            patch.setattr(disk, "RESERVE", 1 << 60)  # no disk has that much room
            report = qa.add(tmp_path / "files")
        assert (report.added, report.unchanged, len(report.failed), report.untried) == (0, 1, 1, 1)
        assert "the disk is full" in report.failed[0].message
        assert str(tmp_path / "library") in report.failed[0].message  # its disk, not the file's
        assert "make room" in str(report.failed[0].cure)
        assert "1 not tried" in str(report)
        assert [document.name for document in qa.documents()] == ["0-first.pdf"]
        assert qa.search("tomatoes")
        assert qa.add(tmp_path / "files").added == 2
        assert qa.verify() == []


def test_verify_and_repair_as_commands(tmp_path: Path) -> None:
    files(tmp_path / "files")
    folder = tmp_path / "library"
    with DocumentQA.open(folder, ingest={"workers": 1}) as qa:
        qa.add(tmp_path / "files" / "b-short.pdf")

    def octavo(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "octavo.pipelines.cli", "--library", str(folder), *words]
        script = "from octavo.pipelines.cli import main; main()"
        command[1:3] = ["-c", script]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    well = octavo("verify")
    assert (well.returncode, well.stdout) == (0, "nothing is wrong\n")
    (original,) = (folder / "originals").iterdir()
    original.unlink()
    (folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)
    sick = octavo("verify", "--json")
    assert sick.returncode == 1
    problems = json.loads(sick.stdout)["problems"]
    assert [any(word in problem for problem in problems) for word in ("vector index", "b-short.pdf")] == [True, True]
    mended = octavo("verify", "--repair")
    assert mended.returncode == 0
    assert "mended: b-short.pdf was copied again" in mended.stdout
    assert "Traceback" not in sick.stderr + mended.stderr
    assert octavo("verify").returncode == 0
    original.unlink()
    (tmp_path / "files" / "b-short.pdf").unlink()
    left = octavo("verify", "--repair")
    assert left.returncode == 1
    assert "problem: the copied file of b-short.pdf is missing" in left.stderr
