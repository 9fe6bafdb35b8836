"""Settings of answering."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class GeneratorOptions(BaseModel):
    """Who writes the answer, and how much of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["extractive", "vlm"] = Field(
        default="extractive", description="`extractive` quotes the documents; `vlm` lets the model of `vlm` write"
    )
    max_quotes: int = Field(default=3, ge=1, description="extractive: sentences or table rows quoted, at most")
    text_tokens: int = Field(default=4000, ge=0, description="vlm: tokens of evidence shown as text, at most")
    visual_tokens: int = Field(default=4000, ge=0, description="vlm: tokens of evidence shown as pictures, at most")
    pictures: int = Field(default=4, ge=0, description="vlm: pictures shown, at most")
    max_tokens: int = Field(default=512, ge=1, description="vlm: tokens of a reply, at most")
    check_support: bool = Field(
        default=False, description="vlm: ask the model once more, of each citation, whether it supports its claim"
    )
    decompose: bool = Field(
        default=False, description="let the model of `vlm` take questions of several steps apart, and search for each"
    )
    prompts: Path | None = Field(default=None, description="vlm: folder of templates that replace Octavo's own")
    processor: str | None = Field(
        default=None, description="vlm: name or folder of the model as whose processor pictures count; none: vlm.model"
    )
    processor_bounds: dict[str, Any] = Field(
        default={}, description="vlm: what the server's --mm-processor-kwargs say, e.g. `{max_pixels: 2293760}`"
    )


class ChatOptions(BaseModel):
    """The vision-language model: any server with OpenAI's API, vLLM above all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str | None = Field(default=None, description="address of its API, e.g. `http://localhost:8000/v1`")
    model: str | None = Field(default=None, description="name under which the server knows the model")
    api_key: SecretStr | None = Field(default=None, description="sent with each request")
    timeout: float = Field(
        default=120.0, gt=0, description="seconds for a whole reply, or between the pieces of a streamed one"
    )
    retries: int = Field(default=3, ge=0, description="times a request is sent again after 429, 5xx, lost connections")
    concurrency: int = Field(default=32, ge=1, description="requests at a time, at most")
    context: int | None = Field(default=None, ge=1, description="tokens of prompt and reply; none: ask the server")
    pictures: int | None = Field(default=None, ge=0, description="pictures in one prompt; none: ask the server, else 8")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0: always the likeliest words")
    extra_body: dict[str, Any] = Field(
        default={}, description="more fields of each request, e.g. `{chat_template_kwargs: {enable_thinking: false}}`"
    )
