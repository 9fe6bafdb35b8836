"""From layout blocks and words to regions: who owns which word, tables, figures with their captions, order."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from statistics import median

from ..identity import region_id
from ..page.layout import Block
from ..text.words import join, lines_of, right_to_left, union_box
from ..types import FURNITURE, BBox, Region, Word
from .captions import attach_captions, name_captions
from .drafts import Draft
from .order import reading_order
from .tables import build_table

_NUMBERED_HEADING = re.compile(r"^(\d+(\.\d+){1,4}\.?|Appendix [A-Z]|Item \d+[A-Z]?\.?)\s+[A-ZÀ-Þ\u4e00-\u9fff]")
_MARGIN = 0.1  # of the page's height, where running lines stand
_EDGE = 0.25  # share of a word that lies in the block whose edge cuts through it
_FEW_WORDS = 6  # a picture with no more words of text layer than these may hold more


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
    dealt, orphans = _deal(_straightened(blocks, words), words)
    drafts: list[Draft] = []
    for block, draft in dealt:
        if _fill(draft, block, aspect, read_figure):
            drafts.append(draft)
        else:
            orphans += draft.words  # of what the model took for a table
    drafts += [Draft("text", union_box(group), group, join(group)[0]) for group in _paragraphs(orphans)]
    _check_furniture(drafts)
    name_captions(drafts)
    drafts = attach_captions(drafts)
    drafts += [Draft("text", box, [], text) for text, box in remarks]
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
        for n, d in enumerate(_in_order(drafts, right_to_left(words)))
    )


def _in_order(drafts: list[Draft], rtl: bool) -> list[Draft]:
    """Drafts as they are read; headers first and footers last, since they bridge columns and part what is by them."""
    parts = [
        [d for d in drafts if d.kind == "header"],
        [d for d in drafts if d.kind not in FURNITURE],
        [d for d in drafts if d.kind == "footer"],
    ]
    return [part[i] for part in parts for i in reading_order([d.bbox for d in part], right_to_left=rtl)]


def _straightened(blocks: Sequence[Block], words: Sequence[Word]) -> list[Block]:
    """Blocks with those that the model drew across two columns parted again."""
    out: list[Block] = []
    for block in blocks:
        columns = _columns_of(block, words) if block.kind == "text" and len(block.lines) > 2 else [list(block.lines)]
        if len(columns) > 1:
            out += [Block(block.kind, BBox.union(lines), tuple(lines)) for lines in columns]
        else:
            out.append(block)
    return out


def _columns_of(block: Block, words: Sequence[Word]) -> list[list[BBox]]:
    groups: list[list[BBox]] = []
    end, widest = -1.0, 0.0
    for line in sorted(block.lines, key=lambda b: b.x0):
        if not groups or line.x0 > end + 0.012:
            widest = max(widest, line.x0 - end if groups else 0.0)
            groups.append([])
        groups[-1].append(line)
        end = max(end, line.x1)
    boxes = [BBox.union(group) for group in groups]
    if not all(any(a is not b and a.y0 < b.y1 and b.y0 < a.y1 for b in boxes) for a in boxes):
        return [list(block.lines)]  # lines below each other, differently indented
    # A narrow group beside a wide one is a bullet or a number, unless it stands far off.
    if all(box.width > 0.15 for box in boxes) or all(_is_tile(box, words) for box in boxes):
        return groups
    return _merge_near(groups) if widest > 0.12 else [list(block.lines)]


def _is_tile(box: BBox, words: Sequence[Word]) -> bool:
    """Whether a box holds a figure above its label (or below it), in letters of another size."""
    lines = lines_of(w for w in words if box.contains(*w.bbox.center))
    heights = [median(w.bbox.height for w in line) for line in lines]
    return len(heights) > 1 and max(heights) > 1.25 * min(heights)


def _merge_near(groups: list[list[BBox]]) -> list[list[BBox]]:
    merged = [groups[0]]
    for group in groups[1:]:
        if BBox.union(group).x0 - BBox.union(merged[-1]).x1 > 0.12:
            merged.append(group)
        else:
            merged[-1] += group
    return merged


def _deal(blocks: list[Block], words: Sequence[Word]) -> tuple[list[tuple[Block, Draft]], list[Word]]:
    """Each word to the smallest block around its middle, one of whose text lines it is where possible; else to the
    block at whose edge it stands (the model's boxes cut through lines)."""
    drafts = [(block, Draft(block.kind, block.bbox)) for block in blocks]
    orphans: list[Word] = []
    for word in words:
        x, y = word.bbox.center
        around = [pair for pair in drafts if pair[0].bbox.contains(x, y)]
        if len(around) > 1:
            on_line = [pair for pair in around if any(line.contains(x, y) for line in pair[0].lines)]
            around = on_line or around
        if not around:
            around = [pair for pair in drafts if word.bbox.inside(pair[0].bbox) > _EDGE]
        if around:
            min(around, key=lambda pair: pair[0].bbox.area)[1].words.append(word)
        else:
            orphans.append(word)
    return drafts, orphans


def _fill(draft: Draft, block: Block, aspect: float, read_figure: Callable[[BBox], list[Word]]) -> bool:
    """Gives a draft its text and structure; False when it has none (no words, or words that form no table)."""
    if draft.kind == "figure":
        if len(draft.words) <= _FEW_WORDS:
            seen = [w.bbox for w in draft.words]
            draft.words += [w for w in read_figure(draft.bbox) if not any(w.bbox.inside(box) > 0.3 for box in seen)]
        lines = lines_of(draft.words, aspect)
        draft.words = [w for line in lines for w in line]
        draft.text = "\n".join(join(line)[0] for line in lines)
        draft.bbox = BBox.union([draft.bbox, *(w.bbox for w in draft.words)])
        return True
    if draft.kind == "table":
        table = build_table(draft.words, block.bbox, block.grid, aspect)
        if table is None:
            return False
        draft.words, draft.cells = list(table.words), table.cells
        draft.text, draft.html = table.text, table.html
        draft.bbox = BBox.union((block.bbox, union_box(draft.words)))
        return True
    if not draft.words:
        return False
    draft.words = [w for line in lines_of(draft.words, aspect) for w in line]
    draft.text = join(draft.words)[0]
    draft.bbox = union_box(draft.words)
    if draft.kind == "heading" and draft.text.endswith((",", ";")):
        draft.kind = "text"
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


def _check_furniture(drafts: list[Draft]) -> None:
    """Running lines stand at the edge of a page that says something else; a date below a letterhead is no header."""
    body = [d.bbox for d in drafts if d.kind in ("title", "heading", "text", "list", "table")]
    # A page with next to nothing on it: its first line is no more of a running line than the others.
    alone = not any(d.kind not in FURNITURE and d.bbox.y1 > 2 * _MARGIN and d.bbox.y0 < 1 - _MARGIN for d in drafts)
    for draft in drafts:
        box = draft.bbox
        inside = (
            (box.y0 > _MARGIN and any(b.y1 <= box.y0 for b in body))
            if draft.kind == "header"
            else (box.y1 < 1 - _MARGIN and any(b.y0 >= box.y1 for b in body))
        )
        if draft.kind in FURNITURE and (inside or alone) and any(c.isalpha() for c in draft.text):
            draft.kind = "text"
