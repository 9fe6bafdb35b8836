"""Settings of answering."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class GeneratorOptions(BaseModel):
    """Who writes the answer, and how much of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["extractive"] = "extractive"
    max_quotes: int = Field(default=3, ge=1, description="sentences or table rows quoted, at most")


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
