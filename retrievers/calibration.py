"""Fitted numbers of relevance: the weight of each kind of evidence, and the map from evidence to probability."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field


class Calibration(BaseModel):
    """`weights` order the candidates, with what `hints` adds where the question itself says to look; the rest gives
    probability.

    The probability of a candidate is the logistic function of
    `intercept + slope · score + first / rank + Σ query[name] · (the best value of that evidence among the candidates)`:
    Platt scaling (1999) with evidence about the question as a whole. Slope and `first` are positive, so that order is
    kept.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    weights: dict[str, float]
    hints: dict[str, float] = {}
    slope: float = Field(gt=0)
    first: float = Field(ge=0)
    query: dict[str, float]
    intercept: float
    fitted_on: str

    @classmethod
    @functools.lru_cache(maxsize=1)
    def bundled(cls) -> Calibration:
        """The numbers that come with Octavo (`configs/relevance.yaml`)."""
        import yaml

        text = resources.files("octavo.configs").joinpath("relevance.yaml").read_text(encoding="utf-8")
        return cls.model_validate(yaml.safe_load(text))

    def probability(
        self, scores: NDArray[np.float32], evidence: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """Probability in [0, 1] for each candidate, (n,)."""
        whole = self.intercept + sum(w * float(evidence[name].max()) for name, w in self.query.items())
        rank = np.empty(len(scores), np.float32)
        rank[np.argsort(-scores, kind="stable")] = np.arange(1, len(scores) + 1)
        logit = np.clip(whole + self.slope * scores + self.first / rank, -30, 30)
        return np.asarray(1 / (1 + np.exp(-logit)), np.float32)
