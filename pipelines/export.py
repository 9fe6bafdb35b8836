"""A document as it was read: Markdown for people and models, JSON with every box."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import UnknownComponent
from ..ingest.types import FURNITURE, Document, Page, Region

if TYPE_CHECKING:
    from .qa import DocumentQA

FORMATS = ("md", "json")


def exported(qa: DocumentQA, name: str, format_: str = "md") -> Iterator[str]:
    """The document in pieces to be written one after the other, a page at a time.

    Raises:
        UnknownComponent: `format_` is neither `md` nor `json`.
        UnknownDocument: No document has that name or id.
    """
    if format_ not in FORMATS:
        raise UnknownComponent(f"there is no format {format_!r}", where="--format", cure=f"use {' or '.join(FORMATS)}")
    document = qa.document(name)
    pages = qa.pages(document.id)
    return _markdown_of(document, pages) if format_ == "md" else _json_of(document, pages)


def _markdown_of(document: Document, pages: Iterator[Page]) -> Iterator[str]:
    yield f"# {document.title or document.name}\n"
    for page in pages:
        yield f"\n<!-- page {page.number} -->\n\n{page_markdown(page)}\n"


def _json_of(document: Document, pages: Iterator[Page]) -> Iterator[str]:
    head = json_text({"document": document.model_dump(mode="json")})
    yield head[:-1] + ', "pages": ['
    for index, page in enumerate(pages):
        yield (",\n" if index else "\n") + json_text(page.model_dump(mode="json"))
    yield "\n]}\n"


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`value` as JSON. What is no Unicode (names of files may be so) is said by JSON's own escapes."""
    return json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "backslashreplace").decode("utf-8")


def page_markdown(page: Page) -> str:
    """The regions of a page in reading order, without running headers and footers."""
    return "\n\n".join(filter(None, (_markdown(region) for region in page.regions if region.kind not in FURNITURE)))


def _markdown(region: Region) -> str:
    text = region.text.strip()
    if region.kind == "title":
        return f"# {_one_line(text)}"
    if region.kind == "heading":
        # A heading's own section path ends above it.
        return f"{'#' * min(len(region.section) + 2, 6)} {_one_line(text)}"
    if region.kind == "table":
        return (_table(region) or text) + (f"\n\n*{_one_line(region.caption)}*" if region.caption else "")
    if region.kind == "figure":
        return f"![{_one_line(region.caption or 'figure')}](#{region.id})" + (f"\n\n{text}" if text else "")
    if region.kind == "code":
        return f"```\n{text}\n```"
    return text


def _table(region: Region) -> str:
    """A pipe table; a cell that spans several stands in the first of them. Empty without cells."""
    if not region.cells:
        return ""
    height = 1 + max(cell.row for cell in region.cells)
    width = 1 + max(cell.col for cell in region.cells)
    grid = [[""] * width for _ in range(height)]
    for cell in region.cells:
        grid[cell.row][cell.col] = _one_line(cell.text).replace("|", "\\|")
    lines = ["| " + " | ".join(row) + " |" for row in grid]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def _one_line(text: str) -> str:
    return " ".join(text.split())
