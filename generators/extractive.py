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
from ..retrievers.embedders import Embedder
from ..retrievers.late import best_per_token
from ..retrievers.question import understand
from ..retrievers.types import Hit
from .base import RegionSource
from .expected import Expected
from .options import GeneratorOptions
from .quotes import Quote, quotes_of, row_said
from .types import Answer, Citation, Event, not_in_documents

_MAX_CANDIDATES = 160
_MAX_WORDS = 60  # of all quotes together; one alone may be longer
_KEEP, _KEEP_SEVERAL = 0.88, 0.8  # a further quote must score this share of the best one
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
        about = understand(question).content
        scores = self._scores(about, candidates)
        chosen = self._choose(about, candidates, scores)
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
            lines.append(f"{_focused(quote, about)} [{len(citations)}]")
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
        contexts = [f"{_about(q)}\n{q.text}" for q in quotes]
        asked = self._embedder.embed_queries([question])
        told = self._embedder.embed_documents(contexts)
        if asked.tokens is not None and told.tokens is not None:
            tokens = asked.tokens[0]
            near = best_per_token(tokens.values * tokens.scale[:, None], told.tokens).mean(axis=1)
        else:
            near = told.dense @ asked.dense[0]
        expected = Expected(question)
        known = set(analyse(question))
        found = [set(analyse(context)) for context in contexts]
        said = [set(query_terms(q.text)) for q in quotes]
        scores = near + 0.3 * _covered(query_terms(question), found)
        scores += 0.3 * np.array([q.hit.relevance or 0.0 for q in quotes], np.float32)
        scores += 0.12 * np.array([bool(expected.met_by(q.text)) for q in quotes], np.float32)
        # What only repeats the question (a heading, a lead-in to a table) does not answer it.
        scores -= 0.3 * np.array([not (words - known) for words in said], np.float32)
        scores -= 0.15 * np.array([q.text.endswith((":", "：")) or _bare(q) for q in quotes], np.float32)
        return np.asarray(scores, np.float32)

    def _choose(self, question: str, quotes: Sequence[Quote], scores: NDArray[np.float32]) -> list[int]:
        """The best quote, and further ones nearly as good that say something else."""
        order = np.argsort(-scores, kind="stable")
        best = float(scores[order[0]])
        floor = best - abs(best) * (1 - (_KEEP_SEVERAL if _SEVERAL.search(question) else _KEEP))
        room = _MAX_WORDS
        chosen: list[int] = []
        said: list[set[str]] = []
        for i in map(int, order):
            if len(chosen) == self._options.max_quotes or (chosen and scores[i] < floor):
                break
            words = set(analyse(quotes[i].text))
            long = len(quotes[i].quote.split())
            if chosen and (
                long > room or any(len(words & other) > 0.8 * min(len(words), len(other)) for other in said)
            ):
                continue
            chosen.append(i)
            said.append(words)
            room -= long
        return chosen


def _about(quote: Quote) -> str:
    """What the quote stands under."""
    region = quote.region
    return " ".join(filter(None, (region.caption or (region.section[-1] if region.section else ""), quote.about)))


def _bare(quote: Quote) -> bool:
    """Short headings and table rows without a label or a value name things, and say nothing of them."""
    if quote.region.cells:
        return not (quote.label and quote.cells)
    return quote.region.kind in ("title", "heading") and len(quote.text.split()) < 6


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


def _focused(quote: Quote, question: str) -> str:
    """A table row reduced to the columns that the question names, if it names some of them."""
    for asked in (set(query_terms(question)), set(analyse(question))):
        shared = [len(asked & set(analyse(name))) for name, _ in quote.cells]
        if shared and max(shared) > min(shared):
            return row_said(quote.label, [c for c, n in zip(quote.cells, shared, strict=True) if n == max(shared)])
    return quote.text
