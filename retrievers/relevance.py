"""How relevant each candidate is, as a probability: late interaction with lexical evidence, or a cross-encoder."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import SettingsError, UnknownComponent
from .analysis import query_terms
from .answerability import question_evidence
from .calibration import Calibration
from .embedders import Embedder, reason
from .fusion import reciprocal_ranks, z_scores
from .late import TokenVectors, best_per_token
from .options import Fusion
from .quiet import without_loading_bar
from .types import Hit, Query

_K1, _B = 1.2, 0.75  # BM25's usual constants
_CONTEXT_WEIGHT = 0.5  # a term of the title, section or caption counts half


class Relevance(Protocol):
    """Judges candidates; gives them back in the same order with `relevance` and a `score` that orders them."""

    async def score(self, query: Query, hits: Sequence[Hit]) -> list[Hit]: ...


class Statistics(Protocol):
    """What scoring needs of the library."""

    def passage_count(self) -> int: ...

    def document_frequency(self, terms: Sequence[str]) -> Mapping[str, int]: ...

    def terms(self, ids: Sequence[str]) -> Mapping[str, tuple[Sequence[str], Sequence[str]]]: ...

    def token_vectors(self, ids: Sequence[str]) -> Mapping[str, bytes]: ...


class Evidence(NamedTuple):
    """Of n candidates: `scores` (n,) order them, `pieces` are each kind of evidence (n,); `question` is about all."""

    scores: NDArray[np.float32]
    pieces: Mapping[str, NDArray[np.float32]]
    question: Mapping[str, float]


class LateInteraction:
    """MaxSim over the embedder's token vectors, with BM25 evidence over the candidates, calibrated.

    Each kind of evidence is standardised over the candidates of the question (z-scores) and added with fixed weights,
    so that order does not depend on the collection's size; what the question itself says of where to look is added.
    Probabilities come from `Calibration`, fitted on labelled questions. `fusion` may be another: reciprocal ranks or
    z-scores of all that evidence, unweighed.
    """

    def __init__(
        self,
        embedder: Embedder,
        library: Statistics,
        calibration: Calibration | None = None,
        *,
        fusion: Fusion = "evidence",
        rrf_k: float = 60.0,
    ) -> None:
        self._embedder = embedder
        self._library = library
        self._calibration = calibration or Calibration.bundled()
        self._fusion = fusion
        self._rrf_k = rrf_k

    async def score(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """Raises SettingsError when the library holds no token vectors."""
        import anyio

        return await anyio.to_thread.run_sync(self.judge, query, hits)

    def judge(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """`score`, synchronously."""
        if not hits:
            return []
        found = self.evidence(query, hits)
        answerable = self._calibration.answerable(found.question)
        probability = answerable * self._calibration.relevance(found.scores)
        return [
            hit.model_copy(
                update={
                    "score": float(found.scores[n]),
                    "relevance": float(probability[n]),
                    "answerable": answerable,
                    "via": {**hit.via, **{name: round(float(v[n]), 4) for name, v in found.pieces.items()}},
                }
            )
            for n, hit in enumerate(hits)
        ]

    def evidence(self, query: Query, hits: Sequence[Hit]) -> Evidence:
        """What `judge` judges by; `hits` is not empty."""
        best = self._best(query, hits)
        idf = self._idf(query_terms(query.text), len(hits))
        stored = self._library.terms([hit.ref.id for hit in hits])
        terms = [stored.get(hit.ref.id, ((), ())) for hit in hits]
        lexical, page = _lexical(list(idf), hits, terms)
        pieces = {"maxsim": _weighed(best), "page": page, "dense": _cosines(hits), "lexical": lexical}
        hints = {n: np.array([hit.via.get(n, 0.0) for hit in hits], np.float32) for n in self._calibration.hints}
        scores = self._fused(pieces, hints)
        return Evidence(scores, pieces, question_evidence(query.text, hits, terms, scores, best, idf))

    def _fused(
        self, pieces: Mapping[str, NDArray[np.float32]], hints: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Scores of the candidates, (n,).

        Probabilities are fitted to sums of weighed evidence: another fusion decides which candidate has which of them.
        """
        weights = self._calibration
        parts = [weight * z_scores(pieces[name]) for name, weight in weights.weights.items()]
        parts += [weight * hints[name] for name, weight in weights.hints.items()]
        scores = np.sum(parts, axis=0, dtype=np.float32)
        if self._fusion == "evidence":
            return np.asarray(scores, np.float32)
        by = z_scores if self._fusion == "z-scores" else partial(reciprocal_ranks, k=self._rrf_k)
        fused = np.sum([by(values) for values in (*pieces.values(), *hints.values())], axis=0)
        ordered = np.empty(len(fused), np.float32)
        ordered[np.argsort(-fused, kind="stable")] = np.sort(scores)[::-1]
        return ordered

    def _best(self, query: Query, hits: Sequence[Hit]) -> NDArray[np.float32]:
        """The best cosine of each question token in each hit, (n, q)."""
        asked = self._embedder.embed_queries([query.text])
        stored = self._library.token_vectors([hit.ref.id for hit in hits])
        if asked.tokens is None or not stored:
            raise SettingsError(
                "late interaction needs token vectors, and this library was made without them",
                where="embedder.token_vectors",
                cure="set embedder.token_vectors: true and add the documents again, or choose relevance.kind: "
                "cross-encoder",
            )
        question = asked.tokens[0].values * asked.tokens[0].scale[:, None]
        # Token vectors may be wider than `embedder.dimension`: a model's last layer can narrow its sentence vector.
        passages = [TokenVectors.from_bytes(stored.get(h.ref.id, b""), question.shape[1]) for h in hits]
        return best_per_token(question.astype(np.float32), passages)

    def _idf(self, terms: Sequence[str], candidates: int) -> dict[str, float]:
        total = max(self._library.passage_count(), candidates)
        found = self._library.document_frequency(terms)
        return {t: math.log(1 + (total - found.get(t, 0) + 0.5) / (found.get(t, 0) + 0.5)) for t in terms}


