"""Embedders for tests: the bundled one, and tiny random checkpoints of the real classes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from octavo.retrievers.embedders import SentenceEmbedder

WORDS = [
    "the",
    "ferry",
    "harbour",
    "net",
    "debt",
    "query",
    "passage",
    "sails",
    "at",
    "night",
    ":",
    ".",
    ",",
    "?",
    "##s",
]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any attempt to reach a network fails the test."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError(f"a connection was tried: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def minilm() -> SentenceEmbedder:
    return SentenceEmbedder(device="cpu")


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a random BERT with a vocabulary of `WORDS`: a plain one, or a classifier with `labels` outputs."""

    def write(name: str, labels: int | None = None) -> Path:
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

        folder = tmp_path_factory.mktemp(name)
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        tokenizer = BertTokenizer(vocab={word: n for n, word in enumerate([*special, *WORDS])}, model_max_length=32)
        torch.manual_seed(7)
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            initializer_range=1.0,  # so that outputs differ
        )
        config.num_labels = labels or 2
        model = BertModel(config) if labels is None else BertForSequenceClassification(config)
        model.save_pretrained(str(folder))
        tokenizer.save_pretrained(str(folder))
        return folder

    return write


@pytest.fixture(scope="session")
def tiny_model(tiny_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a sentence-transformers model around a tiny BERT, with `prompts` and, if asked, a narrowing last layer."""

    def write(prompts: Mapping[str, str] = {}, narrowed_to: int | None = None) -> Path:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import Dense, Transformer
        from sentence_transformers.sentence_transformer.modules import Pooling

        transformer = Transformer(str(tiny_bert("encoder")))
        modules: list[Any] = [transformer, Pooling(transformer.get_embedding_dimension(), "mean")]
        if narrowed_to is not None:
            modules.append(Dense(transformer.get_embedding_dimension(), narrowed_to))
        folder = tmp_path_factory.mktemp("model")
        SentenceTransformer(modules=modules, prompts=dict(prompts), device="cpu").save(str(folder))
        return folder

    return write


@pytest.fixture(scope="session")
def tiny_colbert(tiny_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A multi-vector model around a tiny BERT: prefixes, queries of ten tokens, eight numbers each, no punctuation."""
    from sentence_transformers import MultiVectorEncoder
    from sentence_transformers.base.modules import Dense, Normalize, Transformer
    from sentence_transformers.multi_vector_encoder.modules import MultiVectorMask
    from torch.nn import Identity

    expansion: Any = {"strategy": "fixed", "attend": False, "length": 10}
    modules: list[Any] = [
        Transformer(str(tiny_bert("encoder")), query_expansion=expansion, document_length=24),
        Dense(16, 8, bias=False, activation_function=Identity(), module_input_name="token_embeddings"),
        MultiVectorMask(skiplist_words=[".", ","]),
        Normalize(module_input_name="token_embeddings"),
    ]
    folder = tmp_path_factory.mktemp("colbert")
    prompts = {"query": "query: ", "document": "passage: "}
    MultiVectorEncoder(modules=modules, prompts=prompts, device="cpu").save(str(folder))
    return folder
