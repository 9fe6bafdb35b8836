"""Refits the numbers of embedded relevance (`configs/relevance.yaml`) on labelled questions.

    python benchmarks/fit_relevance.py --library DIR --questions Q.jsonl [--write]

The library holds the questions' documents (`octavo --library DIR add …`). Each answerable question is asked of its own
document and of two others, which cannot answer it: they teach the probability to say no. What is printed is measured
on documents that were left out of the fit (five folds by document).
"""

from __future__ import annotations

import argparse
import asyncio
import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from octavo.eval.dataset import load_examples
from octavo.pipelines.build import Parts, build_relevance
from octavo.pipelines.settings import Settings
from octavo.retrievers.calibration import Calibration
from octavo.retrievers.question import understand
from octavo.retrievers.types import Filters, Hit, Query

TOP = 20  # candidates per question that the fit sees
FOLDS = 5
QUERY_EVIDENCE = ("dense", "coverage")
TARGET = Path(__file__).parents[1] / "configs" / "relevance.yaml"


class Asked(NamedTuple):
    """A question asked of one document: features (n, 4) and labels (n,) of its best candidates, best first."""

    document: str
    kind: str  # answerable, unanswerable, elsewhere
    features: NDArray[np.float64]
    labels: NDArray[np.bool_]


async def ask_all(library: Path, questions: Path) -> list[Asked]:
    examples = load_examples(questions)
    chance = random.Random(0)
    asked: list[Asked] = []
    parts = Parts(Settings.load(overrides={"library": {"path": library}}), create=False)
    with parts.library:
        searcher = parts.searcher
        relevance = build_relevance(parts.settings, parts.embedder, parts.library)
        ids = {document.name: document.id for document in parts.library.documents()}
        for example in examples:
            here = [(example.doc, "answerable" if example.answerable else "unanswerable")]
            if example.answerable:
                others = sorted(set(ids) - {example.doc})
                here += [(name, "elsewhere") for name in chance.sample(others, 2)]
            for name, kind in here:
                question = understand(example.question)
                query = Query(text=question.content, filters=Filters(documents=(ids[name],)))
                hits = await relevance.score(query, searcher.candidates(query, question))
                gold = set(example.evidence_pages) if kind == "answerable" else set()
                asked.append(_asked(name, kind, hits, gold))
    return asked


def _asked(document: str, kind: str, hits: list[Hit], gold: set[int]) -> Asked:
    ranked = sorted(hits, key=lambda hit: -hit.score)
    whole = [max(hit.via[name] for hit in hits) for name in QUERY_EVIDENCE]
    rows = [[hit.score, 1 / rank, *whole] for rank, hit in enumerate(ranked[:TOP], 1)]
    labels = [any(place.page in gold for place in hit.places) for hit in ranked[:TOP]]
    return Asked(document, kind, np.array(rows), np.array(labels, bool))


def fit(asked: list[Asked]) -> LogisticRegression:
    features = np.concatenate([a.features for a in asked])
    labels = np.concatenate([a.labels for a in asked])
    return LogisticRegression(C=1e3, max_iter=5000).fit(features, labels)


def left_out(asked: list[Asked]) -> NDArray[np.float64]:
    """Relevance of each question's best candidate, by a fit that never saw its document."""
    names = sorted({a.document for a in asked})
    random.Random(0).shuffle(names)
    fold = {name: n % FOLDS for n, name in enumerate(names)}
    out = np.zeros(len(asked))
    for f in range(FOLDS):
        model = fit([a for a in asked if fold[a.document] != f])
        for i, a in enumerate(asked):
            if fold[a.document] == f:
                out[i] = model.predict_proba(a.features[:1])[0, 1]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="write the fitted numbers to configs/relevance.yaml")
    options = parser.parse_args()
    asked = asyncio.run(ask_all(options.library, options.questions))
    kinds = np.array([a.kind for a in asked])
    relevance = left_out(asked)
    print(f"{len(asked)} questions asked: " + ", ".join(f"{k} {np.sum(kinds == k)}" for k in sorted(set(kinds))))
    for kind in ("unanswerable", "elsewhere"):
        two = (kinds == "answerable") | (kinds == kind)
        print(f"AUROC, answerable against {kind}: {roc_auc_score(kinds[two] == 'answerable', relevance[two]):.3f}")
    for threshold in (0.05, 0.08, 0.1, 0.12, 0.15, 0.2):
        shares = {k: float(np.mean(relevance[kinds == k] >= threshold)) for k in sorted(set(kinds))}
        print(f"threshold {threshold:.2f}: answered " + ", ".join(f"{k} {v:.2f}" for k, v in shares.items()))
    model = fit(asked)
    slope, first, *query = (round(float(w), 3) for w in model.coef_[0])
    fitted: dict[str, Any] = {
        **Calibration.bundled().model_dump(),
        "slope": slope,
        "first": first,
        "query": dict(zip(QUERY_EVIDENCE, query, strict=True)),
        "intercept": round(float(model.intercept_[0]), 3),
    }
    text = yaml.safe_dump(Calibration.model_validate(fitted).model_dump(), sort_keys=False, width=110)
    print(text)
    if options.write:
        head = "# Fitted numbers of retrievers/calibration.py; made by benchmarks/fit_relevance.py.\n"
        TARGET.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
