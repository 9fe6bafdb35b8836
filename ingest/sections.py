"""The path of headings above each region, carried from page to page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple

from .types import FURNITURE, Page, Region

_NUMBER = re.compile(r"^(?:section|chapter|part|kapitel|appendix)?\s*((?:\d+\.)*\d+|[A-Z])[.)]?\s+\S", re.I)
_LONGEST = 120
_SAME_SIZE = 1.06  # headings whose letters differ by less than this are of one level
_DEEPEST = 6

Outline = Iterable[tuple[int, str, int]]


class _Heading(NamedTuple):
    """What tells a heading's level: its bookmark's, the depth of its number, the size of its letters in points."""

    text: str
    bookmark: int | None
    depth: int | None
    size: float

    def closes(self, above: _Heading) -> bool:
        """Whether this heading ends the one above it, judged by the first sign that both have."""
        if self.bookmark is not None and above.bookmark is not None:
            return self.bookmark <= above.bookmark
        if self.depth is not None and above.depth is not None:
            return self.depth <= above.depth
        return self.size * _SAME_SIZE >= above.size


class Sections:
    """Follows the headings of a document; `state` lets reading go on at a later page.

    A heading's level comes from the bookmarks where they have it, else from its number (2.1 is below 2), else from the
    size of its letters: a heading closes all headings above that are not larger. The document's title is level 0.
    """

    def __init__(self, outline: Outline = (), state: dict[str, Any] | None = None) -> None:
        outline = tuple(outline)
        self._bookmarks = {(_key(title), page): level for level, title, page in outline}
        self._marked: dict[int, list[tuple[int, str]]] = {}
        for level, title, page in outline:
            self._marked.setdefault(page, []).append((level, title))
        self._stack = [_Heading(*entry) for entry in (state or {}).get("stack", [])]
        self._bare = bool((state or {}).get("bare", False))  # nothing but headings since the last title

    def state(self) -> dict[str, Any]:
        """What is needed to go on after the last page, as JSON."""
        return {"stack": [list(entry) for entry in self._stack], "bare": self._bare}

    def apply(self, page: Page) -> Page:
        """The page with `section` filled in each region; a heading's own section is the path above it."""
        regions: list[Region] = []
        if not any(region.kind in ("title", "heading") and region.text for region in page.regions):
            # What its bookmarks announce (a sheet's name, a slide's title) heads a page that shows no heading.
            for level, title in self._marked.get(page.number, ()):
                self._push(_Heading(title[:_LONGEST], bookmark=level, depth=None, size=0.0))
        for region in page.regions:
            if region.kind == "title" and self._bare:
                # Subtitles and authors under a title head nothing of their own.
                path = tuple(above.text for above in self._stack)
            elif region.kind in ("title", "heading") and region.text:
                self._enter(region, page)
                self._bare = region.kind == "title"
                path = tuple(above.text for above in self._stack[:-1])
            elif region.kind in FURNITURE:
                path = ()
            else:
                self._bare = False
                path = tuple(above.text for above in self._stack)
            regions.append(region.model_copy(update={"section": path}))
        return page.model_copy(update={"regions": tuple(regions)})

    def _enter(self, region: Region, page: Page) -> None:
        number = _NUMBER.match(region.text)
        heading = _Heading(
            text=region.text[:_LONGEST],
            bookmark=self._bookmarks.get((_key(region.text), page.number)),
            depth=number[1].count(".") + 1 if number else None,
            size=letter_size(region) * page.height,
        )
        self._push(heading)

    def _push(self, heading: _Heading) -> None:
        while self._stack and heading.closes(self._stack[-1]):
            self._stack.pop()
        self._stack = [*self._stack[: _DEEPEST - 1], heading]


def letter_size(region: Region) -> float:
    """Median height of the region's words in page heights: a measure of the size of its letters."""
    heights = [w.bbox.height for w in region.words if w.text.strip()]
    return median(heights) if heights else region.bbox.height


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
