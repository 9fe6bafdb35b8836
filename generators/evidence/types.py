"""The vocabulary of evidence: what a model is shown of the documents, and what that costs."""

from __future__ import annotations

from typing import Protocol

from pydantic import Field

from ...errors import UnreadableFile
from ...ingest.types import BBox, Kind, Page, Place, Region, Value
from ..base import RegionSource
from .drawn import Drawn


class Budget(Value):
    """What evidence may cost at most: tokens of text, tokens of pictures, pictures."""

    text_tokens: int = Field(ge=0)
    visual_tokens: int = Field(ge=0)
    pictures: int = Field(ge=0)


class Shown(Value):
    """The part `bbox` of a page as a picture of `width` × `height` pixels.

    `smallest_text` is how high its smallest words' boxes are once the model has resized it, in pixels (see
    `legibility`); None where it holds no words.
    """

    page: int
    bbox: BBox
    width: int
    height: int
    tokens: int
    smallest_text: float | None = None


class Evidence(Value):
    """A numbered piece of evidence: the marker `[number]` of an answer means it.

    `passages` and `hits` are the ids and relevances of the hits that it shows, the most relevant first; a hit that goes
    on overleaf is in two pieces. `regions` hold what is shown of them: of a long region, the words and cells of the
    hits, with headers and labels. `places` are the boxes of that.
    `text` is what goes as text, tables as markdown or HTML; it is "" where only a picture tells.
    """

    number: int
    document: str
    name: str
    version: str
    page: int
    kind: Kind
    passages: tuple[str, ...]
    hits: tuple[float, ...]
    regions: tuple[Region, ...]
    places: tuple[Place, ...]
    text: str
    picture: Shown | None = None


class Packed(Value):
    """Evidence within a budget, the most relevant first, numbered from 1, and what it costs.

    `whole_pages_tokens` is what the hits' pages would have cost as pictures, each large enough for its smallest text
    to be as legible. `left_out` are the ids of hits of which something found no room.
    """

    evidence: tuple[Evidence, ...] = ()
    text_tokens: int = 0
    visual_tokens: int = 0
    whole_pages_tokens: int = 0
    left_out: tuple[str, ...] = ()


Undrawn = dict[tuple[str, int], UnreadableFile]
"""Pages (document and number) of which there are no pictures, and why: a file is gone, broken or changed."""


class EvidenceSource(RegionSource, Protocol):
    """Where evidence is looked up and drawn."""

    def page(self, document: str, number: int) -> Page:
        """A page (1-based) with its regions."""
        ...

    def picture(self, document: str, page: int, bbox: BBox, width: int, height: int) -> bytes:
        """JPEG of the part `bbox` of a page, of exactly `width` × `height` pixels, 40 million at most; blocks.

        Raises:
            UnreadableFile: The document's file is gone, broken or changed.
        """
        ...

    def drawn(self, document: str, page: Page) -> Drawn:
        """What is drawn on a page; blocks. Raises as `picture` does."""
        ...
