"""Pages set by hand, a source that draws them blank or from a PDF, and what is packed of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from octavo.generators.evidence.drawn import Drawn, drawn_on
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Budget, Packed
from octavo.ingest.pictures import render, rendered
from octavo.ingest.types import BBox, Page, Place, Region, Word
from octavo.retrievers.types import Hit, Ref
from octavo.tests.generators.material import region, set_words

QWEN = visual_tokens_of("Qwen2.5-VL")
AMPLE = Budget(text_tokens=10_000, visual_tokens=10_000, pictures=10)
CHART = BBox(120 / 600, 390 / 800, 465 / 600, 640 / 800)


def page_of(*regions: Region, number: int = 1, width: float = 600, height: float = 800) -> Page:
    placed = tuple(r.model_copy(update={"order": n, "page": number}) for n, r in enumerate(regions))
    return Page(number=number, width=width, height=height, regions=placed)


def hit_on(*regions: Region, id: str = "p1", relevance: float | None = 0.5, places: Sequence[Place] = ()) -> Hit:
    return Hit(
        ref=Ref(kind="passage", id=id, document="doc", version="v1"),
        places=tuple(places) or tuple(Place(r.page, r.bbox) for r in regions),
        score=1.0,
        relevance=relevance,
        kind=regions[0].kind,
        regions=tuple(r.id for r in regions),
        text="\n".join(r.text for r in regions),
    )


class Pages:
    """A document "doc" of given pages; drawn from `pdf`, if there is one, else blank."""

    def __init__(self, *pages: Page, pdf: Path | None = None) -> None:
        self._pages = {page.number: page for page in pages}
        self._regions = {r.id: r for page in pages for r in page.regions}
        self._pdf = pdf

    def page(self, document: str, number: int) -> Page:
        assert document == "doc"
        return self._pages[number]

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]:
        return [self._regions[id] for id in ids if id in self._regions]

    def document_name(self, document: str) -> str:
        return f"{document}.pdf"

    def picture(self, document: str, page: int, bbox: BBox, width: int, height: int) -> bytes:
        if self._pdf is not None:
            return rendered(self._pdf, page, bbox, (width, height))
        file = io.BytesIO()
        Image.new("RGB", (width, height), "white").save(file, "JPEG")
        return file.getvalue()

    def drawn(self, document: str, page: Page) -> Drawn:
        nothing = Drawn((), BBox(0, 0, 1, 1))
        return drawn_on(page, render(self._pdf, page.number, dpi=60)) if self._pdf is not None else nothing


def letters(text: str) -> int:
    """A token a letter: easily counted by hand."""
    return len(text)


def packed(hits: Sequence[Hit], *pages: Page, budget: Budget = AMPLE) -> Packed:
    return pack(hits, Pages(*pages), budget, QWEN, letters)


def figure(id: str, box: BBox, text: str = "", caption: str | None = None) -> Region:
    words = set_words(text, box.x0 + 0.02, box.y0 + 0.02) if text else ()
    made = region(text, id=id, kind="figure", words=words, caption=caption)
    return made.model_copy(update={"bbox": box})


def fine(text: str, x: float = 0.1, y: float = 0.1) -> list[Word]:
    """Words in print of 8 points, so that the page is no slide."""
    return [w._replace(bbox=BBox(*w.bbox[:3], w.bbox.y0 + 0.01)) for w in set_words(text, x, y)]


def paragraph() -> Region:
    # As MuPDF sets 12 points of Helvetica: the line's box is 16.5 points high.
    words, x = [], 60.0
    for text, width in zip("Landings grew in every port.".split(), (49, 27, 10, 31, 26), strict=True):
        words.append(set_words(text)[0]._replace(bbox=BBox(x / 600, 87 / 800, (x + width) / 600, 104 / 800)))
        x += width + 3.3
    return region("Landings grew in every port.", words=words)
