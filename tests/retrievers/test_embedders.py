"""The bundled model and tiny checkpoints of the real classes: vectors, prompts, memory, silence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from octavo.errors import UnknownComponent
from octavo.retrievers.embedders import Embedding, SentenceEmbedder
from octavo.retrievers.late import TokenVectors
from octavo.retrievers.options import BUNDLED

TinyModel = Callable[..., Path]

# Token vectors

_VECTORS = hnp.arrays(
    np.float32,
    st.tuples(st.integers(0, 6), st.integers(1, 12)),
    elements=st.floats(-1, 1, width=32, allow_subnormal=False),
)


@given(_VECTORS)
def test_quantised_vectors_come_back_within_half_a_step(vectors: np.ndarray) -> None:
    quantised = TokenVectors.quantise(vectors)
    back = TokenVectors.from_bytes(quantised.to_bytes(), vectors.shape[1])
    assert back.values.dtype == np.int8
    assert np.array_equal(back.values, quantised.values)
    assert np.array_equal(back.scale, quantised.scale)
    step = np.abs(vectors).max(axis=1, initial=1e-12) / 127
    assert (np.abs(back.values * back.scale[:, None] - vectors) <= (0.5 + 1e-4) * step[:, None]).all()


@given(st.integers(0, 9), st.integers(1, 40))
def test_bytes_take_one_per_number_and_four_per_token(tokens: int, dimension: int) -> None:
    data = TokenVectors.quantise(np.ones((tokens, dimension), np.float32)).to_bytes()
    assert len(data) == tokens * (dimension + 4)


def test_a_token_of_zeros_stays_zero() -> None:
    quantised = TokenVectors.quantise(np.zeros((1, 3), np.float32))
    assert not (quantised.values * quantised.scale[:, None]).any()


# The bundled model


@pytest.mark.usefixtures("offline")
def test_the_bundled_model_loads_without_a_network() -> None:
    embedder = SentenceEmbedder()
    assert (embedder.name, embedder.revision, embedder.dimension, embedder.max_tokens) == (BUNDLED, "package", 384, 256)
    assert embedder.embed_documents(["It sails at night."]).dense.shape == (1, 384)


def test_vectors_have_unit_length(minilm: SentenceEmbedder) -> None:
    dense, tokens = minilm.embed_documents(["It sails at night.", "", "Net debt fell to 80.5 million euros."])
    assert dense.dtype == np.float32
    assert np.linalg.norm(dense, axis=1) == pytest.approx(1, abs=1e-3)
    assert tokens is not None
    restored = np.concatenate([t.values * t.scale[:, None] for t in tokens])
    assert np.linalg.norm(restored, axis=1) == pytest.approx(1, abs=0.02)


def test_like_is_near_like(minilm: SentenceEmbedder) -> None:
    question = minilm.embed_queries(["How much money does the company owe?"]).dense[0]
    near, middle, far = minilm.embed_documents(
        ["The firm's debts are 80 million euros.", "The firm's profit was small.", "Lichen glows at high tide."]
    ).dense
    assert question @ near > question @ middle > question @ far


def test_order_is_kept_whatever_the_lengths(minilm: SentenceEmbedder) -> None:
    texts = ["tide " * 150, "ferry", "", "The lamp was out for nineteen minutes.", "tide " * 300, "ferry"]
    together = minilm.embed_documents(texts)
    assert together.tokens is not None
    for i, text in enumerate(texts):
        alone = minilm.embed_documents([text])
        assert alone.tokens is not None
        assert together.dense[i] @ alone.dense[0] > 0.995
        assert len(together.tokens[i].values) == len(alone.tokens[0].values)


def test_many_texts_are_cut_into_batches(minilm: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.retrievers.embedders._BATCH_TOKENS", 24)
    texts = ["ferry", "net debt", "a b c d e f g h i j k l m n o p q r s t u v w x y z"] * 3
    sizes: list[int] = []
    run = minilm._run

    def counted(batch: list[str], *rest: Any) -> Any:
        sizes.append(len(batch))
        return run(batch, *rest)

    monkeypatch.setattr(minilm, "_run", counted)
    dense, _ = minilm.embed_documents(texts)
    assert sum(sizes) == 9
    assert sizes == sorted(sizes, reverse=True)  # short texts together, long ones alone
    assert max(sizes) > 1 == sizes[-1]
    assert dense[0] @ dense[3] > 0.999 > dense[0] @ dense[1]


def test_tokens_are_counted_without_special_ones(minilm: SentenceEmbedder) -> None:
    assert minilm.count_tokens("") == 0
    assert minilm.count_tokens("the ferry sails at night") == 5
    assert minilm.count_tokens("night " * 1000) == 1000  # far beyond the window, and said so


def test_bare_punctuation_has_no_token_vector(minilm: SentenceEmbedder) -> None:
    tokens = minilm.embed_documents(["net debt fell", "(net) debt, fell!", "?! ..."]).tokens
    assert tokens is not None
    plain, marked, only = tokens
    assert len(plain.values) == len(marked.values) == 3
    assert only.values.shape == (0, 384)


def test_no_texts_give_no_rows(minilm: SentenceEmbedder) -> None:
    for embedding in (minilm.embed_documents([]), minilm.embed_queries([])):
        assert embedding.dense.shape == (0, 384)
        assert embedding.tokens == []


def test_several_threads_do_not_cut_each_others_texts(minilm: SentenceEmbedder) -> None:
    long = "night " * 1500

    def work(i: int) -> int:
        if i % 2:
            return minilm.count_tokens(long)
        tokens = minilm.embed_documents([long]).tokens
        return len(tokens[0].values) if tokens else 0

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(48)))
    assert set(results[1::2]) == {1500}
    assert set(results[::2]) == {254}


# Questions are remembered


def _recorded(embedder: SentenceEmbedder, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the model is given from now on."""
    given: list[str] = []
    embed = embedder._embed

    def recorded(texts: list[str], task: Any) -> Embedding:
        given.extend(texts)
        return embed(texts, task)

    monkeypatch.setattr(embedder, "_embed", recorded)
    return given


