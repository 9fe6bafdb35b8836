"""What a search costs, by the number of passages.

    python benchmarks/search_cost.py --library DIR --questions Q.jsonl [PASSAGES ...]

DIR holds real documents. They are put into a library of their own that grows to 1,000, 10,000 and 100,000 passages (or
PASSAGES), as often as it takes: text, index terms and token vectors of a copy are those of the passage, its dense
vector is moved a little. So words are as common as in real text, and the lists of their places grow with the library;
its vocabulary does not grow beyond that of the documents. At each size the questions are asked of the whole library,
without documents named, and pages are judged and ranked. Prints milliseconds of each stage, median / 95th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from octavo.eval.dataset import load_examples
from octavo.ingest.types import Page
from octavo.pipelines.build import Parts, build_relevance
from octavo.pipelines.settings import Settings
from octavo.retrievers.library import Library, Maker
from octavo.retrievers.search import Searcher
from octavo.retrievers.types import Filters, Query

QUESTIONS = 60
NOISE = 0.02  # of each number of a unit vector; copies are near, not the same
STAGES = {
    "embed_queries": "question embedded",
    "dense": "dense",
    "lexical": "lexical, hints among them",
    "passages": "passages read",
    "terms": "terms read",
    "token_vectors": "token vectors read",
}
REST = "scored, and the rest"


class Clock:
    """Stands before an object and keeps how long its methods take, by stage."""

    def __init__(self, timed: Any, seconds: dict[str, float]) -> None:
        self._timed = timed
        self._seconds = seconds

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._timed, name)
        return self._clocked(name, found) if name in STAGES else found

    def _clocked(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def clocked(*given: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return method(*given, **named)
            finally:
                self._seconds[STAGES[name]] += time.perf_counter() - begun

        return clocked


def grow(source: Library, target: Library) -> Iterator[int]:
    """Copies the documents of `source` into `target`, one at each step; gives how many passages that makes."""
    chance = np.random.default_rng(0)
    total = 0
    for copy, document in ((n, d) for n in itertools.count() for d in source.documents()):
        ids = source.passage_ids(Filters(documents=(document.id,)))
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
        total += len(found)
        yield total


def measure(parts: Parts, library: Library, questions: list[str]) -> dict[str, list[float]]:
    """Seconds of each stage, one for each question but the first five, which are to warm up."""
    taken: list[dict[str, float]] = []
    for text in questions:
        seconds: dict[str, float] = defaultdict(float)
        embedder: Any = Clock(parts.embedder, seconds)
        clocked: Any = Clock(library, seconds)
        searcher = Searcher(
            clocked, embedder, build_relevance(parts.settings, embedder, clocked), parts.settings.retrieval
        )
        begun = time.perf_counter()
        with library.snapshot():
            asyncio.run(searcher.search(Query(text=text), level="page"))
        whole = time.perf_counter() - begun
        taken.append({**seconds, REST: whole - sum(seconds.values()), "whole": whole})
    return {stage: [one.get(stage, 0.0) for one in taken[5:]] for stage in (*STAGES.values(), REST, "whole")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("passages", nargs="*", type=int)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    said = parser.parse_args()
    questions = [example.question for example in load_examples(said.questions)]
    random.Random(0).shuffle(questions)
    parts = Parts(Settings.load(overrides={"library": {"path": said.library}}), create=False, read_only=True)
    parts.embedder.embed_queries(["warm"])
    columns: dict[str, dict[str, list[float]]] = {}
    with parts.library as source, tempfile.TemporaryDirectory() as folder:
        maker = Maker(parts.embedder.name, parts.embedder.revision, parts.embedder.dimension)
        with Library.open(Path(folder) / "library", maker=maker) as library:
            growing = grow(source, library)
            for wanted in sorted(said.passages or (1_000, 10_000, 100_000)):
                total = next(total for total in growing if total >= wanted)
                columns[f"{total:,} passages"] = measure(parts, library, questions[: 5 + QUESTIONS])
    print("| ms, median / 95 % | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for stage in (*STAGES.values(), REST, "whole"):
        cells = [1000 * np.quantile(column[stage], (0.5, 0.95)) for column in columns.values()]
        print(f"| {stage} | " + " | ".join(f"{p50:.0f} / {p95:.0f}" for p50, p95 in cells) + " |")


if __name__ == "__main__":
    main()
