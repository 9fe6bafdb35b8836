"""What each step of page search adds; weights chosen on other documents; a plain LlamaIndex hybrid on the same text.

    python benchmarks/retrieval.py ablation --library DIR --questions Q.jsonl
    python benchmarks/retrieval.py weights --library DIR --questions Q.jsonl
    python benchmarks/retrieval.py beside --library DIR --questions Q.jsonl

The library holds the questions' documents (`octavo --library DIR add …`); each answerable question is asked within its
own document. `beside` needs `pip install llama-index-retrievers-bm25`.

Page recall is the share of the labelled pages among the first k. Intervals are paired, by document.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from octavo.eval.dataset import load_examples
from octavo.eval.measures.bootstrap import bootstrap_mean
from octavo.eval.types import Example
from octavo.pipelines.build import Parts
from octavo.pipelines.settings import Settings
from octavo.retrievers.calibration import Calibration
from octavo.retrievers.fusion import reciprocal_rank_fusion, reciprocal_ranks, z_scores
from octavo.retrievers.question import understand
from octavo.retrievers.relevance import LateInteraction
from octavo.retrievers.types import Filters, Query

KS = (1, 3, 5, 10)
FOLDS = 5
KINDS = ("table", "text", "figure", "chart")
Scores = NDArray[np.float64]


class Asked(NamedTuple):
    """An answerable question: the pages of its n candidates, and each kind of evidence for them, (n,)."""

    example: Example
    pages: Sequence[Sequence[int]]
    evidence: Mapping[str, Scores]

    def recalls(self, scores: Scores) -> list[float]:
        """Recall at each of `KS` when pages are ranked by their best candidate."""
        ranked = list(dict.fromkeys(p for i in np.argsort(-scores, kind="stable") for p in self.pages[i]))
        return recalls(ranked, self.example)


def recalls(ranked: Sequence[int], example: Example) -> list[float]:
    gold = set(example.evidence_pages)
    return [len(gold.intersection(ranked[:k])) / len(gold) for k in KS]


def ask_all(library: Path, questions: Path) -> list[Asked]:
    asked: list[Asked] = []
    bundled = Calibration.bundled()
    parts = Parts(Settings.load(overrides={"library": {"path": library}}), create=False, read_only=True)
    with parts.library:
        relevance = LateInteraction(parts.embedder, parts.library)
        ids = {document.name: document.id for document in parts.library.documents()}
        for example in load_examples(questions):
            if not example.answerable:
                continue
            question = understand(example.question)
            query = Query(text=question.content, filters=Filters(documents=(ids[example.doc],)))
            hits = parts.searcher.candidates(query, question)
            evidence = {name: z_scores(v).astype(float) for name, v in relevance.evidence(query, hits).pieces.items()}
            for name in (*bundled.hints, "bm25", "dense"):
                found = np.array([hit.via.get(name, 0.0) for hit in hits], float)
                evidence[f"{name} alone" if name == "dense" else name] = found
            every = [np.asarray(evidence[name], np.float32) for name in (*bundled.weights, *bundled.hints)]
            evidence["all ranks"] = np.sum([reciprocal_ranks(values) for values in every], axis=0)
            evidence["all z-scores"] = np.sum([z_scores(values) for values in every], axis=0)
            orders = [np.argsort(-evidence[name], kind="stable") for name in ("bm25", "dense alone")]
            fused = dict(reciprocal_rank_fusion([[str(i) for i in order] for order in orders]))
            evidence["fused"] = np.array([fused[str(i)] for i in range(len(hits))])
            asked.append(Asked(example, [sorted({p.page for p in hit.places}) for hit in hits], evidence))
    return asked


def weighed(weights: Mapping[str, float]) -> Callable[[Asked], list[float]]:
    return lambda asked: asked.recalls(np.sum([w * asked.evidence[name] for name, w in weights.items()], axis=0))


def ablation(asked: list[Asked]) -> None:
    """Prints recall after each step, by kind of evidence, and the change at 5 to the step before."""
    bundled = Calibration.bundled()
    steps: dict[str, dict[str, float]] = {
        "BM25": {"bm25": 1},
        "dense": {"dense alone": 1},
        "both, by reciprocal rank": {"fused": 1},
        "MaxSim": {"maxsim": 1},
        "MaxSim + dense + BM25, z-scores": {n: w for n, w in bundled.weights.items() if n != "page"},
        "+ BM25 of the candidate's page": bundled.weights,
    }
    last = dict(bundled.weights)
    for hint, weight in bundled.hints.items():
        last = {**last, hint: weight}
        steps[f"+ {hint}"] = last
    steps |= {"all of it, by reciprocal rank": {"all ranks": 1}, "all of it, by z-scores": {"all z-scores": 1}}
    before: NDArray[np.float64] | None = None
    print("| | " + " | ".join([*(f"R@{k}" for k in KS), "R@5 to the step before", *(f"{k} R@5" for k in KINDS)]) + " |")
    print("|---" * (len(KS) + len(KINDS) + 2) + "|")
    for name, weights in steps.items():
        found = np.array([weighed(weights)(a) for a in asked])
        change = "" if before is None else paired(found[:, 2] - before[:, 2], asked)
        by_kind = [found[[a.example.evidence_type == kind for a in asked], 2].mean() for kind in KINDS]
        cells = [*(f"{v:.3f}" for v in found.mean(axis=0)), change, *(f"{v:.3f}" for v in by_kind)]
        print(f"| {name} | " + " | ".join(cells) + " |")
        before = found


def paired(difference: NDArray[np.float64], asked: list[Asked]) -> str:
    """The mean of a difference by question, with its interval."""
    interval = bootstrap_mean(list(difference), [a.example.doc for a in asked])
    return f"{difference.mean():+.3f}" + (f" [{interval.low:+.3f}, {interval.high:+.3f}]" if interval else "")


def choose(asked: list[Asked]) -> None:
    """Prints recall with weights chosen, for each fold of documents, on the other folds alone."""
    grid = {
        "maxsim": (0.7, 1.0),
        "lexical": (1.0,),
        "page": (0.25, 0.5),
        "page named": (3.0, 5.0),
        "label named": (3.0,),
        "first page": (3.0,),
        "statement": (6.0, 7.0, 8.0),
        "year named": (0.0, 2.0, 3.0),
        "name given": (0.0, 1.0, 2.0),
        "kind named": (0.0, 0.5),
    }
    choices = [dict(zip(grid, values, strict=True), dense=1.0) for values in itertools.product(*grid.values())]
    found = np.array([[weighed(choice)(a) for a in asked] for choice in choices])  # (choices, questions, KS)
    names = sorted({a.example.doc for a in asked})
    random.Random(0).shuffle(names)
    fold = np.array([names.index(a.example.doc) % FOLDS for a in asked])
    out = np.zeros((len(asked), len(KS)))
    for f in range(FOLDS):
        best = int(found[:, fold != f].mean(axis=(1, 2)).argmax())
        out[fold == f] = found[best, fold == f]
        print(f"fold {f}: {choices[best]}")
    every = int(found.mean(axis=(1, 2)).argmax())
    for name, values in (("left out", out), (f"on all: {choices[every]}", found[every])):
        print(name, *(f"R@{k} {v:.3f}" for k, v in zip(KS, values.mean(axis=0), strict=True)))


def beside(library: Path, asked: list[Asked]) -> None:
    """Prints recall of LlamaIndex (sentence splitter, the same MiniLM and page text, BM25 + vectors, fused by rank)."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.llms import MockLLM
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.retrievers import QueryFusionRetriever
    from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
    from llama_index.retrievers.bm25 import BM25Retriever

    parts = Parts(Settings.load(overrides={"library": {"path": library}}), create=False, read_only=True)
    embedder = parts.embedder

    class MiniLM(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = embedder.embed_documents(texts).dense.tolist()
            return vectors

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    found: dict[str, list[float]] = {}
    with parts.library as read:
        ids = {document.name: document.id for document in read.documents()}
        for name in sorted({a.example.doc for a in asked}):
            texts = {page.number: "\n".join(r.text for r in page.regions) for page in read.pages(ids[name])}
            pages = [Document(text=text, metadata={"page": n}) for n, text in texts.items() if text.strip()]
            nodes = SentenceSplitter(chunk_size=256, chunk_overlap=24).get_nodes_from_documents(pages)
            k = min(50, len(nodes))
            hybrid = QueryFusionRetriever(
                [
                    VectorStoreIndex(nodes, embed_model=MiniLM()).as_retriever(similarity_top_k=k),
                    BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=k),
                ],
                llm=MockLLM(),
                similarity_top_k=k,
                num_queries=1,
                mode=FUSION_MODES.RECIPROCAL_RANK,
                use_async=False,
            )
            for a in (a for a in asked if a.example.doc == name):
                ranked = list(dict.fromkeys(hit.metadata["page"] for hit in hybrid.retrieve(a.example.question)))
                found[a.example.id] = recalls(ranked, a.example)
    bundled = Calibration.bundled()
    ours = np.array([weighed({**bundled.weights, **bundled.hints})(a) for a in asked])
    theirs = np.array([found[a.example.id] for a in asked])
    for name, values in (("LlamaIndex", theirs), ("Octavo", ours)):
        print(name, *(f"R@{k} {v:.3f}" for k, v in zip(KS, values.mean(axis=0), strict=True)))
    for k, difference in zip(KS, (ours - theirs).T, strict=True):
        print(f"R@{k} {paired(difference, asked)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("ablation", "weights", "beside"))
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    said = parser.parse_args()
    asked = ask_all(said.library, said.questions)
    if said.what == "beside":
        beside(said.library, asked)
    else:
        (ablation if said.what == "ablation" else choose)(asked)


if __name__ == "__main__":
    main()
