"""Refits the numbers of embedded relevance (`configs/relevance.yaml`) on labelled questions.

    python benchmarks/fit_relevance.py --library DIR --questions Q.jsonl [--write]

The library holds the questions' documents (`octavo --library DIR add …`). Each answerable question is asked of its own
document and of two others, which cannot answer it. Whether a question is answered is fitted on all of them, those that
people wrote as unanswerable weighing as much as all that are asked elsewhere; where, on the answerable ones. What is
printed is measured on documents that were left out of the fit (five folds by document, ten times).
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
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from octavo.eval.dataset import load_examples
from octavo.pipelines.build import Parts
from octavo.pipelines.settings import Settings
from octavo.retrievers.calibration import Calibration
from octavo.retrievers.question import understand
from octavo.retrievers.relevance import Evidence, LateInteraction
from octavo.retrievers.types import Filters, Hit, Query

TOP = 20  # candidates per question that the fit sees
FOLDS, TIMES = 5, 10
PENALTY = 0.01
NAMES = tuple(Calibration.bundled().question)
TARGET = Path(__file__).parents[1] / "configs" / "relevance.yaml"


class Asked(NamedTuple):
    """A question asked of one document: evidence about it (q,); scores and labels (n,) of its best candidates."""

    document: str
    kind: str  # answerable, unanswerable, elsewhere
    question: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.bool_]


async def ask_all(library: Path, questions: Path) -> list[Asked]:
    examples = load_examples(questions)
    chance = random.Random(0)
    asked: list[Asked] = []
    parts = Parts(Settings.load(overrides={"library": {"path": library}}), create=False, read_only=True)
    with parts.library:
        searcher = parts.searcher
        relevance = LateInteraction(parts.embedder, parts.library)
        ids = {document.name: document.id for document in parts.library.documents()}
        for example in examples:
            here = [(example.doc, "answerable" if example.answerable else "unanswerable")]
            if example.answerable:
                others = sorted(set(ids) - {example.doc})
                here += [(name, "elsewhere") for name in chance.sample(others, 2)]
            for name, kind in here:
                question = understand(example.question)
                query = Query(text=question.content, filters=Filters(documents=(ids[name],)))
                hits = searcher.candidates(query, question)
                gold = set(example.evidence_pages) if kind == "answerable" else set()
                asked.append(_asked(name, kind, hits, relevance.evidence(query, hits), gold))
    return asked


def _asked(document: str, kind: str, hits: list[Hit], found: Evidence, gold: set[int]) -> Asked:
    best = np.argsort(-found.scores, kind="stable")[:TOP]
    labels = [any(place.page in gold for place in hits[i].places) for i in best]
    return Asked(
        document,
        kind,
        np.array([found.question[name] for name in NAMES]),
        found.scores[best].astype(float),
        np.array(labels),
    )


def fit_question(asked: list[Asked]) -> Pipeline:
    """Whether the question is answered. The evidence is scaled for a small penalty: there are few unanswerable ones."""
    kinds = np.array([a.kind for a in asked])
    weights = np.array([1 / np.sum(kinds == kind) for kind in kinds]) * len(asked)
    weights[kinds != "answerable"] /= 2
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=5000))
    return model.fit(
        np.array([a.question for a in asked]), kinds == "answerable", logisticregression__sample_weight=weights
    )


def fit_passage(asked: list[Asked]) -> LogisticRegression:
    """Which candidate answers, where the question is answered."""
    answerable = [a for a in asked if a.kind == "answerable"]
    features = np.concatenate([np.column_stack([a.scores, 1 / np.arange(1, len(a.scores) + 1)]) for a in answerable])
    return LogisticRegression(C=1e3, max_iter=5000).fit(features, np.concatenate([a.labels for a in answerable]))


def left_out(asked: list[Asked], seed: int) -> NDArray[np.float64]:
    """Whether each question is answered, by fits that never saw its document."""
    names = sorted({a.document for a in asked})
    random.Random(seed).shuffle(names)
    fold = {name: n % FOLDS for n, name in enumerate(names)}
    out = np.zeros(len(asked))
    for f in range(FOLDS):
        model = fit_question([a for a in asked if fold[a.document] != f])
        held = [i for i, a in enumerate(asked) if fold[a.document] == f]
        out[held] = model.predict_proba(np.array([asked[i].question for i in held]))[:, 1]
    return out


def fitted_on(asked: list[Asked], questions: Path) -> str:
    """What the numbers were fitted on, as `configs/relevance.yaml` says it."""
    kinds = [a.kind for a in asked]
    documents = {a.document for a in asked if a.kind != "elsewhere"}
    return (
        f"{kinds.count('answerable')} answerable questions on {len(documents)} documents ({questions.name}), and the "
        f"same questions asked of two other documents each; {kinds.count('unanswerable')} questions that people wrote "
        "to be unanswerable"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="write the fitted numbers to configs/relevance.yaml")
    options = parser.parse_args()
    asked = asyncio.run(ask_all(options.library, options.questions))
    kinds = np.array([a.kind for a in asked])
    print(f"{len(asked)} questions asked: " + ", ".join(f"{k} {np.sum(kinds == k)}" for k in sorted(set(kinds))))
    times = [left_out(asked, seed) for seed in range(TIMES)]
    for kind in ("unanswerable", "elsewhere"):
        two = (kinds == "answerable") | (kinds == kind)
        area = np.mean([roc_auc_score(kinds[two] == "answerable", found[two]) for found in times])
        let = np.mean([np.mean(f[kinds == kind] >= np.quantile(f[kinds == "answerable"], 0.3)) for f in times])
        print(
            f"answerable against {kind}: AUROC {area:.3f}; {let:.2f} answered where .30 of the answerable are refused"
        )
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        shares = {k: np.mean([np.mean(f[kinds == k] >= threshold) for f in times]) for k in sorted(set(kinds))}
        print(f"threshold {threshold:.2f}: answered " + ", ".join(f"{k} {v:.2f}" for k, v in shares.items()))
    question, passage = fit_question(asked), fit_passage(asked)
    scaler, model = question[0], question[1]
    weights = model.coef_[0] / scaler.scale_
    slope, first = (float(w) for w in passage.coef_[0])
    fitted: dict[str, Any] = {
        **Calibration.bundled().model_dump(),
        "slope": round(slope, 3),
        "first": round(first, 3),
        "passage": round(float(passage.intercept_[0]), 3),
        "question": {name: round(float(weight), 3) for name, weight in zip(NAMES, weights, strict=True)},
        "intercept": round(float(model.intercept_[0] - scaler.mean_ @ weights), 3),
        "fitted_on": fitted_on(asked, options.questions),
    }
    text = yaml.safe_dump(Calibration.model_validate(fitted).model_dump(), sort_keys=False, width=110)
    print(text)
    if options.write:
        head = "# Fitted numbers of retrievers/calibration.py; made by benchmarks/fit_relevance.py.\n"
        TARGET.write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
