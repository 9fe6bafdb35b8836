"""Fitted numbers of relevance: the weight of each kind of evidence, and the map from evidence to probability."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field


class Calibration(BaseModel):
    """`weights` order the candidates, with what `hints` adds where the question itself says to look; the rest gives
    probability.

    A candidate's probability is that of the question being answered at all, times that of this candidate being where,
    if it is: two logistic functions (Platt 1999), of `intercept + Σ question[name] · evidence` and of
    `passage + slope · score + first / rank`. Slope and `first` are positive, so that order is kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[str, float]
    hints: dict[str, float] = {}
    slope: float = Field(gt=0)
    first: float = Field(ge=0)
    passage: float
    question: dict[str, float]
    intercept: float
    fitted_on: str

    @classmethod
    @functools.lru_cache(maxsize=1)
    def bundled(cls) -> Calibration:
        """The numbers that come with Octavo (`configs/relevance.yaml`)."""
        import yaml

        text = resources.files("octavo.configs").joinpath("relevance.yaml").read_text(encoding="utf-8")
        return cls.model_validate(yaml.safe_load(text))

    def answerable(self, question: Mapping[str, float]) -> float:
        """The probability that the candidates answer the question, from evidence about it as a whole."""
        return float(_logistic(self.intercept + sum(weight * question[name] for name, weight in self.question.items())))

    def relevance(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probability of each candidate, (n,), if any of them answers the question."""
        rank = np.empty(len(scores), np.float32)
        rank[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        return np.asarray(_logistic(self.passage + self.slope * scores + self.first / rank), np.float32)


def _logistic(logit: Any) -> Any:
    return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
