"""Settings of answering."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class GeneratorOptions(BaseModel):
    """Who writes the answer, and how much of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["extractive"] = "extractive"
    max_quotes: int = Field(default=3, ge=1, description="sentences or table rows quoted, at most")
