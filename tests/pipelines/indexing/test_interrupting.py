"""Adding that is killed, interrupted or cancelled: what was done stays, and the next call goes on there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from octavo import AsyncDocumentQA, DocumentQA, Progress
from octavo.ingest.types import Page
from octavo.pipelines.indexing.reading import ReadAhead
from octavo.retrievers.library import failpoints

from ..conftest import GARDEN, LIGHTHOUSE, PoolHere, write_pdf


def content_of(qa: DocumentQA, name: str) -> tuple[list[Page], list[tuple[Any, ...]]]:
    """Everything a document holds, without what depends on when it was added."""
    document = qa.document(name)
    library = qa._core._library
    from octavo.retrievers.types import Filters

    passages = library.passages(library.passage_ids(Filters(documents=(document.id,))))
    return list(qa.pages(name)), [(p.order, p.kind, p.text, p.context, p.places) for p in passages]


KILLED = """
import os, sys
from octavo.retrievers.library import failpoints
from octavo import DocumentQA
seen = []
def hook(step):
    seen.append(step)
    if seen.count(sys.argv[3]) == int(sys.argv[4]):
        os._exit(9)
failpoints.hook = hook
if __name__ == "__main__":
    with DocumentQA.open(sys.argv[1], ingest={"workers": 1}) as qa:
        qa.add(sys.argv[2])
"""


@pytest.mark.parametrize(("step", "count", "resumes_at"), [("pages staged", 2, 9), ("passages staged", 1, 13)])
def test_a_killed_process_is_continued(tmp_path: Path, step: str, count: int, resumes_at: int) -> None:
    long = write_pdf(tmp_path / "long.pdf", [text for _ in range(6) for text in LIGHTHOUSE], "Ravensholm")
    script = tmp_path / "killed.py"
    script.write_text(KILLED, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path / "library"), str(long), step, str(count)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 9

    asked: list[int] = []
    start = ReadAhead.start

    def watched(self: ReadAhead, path: Path, *, version: str, first_page: int = 1, kept: Path | None = None) -> Any:
        asked.append(first_page)
        return start(self, path, version=version, first_page=first_page, kept=kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadAhead, "start", watched)
        with DocumentQA.open(tmp_path / "library", ingest={"workers": 1}) as qa:
            assert qa.documents() == []
            assert qa.search("lighthouse") == []  # nothing half there
            assert [one.pages_done for one in qa.status().unfinished] == [resumes_at - 1]
            report = qa.add(long)
            resumed = content_of(qa, "long.pdf")
            assert qa.status().unfinished == ()
    assert asked == [resumes_at]
    assert (report.added, report.pages) == (1, 12)

    with DocumentQA.open(tmp_path / "other", ingest={"workers": 1}) as qa:
        qa.add(long)
        assert content_of(qa, "long.pdf") == resumed


INTERRUPTED = """
import os, signal, sys
from octavo.retrievers.library import failpoints
from octavo.pipelines.cli import main
number = int(sys.argv.pop(1))
failpoints.hook = lambda step: os.kill(os.getpid(), number) if step == "pages staged" else None
if __name__ == "__main__":
    # Whoever runs the tests may have made them deaf to it: a shell its background jobs, nohup to SIGHUP.
    signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_add_ends_at_once_and_keeps_what_it_had(tmp_path: Path, number: signal.Signals) -> None:
    long = write_pdf(tmp_path / "long.pdf", [text for _ in range(20) for text in LIGHTHOUSE], "Ravensholm")
    other = write_pdf(tmp_path / "other.pdf", GARDEN, "Growing tomatoes")
    script = tmp_path / "interrupted.py"
    script.write_text(INTERRUPTED, encoding="utf-8")
    options = ["--library", str(tmp_path / "library")]
    command = [sys.executable, str(script), str(int(number)), *options, "add", str(long), str(other)]
    (tmp_path / "temporary").mkdir()
    place = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    found = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120, env=place)
    assert found.returncode == 128 + number
    assert list((tmp_path / "temporary").glob("octavo-*")) == []
    assert "`octavo add` goes on there" in found.stderr
    assert "Traceback" not in found.stderr
    with DocumentQA.open(tmp_path / "library") as qa:
        assert qa.documents() == []
        assert [(one.name, one.pages_done) for one in qa.status().unfinished] == [("long.pdf", 4)]


def test_a_cancelled_add_ends_at_its_next_step(tmp_path: Path, pool: type[PoolHere]) -> None:
    files = [write_pdf(tmp_path / f"{n}.pdf", [*GARDEN, *LIGHTHOUSE], f"Number {n}") for n in range(3)]

    async def run() -> tuple[int, int]:
        events: list[Progress] = []
        async with await AsyncDocumentQA.open(tmp_path / "library") as qa:
            with anyio.CancelScope() as scope:

                def watch(event: Progress) -> None:
                    events.append(event)
                    anyio.from_thread.run_sync(scope.cancel)

                await qa.add(*files, progress=watch)
            assert scope.cancelled_caught
            return len(events), len(await qa.documents())

    assert anyio.run(run) == (1, 0)


def test_an_unfinished_document_can_be_removed(tmp_path: Path, pool: type[PoolHere]) -> None:
    one = write_pdf(tmp_path / "one.pdf", LIGHTHOUSE, "Ravensholm")

    class Killed(Exception):
        pass

    def kill(step: failpoints.Step) -> None:
        if step == "passages staged":
            raise Killed

    with pytest.MonkeyPatch.context() as patch, DocumentQA.open(tmp_path / "library") as qa:
        patch.setattr(failpoints, "hook", kill)
        with pytest.raises(Killed):
            qa.add(one)
        patch.setattr(failpoints, "hook", None)
        assert len(qa.status().unfinished) == 1
        assert qa.remove("one.pdf") == "one.pdf"
        assert qa.status().unfinished == ()
