"""Documents that the tests make themselves, each read once a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pymupdf
import pytest
from hypothesis import settings
from PIL import Image

from octavo.ingest.options import IngestOptions
from octavo.ingest.pictures import render
from octavo.ingest.reader import read
from octavo.ingest.types import BBox, Page, Word

settings.register_profile("octavo", deadline=None)  # other work on the machine is no failure
settings.load_profile("octavo")

A4 = (595.0, 842.0)
AES_256 = 5  # PyMuPDF's PDF_ENCRYPT_AES_256, which its types leave out
LETTER = """\
In the night from the 8th to the 9th of October a gannet, blown off its course by
the gale, flew through the seaward window of the lantern room and broke three of
our four lamp glasses. The bird is well. The lamp was out for nineteen minutes,
from ten past two until I had the spare glass fitted in its place.

Since the fog came down on the eleventh we have also fired more rockets than I had
counted on. I therefore ask for the stores listed here, to be sent with the next
packet: sixty gallons of lamp oil, six dozen wicks, and twenty fog rockets."""


def typeset(page: pymupdf.Page, text: str, *, top: float = 90, left: float = 70, size: float = 11) -> None:
    """Lines of `text` on the page as it is displayed, whatever its rotation."""
    for n, line in enumerate(text.splitlines()):
        at = pymupdf.Point(left, top + 1.5 * size * n) * page.derotation_matrix
        page.insert_text(at, line, fontsize=size, rotate=page.rotation)


def column(page: pymupdf.Page, box: Sequence[float], text: str, size: float = 9.5) -> None:
    """A justified paragraph in a box (points)."""
    assert page.insert_textbox(pymupdf.Rect(box), text, fontsize=size, align=pymupdf.TEXT_ALIGN_JUSTIFY) > 0


def picture_of(
    text: str, *, dpi: int = 150, size: tuple[float, float] = A4, letters: float = 11
) -> tuple[bytes, list[Word]]:
    """A PNG of a page with `text`, and where its words stand."""
    with pymupdf.open() as document:
        page = document.new_page(width=size[0], height=size[1])
        typeset(page, text, size=letters)
        words = [Word(w[4], BBox.of(w[:4], *size)) for w in page.get_text("words")]
        return page.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY).tobytes("png"), words


def words_of(page: Page) -> list[Word]:
    return [w for region in page.regions for w in region.words]


def text_of(page: Page) -> str:
    return "\n".join(region.text for region in page.regions)


def dark(picture: Image.Image) -> int:
    """How many pixels of a grey picture are dark."""
    return int(sum(picture.histogram()[:128]))


def ink(path: Path, page: Page) -> Callable[[BBox], float]:
    """A function that tells which share of a page's dark pixels lies in a box."""
    picture = render(path, page.number, dpi=100).convert("L")
    total = dark(picture)

    def inside(box: BBox) -> float:
        x0, y0, x1, y1 = map(round, box.scaled(picture.width, picture.height))
        return dark(picture.crop((x0, y0, x1, y1))) / total

    return inside


def assert_on_ink(path: Path, page: Page, *, least: float = 0.95) -> None:
    """Each word's box has print in it, and at least this share of the print lies in the boxes."""
    share = ink(path, page)
    shares = [share(w.bbox) for w in words_of(page)]
    assert min(shares) > 0
    assert sum(shares) > least


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="session")
def save(folder: Path) -> Callable[[str, pymupdf.Document], Path]:
    def save(name: str, document: pymupdf.Document) -> Path:
        path = folder / name
        document.save(path, garbage=3, deflate=True)
        document.close()
        return path

    return save


def read_all(path: Path, **options: object) -> list[Page]:
    return list(read(path, IngestOptions.model_validate(options), version="f" * 32))


LEFT = (
    "Few organisms of the shore are so well loved and so little studied as the tide lichen. Its pale crusts grow just "
    "above the reach of ordinary waves, from the harbour walls to the outermost skerries. By day it looks like spilled "
    "flour. On a clear night between April and October it gives off a soft green light, bright enough at its best to "
    "read the hands of a watch. "
)
RIGHT = (
    "The weather of the summer was mild and rather wet. Of the hundred and twelve nights on which we worked, forty two "
    "were wet, and half of them came in August and September. Wind kept us from landing on twenty nine further nights. "
    "The tidal range in the area is under two metres at neaps and more than four metres at springs. "
)


@pytest.fixture(scope="session")
def study(save: Callable[[str, pymupdf.Document], Path]) -> Path:
    """Two pages in two columns under a title, with running lines, bookmarks and page labels."""
    document = pymupdf.open()
    for number in (1, 2):
        page = document.new_page(width=A4[0], height=A4[1])
        page.insert_text((60, 40), "Littoral Notes 12 (2024)", fontsize=8)
        page.insert_text((290, 815), f"{40 + number}", fontsize=8)
        if number == 1:
            page.insert_text((60, 90), "Glow rhythms of the tide lichen", fontsize=22, fontname="hebo")
        for x, text in ((60, LEFT), (305, RIGHT)):
            page.insert_text(
                (x, 140), f"{2 * number - (x < 100)} Of the {text.split()[1]}", fontsize=12, fontname="hebo"
            )
            column(page, (x, 150, x + 230, 430), text * 2)
            column(page, (x, 445, x + 230, 725), text * 2)
    document.set_metadata({"title": "Glow rhythms", "author": "I. Corvander", "producer": "no"})
    document.set_toc([[1, "Study", 1], [2, "1 Of the organisms", 1], [2, " ", 1], [2, "4 Of the weather", 2]])
    document.set_page_labels([{"startpage": 0, "prefix": "A-", "style": "D", "firstpagenum": 41}])
    return save("study.pdf", document)


@pytest.fixture(scope="session")
def study_pages(study: Path) -> list[Page]:
    return read_all(study)
