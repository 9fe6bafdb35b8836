"""Layout regions of a page by PyMuPDF's layout model, as boxes with a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..types import BBox, Kind

if TYPE_CHECKING:
    import pymupdf

_KINDS: dict[str, Kind] = {
    "title": "title",
    "section-header": "heading",
    "text": "text",
    "list-item": "list",
    "table": "table",
    "picture": "figure",
    "caption": "caption",
    "formula": "formula",
    "page-header": "header",
    "page-footer": "footer",
    "footnote": "footnote",
}


class Grid(NamedTuple):
    """Inner lines of a table as the model sees them: page fractions, ascending, without the outer border."""

    ys: tuple[float, ...]
    xs: tuple[float, ...]


class Block(NamedTuple):
    """One region of the model. `lines` are the boxes of the text lines it was made of."""

    kind: Kind
    bbox: BBox
    lines: tuple[BBox, ...]
    grid: Grid | None = None


def blocks_of(page: pymupdf.Page) -> list[Block]:
    """The layout model's regions, in no particular order; empty for a page on which it finds nothing.

    The page must be upright (`remove_rotation`) and carry its text, OCR'd text included: the model reads both.
    """
    import pymupdf.layout  # noqa: F401 - loading it is what switches the model on

    width, height = page.rect.width, page.rect.height
    page.get_layout(return_raw=True)
    blocks: list[Block] = []
    found: list[dict[str, Any]] = getattr(page, "layout_information", None) or []
    for raw in found:
        bbox = BBox.of(raw["group_bbox"], width, height)
        if bbox.width * width <= 2 or bbox.height * height <= 2:
            continue
        kind = _KINDS.get(raw["class_name"], "text")
        lines = tuple(BBox.of(box, width, height) for box in raw["bboxes"])
        blocks.append(Block(kind, bbox, lines, _grid(raw, bbox, width, height)))
    return blocks


def _grid(raw: dict[str, Any], bbox: BBox, width: float, height: float) -> Grid | None:
    grid = raw.get("table_grid")
    if not grid:
        return None
    ys = tuple(bbox.y0 + float(y) / height for y in grid.h_lines)
    xs = tuple(bbox.x0 + float(x) / width for x in grid.v_lines)
    return Grid(tuple(sorted(ys)), tuple(sorted(xs)))
