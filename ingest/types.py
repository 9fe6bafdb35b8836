"""The vocabulary of a document: boxes, words, regions, pages, passages. Values only, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal[
    "title",
    "heading",
    "text",
    "list",
    "table",
    "figure",
    "caption",
    "formula",
    "code",
    "header",
    "footer",
    "footnote",
]
Source = Literal["text-layer", "ocr", "vlm"]

FURNITURE: frozenset[str] = frozenset({"header", "footer"})
"""Kinds that repeat on every page and say nothing of their own: kept, but not searched."""


class Value(BaseModel):
    """Base of all value types: immutable, comparable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


DEEPEST = 100
"""So many levels of objects and lists metadata may have: pydantic serialises no more than some 250."""


def depth(value: Any) -> int:
    """How many levels of objects and lists `value` has; one more than `DEEPEST` stands for all beyond.

    They may have no end: an object may hold itself.
    """
    levels, inner = 0, [value]
    while levels <= DEEPEST and (inner := [one for one in inner if isinstance(one, Mapping | list | tuple)]):
        levels += 1
        inner = [one for some in inner for one in (some.values() if isinstance(some, Mapping) else some)]
    return levels


class BBox(NamedTuple):
    """A rectangle in page fractions: 0–1, origin at the top left, `x0 <= x1` and `y0 <= y1`.

    A tuple rather than a model: a page has hundreds, and tuples compare, hash and serialise for free.
    """

    x0: float
    y0: float
    x1: float
    y1: float

    @classmethod
    def of(cls, rect: Iterable[float], width: float, height: float) -> BBox:
        """Page fractions of `rect` (any unit) on a page of `width` × `height` in that unit, clipped to the page."""
        x0, y0, x1, y1 = rect
        xs = sorted((min(max(x0 / width, 0.0), 1.0), min(max(x1 / width, 0.0), 1.0)))
        ys = sorted((min(max(y0 / height, 0.0), 1.0), min(max(y1 / height, 0.0), 1.0)))
        return cls(xs[0], ys[0], xs[1], ys[1])

    @classmethod
    def union(cls, boxes: Iterable[BBox]) -> BBox:
        """The smallest box around all of `boxes`; raises ValueError when there are none."""
        x0s, y0s, x1s, y1s = zip(*boxes, strict=True)
        return cls(min(x0s), min(y0s), max(x1s), max(y1s))

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def intersection(self, other: BBox) -> float:
        """Area shared with `other`."""
        w = min(self.x1, other.x1) - max(self.x0, other.x0)
        h = min(self.y1, other.y1) - max(self.y0, other.y0)
        return w * h if w > 0 and h > 0 else 0.0

    def iou(self, other: BBox) -> float:
        """Intersection over union; 0 for two empty boxes."""
        shared = self.intersection(other)
        total = self.area + other.area - shared
        return shared / total if total > 0 else 0.0

    def inside(self, other: BBox) -> float:
        """The share of this box's area that lies in `other`; 1 for an empty box whose centre does."""
        if self.area > 0:
            return self.intersection(other) / self.area
        return 1.0 if other.contains(*self.center) else 0.0

    def contains(self, x: float, y: float) -> bool:
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1

    def grown(self, margin: float) -> BBox:
        """This box with `margin` (page fractions) added on every side, clipped to the page."""
        return BBox(
            max(self.x0 - margin, 0.0),
            max(self.y0 - margin, 0.0),
            min(self.x1 + margin, 1.0),
            min(self.y1 + margin, 1.0),
        )

    def scaled(self, width: float, height: float) -> tuple[float, float, float, float]:
        """The box in the units of a page of `width` × `height`."""
        return self.x0 * width, self.y0 * height, self.x1 * width, self.y1 * height


class Word(NamedTuple):
    """A word as printed, with its box. A tuple for the same reason as `BBox`."""

    text: str
    bbox: BBox
    source: Source = "text-layer"


class Cell(Value):
    """One cell of a table; spans count rows and columns, `row` and `col` are 0-based."""

    row: int
    col: int
    bbox: BBox
    text: str
    row_span: int = 1
    col_span: int = 1
    header: bool = False


class Region(Value):
    """A piece of a page that belongs together: a paragraph, a table, a figure, a heading.

    `section` is the path of headings above the region, outermost first. `caption` is the text of the caption that
    belongs to a table or figure. Text with `source == "vlm"` may find a region; it never proves anything.
    """

    id: str
    page: int
    order: int
    kind: Kind
    bbox: BBox
    text: str
    section: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    cells: tuple[Cell, ...] | None = None
    html: str | None = None
    caption: str | None = None
    source: Source = "text-layer"


class Page(Value):
    """A page: `number` is 1-based, `width` and `height` are PDF points after rotation and cropping.

    `label` is the number printed on the page ("iv", "A-3") where the file knows it. `notes` say what was done to the
    page and why ("ocr: no text layer").
    """

    number: int
    width: float
    height: float
    rotation: int = 0
    label: str | None = None
    regions: tuple[Region, ...] = ()
    notes: tuple[str, ...] = ()


class Document(Value):
    """What is known of a document besides its pages. `source` is the path or address it came from."""

    id: str
    name: str
    source: str
    content: Annotated[str, Field(description="sha256 of the file's bytes, in hex")]
    version: str
    title: str | None = None
    page_count: int = 0
    metadata: dict[str, Any] = {}


class Place(NamedTuple):
    """Where something stands: a 1-based page and a box on it."""

    page: int
    bbox: BBox


class Passage(Value):
    """What is embedded and searched: a run of text, a table (or some of its rows), a figure.

    `text` may be quoted; `context` (title, section, caption, header rows) only helps to find it. `description` is what
    a model wrote of it: search reads it, and nobody else.
    """

    id: str
    document: str
    version: str
    order: int
    kind: Kind
    places: tuple[Place, ...]
    regions: tuple[str, ...]
    text: str
    context: str = ""
    description: str = ""

    @model_validator(mode="after")
    def _has_a_place(self) -> Passage:
        if not self.places:
            raise ValueError("a passage stands somewhere: places must not be empty")
        return self

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(place.page for place in self.places))

    @property
    def finding(self) -> str:
        """What helps to find it, beside its text."""
        return "\n".join(part for part in (self.context, self.description) if part)
