"""A folder of hostile files through `octavo add`: each hurts itself alone, and says what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from octavo import DocumentQA
from octavo.pipelines.reports import Progress

from .conftest import LIGHTHOUSE, write_pdf
from .hostile import BAD_PAGES, BROKEN, LOST_PAGES, READ, fill, pdf

OCTAVO = "from octavo.pipelines.cli import main; main()"
LIMITS = {"workers": 2, "page_timeout_s": 8, "worker_memory_mb": 2500}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("hostile") / "zoo"
    fill(path)
    write_pdf(path / "a-lighthouse.pdf", LIGHTHOUSE, "Ravensholm")
    write_pdf(path / "z-lighthouse.pdf", LIGHTHOUSE, "Ravensholm")
    return path


@pytest.fixture(scope="module")
def added(folder: Path) -> dict[str, Any]:
    """What `octavo add` reported of the folder, with the library and the seconds it took."""
    library = folder.parent / "library"
    limits = [part for name, value in LIMITS.items() for part in ("--set", f"ingest.{name}={value}")]
    command = [sys.executable, "-c", OCTAVO, "--library", str(library), *limits, "add", "--json", str(folder)]
    started = time.monotonic()
    found = subprocess.run(command, check=False, capture_output=True, timeout=400)
    assert found.returncode == 1, found.stderr
    assert b"Traceback" not in found.stderr
    report: dict[str, Any] = json.loads(found.stdout)
    return {**report, "library": library, "took": time.monotonic() - started}


@pytest.fixture(scope="module")
def said(added: dict[str, Any]) -> dict[tuple[str, int | None], dict[str, Any]]:
    """What was said of a file, or of a page of it."""
    told = {(Path(one["source"]).name, one.get("page")): one for one in added["failed"] + added["failed_pages"]}
    assert all(one["cure"] for one in told.values())
    return told


def test_the_others_are_there(folder: Path, added: dict[str, Any]) -> None:
    with DocumentQA.open(added["library"]) as qa:
        names = {document.name for document in qa.documents()}
        hits = qa.search("How high is the lighthouse at Ravensholm?", k=6)
        lamps = {hit.ref.document for hit in qa.search("The lamp was out", k=len(READ) + 4)}
        by_id = {document.id: document.name for document in qa.documents()}
    assert names == {*READ, *BAD_PAGES, "latin-\udce9.pdf", "a-lighthouse.pdf", "z-lighthouse.pdf"}
    assert {by_id[hit.ref.document] for hit in hits} >= {"a-lighthouse.pdf", "z-lighthouse.pdf"}
    assert {by_id[one] for one in lamps} >= {*READ}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_says_why(said: dict[tuple[str, int | None], dict[str, Any]], name: str) -> None:
    assert BROKEN[name][1] in said[name, None]["message"]


@pytest.mark.parametrize("name", LOST_PAGES)
def test_a_file_whose_page_cannot_be_read_says_why(
    said: dict[tuple[str, int | None], dict[str, Any]], name: str
) -> None:
    assert LOST_PAGES[name][1] in said[name, None]["message"]
    assert "page 1" in said[name, None]["message"]


@pytest.mark.parametrize("name", BAD_PAGES)
def test_pages_that_a_file_has_lost_are_marked(said: dict[tuple[str, int | None], dict[str, Any]], name: str) -> None:
    for page, why in BAD_PAGES[name][1].items():
        assert why in said[name, page]["message"]
    assert (name, 1) not in said


def test_what_is_no_file_is_not_opened(said: dict[tuple[str, int | None], dict[str, Any]]) -> None:
    assert "a link to nothing" in said["nothing.pdf", None]["message"]
    assert "a link to nothing" in said["itself.pdf", None]["message"]
    for name in ("pipe.pdf", "socket.pdf"):
        assert "device, pipe or socket" in said[name, None]["message"]


def test_status_shows_them_all(added: dict[str, Any], said: dict[tuple[str, int | None], dict[str, Any]]) -> None:
    with DocumentQA.open(added["library"]) as qa:
        shown = {(Path(one.source).name, one.page) for one in qa.status().failures}
    assert shown == set(said)


def test_it_took_a_bounded_time(added: dict[str, Any]) -> None:
    endless = sum("took longer" in why for _, why in [*BROKEN.values(), *LOST_PAGES.values()])
    assert added["took"] < 60 + 8 * endless + 60  # a busy machine may take its time for the rest


LONG = 10_000
KILLED = """
import os, signal, sys
from octavo.retrievers.library import failpoints
from octavo.pipelines.cli import main
steps = []
def hook(step):
    steps.append(step)
    if steps.count("pages staged") == 1000:
        os.kill(os.getpid(), signal.SIGKILL)
failpoints.hook = hook
if __name__ == "__main__":
    main()
"""


def test_ten_thousand_pages_and_a_kill_between(tmp_path: Path) -> None:
    kids = b" ".join(b"%d 0 R" % n for n in range(10, 10 + LONG))
    content = b"BT /F 14 Tf 72 700 Td (The lamp of Ravensholm was out for nineteen minutes.) Tj ET"
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/MediaBox[0 0 595 842]/Count %d/Kids[%s]>>" % (LONG, kids),
        4: b"<</Length %d>>\nstream\n%s\nendstream" % (len(content), content),
        5: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        **{n: b"<</Type/Page/Parent 2 0 R>>" for n in range(10, 10 + LONG)},
        9 + LONG: b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    }
    path = tmp_path / "long.pdf"
    path.write_bytes(pdf(objects))
    (tmp_path / "killed.py").write_text(KILLED, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "killed.py"), "--library", str(tmp_path / "library"), "add", str(path)]
    assert subprocess.run(command, check=False, capture_output=True, timeout=300).returncode == -9

    read: list[int] = []

    def watch(event: Progress) -> None:
        if event.stage == "reading":
            read.append(event.page)

    with DocumentQA.open(tmp_path / "library") as qa:
        (unfinished,) = qa.status().unfinished
        assert (unfinished.pages_done, unfinished.page_count) == (4000, LONG)
        report = qa.add(path, progress=watch)
        assert (report.added, report.pages, report.failed, report.failed_pages) == (1, LONG, (), ())
        assert read[0] == 4004
        (hit, *_) = qa.search("lamp of Ravensholm")
        assert [page for page, _ in hit.places] == [LONG]
