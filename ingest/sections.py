"""The path of headings above each region, carried from page to page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from statistics import median
from typing import Any

from .types import FURNITURE, Page, Region

_NUMBER = re.compile(r"^(?:section|chapter|part|kapitel|appendix)?\s*((?:\d+\.)*\d+|[A-Z])[.)]?\s+\S", re.I)
_LONGEST = 120
_SAME_SIZE = 1.06  # headings whose letters differ by less than this are of one level
_DEEPEST = 6

Outline = Iterable[tuple[int, str, int]]


class Sections:
    """Follows the headings of a document; `state` lets reading go on at a later page.

    A heading's level comes from the bookmarks where they have it, else from its number (2.1 is below 2), else from the
    size of its letters: a heading closes all headings above that are not larger. The document's title is level 0.
    """

    def __init__(self, outline: Outline = (), state: dict[str, Any] | None = None) -> None:
        self._bookmarks = {(_key(title), page): level for level, title, page in outline}
        # Each entry: (heading, rank by number or bookmark or None, letter size in page heights).
        self._stack: list[tuple[str, int | None, float]] = [
            (str(text), rank, float(size)) for text, rank, size in (state or {}).get("stack", [])
        ]
        self._bare = bool((state or {}).get("bare", False))  # nothing but headings since the last title

    def state(self) -> dict[str, Any]:
        """What is needed to go on after the last page, as JSON."""
        return {"stack": [list(entry) for entry in self._stack], "bare": self._bare}

    def apply(self, page: Page) -> Page:
        """The page with `section` filled in each region; a heading's own section is the path above it."""
        regions: list[Region] = []
        for region in page.regions:
            if region.kind == "title" and self._bare:
                # Subtitles and authors under a title head nothing of their own.
                path = tuple(text for text, _, _ in self._stack)
            elif region.kind in ("title", "heading") and region.text:
                self._enter(region, page)
                self._bare = region.kind == "title"
                path = tuple(text for text, _, _ in self._stack[:-1])
            elif region.kind in FURNITURE:
                path = ()
            else:
                self._bare = False
                path = tuple(text for text, _, _ in self._stack)
            regions.append(region.model_copy(update={"section": path}))
        return page.model_copy(update={"regions": tuple(regions)})

    def _enter(self, region: Region, page: Page) -> None:
        text = region.text[:_LONGEST]
        size = letter_size(region) * page.height
        rank = self._rank(text, page.number)
        while self._stack and self._closes(rank, size, self._stack[-1]):
            self._stack.pop()
        self._stack = self._stack[: _DEEPEST - 1]
        self._stack.append((text, rank, size))

    def _rank(self, text: str, page: int) -> int | None:
        bookmark = self._bookmarks.get((_key(text), page))
        if bookmark is not None:
            return bookmark
        number = _NUMBER.match(text)
        return number[1].count(".") + 1 if number else None

    @staticmethod
    def _closes(rank: int | None, size: float, above: tuple[str, int | None, float]) -> bool:
        """Whether a new heading ends the one above it."""
        _, above_rank, above_size = above
        if rank is not None and above_rank is not None:
            return rank <= above_rank
        return size * _SAME_SIZE >= above_size


def letter_size(region: Region) -> float:
    """Median height of the region's words in page heights: a measure of the size of its letters."""
    heights = [w.bbox.height for w in region.words if w.text.strip()]
    return median(heights) if heights else region.bbox.height


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
