"""How much of what answers a question a vision-language model is shown, how legibly, and at what cost.

    python benchmarks/evidence.py --library DIR --questions Q.jsonl [--model NAME …]

The library holds the questions' documents. Asked is each figure, chart and table question with a gold box smaller than
its page; packed are the passages of the gold pages, as relevant as search found them, and the four best passages of
other pages of the document. No model is needed.

- in pictures: share of the gold boxes' area that lies in pictures
- or as text: … or in boxes of what goes as text (paragraphs, tables as markdown)
- words: share of the gold boxes' words that lie in either
- smallest: the lowest word box of two or more letters or digits of a gold box that a picture shows, in pixels after
  the model's own resize (capitals and digits are two thirds of it), and the share of questions where it reaches 8
- tokens: of the pictures, and of all the hits' pages as wholes, each so large that its smallest text (that 98 % of its
  letters reach) is as high; their ratio, of the sums and as mean of the questions
- text tokens (four characters each) and hits left out: means of the questions
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import anyio
import numpy as np
from numpy.typing import NDArray

from octavo.eval.dataset import load_examples
from octavo.eval.types import Example
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.legibility import smallest_height
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Budget, Packed
from octavo.generators.evidence.visual_tokens import VisualTokens
from octavo.ingest.types import BBox, Page, Word
from octavo.pipelines.build import Parts
from octavo.pipelines.evidence import LibraryEvidence
from octavo.pipelines.settings import Settings
from octavo.retrievers.types import Filters, Hit, Query, Ref

KINDS = ("table", "figure", "chart")
DISTRACTORS = 4
GRID = 200  # points a side, at which a box's area is sampled
AMPLE = Budget(text_tokens=16_000, visual_tokens=16_000, pictures=16)
MODELS = ("Qwen/Qwen3-VL-8B-Instruct", "Qwen/Qwen2.5-VL-7B-Instruct", "OpenGVLab/InternVL3-8B", "SmolVLM-Instruct")


class Given(NamedTuple):
    example: Example
    document: str
    hits: list[Hit]


class Found(NamedTuple):
    """Figures of one question; NaN where there is nothing to measure."""

    in_pictures: float
    or_text: float
    words: float
    smallest: float
    tokens: float
    whole_pages: float
    text: float
    left_out: float


class Cached(LibraryEvidence):
    """Pages are fetched once: many questions are about the same."""

    @lru_cache(maxsize=2000)  # noqa: B019
    def page(self, document: str, number: int) -> Page:
        return super().page(document, number)


def ask_all(parts: Parts, questions: Path) -> list[Given]:
    ids = {document.name: document.id for document in parts.library.documents()}
    given: list[Given] = []
    for example in load_examples(questions):
        gold = {box.page for box in example.evidence_boxes or () if not box.whole_page}
        if example.evidence_type not in KINDS or not gold:
            continue
        document = ids[example.doc]
        query = Query(text=example.question, filters=Filters(documents=(document,)))
        found = anyio.run(partial(parts.searcher.search, query, k=1000))
        there = [hit for hit in found if gold & {place.page for place in hit.places}]
        known = {hit.ref.id for hit in there}
        there += [hit for page in gold for hit in on_page(parts, document, page) if hit.ref.id not in known]
        others = [hit for hit in found if not gold & {place.page for place in hit.places}]
        given.append(Given(example, document, [*there, *others[:DISTRACTORS]]))
    return given


def on_page(parts: Parts, document: str, page: int) -> list[Hit]:
    """The passages that begin on a page, as hits of no relevance: search did not find them."""
    ids = parts.library.passage_ids(Filters(documents=(document,), first_page=page, last_page=page))
    return [
        Hit(
            ref=Ref(kind="passage", id=passage.id, document=document, version=passage.version),
            places=passage.places,
            score=0.0,
            relevance=0.0,
            kind=passage.kind,
            regions=passage.regions,
            text=passage.text,
        )
        for passage in parts.library.passages(ids)
    ]


def measured(given: Given, packed: Packed, source: LibraryEvidence, counter: VisualTokens) -> Found:
    shares: list[list[float]] = []
    smallest: list[float] = []
    for gold in given.example.evidence_boxes or ():
        if gold.whole_page:
            continue
        page = source.page(given.document, gold.page)
        box = gold.on(page.width, page.height)
        pictures = [e.picture for e in packed.evidence if e.picture and e.picture.page == gold.page]
        shown = [picture.bbox for picture in pictures]
        told = [place.bbox for e in packed.evidence if e.text for place in e.places if place.page == gold.page]
        words = [word for region in page.regions for word in region.words if box.contains(*word.bbox.center)]
        seen = np.mean([_in(word, [*shown, *told]) for word in words]) if words else np.nan
        shares.append([_covered(box, shown), _covered(box, [*shown, *told]), float(seen)])
        for picture in pictures:
            width, height = counter.resize(picture.width, picture.height)
            scale = min(width / (picture.bbox.width * page.width), height / (picture.bbox.height * page.height))
            heights = [smallest_height([word], page) for word in words if _in(word, [picture.bbox])]
            smallest += [scale * height for height in heights if height is not None]
    in_pictures, or_text, seen = (float(v) for v in _mean(np.array(shares)))
    costs = (packed.visual_tokens, packed.whole_pages_tokens, packed.text_tokens, len(packed.left_out))
    return Found(in_pictures, or_text, seen, min(smallest, default=float("nan")), *map(float, costs))


def _in(word: Word, boxes: Sequence[BBox]) -> bool:
    return any(box.contains(*word.bbox.center) for box in boxes)


def _covered(box: BBox, shown: Sequence[BBox]) -> float:
    """The share of a box's area that lies in others, sampled on a grid."""
    xs = box.x0 + (np.arange(GRID) + 0.5) / GRID * box.width
    ys = box.y0 + (np.arange(GRID) + 0.5) / GRID * box.height
    covered = np.zeros((GRID, GRID), bool)
    for one in shown:
        covered |= np.outer((one.y0 <= ys) & (ys <= one.y1), (one.x0 <= xs) & (xs <= one.x1))
    return float(covered.mean())


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Column means; NaN left out."""
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0), float)


def report(name: str, found: Sequence[Found]) -> None:
    values = np.array(found)
    mean = Found(*_mean(values))
    ratio = values[:, Found._fields.index("tokens")] / values[:, Found._fields.index("whole_pages")]
    low = values[:, Found._fields.index("smallest")]
    low = low[~np.isnan(low)]
    cells = [
        str(len(found)),
        *(f"{share:.3f}" for share in mean[:3]),
        f"{low.min():.1f} ({np.mean(low >= 8):.2f})",
        f"{mean.tokens:.0f} of {mean.whole_pages:.0f}",
        f"{mean.tokens / mean.whole_pages:.3f}",
        f"{ratio.mean():.3f}",
        f"{mean.text:.0f}",
        f"{mean.left_out:.1f}",
    ]
    print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--model", nargs="*", default=MODELS)
    parser.add_argument("--budget", type=int, nargs=3, metavar=("TEXT", "VISUAL", "PICTURES"), help="default: ample")
    said = parser.parse_args()
    given_budget = dict(zip(Budget.model_fields, said.budget, strict=True)) if said.budget else {}
    budget = AMPLE.model_copy(update=given_budget)
    parts = Parts(Settings.load(overrides={"library": {"path": said.library}}), create=False, read_only=True)
    head = ("", "questions", "in pictures", "or as text", "words", "smallest (≥ 8)", "tokens", "ratio", "mean ratio")
    with parts.library:
        given = ask_all(parts, said.questions)
        source = Cached(parts.library, parts.settings.ingest.password)
        for model in said.model:
            counter = visual_tokens_of(model)
            packs = [pack(one.hits, source, budget, counter, lambda text: len(text) // 4) for one in given]
            found = [measured(*one, source, counter) for one in zip(given, packs, strict=True)]
            print(f"\n{model}\n\n| " + " | ".join((*head, "text tokens", "hits left out")) + " |\n" + "|---" * 11 + "|")
            for kind in KINDS:
                report(kind, [f for g, f in zip(given, found, strict=True) if g.example.evidence_type == kind])
            report("all", found)


if __name__ == "__main__":
    main()
