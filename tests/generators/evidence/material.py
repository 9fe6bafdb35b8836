"""Pages set by hand, and a source that draws them blank or from a PDF."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from octavo.generators.evidence.drawn import Drawn, drawn_on
from octavo.ingest.pictures import render, rendered
from octavo.ingest.types import BBox, Page, Place, Region
from octavo.retrievers.types import Hit, Ref


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
