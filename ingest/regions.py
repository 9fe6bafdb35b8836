"""From layout blocks and words to regions: who owns which word, tables, figures with their captions, order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .identity import region_id
from .layout import Block
from .order import reading_order
from .tables import build_table
from .types import BBox, Cell, Kind, Region, Source, Word
from .words import join, lines_of, union_box

_CAPTION = re.compile(
    r"^\W{0,3}(?P<what>figure|fig\.?|chart|graph|exhibit|diagram|abbildung|abb\.?|图|圖|図|table|tab\.?|tabelle|tableau"
    r"|表)\s*\.?\s*([0-9]+|[IVX]+\b|[A-Z]\b|[一二三四五六七八九十])",
    re.I,
)
_TABLE_WORDS = ("tab", "表")
_NUMBERED_HEADING = re.compile(r"^(\d+(\.\d+){1,4}\.?|Appendix [A-Z]|Item \d+[A-Z]?\.?)\s+[A-ZÀ-Þ\u4e00-\u9fff]")
_REACH = 0.12  # how far from its table or figure a caption may stand, in page heights
_PANEL_GAP = 0.06  # how far apart panels of one figure may stand


@dataclass
class Draft:
    """A region in the making."""

    kind: Kind
    bbox: BBox
    words: list[Word] = field(default_factory=list)
    text: str = ""
    cells: tuple[Cell, ...] | None = None
    html: str | None = None
    caption: str | None = None

    @property
    def source(self) -> Source:
        ocr = sum(w.source == "ocr" for w in self.words)
        return "ocr" if ocr * 2 > len(self.words) else "text-layer"


def build_regions(
    blocks: Sequence[Block],
    words: Sequence[Word],
    *,
    page: int,
    version: str,
    aspect: float,
    read_figure: Callable[[BBox], list[Word]] = lambda box: [],
    remarks: Sequence[tuple[str, BBox]] = (),
) -> tuple[Region, ...]:
    """The regions of a page in reading order, with every word of it in exactly one region.

    Args:
        aspect: page width ÷ page height.
        read_figure: OCR of a figure without words; boxes in page fractions.
        remarks: text that is not printed but belongs to a place: comments, ticked boxes.
    """
    dealt, orphans = _deal(_straightened(blocks), words)
    drafts = [draft for block, draft in dealt if _fill(draft, block, aspect, read_figure)]
    drafts += [Draft("text", union_box(group), group, join(group)[0]) for group in _paragraphs(orphans)]
    _name_captions(drafts)
    drafts = _attach_captions(drafts)
    drafts += [Draft("text", box, [], text) for text, box in remarks]
    order = reading_order([d.bbox for d in drafts])
    return tuple(
        Region(
            id=region_id(version, page, n),
            page=page,
            order=n,
            kind=d.kind,
            bbox=d.bbox,
            text=d.text,
            words=tuple(d.words),
            cells=d.cells,
            html=d.html,
            caption=d.caption,
            source=d.source,
        )
        for n, d in enumerate(drafts[i] for i in order)
    )


def _straightened(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with those that the model drew across two columns parted again."""
    out: list[Block] = []
    for block in blocks:
        columns = _columns_of(block) if block.kind == "text" and len(block.lines) > 2 else [list(block.lines)]
        if len(columns) > 1:
            out += [Block(block.kind, BBox.union(lines), tuple(lines)) for lines in columns]
        else:
            out.append(block)
    return out


def _columns_of(block: Block) -> list[list[BBox]]:
    groups: list[list[BBox]] = []
    end, widest = -1.0, 0.0
    for line in sorted(block.lines, key=lambda b: b.x0):
        if not groups or line.x0 > end + 0.012:
            widest = max(widest, line.x0 - end if groups else 0.0)
            groups.append([])
        groups[-1].append(line)
        end = max(end, line.x1)
    # A narrow group beside a wide one is a bullet or a number, unless it stands far off.
    if all(BBox.union(group).width > 0.15 for group in groups):
        return groups
    return _merge_near(groups) if widest > 0.12 else [list(block.lines)]


def _merge_near(groups: list[list[BBox]]) -> list[list[BBox]]:
    merged = [groups[0]]
    for group in groups[1:]:
        if BBox.union(group).x0 - BBox.union(merged[-1]).x1 > 0.12:
            merged.append(group)
        else:
            merged[-1] += group
    return merged


