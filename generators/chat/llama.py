"""Any LlamaIndex `LLM` as a chat model: timeouts, retries, few requests at a time, cancellation, token counts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import anyio

from ...errors import OctavoError, ReplyFailed, SettingsError
from ..options import ChatOptions
from .failures import explained, failure_of
from .loops import PerLoop
from .openai import aclose_client, inlined, is_openai, own_client, speaks_openai
from .replies import delta_of, reply_of
from .retries import retrying
from .server import ChatServer, estimated
from .spending import note
from .types import Delta, Limits, Reply

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage, ChatResponse, ChatResponseAsyncGen

T = TypeVar("T")

PICTURES = 8
"""Pictures of a prompt where neither settings nor server name a limit."""


class LlamaIndexChat:
    """A `ChatModel` over any LlamaIndex `LLM`.

    Those that speak OpenAI's protocol (`OpenAI`, `OpenAILike` and what derives from them; an `LLM` of one's own with
    `speaks_openai = True`) are given `max_tokens`, schemas and log-probabilities with each request, and are asked for
    their limits. Others use their own settings for the length of replies, and cannot do `schema` and `top_logprobs`.

    Args:
        limits: How much one request may hold, if that is known better than the settings, the server and `llm` do.
        options: Timeout, retries, concurrency, and limits; the address and the model are `llm`'s own.
    """

    def __init__(self, llm: LLM, *, limits: Limits | None = None, options: ChatOptions | None = None) -> None:
        self.options = options or ChatOptions()
        self.name = llm.metadata.model_name or type(llm).__name__
        self._llm, self._limits = llm, limits
        self._openai = speaks_openai(llm)
        self._server = _server_of(llm, self.options) if self._openai else None
        self._where = self._server.base_url if self._server else f"{type(llm).__name__} {self.name}"
        self._places = PerLoop(lambda: anyio.Semaphore(self.options.concurrency))
        self._llms = PerLoop(lambda: own_client(llm))

    async def limits(self) -> Limits:
        """See `ChatModel.limits`. SettingsError when nobody says how long the context is."""
        if self._limits is None:
            context, pictures = self.options.context, self.options.pictures
            if self._server is not None:
                context = context or await self._server.context()
                pictures = pictures if pictures is not None else await self._server.pictures()
            context = context or _own_context(self._llm, self._server is not None)
            if context is None:
                what = "the server does not say how long the model's context is"
                raise SettingsError(what, where=self._where, cure="set vlm.context to it, in tokens")
            self._limits = Limits(context=context, pictures=PICTURES if pictures is None else pictures)
        return self._limits

    async def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        schema: Mapping[str, Any] | None = None,
        top_logprobs: int = 0,
    ) -> Reply:
        """See `ChatModel.complete`."""
        wanted = self._wanted(max_tokens)
        if schema is not None:
            self._must_speak_openai("JSON schemas (structured output)")
            named = {"name": "reply", "schema": dict(schema), "strict": True}
            wanted["response_format"] = {"type": "json_schema", "json_schema": named}
        if top_logprobs:
            self._must_speak_openai("log-probabilities of tokens")
            wanted |= {"logprobs": True, "top_logprobs": top_logprobs}

        messages = self._sent(messages)

        async def once() -> ChatResponse:
            async with self._places.here():
                with anyio.fail_after(self.options.timeout):
                    return await self._llms.here().achat(messages, **wanted)

        reply = reply_of(await self._tried(once))
        note(reply.usage)
        if top_logprobs and reply.text and not reply.first:
            raise self._lacking("log-probabilities of tokens")
        if not top_logprobs:  # else its first token is what was asked for, and that is there
            self._must_be_whole(reply.finish, len(reply.text))
        return reply

    async def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int) -> AsyncGenerator[Delta]:
        """See `ChatModel.stream`. Holds one of the model's places until it ends or is closed."""
        begun = await self._tried(partial(self._begin, self._sent(messages), max_tokens))
        async with begun.held:
            length, finish, delta = 0, None, begun.first
            while delta is not None:
                length, finish = length + len(delta.text), delta.finish or finish
                yield delta
                try:
                    delta = await self._next(begun.pieces)
                except OctavoError:
                    raise
                except Exception as error:
                    raise self._broken(failure_of(error).said, length) from error
            if self._openai and finish is None:
                raise self._broken("the connection ended", length)
            self._must_be_whole(finish, length)

    async def count(self, text: str) -> int:
        """See `ChatModel.count`."""
        counted = await self._server.count(text) if self._server is not None else None
        return estimated(text) if counted is None else counted

    async def aclose(self) -> None:
        """Close the running loop's connections. Whatever is asked later opens new ones."""
        own = self._llms.taken()
        if own is not None:
            await aclose_client(own, self._llm)
        if self._server is not None:
            await self._server.aclose()

    def _sent(self, messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
        return inlined(messages) if is_openai(self._llm) else messages

    def _wanted(self, max_tokens: int) -> dict[str, Any]:
        return {"max_tokens": max_tokens} if self._openai else {}

    async def _begin(self, messages: Sequence[ChatMessage], max_tokens: int) -> _Begun:
        """Sends the request and waits for the first piece of text: up to here it may be tried again."""
        wanted = self._wanted(max_tokens)
        if self._openai:
            wanted["stream_options"] = {"include_usage": True}
        async with AsyncExitStack() as held:
            await held.enter_async_context(self._places.here())
            with anyio.fail_after(self.options.timeout):
                pieces = await self._llms.here().astream_chat(messages, **wanted)
            held.push_async_callback(self._end, pieces)
            first = await self._next(pieces)
            while first is not None and not first.text and first.finish is None:  # it may think for long
                first = await self._next(pieces)
            if first is None and self._openai:
                raise ConnectionError("the connection ended before a reply came")
            return _Begun(first, pieces, held.pop_all())

    async def _next(self, pieces: ChatResponseAsyncGen) -> Delta | None:
        """The next piece, if it comes in time; None after the last."""
        with anyio.fail_after(self.options.timeout):
            return await _piece(pieces)

    async def _end(self, pieces: ChatResponseAsyncGen) -> None:
        """Closes a stream down to its connection, so that the server stops writing."""
        if self._openai:
            # Closing the outermost of several nested generators leaves the inner ones to the garbage collector. A
            # cancelled wait for the next piece goes all the way down to the socket, at once.
            with anyio.CancelScope() as scope:
                scope.cancel()
                while await _piece(pieces) is not None:
                    pass
        await pieces.aclose()

    async def _tried(self, once: Callable[[], Awaitable[T]]) -> T:
        try:
            return await retrying(self.options)(once)
        except OctavoError:
            raise
        except Exception as error:
            failure = failure_of(error)
            if failure.status == 404 and self._server is not None:
                raise await self._server.not_found() from error
            raise explained(failure, where=self._where, timeout=self.options.timeout) from error

    def _must_be_whole(self, finish: str | None, length: int) -> None:
        """Or cut off for its length, which is told by `finish`."""
        if finish == "content_filter":
            what = f"the provider's content filter ended the reply after {length} characters"
            raise ReplyFailed(what, where=self._where, cure="ask in other words, or ask another model")
        if finish not in (None, "stop", "length"):
            raise self._broken(f"finish reason: {finish}", length)

    def _broken(self, said: str, length: int) -> ReplyFailed:
        what = f"the reply broke off after {length} characters ({said})"
        return ReplyFailed(what, where=self._where, cure="ask again; if it happens again, see the server's log")

    def _must_speak_openai(self, what: str) -> None:
        if not self._openai:
            raise self._lacking(what)

    def _lacking(self, what: str) -> SettingsError:
        cure = "use a model behind vLLM (vlm.base_url and vlm.model), or another OpenAI-compatible server that has them"
        return SettingsError(f"{self.name} gives no {what}", where=self._where, cure=cure)


class _Begun(NamedTuple):
    """A stream whose first piece came. `held` gives back its place and its connection."""

    first: Delta | None
    pieces: ChatResponseAsyncGen
    held: AsyncExitStack


async def _piece(pieces: ChatResponseAsyncGen) -> Delta | None:
    response = await anext(pieces, None)
    return delta_of(response) if response is not None else None


def _server_of(llm: LLM, options: ChatOptions) -> ChatServer | None:
    address = getattr(llm, "api_base", None)
    return ChatServer(address, llm.metadata.model_name, getattr(llm, "api_key", None), options) if address else None


def _own_context(llm: LLM, served: bool) -> int | None:
    """What `llm` itself says; of a served model not what LlamaIndex takes for granted (3900), if nobody chose it."""
    if served and "context_window" in type(llm).model_fields and "context_window" not in llm.model_fields_set:
        return None
    return llm.metadata.context_window
