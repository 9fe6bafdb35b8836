"""The scripted provider: a LlamaIndex `LLM` like any other, and what a chat model makes of it."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest
from llama_index.core.llms import ChatMessage

from octavo.errors import ReplyFailed
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Delta, Limits, Reply, Usage

QUESTION = [ChatMessage(content="How much?")]


def test_replies_in_order_and_keeps_what_it_was_asked() -> None:
    llm = ScriptedLLM(replies=["First.", Reply(text="yes", first={"yes": -0.1, "no": -3.0}, finish="length")])
    chat = LlamaIndexChat(llm)

    async def run() -> list[Reply]:
        first = await chat.complete(QUESTION, max_tokens=8)
        return [first, await chat.complete(QUESTION, max_tokens=1, schema={"type": "object"}, top_logprobs=2)]

    first, second = anyio.run(run)
    assert (first.text, first.finish, first.usage) == ("First.", "stop", Usage(prompt=4, completion=3))
    assert (second.text, second.finish, second.first) == ("yes", "length", {"yes": -0.1, "no": -3.0})
    assert [request.messages for request in llm.requests] == [QUESTION, QUESTION]
    assert llm.requests[0].arguments == {"max_tokens": 8}
    assert llm.requests[1].arguments["response_format"]["json_schema"]["schema"] == {"type": "object"}
    with pytest.raises(ReplyFailed, match="no more than 2 replies"):
        anyio.run(lambda: chat.complete(QUESTION, max_tokens=8))


def test_replies_by_a_function_and_streams_by_words() -> None:
    def script(messages: Sequence[ChatMessage]) -> str:
        return f"You asked:\n{messages[-1].content} [1]"

    async def run() -> list[Delta]:
        chat = LlamaIndexChat(ScriptedLLM(replies=script))
        assert await chat.limits() == Limits(context=32_768, pictures=8)
        return [delta async for delta in chat.stream(QUESTION, max_tokens=8)]

    *words, last = anyio.run(run)
    assert [word.text for word in words] == ["You ", "asked:\n", "How ", "much? ", "[1]"]
    assert (last.text, last.finish) == ("", "stop")
    assert last.usage is not None


def test_llama_index_can_use_it_by_itself() -> None:
    llm = ScriptedLLM(replies=["One two."] * 4)
    assert llm.complete("How much?").text == "One two."
    assert [step.delta for step in llm.stream_complete("How much?")] == ["One ", "two.", None]
    assert llm.chat(QUESTION).message.content == "One two."
    assert anyio.run(lambda: llm.achat(QUESTION)).message.content == "One two."
