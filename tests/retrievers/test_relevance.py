"""How relevant candidates are: real sentences with the bundled model, and tiny cross-encoders of the real class."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import get_args

import anyio
import numpy as np
import pytest

from octavo.errors import SettingsError, UnknownComponent
from octavo.ingest.types import BBox, Place
from octavo.retrievers.analysis import analyse
from octavo.retrievers.calibration import Calibration
from octavo.retrievers.cutoff import up_to_k
from octavo.retrievers.embedders import SentenceEmbedder
from octavo.retrievers.options import RelevanceOptions
from octavo.retrievers.relevance import CrossEncoderRelevance, LateInteraction
from octavo.retrievers.types import Hit, Query, Ref

TEXTS = [
    "Net debt fell to 80.5 million euros, or 2.0 times EBITDA.",
    "The night charging station at Brannet Harbour opened on 14 March 2024.",
    "Hollow Skerry was the brightest of the three islands under all conditions.",
    "Kindly charge the sum to the account of the Light and not to that of the school.",
    "Two car ferries, the Lapwing and the Dunlin, returned from conversion in 2024.",
    "The water content of the lichen was found by weighing.",
    "Passengers on the night line rose by a fifth, to 830 thousand.",
    "Fog rockets: on hand 5, wanted 24, price 38.40 crowns.",
]


def _hit(n: int, text: str, *, via: dict[str, float] | None = None, page: int | None = None, context: str = "") -> Hit:
    return Hit(
        ref=Ref(kind="passage", id=str(n), document="d", version="v"),
        places=(Place(page or n + 1, BBox(0, 0, 1, 1)),),
        score=0.0,
        text=text,
        context=context,
        via=via or {},
    )


class Memory:
    """What relevance needs of a library, over a few texts."""

    def __init__(
        self,
        embedder: SentenceEmbedder,
        texts: Sequence[str],
        tokens: bool = True,
        contexts: Mapping[int, str] | None = None,
    ) -> None:
        self._texts = [set(analyse(text)) for text in texts]
        self._terms = {str(n): (analyse((contexts or {}).get(n, "")), analyse(text)) for n, text in enumerate(texts)}
        self.dense, vectors = embedder.embed_documents(texts)
        self._tokens = {str(n): v.to_bytes() for n, v in enumerate(vectors or [])} if tokens else {}

    def passage_count(self) -> int:
        return len(self._texts)

    def document_frequency(self, terms: Sequence[str]) -> Mapping[str, int]:
        return {term: sum(term in text for text in self._texts) for term in terms}

    def terms(self, ids: Sequence[str]) -> Mapping[str, tuple[list[str], list[str]]]:
        return {i: self._terms[i] for i in ids}

    def token_vectors(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        return {i: self._tokens[i] for i in ids if i in self._tokens}


@pytest.fixture(scope="module")
def judged(minilm: SentenceEmbedder) -> Callable[[str], list[Hit]]:
    library = Memory(minilm, TEXTS)
    relevance = LateInteraction(minilm, library)

    def judge(question: str) -> list[Hit]:
        near = library.dense @ minilm.embed_queries([question]).dense[0]
        hits = [_hit(n, text, via={"dense": float(near[n])}) for n, text in enumerate(TEXTS)]
        return anyio.run(relevance.score, Query(text=question), hits)

    return judge


# Late interaction


@pytest.mark.parametrize(
    ("question", "right"),
    [
        ("How far did net debt fall?", 0),
        ("When was the charging station opened?", 1),
        ("Which skerry glowed most?", 2),
        ("Which ferries were converted?", 4),
        ("How many fog rockets does the keeper want?", 7),
    ],
)
def test_the_right_sentence_comes_first(judged: Callable[[str], list[Hit]], question: str, right: int) -> None:
    hits = judged(question)
    assert [hit.ref.id for hit in hits] == [str(n) for n in range(len(TEXTS))]  # in the order given
    assert max(hits, key=lambda hit: hit.score).ref.id == str(right)
    assert max(hits, key=lambda hit: hit.relevance or 0).ref.id == str(right)
    cut = RelevanceOptions()
    assert up_to_k(hits, cut.k, cut.least, cut.answerable)[0].ref.id == str(right)


@pytest.mark.parametrize("question", ["Who won the football world cup?", "What is the boiling point of mercury?"])
def test_off_topic_questions_are_below_the_threshold(judged: Callable[[str], list[Hit]], question: str) -> None:
    cut = RelevanceOptions()
    assert up_to_k(judged(question), cut.k, cut.least, cut.answerable) == []


def test_only_late_interaction_has_its_low_threshold() -> None:
    least = {
        kind: RelevanceOptions(kind=kind).least for kind in get_args(RelevanceOptions.model_fields["kind"].annotation)
    }
    assert least == {"late-interaction": 0.05, "cross-encoder": 0.5, "vlm": 0.5, "rerank": 0.5}
    assert RelevanceOptions(kind="cross-encoder", threshold=0.1).least == 0.1


def test_the_order_of_scores_is_that_of_relevance(judged: Callable[[str], list[Hit]]) -> None:
    hits = judged("When was the charging station opened?")
    by_score = sorted(hits, key=lambda hit: -hit.score)
    relevances = [hit.relevance or 0 for hit in by_score]
    assert relevances == sorted(relevances, reverse=True)
    assert all(0 <= r <= 1 for r in relevances)


def test_the_evidence_is_told(judged: Callable[[str], list[Hit]]) -> None:
    right = judged("When did the charging station open?")[1]
    assert {"maxsim", "dense", "lexical", "page"} <= set(right.via)
    assert right.answerable is not None
    assert right.relevance is not None
    assert 0 < right.relevance <= right.answerable <= 1
    assert right.via["lexical"] > 0
    assert right.via["maxsim"] > 0.5


def test_a_page_that_the_question_names_is_lifted(minilm: SentenceEmbedder) -> None:
    twins = ["The ferry sails at night."] * 3
    hits = [_hit(n, text, via={"page named": 1.0} if n == 1 else {}) for n, text in enumerate(twins)]
    found = LateInteraction(minilm, Memory(minilm, twins)).judge(Query(text="When does the ferry sail?"), hits)
    assert found[1].score - found[0].score == pytest.approx(Calibration.bundled().hints["page named"])
    assert found[0].score == found[2].score


def test_a_page_speaks_for_its_passages(minilm: SentenceEmbedder) -> None:
    texts = ["Revenue and costs", "2023: 190.9 and 2024: 201.6", "2023: 190.9 and 2024: 201.6"]
    hits = [_hit(n, text, page=1 if n < 2 else 2) for n, text in enumerate(texts)]
    found = LateInteraction(minilm, Memory(minilm, texts)).judge(Query(text="revenue 2024"), hits)
    assert found[1].via["page"] > found[2].via["page"]
    assert found[1].via["lexical"] == found[2].via["lexical"]
    assert found[1].score > found[2].score


def test_the_context_counts_half(minilm: SentenceEmbedder) -> None:
    texts = ["Revenue", "Figures", "Figures"]
    hits = [_hit(n, text) for n, text in enumerate(texts)]
    library = Memory(minilm, texts, contexts={1: "Revenue", 2: "Staff"})
    found = LateInteraction(minilm, library).judge(Query(text="revenue"), hits)
    assert found[1].via["lexical"] == pytest.approx(found[0].via["lexical"] / 2, abs=0.35)
    assert found[0].via["lexical"] > found[1].via["lexical"] > found[2].via["lexical"] == 0


def test_a_hit_that_dense_search_did_not_offer_counts_as_its_last(minilm: SentenceEmbedder) -> None:
    texts = ["The ferry sails."] * 3
    hits = [_hit(0, texts[0], via={"dense": 0.7}), _hit(1, texts[1], via={"dense": 0.4}), _hit(2, texts[2])]
    found = LateInteraction(minilm, Memory(minilm, texts)).judge(Query(text="ferry"), hits)
    assert [hit.via["dense"] for hit in found] == pytest.approx([0.7, 0.4, 0.4], abs=1e-3)


def test_a_library_without_token_vectors_says_what_to_do(minilm: SentenceEmbedder) -> None:
    relevance = LateInteraction(minilm, Memory(minilm, TEXTS, tokens=False))
    with pytest.raises(SettingsError, match="token vectors") as caught:
        relevance.judge(Query(text="net debt"), [_hit(0, TEXTS[0])])
    assert caught.value.where == "embedder.token_vectors"
    assert "cross-encoder" in (caught.value.cure or "")


def test_passages_without_tokens_and_questions_without_words_do_no_harm(minilm: SentenceEmbedder) -> None:
    texts = ["!!!", "The ferry sails.", ""]
    relevance = LateInteraction(minilm, Memory(minilm, texts))
    for question in ("When does the ferry sail?", "?!", "the of"):
        found = relevance.judge(Query(text=question), [_hit(n, text) for n, text in enumerate(texts)])
        assert all(math.isfinite(hit.score) and 0 <= (hit.relevance or 0) <= 1 for hit in found)
    assert relevance.judge(Query(text="ferry"), []) == []


def test_token_vectors_wider_than_the_sentence_vector(tiny_model: Callable[..., Path]) -> None:
    embedder = SentenceEmbedder(str(tiny_model(narrowed_to=8)), device="cpu")
    texts = ["the ferry sails at night", "net debt"]
    found = LateInteraction(embedder, Memory(embedder, texts)).judge(
        Query(text="net debt"), [_hit(n, text) for n, text in enumerate(texts)]
    )
    assert found[1].via["maxsim"] == pytest.approx(1, abs=0.02)
    assert found[1].score > found[0].score


# Cross-encoders


def _logits(folder: Path, pairs: list[tuple[str, str]]) -> np.ndarray:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()
    batch = AutoTokenizer.from_pretrained(str(folder))(
        *map(list, zip(*pairs, strict=True)), padding=True, return_tensors="pt"
    )
    with torch.no_grad():
        return np.asarray(model(**batch).logits)


@pytest.mark.parametrize("labels", [1, 2])
def test_a_cross_encoders_logits_become_probabilities(tiny_bert: Callable[..., Path], labels: int) -> None:
    folder = tiny_bert(f"cross-{labels}", labels)
    hits = [_hit(0, "the ferry sails"), _hit(1, "net debt", context="harbour"), _hit(2, "night")]
    found = anyio.run(CrossEncoderRelevance(str(folder), device="cpu").score, Query(text="ferry ?"), hits)
    raw = _logits(folder, [("ferry ?", "the ferry sails"), ("ferry ?", "harbour\nnet debt"), ("ferry ?", "night")])
    expected = raw[:, 0] if labels == 1 else raw[:, 1] - raw[:, 0]
    assert [hit.score for hit in found] == pytest.approx(expected.tolist(), abs=1e-4)
    assert [hit.relevance for hit in found] == pytest.approx((1 / (1 + np.exp(-expected))).tolist(), abs=1e-4)
    assert [hit.ref.id for hit in found] == ["0", "1", "2"]
    assert len({hit.score for hit in found}) == 3


def test_a_cross_encoder_of_one_pair_and_of_none(tiny_bert: Callable[..., Path]) -> None:
    relevance = CrossEncoderRelevance(str(tiny_bert("cross-one", 2)), device="cpu")
    assert len(relevance.judge(Query(text="ferry"), [_hit(0, "night")])) == 1
    assert relevance.judge(Query(text="ferry"), []) == []


def test_a_classifier_of_three_classes_is_no_cross_encoder(tiny_bert: Callable[..., Path]) -> None:
    with pytest.raises(SettingsError, match="3 classes"):
        CrossEncoderRelevance(str(tiny_bert("cross-three", 3)), device="cpu")


@pytest.mark.usefixtures("offline")
def test_an_unknown_cross_encoder_names_its_setting() -> None:
    with pytest.raises(UnknownComponent) as caught:
        CrossEncoderRelevance("no/such-model")
    assert caught.value.where == "relevance.model = no/such-model"
