"""Search: two channels, fused, judged, rolled up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..ingest.types import Passage, Place, Region
from . import hints
from .analysis import query_terms
from .embedders import Embedder
from .fusion import reciprocal_rank_fusion
from .options import RetrievalOptions
from .question import Question, understand
from .relevance import Relevance
from .rollup import roll_up
from .types import Filters, Hit, Level, Query, Ref

_REGIONS_AHEAD = 3  # region hits looked up for each one asked for, before headings give way
_LABELS: frozenset[str] = frozenset({"title", "heading", "caption"})
_LABEL = 5.0  # how much less of a score they have, unless they are asked for
_SIZE, _LARGE = 2.0, 0.3  # a region of that share of its page, or more, has that much more
_PART = 2.0  # how much more a region has that lies in the part of the page which the question names
_AHEAD = 30  # candidates that tell which documents are meant
_LIKELY = 3  # documents in which figures, tables and statements that a question names are looked for


class Index(hints.Index, Protocol):
    """The library, as search sees it."""

    def dense(self, vector: NDArray[np.float32], k: int, filters: Filters) -> list[tuple[str, float]]: ...

    def regions_of(self, document: str, ids: Sequence[str]) -> list[Region]: ...


class Searcher:
    """Hybrid search over one library.

    Dense (Chroma) and lexical (FTS5) candidates are fused by reciprocal rank, judged by `relevance`, and rolled up to
    the level asked for.
    """

    def __init__(
        self, index: Index, embedder: Embedder, relevance: Relevance, options: RetrievalOptions | None = None
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._relevance = relevance
        self._options = options or RetrievalOptions()

    async def search(self, query: Query, *, level: Level = "passage", k: int = 10) -> list[Hit]:
        """The `k` best hits of `level`, judged, best first; filters hold exactly. Empty when nothing matches."""
        import anyio

        if not query.text.strip():
            return []
        question = understand(query.text)
        about = query.model_copy(update={"text": question.content})
        candidates = await anyio.to_thread.run_sync(self.candidates, about, question)
        judged = await self._relevance.score(about, candidates)
        hits = roll_up(judged, level)
        if level != "region":
            return hits[:k]
        return self._at_their_regions(hits[: _REGIONS_AHEAD * k], question)[:k]

    def candidates(self, query: Query, question: Question | None = None) -> list[Hit]:
        """Unjudged passage hits of both channels, fused; `via` holds each channel's own score.

        What the question's hints add has their names in `via`, too.
        """
        n = self._options.candidates
        vector = self._embedder.embed_queries([query.text]).dense[0]
        dense = self._index.dense(vector, n, query.filters)
        lexical = self._index.lexical(query_terms(query.text), n, query.filters)
        fused = reciprocal_rank_fusion([[i for i, _ in dense], [i for i, _ in lexical]], self._options.rrf_k)[:n]
        channels: dict[str, Mapping[str, float]] = {"dense": dict(dense), "bm25": dict(lexical)}
        scores = dict(fused)
        offered = self._index.passages(list(scores))
        if question is not None:
            given = hints.hints(question, self._index, query.filters, _likely(offered))
            channels.update(given)
            new = dict.fromkeys(id for ids in given.values() for id in ids if id not in scores)
            scores |= dict.fromkeys(new, 0.0)
            offered += self._index.passages(list(new))
            channels.update(hints.mentions(question, offered))
        return [
            Hit(
                ref=Ref(kind="passage", id=passage.id, document=passage.document, version=passage.version),
                places=passage.places,
                score=scores[passage.id],
                kind=passage.kind,
                regions=passage.regions,
                text=passage.text,
                context=passage.context,
                description=passage.description,
                via={name: found[passage.id] for name, found in channels.items() if passage.id in found},
            )
            for passage in offered
        ]

    def _at_their_regions(self, hits: Sequence[Hit], question: Question) -> list[Hit]:
        """Region hits with the region's own box, kind and text instead of their passage's.

        What is said stands in the larger regions more often than in single lines, and in headings and captions least.
        """
        out: list[Hit] = []
        for hit in hits:
            for region in self._index.regions_of(hit.ref.document, [hit.ref.id]):
                score = hit.score + _SIZE * min(region.bbox.area / _LARGE, 1.0)
                score -= _LABEL * (region.kind in _LABELS.difference(question.kinds))
                if question.part is not None and region.bbox.area:
                    score += _PART * region.bbox.intersection(question.part) / region.bbox.area
                here = {"places": (Place(region.page, region.bbox),), "kind": region.kind, "text": region.text}
                out.append(hit.model_copy(update={**here, "regions": (region.id,), "score": score}))
        return sorted(out, key=lambda hit: -hit.score)


def _likely(offered: Sequence[Passage]) -> list[str]:
    """The documents that most of the best candidates are in."""
    return [document for document, _ in Counter(p.document for p in offered[:_AHEAD]).most_common(_LIKELY)]
