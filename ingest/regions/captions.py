"""Captions: which lines are one, and to which table or figure each belongs."""

from __future__ import annotations

import re

from ..types import BBox
from .drafts import Draft

_CAPTION = re.compile(
    r"^\W{0,3}(?P<what>figure|fig\.?|chart|graph|exhibit|diagram|abbildung|abb\.?|图|圖|図|table|tab\.?|tabelle|tableau"
    r"|表)\s*\.?\s*([0-9]+|[IVX]+\b|[A-Z]\b|[一二三四五六七八九十])",
    re.I,
)
_MENTION = re.compile(
    r"^(?i:figure|fig\.?|chart|graph|exhibit|table|tab\.?|abbildung|abb\.?|tabelle)\s*[0-9]+[a-z]?\s+[a-zà-ÿ]"
)
_TABLE_WORDS = ("tab", "表")
_REACH = 0.12  # how far from its table or figure a caption may stand, in page heights
_PANEL_GAP = 0.06  # how far apart panels of one figure may stand


def name_captions(drafts: list[Draft]) -> None:
    """Text that begins like a caption and stands by a table or figure is one; "Table 3 lists …" is a sentence."""
    things = [d for d in drafts if d.kind in ("table", "figure")]
    for draft in drafts:
        if _MENTION.match(draft.text) and draft.text.endswith((".", ":")):
            draft.kind = "text" if draft.kind == "caption" else draft.kind
        elif draft.kind == "text" and _CAPTION.match(draft.text) and len(draft.text) < 400:
            near = any(_distance(draft.bbox, t.bbox) < 0.05 for t in things)
            draft.kind = "caption" if near else "text"


def attach_captions(drafts: list[Draft]) -> list[Draft]:
    """Each caption to its table or figure, nearest pairs first; panels that share a caption become one figure."""
    captions = [d for d in drafts if d.kind == "caption"]
    things = [d for d in drafts if d.kind in ("table", "figure")]
    pairs = sorted(
        (_caption_cost(captions[c], things[t]), c, t)
        for c in range(len(captions))
        for t in range(len(things))
        if _distance(captions[c].bbox, things[t].bbox) < _REACH
    )
    placed: set[int] = set()
    for _, c, t in pairs:
        if c not in placed and things[t].caption is None:
            placed.add(c)
            things[t].caption = captions[c].text
    for owner in things:
        if owner.kind == "figure" and owner.caption:
            drafts = _merge_panels(owner, drafts, captions)
    return drafts


def _caption_cost(caption: Draft, thing: Draft) -> tuple[bool, float]:
    """How ill a caption suits a table or figure: by what it calls itself, then by distance.

    Between two that are equally far, a table's caption stands above it, a figure's below.
    """
    match = _CAPTION.match(caption.text)
    named = match and ("table" if match["what"].lower().startswith(_TABLE_WORDS) else "figure")
    above = caption.bbox.center[1] < thing.bbox.center[1]
    usual = above == (thing.kind == "table")
    return bool(named) and named != thing.kind, _distance(caption.bbox, thing.bbox) + (0.0 if usual else 0.01)


def _merge_panels(owner: Draft, drafts: list[Draft], captions: list[Draft]) -> list[Draft]:
    """Figures beside `owner` that no other caption is nearer to, taken into it."""
    grown = True
    while grown:
        grown = False
        for other in drafts:
            if other is owner or other.kind != "figure" or other.caption:
                continue
            if max(_gaps(owner.bbox, other.bbox)) > _PANEL_GAP or _between(owner, other, drafts):
                continue
            nearest = min(captions, key=lambda c: _distance(c.bbox, other.bbox))
            if nearest.text != owner.caption:
                continue
            panels = sorted((owner, other), key=lambda d: (round(d.bbox.y0, 1), d.bbox.x0))
            owner.words = [w for panel in panels for w in panel.words]
            owner.text = "\n".join(panel.text for panel in panels if panel.text)
            owner.bbox = BBox.union((owner.bbox, other.bbox))
            drafts = [d for d in drafts if d is not other]
            grown = True
            break
    return drafts


def _between(a: Draft, b: Draft, drafts: list[Draft]) -> bool:
    """Whether a paragraph or heading stands inside the box around two figures."""
    box = BBox.union((a.bbox, b.bbox))
    return any(d.kind in ("text", "heading", "table") and d.bbox.inside(box) > 0.5 for d in drafts)


def _distance(a: BBox, b: BBox) -> float:
    """Gap between two boxes in page fractions, sideways gaps weighing double: captions stand above or below."""
    dx, dy = _gaps(a, b)
    return dy + 2 * dx


def _gaps(a: BBox, b: BBox) -> tuple[float, float]:
    return max(a.x0 - b.x1, b.x0 - a.x1, 0.0), max(a.y0 - b.y1, b.y0 - a.y1, 0.0)
