"""Filters from the question's own words, for those who ask for it: documents by name or title, pages, kinds.

They hold exactly, as given ones do: a wrong guess loses the answer, which is why nothing is inferred unless asked for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Protocol

from ..ingest.types import Document, Kind
from . import pointing
from .analysis import analyse, fold, query_terms
from .question import Question
from .types import Filters

_APART: frozenset[Kind] = frozenset({"table", "figure"})  # the kinds that are passages of their own
# "The figures for borrowings" are numbers, in tables mostly; "the figure" and "Figures 2 and 3" are drawn.
_NUMBERS = re.compile(r"(?:(?<!the )(?<!this )\bfigure|\bfigures)\b(?!\s*(?:\d|(?-i:[A-Z])\b))", re.I)
_WORK = (
    r"reports?|papers?|articles?|stud(?:y|ies)|presentations?|slides?|deck|filings?|10-?[kq]|manuals?|guides?|handbook"
    r"|guidebook|brochure|letter|contract|book"
)
_WORD = r"(?!(?:of|in|on|from|for|by|to|the|a|an|and|this|that)\b)[\w'’&.-]+"
# "in the 2021 annual report of Acme", "according to Acme's annual report"
_REFERENCE = re.compile(
    rf"\b(?:in|from|of|on|to|per)\s+(?:(?:the|their|its)\s+)?(?P<work>(?:{_WORD}\s+){{0,6}}(?:{_WORK})\b"
    rf"(?:\s+(?:of|by|from|for|on)\s+(?:the\s+)?(?:(?-i:[A-Z0-9])[\w'’&.-]*\s*)+)?)",
    re.I,
)


class Index(Protocol):
    """What inferring needs of the library."""

    def documents(self) -> list[Document]: ...

    def pages_named(self, names: Sequence[int], filters: Filters) -> list[tuple[str, int]]: ...


def narrowed(question: Question, filters: Filters, index: Index) -> Filters:
    """`filters`, narrowed to what `question` names; what they restrict already stays as it is.

    Pages narrow where one document is meant, to the range that they span (several documents rarely have the same page
    numbers); a page that this document lacks leaves nothing.
    """
    known = [d for d in index.documents() if not filters.documents or d.id in filters.documents]
    if meant := _named(question.content, known):
        filters = filters.model_copy(update={"documents": tuple(document.id for document in meant)})
    if not filters.kinds:
        kinds = pointing.kinds(_NUMBERS.sub("", question.content))
        filters = filters.model_copy(update={"kinds": tuple(kind for kind in kinds if kind in _APART)})
    if question.pages and filters.first_page is None and filters.last_page is None:
        found = index.pages_named(question.pages, filters.model_copy(update={"kinds": ()}))
        if len({document for document, _ in found}) == 1:
            pages = [page for _, page in found]
            update = {"documents": (found[0][0],), "first_page": min(pages), "last_page": max(pages)}
            filters = filters.model_copy(update=update)
        elif not found and len(meant or known) == 1:
            filters = filters.model_copy(update={"first_page": max(map(abs, question.pages))})
    return filters


def _named(question: str, documents: Sequence[Document]) -> list[Document]:
    """Those whose file name or title stands in `question`, else those that have each word of a reference in it."""
    folded, asked = fold(question), analyse(question)
    literally = [
        document
        for document in documents
        if fold(document.name) in folded or any(len(name) > 1 and _within(name, asked) for name in _names(document))
    ]
    if literally:
        return literally
    terms = {d.id: {*(t for name in _names(d) for t in name), *analyse(_values(d))} for d in documents}
    for match in _REFERENCE.finditer(question):
        wanted = set(query_terms(match["work"]))
        if len(wanted) > 1 and (meant := [document for document in documents if wanted <= terms[document.id]]):
            return meant
    return []


def _names(document: Document) -> list[list[str]]:
    """Index terms of its file's name without suffix, and of its title."""
    stem = re.sub(r"[_.-]+", " ", PurePath(document.name).stem)
    return [analyse(stem), analyse(document.title or "")]


def _values(document: Document) -> str:
    return " ".join(str(value) for value in document.metadata.values())


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    return any(list(whole[n : n + len(part)]) == list(part) for n in range(len(whole) - len(part) + 1))
