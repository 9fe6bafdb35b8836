"""The embedded generator: answers in the documents' own words.

It chooses, from the kept evidence, the sentences or table rows that best cover the question, and quotes them verbatim.
It never words anything itself, so what it says stands on the page; with nothing kept, it says so.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..retrievers.analysis import analyse, query_terms
from ..retrievers.embedders import Embedder
from ..retrievers.late import best_per_token
from ..retrievers.types import Hit
from .base import RegionSource
from .options import GeneratorOptions
from .quotes import Quote, quotes_of
from .types import Answer, Citation, Event, not_in_documents

_MAX_CANDIDATES = 160
_KEEP = 0.92  # a further quote must score this share of the best one
_NUMERIC = re.compile(
    r"\b(how (many|much|long|old|far|large|big|high)|what (percent\w*|proportion|share|number|amount|year|total|ratio)"
    r"|when|which year|percentage|wie ?viele?|wann)\b|多少|几",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(list|which (?:\w+ )?(?:are|were)|what are|name (?:all|the)|enumerate|all the|nenne|welche)\b", re.I
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
        scores = self._scores(question, candidates)
        chosen = self._choose(question, candidates, scores)
        citations: list[Citation] = []
        lines: list[str] = []
        for i in chosen:
            quote = candidates[i]
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
            lines.append(f"{quote.text} [{len(citations)}]")
        confidence = max((hit.relevance or 0.0) for hit in hits)
        return Answer(
            question=question,
            text="\n".join(lines),
            citations=tuple(citations),
            answerable=True,
            confidence=confidence,
            trace={"generator": "extractive", "candidates": len(candidates)},
        )

    def _candidates(self, hits: Sequence[Hit]) -> list[Quote]:
        found: dict[tuple[str, str], Quote] = {}
        for hit in hits:
            for region in self._regions.regions_of(hit.ref.document, hit.regions):
                for quote in quotes_of(region, hit):
                    found.setdefault((region.id, quote.quote), quote)
        return list(found.values())[:_MAX_CANDIDATES]

    def _scores(self, question: str, quotes: Sequence[Quote]) -> NDArray[np.float32]:
        """How well each quote answers: question tokens found (late interaction), terms covered, kind of answer."""
        contexts = [f"{_innermost(q)}\n{q.text}" for q in quotes]
        asked = self._embedder.embed_queries([question])
        told = self._embedder.embed_documents(contexts)
        if asked.tokens is not None and told.tokens is not None:
            tokens = asked.tokens[0]
            near = best_per_token(tokens.values * tokens.scale[:, None], told.tokens).mean(axis=1)
        else:
            near = told.dense @ asked.dense[0]
        terms = set(query_terms(question))
        covered = np.array([_coverage(terms, context) for context in contexts], np.float32)
        relevance = np.array([q.hit.relevance or 0.0 for q in quotes], np.float32)
        scores = near + 0.3 * covered + 0.3 * relevance
        if _NUMERIC.search(question):
            asked_numbers = set(re.findall(r"\d+", question))
            has = [bool(set(re.findall(r"\d+", q.text)) - asked_numbers) for q in quotes]
            scores = scores + 0.12 * np.array(has, np.float32)
        brief = np.array([len(q.text) < 15 or q.region.kind in ("title", "heading") for q in quotes], np.float32)
        return np.asarray(scores - 0.15 * brief, np.float32)

    def _choose(self, question: str, quotes: Sequence[Quote], scores: NDArray[np.float32]) -> list[int]:
        """The best quote, and further ones nearly as good that say something else."""
        order = np.argsort(-scores, kind="stable")
        best = float(scores[order[0]])
        floor = best * (0.85 if _SEVERAL.search(question) else _KEEP)
        chosen: list[int] = []
        said: list[set[str]] = []
        for i in map(int, order):
            if len(chosen) == self._options.max_quotes or (chosen and scores[i] < floor):
                break
            words = set(analyse(quotes[i].text))
            if any(len(words & other) > 0.8 * min(len(words), len(other)) for other in said if other):
                continue
            chosen.append(i)
            said.append(words)
        return chosen


def _innermost(quote: Quote) -> str:
    region = quote.region
    return region.caption or (region.section[-1] if region.section else "")


def _coverage(terms: set[str], text: str) -> float:
    return len(terms & set(analyse(text))) / len(terms) if terms else 0.0
