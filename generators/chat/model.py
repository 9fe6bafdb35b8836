"""What a chat model is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .types import Delta, Limits, Reply

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


class ChatModel(Protocol):
    """A language model that reads messages of text and pictures. Safe to call many times at once, from several loops.

    Requests wait for a place among the model's `vlm.concurrency`, are tried again while nothing of the reply came, and
    end at the server when the caller's task is cancelled or the stream is closed (`contextlib.aclosing`).

    Raises:
        ServerUnavailable: It does not answer, or not in time.
        ReplyFailed: It answered with an error, or broke off within a reply.
        PromptTooLong: Prompt and reply do not fit into its context, or there are too many pictures.
        SettingsError: It is set up wrongly (a name it does not know), or cannot do what is asked (`schema`, ...).
    """

    @property
    def name(self) -> str:
        """The model's name, for the trace and for caches."""
        ...

    async def limits(self) -> Limits:
        """How much one request may hold. Asked from the server once, unless set."""
        ...

    async def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        top_logprobs: int = 0,
    ) -> Reply:
        """The whole reply, of `max_tokens` tokens at most. Its usage counts if it is told to `spending.note`.

        Args:
            schema: A JSON schema that the reply then fits, unless `finish` is `length`.
            top_logprobs: So many of the first token's likeliest texts are wanted in `Reply.first`. Such a reply counts
                however it ended.
        """
        ...

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[Delta]:
        """The reply as it is written. Ends normally only after the model ended it: a broken one raises."""
        ...

    async def count(self, text: str) -> int:
        """Tokens of `text`, without the prompt's wrapping: the server's count, or else an estimate on the high side."""
        ...
