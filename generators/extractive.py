"""The embedded generator: answers in the documents' own words.

It chooses, from the kept evidence, the sentences or table rows that best cover the question, and quotes them verbatim.
It never words anything itself, so what it says stands on the page; with nothing kept, it says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..retrievers.analysis import analyse, query_terms
from ..retrievers.cutoff import confidence
from ..retrievers.embedders import Embedder
from ..retrievers.late import best_per_token
from ..retrievers.question import understand
from ..retrievers.types import Hit
from .base import RegionSource
from .expected import Expected
from .options import GeneratorOptions
from .quotes import Quote, quote_of_row, quotes_of
from .types import Answer, Citation, Event, not_in_documents

_MAX_CANDIDATES = 160
_MAX_WORDS = 60  # of all quotes together; one alone may be longer
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHORT_YEAR = re.compile(r"[/'’–-]\s?(\d\d)(?![\d/.–-])")  # 2017/18, Dec-18
_KEEP, _KEEP_SEVERAL = 0.75, 0.65  # a further quote must score this share of the best one
_SEVERAL = re.compile(
    r"\b(list|which (?:\w+ )?(?:are|were)|what are|name (?:all|the)|enumerate|all the|nenne|welche)\b|哪些", re.I
)


class ExtractiveGenerator:
    """Quotes the evidence. Needs the embedder that made the library (for token vectors) and the regions.

    Args:
        embedder: gives vectors of question and candidate sentences; token vectors are used where it has them.
        regions: where the regions of a hit are looked up.
    """

    def __init__(self, embedder: Embedder, regions: RegionSource, options: GeneratorOptions | None = None) -> None:
        self._embedder = embedder
        self._regions = regions
        self._options = options or GeneratorOptions()

    async def stream(self, question: str, hits: Sequence[Hit]) -> AsyncIterator[Event]:
        """Events for each quote and, last, the answer. CPU-bound: runs in a thread."""
        import anyio

        whole = await anyio.to_thread.run_sync(self.answer, question, hits)
        for citation in whole.citations:
            yield Event(citation=citation)
        yield Event(text=whole.text, answer=whole)

    def answer(self, question: str, hits: Sequence[Hit]) -> Answer:
        """The answer, synchronously; `not_in_documents` when no hit was kept or none holds quotable text."""
        candidates = self._candidates(hits)
        if not candidates:
            return not_in_documents(question)
        asked = understand(question)
        about = asked.content
        expected = Expected(about)
        sure = confidence(hits)
        if expected.needed:
            candidates = [quote for quote in candidates if expected.met_by(quote.text)]
            if not candidates:
                return not_in_documents(question, sure, generator="extractive", reason=f"no {expected.needed} found")
        years = {year for year in asked.years if _YEAR.fullmatch(year)}
        timely = [quote for quote in candidates if not _of_other_years(quote, years)]
        if len(timely) < len(candidates) and all(map(_bare, timely)):  # headings alone do not answer either
            reason = f"no figure of {' or '.join(sorted(years))} found"
            return not_in_documents(question, sure, generator="extractive", reason=reason)
        candidates = timely
        scores = self._scores(about, expected, candidates)
        quotes = [_named(quote, about) for quote in candidates]
        citations: list[Citation] = []
        lines: list[str] = []
        for i in self._choose(about, quotes, scores):
            quote = quotes[i]
            document = quote.hit.ref.document
            citations.append(
                Citation(
                    marker=len(citations) + 1,
                    document=document,
                    name=self._regions.document_name(document),
                    version=quote.hit.ref.version,
                    places=quote.places,
                    quote=quote.quote,
                    regions=(quote.region.id,),
                    support="verbatim",
                    relevance=quote.hit.relevance,
                )
            )
            caption = quote.region.caption if quote.region.kind == "figure" else None
            named = f" ({caption})" if caption and not any(caption in line for line in lines) else ""
            lines.append(f"{quote.text}{named} [{len(citations)}]")
        return Answer(
            question=question,
            text="\n".join(lines),
            citations=tuple(citations),
            answerable=True,
            confidence=sure,
            trace={"generator": "extractive", "candidates": len(candidates)},
        )

    def _candidates(self, hits: Sequence[Hit]) -> list[Quote]:
        found: dict[tuple[str, str], Quote] = {}
        for hit in hits:
            for region in self._regions.regions_of(hit.ref.document, hit.regions):
                for quote in quotes_of(region, hit):
                    found.setdefault((region.id, quote.quote), quote)
        return list(found.values())[:_MAX_CANDIDATES]

    def _scores(self, question: str, expected: Expected, quotes: Sequence[Quote]) -> NDArray[np.float32]:
        """How well each quote answers: question tokens found (late interaction), terms covered, kind of answer.

        Weights are round numbers: halving or doubling one of them moves hardly any answer.
        """
        contexts = [f"{_about(q)}\n{q.text}" for q in quotes]
        asked = self._embedder.embed_queries([question])
        told = self._embedder.embed_documents(contexts)
        if asked.tokens is not None and told.tokens is not None and len(asked.tokens[0].values):
            tokens = asked.tokens[0]
            near = best_per_token(tokens.values * tokens.scale[:, None], told.tokens).mean(axis=1)
        else:
            near = told.dense @ asked.dense[0]
        known = set(analyse(question))
        said = [set(query_terms(q.text)) for q in quotes]
        scores = near + 0.3 * _covered(query_terms(question), [set(analyse(q.text)) for q in quotes])
        scores += 0.2 * np.array([q.hit.relevance or 0.0 for q in quotes], np.float32)
        scores += 0.2 * np.array([_share(set(analyse(q.label)), known) for q in quotes], np.float32)
        scores += 0.12 * np.array([expected.met_by(q.text) for q in quotes], np.float32)
        # What only repeats the question (a heading, a lead-in to a table) does not answer it.
        scores -= 0.3 * np.array([not (words - known) for words in said], np.float32)
        scores -= 0.15 * np.array([q.text.endswith((":", "：")) or _bare(q) for q in quotes], np.float32)
        return np.asarray(scores, np.float32)

    def _choose(self, question: str, quotes: Sequence[Quote], scores: NDArray[np.float32]) -> list[int]:
        """The best quote, and further ones nearly as good that say something else, of its years if such are asked."""
        order = np.argsort(-scores, kind="stable")
        best = float(scores[order[0]])
        floor = best - abs(best) * (1 - (_KEEP_SEVERAL if _SEVERAL.search(question) else _KEEP))
        known = set(analyse(question))
        years = {term for term in known if _YEAR.fullmatch(term)} & set(analyse(quotes[int(order[0])].text))
        room = _MAX_WORDS
        chosen: list[int] = []
        for i in map(int, order):
            if len(chosen) == self._options.max_quotes or (chosen and scores[i] < floor):
                break
            if years and not years & set(analyse(quotes[i].text)):
                continue
            length = len(quotes[i].quote.split())
            if chosen and (length > room or any(_adds_nothing(quotes[i], quotes[c], known) for c in chosen)):
                continue
            chosen.append(i)
            room -= length
        return chosen


def _adds_nothing(quote: Quote, other: Quote, known: set[str]) -> bool:
    """Whether nearly all that `quote` says beyond the question's own words stands in `other`; in a row of its name."""
    said = set(query_terms(quote.text)) - known
    return quote.label == other.label and len(said - set(analyse(other.text))) <= 0.2 * len(said)