def _cosines(hits: Sequence[Hit]) -> NDArray[np.float32]:
    """The dense channel's cosines; a hit it did not offer is at most as near as the last that it did."""
    last = min((hit.via["dense"] for hit in hits if "dense" in hit.via), default=0.0)
    return np.array([hit.via.get("dense", last) for hit in hits], np.float32)


def _weighed(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """MaxSim from the best cosine of each question token, (n, q) → (n,); 0 for a question without tokens ("?").

    A token that finds its like in every passage tells nothing: its weight is one minus its mean over the candidates.
    """
    weights = np.maximum(1.0 - best.mean(axis=0), 0.05)
    return np.asarray(best @ (weights / weights.sum()), np.float32)


def _lexical(
    asked: Sequence[str], hits: Sequence[Hit], terms: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """For each hit, from its index terms (of context and text): BM25, and BM25 of its page.

    A page is taken to say what its candidates say: terms that a table, its title and its notes share out count there.
    """
    contexts, bodies = [context for context, _ in terms], [body for _, body in terms]
    scores = _bm25(bodies, asked) + _CONTEXT_WEIGHT * _bm25(contexts, asked)
    pages: dict[tuple[str, int], list[str]] = {}
    for hit, (context, body) in zip(hits, terms, strict=True):
        pages.setdefault((hit.ref.document, hit.page), []).extend([*body, *(t for t in context if t not in body)])
    by_page = dict(zip(pages, _bm25(list(pages.values()), asked), strict=True))
    page = [by_page[hit.ref.document, hit.page] for hit in hits]
    return scores, np.array(page, np.float32)


def _bm25(texts: Sequence[Sequence[str]], terms: Sequence[str]) -> NDArray[np.float32]:
    """BM25 (Robertson & Zaragoza 2009) with the candidates' own statistics.

    A company's name is rare in a library and stands on every page of its report: what tells candidates apart is how
    rare a term is among them.
    """
    mean = sum(map(len, texts)) / len(texts) or 1.0
    counts = [Counter(tokens) for tokens in texts]
    scores = np.zeros(len(texts), np.float32)
    for term in terms:
        found = sum(term in count for count in counts)
        weight = math.log(1 + (len(texts) - found + 0.5) / (found + 0.5))
        for n, count in enumerate(counts):
            if count[term]:
                norm = _K1 * (1 - _B + _B * len(texts[n]) / mean)
                scores[n] += weight * count[term] * (_K1 + 1) / (count[term] + norm)
    return scores


class CrossEncoderRelevance:
    """Any sentence-transformers cross-encoder by name or path; its score through the logistic function.

    With two classes (no, yes) the score is the difference of their logits. Calls from several threads take turns.
    """

    def __init__(self, model: str, *, device: str | None = None, batch_size: int = 32) -> None:
        from sentence_transformers import CrossEncoder

        try:
            with without_loading_bar():
                self._model = CrossEncoder(model, device=device)
        except (OSError, ValueError) as error:
            raise UnknownComponent(
                f"the cross-encoder cannot be loaded ({reason(error)})",
                where=f"relevance.model = {model}",
                cure="give a Hugging Face model name or a folder",
            ) from error
        if self._model.num_labels not in (1, 2):
            raise SettingsError(
                f"a cross-encoder gives one score, or one for no and one for yes; this model has "
                f"{self._model.num_labels} classes",
                where=f"relevance.model = {model}",
                cure="give a model for ranking, such as cross-encoder/ms-marco-MiniLM-L6-v2",
            )
        self._batch_size = batch_size
        self._predicting = threading.Lock()  # a tokenizer's padding and truncation are settings of its own

    async def score(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        import anyio

        return await anyio.to_thread.run_sync(self.judge, query, hits)

    def judge(self, query: Query, hits: Sequence[Hit]) -> list[Hit]:
        """`score`, synchronously."""
        import torch

        if not hits:
            return []
        parts = [(hit.context, hit.description, hit.text) for hit in hits]
        pairs = [(query.text, "\n".join(filter(None, some))) for some in parts]
        # Models with one output are trained on logits; asking for them makes the probability ours to state.
        with self._predicting:
            logits = self._model.predict(
                pairs, batch_size=self._batch_size, activation_fn=torch.nn.Identity(), show_progress_bar=False
            )
        values = np.asarray(logits, np.float32).reshape(len(hits), -1)
        values = values[:, -1] - values[:, 0] if values.shape[1] == 2 else values[:, 0]
        probability = 1 / (1 + np.exp(-np.clip(values, -30, 30)))
        return [
            hit.model_copy(update={"score": float(v), "relevance": float(p)})
            for hit, v, p in zip(hits, values, probability, strict=True)
        ]
