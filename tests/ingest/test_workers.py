"""Reading in worker processes: order, and what a crash, a hang or a bomb leaves of a file."""

from __future__ import annotations

import importlib
import json
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from octavo.errors import EncryptedFile, UnreadableFile, WorkerFailed
from octavo.ingest.options import IngestOptions
from octavo.ingest.reader import failure_of, info_of
from octavo.ingest.sections import Sections
from octavo.ingest.types import Page
from octavo.ingest.workers import ReadingPool

from .conftest import AES_256

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
    """Has workers read runs of pages by a function of `misbehaving`, which they have to be able to import."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    misbehaving = importlib.import_module("misbehaving")

    def use(name: str, *, instead_of: str = "_read_run") -> None:
        monkeypatch.setattr(f"octavo.ingest.workers.{instead_of}", getattr(misbehaving, name))

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
    for workers, step in ((1, 16), (2, 1)):
        with pool_of(workers=workers, pages_per_task=step) as pool:
            info = pool.info(study)
            assert info == info_of(study, IngestOptions())
            pages = list(pool.read(study, version=VERSION, info=info))
            assert list(pool.read(study, version=VERSION, first_page=2)) == pages[1:]
        assert not any(region.section for page in pages for region in page.regions)
        found.append(pages)
    assert found[0] == found[1]
    sections = Sections(info.outline)
    assert [sections.apply(page) for page in found[0]] == study_pages


def test_pages_come_in_order(blank: Path, reading: Callable[..., None]) -> None:
    reading("tell")
    with pool_of(workers=2, pages_per_task=1) as pool:
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
    assert said[0] == {"threads": "1", "started": "spawn", "inherited": False, "deaf": True}
    assert capfd.readouterr().out == ""


def test_a_page_that_kills_its_worker_is_lost_and_no_other(blank: Path, reading: Callable[..., None]) -> None:
    reading("die")
    with pool_of(workers=2, pages_per_task=3) as pool:
        pages = list(pool.read(blank, version=VERSION))
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert failed(pages, blank) == {2: "the reading process died (exit code 3)"}


def test_a_page_that_hangs_is_given_up(blank: Path, reading: Callable[..., None]) -> None:
    reading("hang")
    with pool_of(workers=2, pages_per_task=3, page_timeout_s=0.5, start_s=1.5) as pool:
        pages = list(pool.read(blank, version=VERSION, info=info_of(blank, IngestOptions())))
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert failed(pages, blank) == {2: "reading took too long and was stopped"}


def test_a_page_that_eats_the_memory_is_given_up(blank: Path, reading: Callable[..., None]) -> None:
    reading("eat")
    with pool_of(workers=1, pages_per_task=5, worker_memory_mb=1024) as pool:
        pages = list(pool.read(blank, version=VERSION))
    assert numbers(pages) == [1, 2, 3, 4, 5]
    assert failed(pages, blank) == {2: "reading ran out of memory"}


def test_a_file_that_kills_the_worker_that_opens_it(
    blank: Path, reading: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading("die_at_once", instead_of="info_of")
    with pool_of(workers=1) as pool:
        with pytest.raises(WorkerFailed, match="died") as caught:
            pool.info(blank)
        assert caught.value.where == str(blank)
        with pytest.raises(WorkerFailed):
            list(pool.read(blank, version=VERSION))


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
    with pool_of(workers=2, pages_per_task=1) as pool:
        pages = pool.read(blank, version=VERSION)
        assert next(pages).number == 1
        pages.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 40  # page 2 alone would take three minutes to time out


def test_a_pool_that_was_never_used_starts_nothing() -> None:
    with pool_of(workers=2) as pool:
        assert pool.workers == 2
    pool.close()
