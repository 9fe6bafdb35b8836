"""Reading in worker processes: order, and what a crash, a hang or a bomb leaves of a file."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image

from octavo.errors import EncryptedFile, UnreadableFile, WorkerFailed
from octavo.ingest.options import IngestOptions
from octavo.ingest.processes.pool import ReadingPool
from octavo.ingest.reader import failure_of, info_of
from octavo.ingest.sections import Sections
from octavo.ingest.types import Page

from ..conftest import AES_256

VERSION = "f" * 32


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of five empty pages."""
    document = pymupdf.open()
    for _ in range(5):
        document.new_page(width=50, height=50)
    path: Path = tmp_path_factory.mktemp("workers") / "blank.pdf"
    document.save(path)
    return path


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Has pages read by a function of `misbehaving`, which the processes have to be able to import."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    misbehaving = importlib.import_module("misbehaving")

    def use(name: str, *, instead_of: str = "read_held") -> None:
        monkeypatch.setattr(f"octavo.ingest.processes.pool.{instead_of}", getattr(misbehaving, name))

    return use


def pool_of(*, start_s: float = 60, **options: Any) -> ReadingPool:
    return ReadingPool(IngestOptions(**options), start_s=start_s)


def numbers(pages: list[Page]) -> list[int]:
    return [page.number for page in pages]


def failed(pages: list[Page], path: Path) -> dict[int, str]:
    """What is said of the pages that could not be read."""
    return {page.number: error.what for page in pages if (error := failure_of(page, path)) is not None}


def test_pages_are_the_same_whatever_the_number_of_workers(study: Path, study_pages: list[Page]) -> None:
    found = []
    for workers in (1, 2):
        with pool_of(workers=workers) as pool:
            info = pool.info(study)
            assert info == info_of(study, IngestOptions())
            pages = list(pool.read(study, version=VERSION))
            assert list(pool.read(study, version=VERSION, first_page=2)) == pages[1:]
        assert not any(region.section for page in pages for region in page.regions)
        found.append(pages)
    assert found[0] == found[1]
    sections = Sections(info.outline)
    assert [sections.apply(page) for page in found[0]] == study_pages


def test_pages_come_in_order(blank: Path, reading: Callable[..., None]) -> None:
    reading("tell")
    with pool_of(workers=2) as pool:
        assert numbers(list(pool.read(blank, version=VERSION))) == [1, 2, 3, 4, 5]
        assert numbers(list(pool.read(blank, version=VERSION, first_page=4))) == [4, 5]
        assert numbers(list(pool.read(blank, version=VERSION, first_page=6))) == []


def test_workers_are_spawned_modest_and_silent(
    blank: Path, reading: Callable[..., None], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "only_in_the_parent", types.ModuleType("only_in_the_parent"))
    reading("tell")
    with pool_of(workers=1) as pool:
        said = [json.loads(page.notes[0]) for page in pool.read(blank, version=VERSION)]
    assert len({s.pop("pid") for s in said}) == 1
    assert said[0] == {"threads": "1", "started": "spawn", "inherited": False, "deaf": True, "expendable": "1000"}
    assert capfd.readouterr().out == ""


