"""What a search costs, by the number of passages.

    python benchmarks/search_cost.py --library DIR --questions Q.jsonl [PASSAGES ...]

DIR holds real documents. Its documents are put into libraries of 1,000, 10,000 and 100,000 passages (or PASSAGES), as
often as it takes, each copy with vectors moved a little; then the questions are asked of the whole library, without
documents named. Prints the median and the 95th percentile of each stage in milliseconds.
"""

from __future__ import annotations

import argparse
import itertools
import random
import tempfile
import time
from pathlib import Path

import numpy as np

from octavo.eval.dataset import load_examples
from octavo.ingest.types import Page
from octavo.pipelines.build import Parts
from octavo.pipelines.settings import Settings
from octavo.retrievers.library import Library, Maker
from octavo.retrievers.question import understand
from octavo.retrievers.relevance import LateInteraction
from octavo.retrievers.rollup import roll_up
from octavo.retrievers.search import Searcher
from octavo.retrievers.types import Filters, Query

QUESTIONS = 60
NOISE = 0.02  # of each number of a unit vector; copies are near, not the same


def grown(source: Library, target: Library, passages: int) -> None:
    """Copies of the documents of `source` until `target` has about so many passages."""
    chance = np.random.default_rng(0)
    left = passages
    for copy, document in ((n, d) for n in itertools.count() for d in source.documents()):
        if left <= 0:
            return
        ids = source.passage_ids(Filters(documents=(document.id,)))[:left]
        found = source.passages(ids)
        tokens = source.token_vectors(ids)
        dense = source.dense_vectors(ids)
        vectors = np.array([dense[i] for i in ids])
        vectors += chance.normal(0, NOISE, vectors.shape).astype(np.float32)
        twin = document.model_copy(
            update={"id": f"{document.id[:12]}{copy:04}", "version": f"{document.version[:24]}{copy:08}"}
        )
        with target.stage(twin, options={}, parser="copy") as staging:
            staging.add_pages([Page(number=n, width=595, height=842) for n in range(1, document.page_count + 1)], {})
            staging.add_passages(
                [
                    p.model_copy(update={"id": f"{p.id}-{copy}", "document": twin.id, "version": twin.version})
                    for p in found
                ],
                vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
                [tokens.get(p.id) for p in found],
            )
            staging.commit()
        left -= len(found)


def measure(parts: Parts, library: Library, questions: list[str]) -> dict[str, list[float]]:
    """Seconds of each stage, one for each question; the first five are asked beforehand."""
    relevance = LateInteraction(parts.embedder, library)
    searcher = Searcher(library, parts.embedder, relevance, parts.settings.retrieval)
    seconds: dict[str, list[float]] = {}
    for text in questions[:5] + questions:
        question = understand(text)
        query = Query(text=question.content)
        times = [time.perf_counter()]
        parts.embedder.embed_queries([query.text])
        times.append(time.perf_counter())
        hits = searcher.candidates(query, question)
        times.append(time.perf_counter())
        judged = relevance.judge(query, hits)
        times.append(time.perf_counter())
        roll_up(judged, "page")
        times.append(time.perf_counter())
        stages = dict(zip(("question embedded", "candidates", "relevance", "rolled up"), np.diff(times), strict=True))
        for stage, took in {**stages, "whole": times[-1] - times[0]}.items():
            seconds.setdefault(stage, []).append(took)
    return {stage: each[5:] for stage, each in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", nargs="*", type=int)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    said = parser.parse_args()
    questions = [example.question for example in load_examples(said.questions)]
    random.Random(0).shuffle(questions)
    parts = Parts(Settings.load(overrides={"library": {"path": said.library}}), create=False)
    with parts.library as source, tempfile.TemporaryDirectory() as folder:
        for passages in said.passages or (1_000, 10_000, 100_000):
            maker = Maker(parts.embedder.name, parts.embedder.revision, parts.embedder.dimension)
            with Library.open(Path(folder) / str(passages), maker=maker) as library:
                grown(source, library, passages)
                seconds = measure(parts, library, questions[:QUESTIONS])
                p50, p95 = ({s: 1000 * float(np.quantile(each, q)) for s, each in seconds.items()} for q in (0.5, 0.95))
                told = "; ".join(f"{stage} {p50[stage]:.0f} / {p95[stage]:.0f}" for stage in seconds)
                print(f"{library.passage_count():,} passages, ms (p50 / p95): {told}", flush=True)


if __name__ == "__main__":
    main()