def _deal(blocks: list[Block], words: Sequence[Word]) -> tuple[list[tuple[Block, Draft]], list[Word]]:
    """Each word to the smallest block around its middle, one of whose text lines it is where possible."""
    drafts = [(block, Draft(block.kind, block.bbox)) for block in blocks]
    orphans: list[Word] = []
    for word in words:
        x, y = word.bbox.center
        around = [pair for pair in drafts if pair[0].bbox.contains(x, y)]
        if len(around) > 1:
            on_line = [pair for pair in around if any(line.contains(x, y) for line in pair[0].lines)]
            around = on_line or around
        if around:
            min(around, key=lambda pair: pair[0].bbox.area)[1].words.append(word)
        else:
            orphans.append(word)
    return drafts, orphans


def _fill(draft: Draft, block: Block, aspect: float, read_figure: Callable[[BBox], list[Word]]) -> bool:
    """Gives a draft its text and structure; False when nothing is there to keep."""
    if draft.kind == "figure":
        draft.words = [w for line in lines_of(draft.words or read_figure(draft.bbox)) for w in line]
        draft.text = "\n".join(join(line)[0] for line in lines_of(draft.words))
        return True
    if not draft.words:
        return False
    if draft.kind == "table":
        table = build_table(draft.words, block.bbox, block.grid, aspect)
        if table:
            draft.words, draft.cells = list(table.words), table.cells
            draft.text, draft.html = table.text, table.html
            return True
        draft.kind = "text"
    draft.words = [w for line in lines_of(draft.words) for w in line]
    draft.text = join(draft.words)[0]
    draft.bbox = union_box(draft.words)
    if draft.kind == "text" and _NUMBERED_HEADING.match(draft.text) and len(draft.text) < 80:
        one_line = len(lines_of(draft.words)) == 1
        draft.kind = "heading" if one_line and not draft.text.endswith((".", ";", ",", ":")) else "text"
    return True


def _paragraphs(words: Sequence[Word]) -> list[list[Word]]:
    """Words outside all blocks, as runs of lines that stand close below each other."""
    groups: list[list[Word]] = []
    for line in lines_of(words):
        box = union_box(line)
        last = union_box(groups[-1]) if groups else None
        if last and 0 <= box.y0 - last.y1 < 0.7 * box.height and box.x0 < last.x1 and last.x0 < box.x1:
            groups[-1].extend(line)
        else:
            groups.append(list(line))
    return groups


def _name_captions(drafts: list[Draft]) -> None:
    """Text that begins like a caption and stands by a table or figure is one."""
    things = [d for d in drafts if d.kind in ("table", "figure")]
    for draft in drafts:
        if draft.kind == "text" and _CAPTION.match(draft.text) and len(draft.text) < 400:
            near = any(_distance(draft.bbox, t.bbox) < 0.05 for t in things)
            draft.kind = "caption" if near else "text"


def _attach_captions(drafts: list[Draft]) -> list[Draft]:
    """Each caption to its table or figure; panels that share a caption become one figure."""
    captions = sorted((d for d in drafts if d.kind == "caption"), key=lambda d: (d.bbox.y0, d.bbox.x0))
    taken: set[int] = set()
    for caption in captions:
        match = _CAPTION.match(caption.text)
        wanted: tuple[Kind, ...] = ("figure", "table")
        if match:
            wanted = ("table", "figure") if match["what"].lower().startswith(_TABLE_WORDS) else ("figure", "table")
        free = [d for d in drafts if d.kind in wanted and id(d) not in taken]
        near = [d for d in free if _distance(d.bbox, caption.bbox) < _REACH]
        first = [d for d in near if d.kind == wanted[0]] if match else near
        if not (first or near):
            continue
        owner = min(first or near, key=lambda d: _distance(d.bbox, caption.bbox))
        owner.caption = caption.text
        taken.add(id(owner))
        if owner.kind == "figure":
            drafts = _merge_panels(owner, drafts, captions)
    return drafts


def _merge_panels(owner: Draft, drafts: list[Draft], captions: list[Draft]) -> list[Draft]:
    """Figures beside `owner` that no other caption is nearer to, taken into it."""
    grown = True
    while grown:
        grown = False
        for other in drafts:
            if other is owner or other.kind != "figure" or other.caption:
                continue
            if _distance(owner.bbox, other.bbox) > _PANEL_GAP or _between(owner, other, drafts):
                continue
            nearest = min(captions, key=lambda c: _distance(c.bbox, other.bbox))
            if nearest.text != owner.caption:
                continue
            owner.words += other.words
            owner.text = "\n".join(part for part in (owner.text, other.text) if part)
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
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0.0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0.0)
    return dy + 2 * dx