def test_workers_leave_nothing_on_the_disk(
    blank: Path, reading: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """onnxruntime would, unless it is told before it is loaded, or believes that it is tested."""
    for name in ("CI", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TMPDIR", "HOME"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    reading("tell")
    with pool_of(workers=1) as pool:
        assert numbers(list(pool.read(blank, version=VERSION))) == [1, 2, 3, 4, 5]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["HOME", "TMPDIR"]


@pytest.mark.parametrize(
    ("what", "how", "why", "cure"),
    [
        ("die", {}, "the reading process crashed (exit code 3)", "viewer"),
        ("segfault", {}, "the reading process crashed (signal SIGSEGV)", "viewer"),
        ("hang", {"page_timeout_s": 1.5}, "reading took longer than 1.5 s and was stopped", "ingest.page_timeout_s"),
        ("eat", {"worker_memory_mb": 1024}, "reading ran out of memory", "ingest.worker_memory_mb"),
    ],
)
def test_a_page_that_ends_its_process_is_lost_and_no_other(
    blank: Path, reading: Callable[..., None], what: str, how: dict[str, Any], why: str, cure: str
) -> None:
    reading(what)
    with pool_of(workers=2, **how) as pool:
        pages = list(pool.read(blank, version=VERSION))
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert failed(pages, blank) == {2: why}
    assert cure in str(failure_of(pages[1], blank))


def test_a_slow_page_is_waited_for_though_others_are_done(blank: Path, reading: Callable[..., None]) -> None:
    reading("take_their_time")
    with pool_of(workers=2, page_timeout_s=4) as pool:
        pages = list(pool.read(blank, version=VERSION))
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert failed(pages, blank) == {}


def test_what_a_page_has_started_ends_with_it(tmp_path: Path, blank: Path, reading: Callable[..., None]) -> None:
    reading("hang_with_a_child")
    path = shutil.copy(blank, tmp_path)
    with pool_of(workers=1, page_timeout_s=1.5) as pool:
        assert list(failed(list(pool.read(Path(path), version=VERSION)), blank)) == [2]
    child = Path("/proc") / (tmp_path / "child").read_text() / "stat"
    assert not child.exists() or child.read_text().split()[2] == "Z"


def test_no_page_is_read_twice(tmp_path: Path, blank: Path, reading: Callable[..., None]) -> None:
    reading("count")
    path = shutil.copy(blank, tmp_path)
    with pool_of(workers=2) as pool:
        assert numbers(list(pool.read(Path(path), version=VERSION))) == [1, 2, 3, 4, 5]
    assert sorted((tmp_path / "count").read_text().split()) == ["1", "2", "3", "4", "5"]


def test_a_file_whose_pages_all_end_their_process_is_given_up(
    tmp_path: Path, save: Callable[[str, pymupdf.Document], Path], reading: Callable[..., None]
) -> None:
    reading("die_each_time")
    document = pymupdf.open()
    for _ in range(200):
        document.new_page()
    path = save("deadly.pdf", document)
    with pool_of(workers=1) as pool:
        pages = list(pool.read(path, version=VERSION))
    assert numbers(pages) == list(range(1, 201))
    why = failed(pages, path)
    assert {why[n] for n in range(1, 6)} == {"the reading process crashed (exit code 3)"}
    assert {why[n] for n in range(6, 201)} == {"not tried, since the 5 pages before page 6 had to be given up"}


@pytest.mark.parametrize(
    ("name", "why"), [("die_at_once", r"process crashed .*SIGKILL"), ("hang_at_once", "reading took longer")]
)
def test_a_file_that_ends_or_holds_the_process_that_opens_it(
    blank: Path, reading: Callable[..., None], name: str, why: str
) -> None:
    reading(name, instead_of="describe_file")
    with pool_of(workers=1, page_timeout_s=1.5) as pool:
        with pytest.raises(WorkerFailed, match=why) as caught:
            pool.info(blank)
        assert caught.value.where == str(blank)
        assert caught.value.cure
        with pytest.raises(WorkerFailed):
            list(pool.read(blank, version=VERSION))


def test_a_file_that_hangs_when_it_is_opened_for_reading_is_an_error_of_the_file(
    blank: Path, reading: Callable[..., None]
) -> None:
    reading("hang_at_once", instead_of="hold_open")
    with pool_of(workers=1, page_timeout_s=1.5) as pool, pytest.raises(WorkerFailed, match="reading took longer"):
        list(pool.read(blank, version=VERSION))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda path: path.unlink(), "does not exist"),
        (lambda path: path.write_bytes(path.read_bytes() + b"more"), "changed while it was read"),
    ],
)
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, study: Path, change: Callable[[Path], None], why: str
) -> None:
    path = Path(shutil.copy(study, tmp_path))
    with pool_of(workers=1) as pool:
        pool.info(path)
        change(path)
        with pytest.raises(UnreadableFile, match=why) as caught:
            list(pool.read(path, version=VERSION))
        assert caught.value.cure


def test_what_is_no_pdf_is_converted_once(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), 255) for _ in range(6)]
    frames[0].save(tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])
    with pool_of(workers=2) as pool:
        assert pool.info(tmp_path / "fax.tiff").page_count == 6
        (converted,) = Path(pool._scratch.name).iterdir()
        assert numbers(list(pool.read(tmp_path / "fax.tiff", version=VERSION))) == [1, 2, 3, 4, 5, 6]
        assert not converted.exists()
    assert not converted.parent.exists()


def test_a_file_and_a_link_to_it_are_read_side_by_side(tmp_path: Path) -> None:
    frames = [Image.new("L", (60, 40), 255) for _ in range(3)]
    frames[0].save(tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])
    os.link(tmp_path / "fax.tiff", tmp_path / "link.tiff")
    with pool_of(workers=1) as pool:
        for name in ("fax.tiff", "link.tiff"):
            assert pool.info(tmp_path / name).page_count == 3
        for name in ("fax.tiff", "link.tiff"):
            pages = list(pool.read(tmp_path / name, version=VERSION))
            assert (numbers(pages), failed(pages, tmp_path / name)) == ([1, 2, 3], {})


def test_errors_of_the_file_come_through(tmp_path: Path) -> None:
    (tmp_path / "noise.pdf").write_bytes(b"no PDF")
    secret = pymupdf.open()
    secret.new_page()
    secret.save(tmp_path / "secret.pdf", encryption=AES_256, user_pw="user", owner_pw="owner")
    with pool_of(workers=1) as pool:
        with pytest.raises(UnreadableFile, match="not a document") as caught:
            pool.info(tmp_path / "noise.pdf")
        assert caught.value.cure
        with pytest.raises(EncryptedFile, match="encrypted"):
            next(pool.read(tmp_path / "secret.pdf", version=VERSION))
        with pytest.raises(UnreadableFile, match="does not exist"):
            pool.info(tmp_path / "gone.pdf")


def test_who_stops_taking_pages_does_not_wait_for_the_rest(blank: Path, reading: Callable[..., None]) -> None:
    reading("hang")
    started = time.monotonic()
    with pool_of(workers=2) as pool:
        pages = pool.read(blank, version=VERSION)
        assert next(pages).number == 1
        pages.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 40  # page 2 alone would take two minutes to time out


def test_a_pool_that_was_never_used_starts_nothing() -> None:
    with pool_of(workers=2) as pool:
        assert pool.workers == 2
    pool.close()
