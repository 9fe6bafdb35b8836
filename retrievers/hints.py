"""Where a question itself says to look: pages and labels it names, the first page, statements its figures are from;
and which candidates have the kind, the years and the names that it speaks of.

The former add candidates that neither channel may have found. All are evidence: soft, weighed in
`configs/relevance.yaml`, and visible in `Hit.via`.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from ..ingest.types import Passage
from .analysis import NO_SPACES, analyse, fold
from .question import QUARTERS, Question
from .types import Filters

_FEW_DOCUMENTS = 10
_MOST = 60  # passages that pages or a label bring
_MARKED = 1000  # parts of statements looked at; reports of many hundred pages have fewer
_STATEMENT = 0.45  # degree from which a page is taken for the statement itself
Hints = dict[str, dict[str, float]]


class Index(Protocol):
    """What hints need of the library."""

    def lexical(self, terms: Sequence[str], k: int, filters: Filters) -> list[tuple[str, float]]: ...

    def passages(self, ids: Sequence[str]) -> list[Passage]: ...

    def passage_ids(self, filters: Filters, limit: int | None = None) -> list[str]: ...

    def pages_named(self, names: Sequence[int], filters: Filters) -> list[tuple[str, int]]: ...


def hints(question: Question, index: Index, filters: Filters, likely: Sequence[str]) -> Hints:
    """For each hint that the question gives: passages that fit it, with how well, in (0, 1.3].

    Args:
        likely: documents that the channels' candidates are in, most of them first; labels and statements are looked
            for there only, as every report has a "Table 2" and a balance sheet.
    """
    inside = filters.model_copy(update={"documents": tuple(likely)})
    found: Hints = {
        "page named": dict.fromkeys(_on_pages(question.pages, index, filters), 1.0),
        "first page": dict.fromkeys(_first(index, filters) if question.whole else (), 1.0),
    }
    if likely:
        found["label named"] = dict.fromkeys(_labelled(question, index, inside), 1.0)
        found["statement"] = _statements(question, index, inside)
    return found


def mentions(question: Question, candidates: Sequence[Passage]) -> Hints:
    """For each thing that the question speaks of: candidates that have it, with the share that they have, in (0, 1].

    A table's years often stand in its title or in a note: a page has what its candidates have.
    """
    found: Hints = {}
    if question.kinds:
        found["kind named"] = {p.id: 1.0 for p in candidates if p.kind in question.kinds}
    texts = {p.id: f"{p.finding}\n{p.text}" for p in candidates if question.years or question.entities}
    if periods := [_period(period) for period in question.years]:
        pages: dict[tuple[str, int], list[Passage]] = defaultdict(list)
        for passage in candidates:
            pages[passage.document, passage.places[0].page].append(passage)
        had = found["year named"] = {}
        for here in pages.values():
            text = "\n".join(texts[passage.id] for passage in here)
            had |= dict.fromkeys((p.id for p in here), _share(bool(period.search(text)) for period in periods))
    if names := [_name(name) for name in question.entities]:
        folded = {id: fold(text) for id, text in texts.items()}
        found["name given"] = {id: _share(bool(name.search(text)) for name in names) for id, text in folded.items()}
    return {hint: {id: value for id, value in had.items() if value} for hint, had in found.items()}


def _period(period: str) -> re.Pattern[str]:
    """`2023` also stands for FY23 and 2022/23, `Q2` for the second quarter."""
    if period.startswith("Q"):
        n = int(period[1])
        return re.compile(rf"\bQ{n}\b|\b{n}Q|\b{QUARTERS[n - 1]} (?:fiscal )?quarter", re.I)
    return re.compile(rf"(?<!\d){period}(?!\d)|\bFY\s*'?{period[2:]}\b|(?<=\d\d[/–-]){period[2:]}\b")


def _name(name: str) -> re.Pattern[str]:
    """Finds a name in folded text as words of its own, "AI" not in "said"; scripts without spaces have no edges."""
    letter = rf"(?!{NO_SPACES})\w"
    return re.compile(rf"(?:(?<!{letter})|(?={NO_SPACES})){re.escape(fold(name))}(?:(?!{letter})|(?<={NO_SPACES}))")


def _share(found: Iterable[bool]) -> float:
    each = list(found)
    return sum(each) / len(each)


def _on_pages(pages: Sequence[int], index: Index, filters: Filters) -> list[str]:
    """Passages on pages of these printed labels or, where none fits, numbers.

    None where many documents have such a page: the number alone does not tell which is meant.
    """
    first, last = filters.first_page or 1, filters.last_page or math.inf
    named = [(d, page) for d, page in index.pages_named(pages, filters) if first <= page <= last] if pages else []
    if len({document for document, _ in named}) > _FEW_DOCUMENTS:
        return []
    ids: list[str] = []
    for document, page in named:
        here = filters.model_copy(update={"documents": (document,), "first_page": page, "last_page": page})
        ids += index.passage_ids(here, limit=_MOST)
        if len(ids) >= _MOST:
            break
    return ids[:_MOST]


def _first(index: Index, filters: Filters) -> list[str]:
    """Passages of first pages, whatever is printed on them; none where there are many documents."""
    if (filters.first_page or 1) > 1:
        return []
    ids = index.passage_ids(filters.model_copy(update={"first_page": 1, "last_page": 1}), limit=_MOST + 1)
    return ids if len(ids) <= _MOST else []


def _labelled(question: Question, index: Index, filters: Filters) -> list[str]:
    """Figures and tables of the numbers that the question names: where a caption or a line starts with the label."""
    ids: list[str] = []
    for label in question.labels:
        # Each spelling by itself: passages that mention "Fig. 3" often would crowd out the caption of "Figure 3".
        offered = dict.fromkeys(
            id for spelling in label.spellings for id, _ in index.lexical(analyse(spelling), _MOST, filters)
        )
        ids += [p.id for p in index.passages(list(offered)) if label.heads(p.finding) or label.heads(p.text)]
    return ids


def _statements(question: Question, index: Index, filters: Filters) -> dict[str, float]:
    """Parts of the financial statements that the figures asked for are taken from, by how much the page is one."""
    found: dict[str, float] = {}
    for statement in question.statements:
        parts = index.passages([id for id, _ in index.lexical([statement.mark], _MARKED, filters)])
        pages: dict[tuple[str, int], list[Passage]] = defaultdict(list)
        for part in parts:
            pages[part.document, part.places[0].page].append(part)
        for here in pages.values():
            degree = statement.degree(f"{part.finding}\n{part.text}" for part in here)
            if degree >= _STATEMENT:
                for part in here:
                    found[part.id] = max(found.get(part.id, 0.0), degree)
    return found
