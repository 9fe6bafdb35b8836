"""Documents made here, and one library of them that the tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from octavo import DocumentQA

LIGHTHOUSE = [
    "The lighthouse at Ravensholm was built in 1874 by the engineer Ada Thorne. It is 31 metres high and stands on the "
    "northern cliff of the island, where its lamp can be seen from a distance of nineteen nautical miles.",
    "The keepers left Ravensholm in 1986, when the lamp was made automatic. Since then a society of volunteers has "
    "looked after the tower, and visitors may climb its 142 steps on summer weekends.",
]
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


@pytest.fixture
def qa(library: Path) -> Iterator[DocumentQA]:
    with DocumentQA.open(library) as opened:
        yield opened
