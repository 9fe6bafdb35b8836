"""A page with two drawn figures, read without a model of layout, in a library that a scripted model describes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from llama_index.core.llms import ChatMessage

from octavo import DocumentQA
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.ingest.identity import region_id
from octavo.ingest.types import BBox, Page, Region
from octavo.retrievers.library import failpoints
from octavo.tests.pipelines.conftest import PoolHere

BOXES = {"harbour": BBox(0.1, 0.1, 0.5, 0.3), "mountain": BBox(0.1, 0.5, 0.5, 0.7)}
TEXT = "The pictures were taken in spring."


def write(path: Path, *colors: float) -> Path:
    """A page with two coloured boxes, and what stands between them."""
    with pymupdf.open() as pdf:
        page = pdf.new_page(width=600, height=800)
        for box, color in zip(BOXES.values(), colors, strict=True):
            page.draw_rect(box.scaled(600, 800), fill=(color, 0, 0), color=None)
        page.insert_text((60, 330), TEXT)
        pdf.save(path)
    return path


def read_drawn(pool: PoolHere, path: Path, *, version: str, first_page: int = 1, **more: Any) -> Iterator[Page]:
    boxes = [*BOXES.values()]
    regions = [
        Region(id=region_id(version, 1, 0), page=1, order=0, kind="figure", bbox=boxes[0], text="", caption="Figure 1"),
        Region(id=region_id(version, 1, 1), page=1, order=1, kind="text", bbox=BBox(0.1, 0.4, 0.9, 0.45), text=TEXT),
        Region(id=region_id(version, 1, 2), page=1, order=2, kind="figure", bbox=boxes[1], text=""),
    ]
    if first_page == 1:
        yield Page(number=1, width=600, height=800, regions=tuple(regions))


def told(messages: Sequence[ChatMessage]) -> str:
    """The upper figure is the one with a caption."""
    said = messages[-1].content or ""
    return "A harbour with fishing boats." if "Caption: Figure 1" in said else "A snowy mountain\nwith a hut."


@pytest.fixture
def settings(quick: dict[str, Any], pool: type[PoolHere], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(pool, "read", read_drawn)
    return {**quick, "generator": {"kind": "extractive"}}


@pytest.fixture
def open_(tmp_path: Path, settings: dict[str, Any]) -> Callable[..., DocumentQA]:
    def opened(llm: ScriptedLLM | None = None, **more: Any) -> DocumentQA:
        return DocumentQA.open(tmp_path / "library", llm=llm or ScriptedLLM(replies=told), **settings, **more)

    return opened


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return write(tmp_path / "album.pdf", 0.2, 0.8)


def end_before_the_flip(step: failpoints.Step) -> None:
    if step == "before flip":
        raise RuntimeError("the end")


def found_by(qa: DocumentQA) -> list[str]:
    library = qa._core._library
    return [p.description for p in library.passages(library.passage_ids()) if p.description]


def descriptions(qa: DocumentQA) -> list[str]:
    return [region.text for region in qa.page("album.pdf", 1).regions if region.source == "vlm"]
