"""From kept hits to numbered evidence within a budget.

Text goes as text and tables as markdown; figures, tables of doubtful structure and what is drawn beside the text go as
crops, too. Crops of one page become one where that costs no more, and what they show is one piece of evidence. The
most relevant comes first, then the best relevance per token.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ...errors import UnreadableFile
from ...ingest.types import BBox, Page
from ...retrievers.types import Hit
from .crops import Unit, units_of
from .legibility import BARELY, LEGIBLE, PAGE, picture_of
from .pieces import Piece, pieces_of
from .types import Budget, Evidence, EvidenceSource, Packed, Shown, Undrawn
from .visual_tokens import VisualTokens

CountText = Callable[[str], int]


class _Way(NamedTuple):
    """One way to show a unit, and what that costs."""

    text: str
    picture: Shown | None
    cost: Budget


class _Chosen(NamedTuple):
    unit: Unit
    way: _Way


def pack(
    hits: Sequence[Hit],
    source: EvidenceSource,
    budget: Budget,
    counter: VisualTokens,
    count_text: CountText,
    undrawn: Undrawn | None = None,
) -> Packed:
    """The evidence of `hits` that fits `budget`; blocks while it draws pages to see what is on them.

    Args:
        hits: Kept hits, of one document or several; those that nobody judged count as irrelevant.
        source: Looks up regions and pages.
        counter: How the model sees pictures.
        count_text: How many tokens the model makes of a piece's text, with what stands around it; also of none.
        undrawn: These pages go as text alone, and so does what else cannot be drawn, which is added to it.

    Raises:
        UnreadableFile: A page cannot be drawn, and there is no `undrawn`, or no text of any page to show instead.
    """
    pieces = pieces_of(hits, source)
    keys = dict.fromkeys((piece.document, number) for piece in pieces for number in piece.pages)
    pages = {key: source.page(*key) for key in keys}
    pictures = min(budget.pictures, budget.visual_tokens) > 0
    units = [
        (unit, page)
        for (document, number), page in pages.items()
        if (here := [p for p in pieces if p.document == document and p.page == number])
        for unit in _units(here, page, source, _cost_on(page, counter) if pictures else None, undrawn)
    ]
    offered = [(unit, [*_ways(unit, page, counter, count_text)]) for unit, page in units]
    if undrawn and not any(ways for _, ways in offered):
        raise next(iter(undrawn.values()))
    chosen, spent = _choose(offered, budget)
    evidence = tuple(_evidence(number, *one, source) for number, one in enumerate(chosen, start=1))
    there = Counter(passage for unit, _ in units for passage in unit.passages)
    shown = Counter(passage for one in evidence for passage in one.passages)
    return Packed(
        evidence=evidence,
        text_tokens=spent.text_tokens,
        visual_tokens=spent.visual_tokens,
        whole_pages_tokens=sum(whole.tokens for page in pages.values() if (whole := picture_of(PAGE, page, counter))),
        left_out=tuple(dict.fromkeys(hit.ref.id for hit in hits if shown[hit.ref.id] < max(there[hit.ref.id], 1))),
    )


def _units(
    pieces: Sequence[Piece],
    page: Page,
    source: EvidenceSource,
    cost: Callable[[BBox], float] | None,
    undrawn: Undrawn | None,
) -> list[Unit]:
    """The units of a page, without pictures if it is one of `undrawn` or turns out to be."""
    key = (pieces[0].document, page.number)
    if undrawn is None or key not in undrawn:
        try:
            return units_of(pieces, page, source, cost)
        except UnreadableFile as error:
            if undrawn is None:
                raise
            undrawn[key] = error
    return units_of(pieces, page, source, None)


def _cost_on(page: Page, counter: VisualTokens) -> Callable[[BBox], float]:
    @cache  # many parts of a page are compared with each other
    def cost(box: BBox) -> float:
        return shown.tokens if (shown := picture_of(box, page, counter)) else math.inf

    return cost


def _ways(unit: Unit, page: Page, counter: VisualTokens, count_text: CountText) -> Iterator[_Way]:
    """Ways to show a unit, the best first: its crop legible, or barely so, or its text alone."""
    pieces = sorted(unit.pieces, key=lambda piece: piece.regions[0].order if piece.regions else 0)
    text = "\n\n".join(dict.fromkeys(filter(None, (piece.text for piece in pieces))))
    tokens = count_text(text)
    if unit.crop is not None:
        for target in (LEGIBLE, BARELY):
            if shown := picture_of(unit.crop, page, counter, target):
                yield _Way(text, shown, Budget(text_tokens=tokens, visual_tokens=shown.tokens, pictures=1))
    if text:
        yield _Way(text, None, Budget(text_tokens=tokens, visual_tokens=0, pictures=0))


def _choose(units: Sequence[tuple[Unit, list[_Way]]], budget: Budget) -> tuple[list[_Chosen], Budget]:
    """What fits the budget, the most relevant first, and what it costs.

    A cost is the sum of the shares that it takes of the three budgets: the usual greedy way with a knapsack of several
    dimensions (Toyoda 1975). The most relevant unit goes before all others: many small ones must not crowd it out.
    """
    offered = [(n, unit, ways) for n, (unit, ways) in enumerate(units) if ways]
    most = max((unit.relevance for _, unit, _ in offered), default=0.0)

    def place(one: tuple[int, Unit, list[_Way]]) -> tuple[bool, float]:
        _, unit, ways = one
        return unit.relevance < most, -unit.relevance / max(_share(ways[0].cost, budget), 1e-9)

    chosen: dict[int, _Chosen] = {}
    spent = Budget(text_tokens=0, visual_tokens=0, pictures=0)
    for n, unit, ways in sorted(offered, key=place):
        for way in ways:
            total = _sum(spent, way.cost)
            if _fits(total, budget):
                chosen[n] = _Chosen(unit if way.picture else unit.told(), way)
                spent = total
                break
    # Of equal ones, as of the pages of one passage, the first stays the first.
    return [chosen[n] for n in sorted(chosen, key=lambda n: (-chosen[n].unit.relevance, n))], spent


def _evidence(number: int, unit: Unit, way: _Way, source: EvidenceSource) -> Evidence:
    hits = sorted((hit for piece in unit.pieces for hit in piece.hits), key=lambda hit: -(hit.relevance or 0.0))
    best = unit.pieces[0]
    regions = tuple(region for piece in unit.pieces for region in piece.regions)
    return Evidence(
        number=number,
        document=best.document,
        name=source.document_name(best.document),
        version=best.version,
        page=best.page,
        kind=hits[0].kind or (regions[0].kind if regions else "text"),
        passages=unit.passages,
        hits=tuple(hit.relevance or 0.0 for hit in hits),
        regions=regions,
        places=tuple(dict.fromkeys(place for piece in unit.pieces for place in piece.places)),
        text=way.text,
        picture=way.picture,
    )


def _sum(a: Budget, b: Budget) -> Budget:
    return Budget(
        text_tokens=a.text_tokens + b.text_tokens,
        visual_tokens=a.visual_tokens + b.visual_tokens,
        pictures=a.pictures + b.pictures,
    )


def _fits(cost: Budget, budget: Budget) -> bool:
    return (
        cost.text_tokens <= budget.text_tokens
        and cost.visual_tokens <= budget.visual_tokens
        and cost.pictures <= budget.pictures
    )


def _share(cost: Budget, budget: Budget) -> float:
    """The sum of the shares of each budget that `cost` takes."""
    return (
        cost.text_tokens / max(budget.text_tokens, 1)
        + cost.visual_tokens / max(budget.visual_tokens, 1)
        + cost.pictures / max(budget.pictures, 1)
    )
