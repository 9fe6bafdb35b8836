"""The page tree of a PDF, whose counts MuPDF believes: with a wrong one it shows no page, too few, or millions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pymupdf

_REFERENCE = re.compile(r"(\d+) \d+ R\b")


def mend_counts(document: pymupdf.Document) -> None:
    """Puts counts right, in memory, that cannot be. One that is too large by a few stays: its pages may be lost."""
    kind, value = document.xref_get_key(document.pdf_catalog(), "Pages")
    if kind != "xref":
        return
    root = int(value.split()[0])
    if not max(len(_kids(document, root)), 1) <= _said(document) < document.xref_length():
        _count(document, root, set())


def _said(document: pymupdf.Document) -> int:
    import pymupdf

    try:
        return int(document.page_count)
    except (RuntimeError, pymupdf.mupdf.FzErrorBase):  # a negative one, or millions
        return 0


def _count(document: pymupdf.Document, node: int, counted: set[int]) -> int:
    """The pages at and beneath a node, which is then given that count. Branches that are entered twice count once."""
    if node in counted or not 0 < node < document.xref_length() or not document.xref_get_keys(node):
        return 0
    if document.xref_get_key(node, "Kids")[0] == "null":
        return 1
    counted.add(node)
    pages = sum(_count(document, kid, counted) for kid in _kids(document, node))
    document.xref_set_key(node, "Count", str(pages))
    return pages


def _kids(document: pymupdf.Document, node: int) -> list[int]:
    kind, value = document.xref_get_key(node, "Kids")
    if kind == "xref":
        value = document.xref_object(int(value.split()[0]))
    return [int(number) for number in _REFERENCE.findall(value)]
