"""An `LLM` that replies as it is told: for tests and demonstrations without a model.

An ordinary provider of LlamaIndex, which is why importing this module imports LlamaIndex (a second).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, NamedTuple

from llama_index.core.base.llms.generic_utils import (
    chat_response_to_completion_response,
    stream_chat_response_to_completion_response,
)
from llama_index.core.base.llms.types import LogProb
from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    ChatResponseGen,
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
    MessageRole,
)
from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
from pydantic import Field

from ...errors import ReplyFailed
from .server import estimated
from .types import Reply, Usage

Said = str | Reply
Script = Callable[[Sequence[ChatMessage]], Said]


class Request(NamedTuple):
    """What a `ScriptedLLM` was asked, with the arguments of the request (`max_tokens`, `response_format`, ...)."""

    messages: list[ChatMessage]
    arguments: dict[str, Any]


class ScriptedLLM(CustomLLM):
    """Replies from a list, in order, or from a function of the messages; streams word by word.

        qa = DocumentQA.open(llm=ScriptedLLM(replies=["Revenue grew by 4 % [1]."]))

    A reply is a text or, with log-probabilities and the rest, a `Reply`. `requests` keeps what was asked, pictures
    included. A list that is used up raises ReplyFailed.
    """

    speaks_openai: ClassVar[bool] = True

    replies: list[Said] | Script
    model_name: str = "scripted"
    context_window: int = 32_768
    requests: list[Request] = Field(default_factory=list, exclude=True)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name=self.model_name, context_window=self.context_window, is_chat_model=True)

    @llm_chat_callback()
    def chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponse:
        reply = self._reply(messages, kwargs)
        return _response(messages, reply, reply.text, ended=True)

    @llm_chat_callback()
    def stream_chat(self, messages: Sequence[ChatMessage], **kwargs: Any) -> ChatResponseGen:
        reply = self._reply(messages, kwargs)

        def words() -> ChatResponseGen:
            said = ""
            for word in re.findall(r"\S+\s*|\s+", reply.text):
                said += word
                yield _response(messages, reply, said, word)
            yield _response(messages, reply, said, ended=True)

        return words()

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        return chat_response_to_completion_response(self.chat([ChatMessage(content=prompt)], **kwargs))

    @llm_completion_callback()
    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        return stream_chat_response_to_completion_response(self.stream_chat([ChatMessage(content=prompt)], **kwargs))

    def _reply(self, messages: Sequence[ChatMessage], arguments: dict[str, Any]) -> Reply:
        self.requests.append(Request(list(messages), arguments))
        if callable(self.replies):
            said = self.replies(messages)
        elif len(self.requests) > len(self.replies):
            raise ReplyFailed(f"the script has no more than {len(self.replies)} replies", where=self.model_name)
        else:
            said = self.replies[len(self.requests) - 1]
        return said if isinstance(said, Reply) else Reply(text=said)


def _response(
    messages: Sequence[ChatMessage], reply: Reply, said: str, delta: str | None = None, *, ended: bool = False
) -> ChatResponse:
    """One step of a reply, or all of it, in the shape that OpenAI's protocol gives it."""
    asked = " ".join(message.content or "" for message in messages)
    usage = reply.usage or Usage(prompt=estimated(asked), completion=estimated(said))
    raw: dict[str, Any] = {"choices": [{"finish_reason": (reply.finish or "stop") if ended else None}]}
    if ended:
        raw["usage"] = {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
        }
    first = [LogProb(token=token, logprob=logprob) for token, logprob in reply.first.items()]
    message = ChatMessage(role=MessageRole.ASSISTANT, content=said)
    return ChatResponse(message=message, delta=delta, raw=raw, logprobs=[first] if first else None)
