"""From regions to passages: what is embedded and searched.

A table or figure is a passage of its own, long tables by rows with the header repeated. What announces a table ("…
as follows (in millions):") is context of all its parts, as what leads to a list is of those that it does not stand in.
Text passages gather the regions of one section of one page up to a number of tokens; a paragraph that runs on to the
next page stays whole. A footnote goes with what it is a note to. Whoever changes what is cut from the same pages raises
`CUTTER`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .notes import anchored, mark_of, noted_words, notes_of
from .options import IngestOptions
from .text.sentences import sentence_spans
from .text.windows import CountTokens, table_parts, windows
from .text.words import join
from .types import FURNITURE, BBox, Document, Kind, Page, Passage, Place, Region

_CONTEXT_SHARE = 0.3  # of the embedder's window; the rest is the passage's own text
_SPECIAL_TOKENS = 2  # what the embedder adds around a text
_SENTENCE_END = (".", "!", "?", ":", ";", "。", "！", "？", "”", '"')
_ANNOUNCES = re.compile(r"[:：]$|\b(following|as follows|below)\b", re.I)


class _Piece(NamedTuple):
    text: str
    place: Place
    region: str
    tokens: int
    notes: tuple[Region, ...] = ()


def build_passages(
    document: Document,
    pages: Iterable[Page],
    count_tokens: CountTokens,
    options: IngestOptions,
    max_tokens: int,
) -> Iterator[Passage]:
    """The passages of `document` in order, streaming over its `pages` (which carry section paths).

    Args:
        count_tokens: the embedder's own count, special tokens left out.
        max_tokens: the embedder's window; context and text of every passage together fit it.
    """
    builder = _Builder(document, count_tokens, options, max_tokens)
    for page in pages:
        yield from builder.page(page)
    yield from builder.flush()


class _Builder:
    def __init__(self, document: Document, count_tokens: CountTokens, options: IngestOptions, max_tokens: int) -> None:
        self._document = document
        self._count = count_tokens
        self._context_budget = int(max_tokens * _CONTEXT_SHARE)
        self._text_budget = max_tokens - self._context_budget - _SPECIAL_TOKENS
        self._target = min(options.passage_tokens, self._text_budget)
        self._overlap = min(options.overlap_tokens, self._target // 2)
        self._title = document.title or ""
        self._order = 0
        self._pieces: list[_Piece] = []
        self._section: tuple[str, ...] = ()
        self._kind: Kind = "text"
        self._lead = ""  # what was said last, if it announces a table
        self._list_lead = ""  # what was said before the list that goes on, if it announces it
        self._leading = ""  # of these, what leads to the first of the gathered pieces
        self._notes: dict[str, list[Region]] = {}  # of this page, by the region that they belong to

    def page(self, page: Page) -> Iterator[Passage]:
        started_at = self._order
        headings: list[Region] = []
        captions = {r.text: r for r in page.regions if r.kind == "caption"}
        used = {r.caption for r in page.regions if r.caption}
        if self._pieces and not self._runs_on(page):
            yield from self.flush()
        self._notes = notes_of([region for region in page.regions if region.source != "vlm"])
        noted = {note.id for notes in self._notes.values() for note in notes}
        for region in page.regions:
            if region.source == "vlm":
                yield from self._description(region, page)
                continue
            if region.id in noted or region.kind in FURNITURE or not (region.text or region.kind == "figure"):
                continue
            if region.kind == "title" and not self._title:
                self._title = region.text[:200]
            if region.kind in ("title", "heading"):
                yield from self.flush()
                headings.append(region)
                self._lead = self._list_lead = ""
            elif region.kind in ("table", "figure"):
                yield from self.flush()
                yield from self._thing(region, captions.get(region.caption or ""))
                headings = [] if region.kind == "table" else headings
                self._lead = self._list_lead = ""
            elif region.kind != "caption" or region.text not in used:
                yield from self._text(region, headings)
                headings = []
        if headings and not self._pieces and (self._order == started_at or len(headings) > 1):
            # A page of headings alone (a divider, a title slide) is found by them.
            yield from self._text(headings[-1], headings[:-1])

    def flush(self) -> Iterator[Passage]:
        """The gathered text as a passage, if there is any."""
        if not self._pieces:
            return
        pieces, self._pieces = self._pieces, []
        yield from self._noted(
            self._kind,
            "\n".join(p.text for p in pieces),
            _places(p.place for p in pieces),
            tuple(dict.fromkeys(p.region for p in pieces)),
            self._context(self._section, self._leading),
            [note for p in pieces for note in p.notes],
        )

    def _runs_on(self, page: Page) -> bool:
        """Whether the text gathered so far goes on at the top of `page` in mid-sentence."""
        first = next((r for r in page.regions if r.kind not in FURNITURE and r.text), None)
        return (
            first is not None
            and first.kind in ("text", "list")
            and first.section == self._section
            and not self._pieces[-1].text.endswith(_SENTENCE_END)
            and first.text[:1].islower()
        )

    def _text(self, region: Region, headings: Sequence[Region]) -> Iterator[Passage]:
        """Gathers a region; what is full goes out."""
        if region.section != self._section:
            yield from self.flush()
        self._section = region.section if region.kind not in ("title", "heading") else (*region.section, region.text)
        for heading in headings:
            for piece in self._cut(heading):
                yield from self._gather(piece, heading.kind)
        for piece in self._dealt(region, self._cut(region)):
            yield from self._gather(piece, region.kind)
        said = _announcement(region.text)
        self._lead = said if self._count(said) <= self._context_budget // 2 else ""
        self._list_lead = self._list_lead if region.kind == "list" else self._lead

    def _gather(self, piece: _Piece, kind: Kind) -> Iterator[Passage]:
        # A heading stays with the text it heads, even if they are more than one aims at.
        headed = self._kind in ("title", "heading")
        limit = self._text_budget if headed else self._target
        if self._pieces and sum(p.tokens for p in self._pieces) + piece.tokens > limit:
            yield from self.flush()
        if not self._pieces or headed:
            self._kind = kind
            self._leading = self._list_lead if kind == "list" and not self._pieces else ""
        self._pieces.append(piece)

    def _cut(self, region: Region) -> Iterator[_Piece]:
        """The region as one piece, or as windows of whole sentences that overlap a little."""
        tokens = self._count(region.text)
        if tokens <= self._target:
            yield _Piece(region.text, Place(region.page, region.bbox), region.id, tokens)
            return
        for a, b, total in windows(region.text, self._count, self._target, self._overlap):
            yield _Piece(region.text[a:b], Place(region.page, _box(region, a, b)), region.id, total)

    def _thing(self, region: Region, caption: Region | None) -> Iterator[Passage]:
        """A table or figure, with its caption and, if it is a table, the sentence that announces it as context."""
        regions = (region.id, caption.id) if caption else (region.id,)
        context = self._context(region.section, self._lead if region.kind == "table" else "", region.caption or "")
        kind: Kind = "table" if region.cells else region.kind
        if region.cells:
            rows = table_parts(region.cells, self._count, self._text_budget)
            parts = [_Piece(text, Place(region.page, bbox), region.id, 0) for text, bbox in rows]
        else:
            parts = [_Piece(region.text or region.caption or "", Place(region.page, region.bbox), region.id, 0)]
            if self._count(parts[0].text) > self._text_budget:
                parts = list(self._cut(region.model_copy(update={"words": ()})))
        for part in self._dealt(region, parts):
            yield from self._noted(kind, part.text, (part.place,), regions, context, part.notes)

    def _dealt(self, region: Region, parts: Iterable[_Piece]) -> Iterator[_Piece]:
        """The parts of a region with its notes: each goes to the first part that holds its mark, else to the last.

        A part's notes hold marks too, of notes to them.
        """
        parts, notes = list(parts), self._notes.get(region.id, [])
        for part in parts:
            here: list[Region] = []
            for note in notes:
                held = (part.text, *(n.text for n in here))
                if part is parts[-1] or any(anchored(text, mark_of(note.text)) >= 0 for text in held):
                    here.append(note)
            notes = [n for n in notes if n not in here]
            yield part._replace(notes=tuple(here))

    def _noted(
        self,
        kind: Kind,
        text: str,
        places: tuple[Place, ...],
        regions: tuple[str, ...],
        context: str,
        notes: Iterable[Region],
    ) -> Iterator[Passage]:
        """A passage with its notes; those that the window does not hold follow, with what they note as context."""
        apart: list[Region] = []
        for note in notes:
            longer = f"{text}\n{note.text}"
            if self._count(longer) <= self._text_budget:
                text, places, regions = longer, (*places, Place(note.page, note.bbox)), (*regions, note.id)
            else:
                apart.append(note)
        yield self._passage(kind, text, places, regions, context)
        for n, note in enumerate(apart):
            before = "\n".join((text, *(other.text for other in apart[:n])))
            context = self._context(note.section, noted_words(before, mark_of(note.text)))
            for piece in self._cut(note):
                yield self._passage(note.kind, piece.text, (piece.place,), (note.id,), context)

    def _description(self, region: Region, page: Page) -> Iterator[Passage]:
        """What a model wrote of a table or figure: it finds that, and is nothing to quote, hence no text."""
        of = next(
            (r for r in page.regions if r.source != "vlm" and (r.kind, r.bbox) == (region.kind, region.bbox)), None
        )
        if of is None:
            return
        where = self._context(of.section, of.caption or "")
        places = (Place(region.page, region.bbox),)
        for piece in self._cut(region.model_copy(update={"words": ()})):
            yield self._passage(region.kind, "", places, (of.id,), where, piece.text)

    def _context(self, section: Sequence[str], *inner: str) -> str:
        """Title > section path > what is near > caption, the innermost kept when the budget is short."""
        parts = list(dict.fromkeys(part for part in (self._title, *section, *inner) if part))
        while len(parts) > 1 and self._count(" > ".join(parts)) > self._context_budget:
            del parts[1 if len(parts) > 2 else 0]
        text = " > ".join(parts)
        while self._count(text) > self._context_budget:
            text = text[: int(len(text) * 0.8)].rstrip()
        return text

    def _passage(
        self,
        kind: Kind,
        text: str,
        places: tuple[Place, ...],
        regions: tuple[str, ...],
        context: str,
        description: str = "",
    ) -> Passage:
        document = self._document
        order, self._order = self._order, self._order + 1
        return Passage(
            id=f"{document.id}.{document.version[:16]}.{order:06d}",
            document=document.id,
            version=document.version,
            order=order,
            kind=kind,
            places=places,
            regions=regions,
            text=text,
            context=context,
            description=description,
        )


def _announcement(text: str) -> str:
    """The last sentence of a paragraph, if it announces what comes next: "… as follows (in millions):"."""
    spans = sentence_spans(text)
    last = text[slice(*spans[-1])] if spans else ""
    return last if _ANNOUNCES.search(last) else ""


def _places(places: Iterable[Place]) -> tuple[Place, ...]:
    """One box around neighbouring pieces of a column; pieces elsewhere on the page keep their own."""
    merged: list[Place] = []
    for place in places:
        last = merged[-1] if merged else None
        if last and last.page == place.page and _stacked(last.bbox, place.bbox):
            merged[-1] = Place(place.page, BBox.union((last.bbox, place.bbox)))
        else:
            merged.append(place)
    return tuple(merged)


def _stacked(a: BBox, b: BBox) -> bool:
    """Whether `b` stands in the same column as `a`, and not far below it."""
    overlap = min(a.x1, b.x1) - max(a.x0, b.x0)
    return overlap > 0.5 * min(a.width, b.width) and b.y0 - a.y1 < 0.06 and b.y1 > a.y0


def _box(region: Region, start: int, end: int) -> BBox:
    """The box of the region's words that stand in characters `start` to `end` of its text."""
    if not region.words:
        return region.bbox
    _, spans = join(region.words)
    inside = [w.bbox for w, s in zip(region.words, spans, strict=True) if s.start < end and s.end > start]
    return BBox.union(inside) if inside else region.bbox