def test_a_question_asked_again_costs_nothing(tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = SentenceEmbedder(str(tiny_model()), device="cpu")
    embedded = _recorded(embedder, monkeypatch)
    first = embedder.embed_queries(["net debt", "ferry", "net debt"])
    assert embedded == ["net debt", "ferry"]
    again = embedder.embed_queries(["ferry", "night", "net debt"])
    assert embedded == ["net debt", "ferry", "night"]
    assert np.array_equal(first.dense[0], first.dense[2])
    assert np.array_equal(again.dense[0], first.dense[1])
    assert np.array_equal(again.dense[2], first.dense[0])
    assert first.tokens is not None
    assert again.tokens is not None
    assert [len(t.values) for t in again.tokens] == [1, 1, 2]
    again.dense[:] = 0  # the caller's own copy
    assert np.array_equal(embedder.embed_queries(["ferry"]).dense[0], first.dense[1])


def test_only_the_last_questions_are_remembered(tiny_model: TinyModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.retrievers.embedders._REMEMBERED", 2)
    embedder = SentenceEmbedder(str(tiny_model()), device="cpu")
    embedded = _recorded(embedder, monkeypatch)
    for question in ("net", "debt", "net", "ferry", "net", "debt"):
        embedder.embed_queries([question])
    assert embedded == ["net", "debt", "ferry", "debt"]
    assert embedder.embed_queries(["at", "night", "the", "at"]).dense.shape == (4, 16)  # more than it remembers


# Other models


def test_prompts_of_the_model_are_used(tiny_model: TinyModel) -> None:
    plain = SentenceEmbedder(str(tiny_model()), device="cpu")
    prompted = SentenceEmbedder(str(tiny_model({"query": "query: ", "document": "passage: "})), device="cpu")
    text = "net debt"
    for embed, prompt in (("embed_queries", "query: "), ("embed_documents", "passage: ")):
        expected = plain.embed_documents([prompt + text])
        given_ = getattr(prompted, embed)([text])
        assert given_.dense == pytest.approx(expected.dense, abs=1e-5)
        assert not np.allclose(given_.dense, plain.embed_documents([text]).dense, atol=1e-3)


def test_prompts_of_the_user_come_first(tiny_model: TinyModel) -> None:
    folder = str(tiny_model({"query": "query: ", "document": "passage: "}))
    embedder = SentenceEmbedder(folder, query_prompt="the ", document_prompt="", device="cpu")
    bare = SentenceEmbedder(str(tiny_model()), device="cpu")
    assert embedder.embed_queries(["ferry"]).dense == pytest.approx(bare.embed_documents(["the ferry"]).dense, abs=1e-5)
    assert embedder.embed_documents(["ferry"]).dense == pytest.approx(bare.embed_documents(["ferry"]).dense, abs=1e-5)


def test_a_plain_checkpoint_loads_by_path(tiny_bert: Callable[..., Path]) -> None:
    folder = tiny_bert("plain")
    embedder = SentenceEmbedder(str(folder), device="cpu")
    assert (embedder.name, embedder.dimension, embedder.max_tokens) == (str(folder), 16, 32)
    assert np.linalg.norm(embedder.embed_documents(["the ferry"]).dense) == pytest.approx(1, abs=1e-3)


def test_token_vectors_keep_the_width_of_their_layer(tiny_model: TinyModel) -> None:
    embedder = SentenceEmbedder(str(tiny_model(narrowed_to=8)), device="cpu")
    dense, tokens = embedder.embed_documents(["the ferry sails"])
    assert embedder.dimension == 8
    assert dense.shape == (1, 8)
    assert tokens is not None
    assert tokens[0].values.shape == (3, 16)


def test_token_vectors_can_be_left_out(tiny_model: TinyModel) -> None:
    embedder = SentenceEmbedder(str(tiny_model()), token_vectors=False, device="cpu")
    assert embedder.embed_documents(["the ferry"]).tokens is None
    assert embedder.embed_queries(["the ferry"]).tokens is None


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("name", ["no/such-model", "/no/such/folder"])
def test_an_unknown_model_names_its_setting(name: str) -> None:
    with pytest.raises(UnknownComponent) as caught:
        SentenceEmbedder(name)
    assert caught.value.where == f"embedder.model = {name}"
    assert BUNDLED in (caught.value.cure or "")


# Multi-vector models


def test_a_multi_vector_model_encodes_as_it_does_itself(tiny_colbert: Path) -> None:
    from sentence_transformers import MultiVectorEncoder

    embedder = SentenceEmbedder(str(tiny_colbert), device="cpu")
    alone = embedder._model  # the same, so that both calculate in the same numeric type
    assert isinstance(alone, MultiVectorEncoder)
    texts = ["the ferry sails at night", "net, debt."]
    for ours, theirs in (
        (embedder.embed_queries(texts), alone.encode_query(texts, convert_to_numpy=True)),
        (embedder.embed_documents(texts), alone.encode_document(texts, convert_to_numpy=True)),
    ):
        assert ours.tokens is not None
        for dense, tokens, expected in zip(ours.dense, ours.tokens, theirs, strict=True):
            assert tokens.values.shape == expected.shape
            assert tokens.values * tokens.scale[:, None] == pytest.approx(expected, abs=0.05)
            mean = expected.mean(axis=0)
            assert dense == pytest.approx(mean / np.linalg.norm(mean), abs=0.05)


def test_a_multi_vector_model_brings_its_windows_and_masks(tiny_colbert: Path) -> None:
    embedder = SentenceEmbedder(str(tiny_colbert), device="cpu")
    assert (embedder.dimension, embedder.max_tokens) == (8, 24)
    asked = embedder.embed_queries(["net debt"]).tokens
    told = embedder.embed_documents(["net debt", "net, debt."]).tokens
    assert asked is not None
    assert told is not None
    assert len(asked[0].values) == 10  # expanded
    assert [len(t.values) for t in told] == [6, 6]  # [CLS] passage : net debt [SEP]; "," and "." are on its own list


def test_a_multi_vector_model_that_is_not_whole_is_an_error(tmp_path: Path, tiny_colbert: Path) -> None:
    shutil.copy(tiny_colbert / "config_sentence_transformers.json", tmp_path)
    with pytest.raises(UnknownComponent, match="cannot be loaded") as caught:
        SentenceEmbedder(str(tmp_path))
    assert caught.value.where == f"embedder.model = {tmp_path}"


# Silence

_LOAD = """
import sys, warnings
warnings.simplefilter("always")
from transformers.utils import logging
from huggingface_hub.utils.tqdm import are_progress_bars_disabled
before = logging.is_progress_bar_enabled(), are_progress_bars_disabled()
from octavo.retrievers.embedders import SentenceEmbedder
SentenceEmbedder(device="cpu").embed_queries(["Is it quiet?"])
assert (logging.is_progress_bar_enabled(), are_progress_bars_disabled()) == before == (True, False)
"""


def test_loading_says_nothing_and_leaves_the_switches_alone() -> None:
    done = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
