"""Settings of embedding, search and relevance."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Fusion = Literal["evidence", "reciprocal-rank", "z-scores"]

BUNDLED = "all-MiniLM-L6-v2"
"""The embedder whose weights come with the package: no hub, no download."""


class EmbedderOptions(BaseModel):
    """Which model embeds passages and questions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        default=BUNDLED,
        description=f"`{BUNDLED}` is bundled; else any Hugging Face name or a folder; ColBERT models as well",
    )
    revision: str | None = None
    query_prompt: str | None = Field(default=None, description="text before each question; default: the model's own")
    document_prompt: str | None = Field(default=None, description="text before each passage; default: the model's own")
    token_vectors: bool = Field(default=True, description="keep one vector per token, for late interaction")
    device: str | None = Field(default=None, description="torch device; default: a GPU if there is one")
    trust_remote_code: bool = False


class RetrievalOptions(BaseModel):
    """How candidates are found."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidates: int = Field(default=200, ge=1, description="passages that each channel offers to relevance scoring")
    rrf_k: float = Field(default=60.0, gt=0, description="constant of reciprocal rank fusion")
    infer_filters: bool = Field(
        default=False,
        description="search only the documents, pages and kinds (table, figure) that a question names; else they are "
        "evidence",
    )


class RelevanceOptions(BaseModel):
    """How candidates are judged, and how many are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["late-interaction", "cross-encoder", "vlm", "rerank"] = Field(
        default="late-interaction",
        description="`vlm` asks the model of `vlm` about each piece; `rerank` asks a reranker behind a server",
    )
    model: str | None = Field(
        default=None, description="cross-encoder: Hugging Face name; rerank: name under which the server knows it"
    )
    base_url: str | None = Field(default=None, description="rerank: address, e.g. `http://localhost:8001/v1`")
    endpoint: Literal["rerank", "score"] = Field(
        default="rerank", description="rerank: `rerank` (vLLM, Jina, Cohere) or `score` (vLLM), added to the address"
    )
    api_key: SecretStr | None = Field(default=None, description="rerank: sent with each request")
    judged: int = Field(
        default=32, ge=1, description="vlm, rerank: of the candidates so many are judged, the best by late interaction"
    )
    pictures: bool = Field(default=True, description="vlm: tables and figures are shown, too; else their text alone")
    visual_tokens: int = Field(default=1024, ge=1, description="vlm: tokens of one such picture, at most")
    fusion: Fusion = Field(
        default="evidence",
        description="how late interaction orders candidates: `evidence` (fitted weights), `reciprocal-rank` or "
        "`z-scores` (each kind of evidence alike)",
    )
    k: int = Field(default=5, ge=1, description="evidence pieces kept for an answer, at most")
    threshold: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="relevance below which a piece is dropped; none: .05 with late-interaction, else .5",
    )
    answerable: float = Field(
        default=0.4,
        ge=0,
        le=1,
        description="probability of an answer below which late interaction refuses a question",
    )

    @property
    def least(self) -> float:
        """The threshold that holds: late interaction's probabilities are calibrated lower than a model's yes."""
        if self.threshold is not None:
            return self.threshold
        return 0.05 if self.kind == "late-interaction" else 0.5
