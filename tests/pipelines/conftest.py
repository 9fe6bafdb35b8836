"""Documents made here, and one library of them that the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pymupdf
import pytest

from octavo import DocumentQA
from octavo.ingest.files import open_document
from octavo.ingest.identity import region_id
from octavo.ingest.office.convert import as_pdf
from octavo.ingest.reader import FileInfo, failed_page, info_of, read_pages
from octavo.ingest.types import BBox, Page, Region
from octavo.pipelines.indexing import running
from octavo.retrievers.library import failpoints
from octavo.tests.retrievers.conftest import tiny_bert as tiny_bert
from octavo.tests.retrievers.conftest import tiny_colbert as tiny_colbert
from octavo.tests.retrievers.conftest import tiny_model as tiny_model

BUILT = "When was the lighthouse at Ravensholm built?"
LIGHTHOUSE = [
    "The lighthouse at Ravensholm was built in 1874 by the engineer Ada Thorne. It is 31 metres high and stands on the "
    "northern cliff of the island, where its lamp can be seen from a distance of nineteen nautical miles.",
    "The keepers left Ravensholm in 1986, when the lamp was made automatic. Since then a society of volunteers has "
    "looked after the tower, and visitors may climb its 142 steps on summer weekends.",
]
RED = (200, 30, 30)
GARDEN = [
    "Tomatoes want six hours of sun a day. They should be planted after the last frost, half a metre apart, and "
    "watered at the root rather than on the leaves, because wet leaves invite blight.",
]


def write_pdf(path: Path, pages: list[str], heading: str | None = None) -> Path:
    """A PDF with a heading and a paragraph on each page, in the middle of it where nothing looks like a footer."""
    document = pymupdf.open()
    for text in pages:
        page = document.new_page()
        if heading:
            page.insert_text((72, 120), heading, fontsize=20, fontname="hebo")
        page.insert_textbox((72, 160, 523, 400), text, fontsize=12)
    document.save(str(path))
    document.close()
    return path


def write_charts(path: Path, *firsts: str) -> Path:
    """A PDF with a chart on each page, whose first bar has the name given, and a paragraph above it."""
    with pymupdf.open() as document:
        for number, first in enumerate(firsts, start=1):
            page = document.new_page()
            text = "The ferry company owns vessels of three kinds. " + LIGHTHOUSE[0]
            page.insert_textbox((72, 90, 523, 200), text, fontsize=12)
            for n, (kind, height) in enumerate({first: 60, "Tugs": 150, "Yachts": 90}.items()):
                x = 120 + 110 * n
                color = tuple(c / 255 for c in RED) if kind == "Tugs" else (0.3, 0.4, 0.7)
                page.draw_rect((x, 500 - height, x + 60, 500), fill=color, color=color)
                page.insert_text((x, 515), kind, fontsize=10)
                page.insert_text((x + 20, 495 - height), str(height // 10), fontsize=10)
            page.draw_line((100, 500), (460, 500))
            page.draw_line((100, 320), (100, 500))
            caption = f"Figure {number}: Vessels of the ferry company by kind, in 2023"
            page.insert_text((72, 545), caption, fontsize=10)
        document.save(path)
    return path


@contextmanager
def interrupted(at: failpoints.Step = "before flip") -> Iterator[None]:
    """Ctrl-C as soon as the block comes to a step."""

    def interrupt(step: failpoints.Step) -> None:
        if step == at:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(failpoints, "hook", interrupt)
        with pytest.raises(KeyboardInterrupt):
            yield


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two documents; one says in a sidecar what it is about."""
    folder = tmp_path_factory.mktemp("documents")
    write_pdf(folder / "lighthouse.pdf", LIGHTHOUSE, "Ravensholm")
    write_pdf(folder / "garden.pdf", GARDEN, "Growing tomatoes")
    (folder / "garden.json").write_text('{"subject": "plants", "year": 2021}', encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def library(documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library that holds both documents. Tests may read from it, not write."""
    folder = tmp_path_factory.mktemp("library")
    with DocumentQA.open(folder, ingest={"workers": 1}) as qa:
        report = qa.add(documents)
    assert (report.added, report.failed, report.failed_pages, report.pages) == (2, (), (), 3)
    return folder


@pytest.fixture(scope="session")
def charted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of one page: a paragraph, and a chart with a red bar. Tests may read from it, not write."""
    folder = tmp_path_factory.mktemp("charted")
    write_charts(folder / "fleet.pdf", "Barges")
    with DocumentQA.open(folder / "library", ingest={"workers": 1}) as qa:
        assert qa.add(folder / "fleet.pdf").failed == ()
    return folder / "library"


@pytest.fixture
def qa(library: Path) -> Iterator[DocumentQA]:
    with DocumentQA.open(library) as opened:
        yield opened


class PoolHere:
    """A reading pool without processes. `failing` pages cannot be read; `reads` lists what was asked of it.

    With `plainly` a page is its text in one region: what costs time, the layout model, is left out.
    """

    failing: frozenset[int] = frozenset()
    plainly = False
    reads: list[tuple[str, int]]
    workers = 1

    def __init__(self, options: Any) -> None:
        self.options = options

    def __enter__(self) -> PoolHere:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, *, cancel: bool = False) -> None:
        pass

    def as_pdf(self, path: Path, stopped: Event) -> AbstractContextManager[Path]:
        return as_pdf(path, self.options)

    def info(self, path: Path) -> FileInfo:
        return info_of(path, self.options)

    def read(self, path: Path, *, version: str, first_page: int = 1, last_page: int | None = None) -> Iterator[Page]:
        type(self).reads.append((path.name, first_page))
        read = read_plainly if self.plainly else partial(read_pages, options=self.options)
        for page in read(path, version=version, first=first_page, last=last_page):
            yield failed_page(page.number, "the page is torn") if page.number in self.failing else page


def read_plainly(path: Path, *, version: str, first: int, last: int | None) -> Iterator[Page]:
    box = BBox(0.1, 0.1, 0.9, 0.9)
    with open_document(path) as document:
        for page in list(document)[first - 1 : last]:
            text = " ".join(page.get_text().split())
            number = page.number + 1
            id = region_id(version, number, 0)
            region = Region(id=id, page=number, order=0, kind="text", bbox=box, text=text)
            yield Page(number=number, width=595, height=842, regions=(region,))


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> type[PoolHere]:
    class Pool(PoolHere):
        reads: list[tuple[str, int]] = []

    monkeypatch.setattr(running, "ReadingPool", Pool)
    return Pool


@pytest.fixture
def quick(pool: type[PoolHere], tiny_model: Callable[..., Path]) -> dict[str, Any]:
    """Settings with which adding takes milliseconds: pages are read plainly, and a tiny model embeds."""
    pool.plainly = True
    return {"embedder": {"model": str(tiny_model())}}
