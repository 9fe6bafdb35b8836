"""What is said to a chat model's caller: limits, replies, pieces of a stream, and the tokens spent.

Messages are LlamaIndex's own `ChatMessage`s; a picture is an `ImageBlock(image=png_or_jpeg, image_mimetype=...)`.
"""

from __future__ import annotations

from ...ingest.types import Value


class Limits(Value):
    """How much one request may hold: `context` tokens of prompt and reply together, and so many `pictures`."""

    context: int
    pictures: int


class Usage(Value):
    """Tokens of one request, as the server counted them. `cached` are those of `prompt` that a prefix cache held."""

    prompt: int
    completion: int
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cached=self.cached + other.cached,
        )


class Reply(Value):
    """A whole reply.

    `usage` is None where the provider counts nothing. `finish` is why it ended, in OpenAI's words: `stop` or `length`;
    None where the provider says nothing. `first` maps the likeliest texts of the reply's first token to
    their natural-log probabilities, when `top_logprobs` were asked for.
    """

    text: str
    usage: Usage | None = None
    finish: str | None = None
    first: dict[str, float] = {}


class Delta(Value):
    """One step of a streamed reply: a piece of text; `finish` and `usage` come with the last steps, without text."""

    text: str = ""
    usage: Usage | None = None
    finish: str | None = None