def _about(quote: Quote) -> str:
    """What the quote stands under."""
    region = quote.region
    return " ".join(filter(None, (region.caption or (region.section[-1] if region.section else ""), quote.about)))


def _bare(quote: Quote) -> bool:
    """Short headings, lone figures, and table rows without a label or a value: a thing, or what is said of it."""
    if quote.region.cells:
        return not (quote.label and quote.row and quote.row.columns)
    heading = quote.region.kind in ("title", "heading") and len(quote.text.split()) < 6
    return heading or not any(c.isalpha() for c in quote.text)


def _of_other_years(quote: Quote, years: set[str]) -> bool:
    """Whether a table row has columns of years, but nothing of `years`, in its columns or elsewhere."""
    row = quote.row
    if row is None or not years:
        return False
    dated = {year for column in row.columns for year in _years_of(column.name)}
    short = {f"20{year}" for column in row.columns for year in _SHORT_YEAR.findall(column.name)}
    return bool(dated) and not years & (dated | short | _years_of(f"{row.group} {row.text}"))


def _years_of(text: str) -> set[str]:
    return {term for term in analyse(text) if _YEAR.fullmatch(term)}


def _covered(terms: Sequence[str], texts: Sequence[set[str]]) -> NDArray[np.float32]:
    """The share of the question's terms in each text; a term that fewer texts hold weighs more."""
    weights = [
        math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for n in (sum(t in text for text in texts) for t in terms)
    ]
    whole = sum(weights) or 1.0
    return (
        np.array([sum(w for t, w in zip(terms, weights, strict=True) if t in text) for text in texts], np.float32)
        / whole
    )


def _share(words: set[str], known: set[str]) -> float:
    return len(words & known) / len(words) if words else 0.0


def _named(quote: Quote, question: str) -> Quote:
    """A table row reduced to the columns that the question names, if it names some of them."""
    if quote.row is None:
        return quote
    asked = query_terms(question)
    years = {term for term in asked if _YEAR.fullmatch(term)}
    row = quote.row.named(years, set(asked), set(analyse(question)))
    return quote_of_row(row, quote.region, quote.hit)
