"""A chat model over a real HTTP connection: what is sent and what comes back, many at once and when callers go away."""

from __future__ import annotations

import asyncio
import base64
import gc
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import pytest
from llama_index.core.llms import MockLLM
from llama_index.llms.openai_like import OpenAILike
from openai import AsyncOpenAI

from octavo.errors import ReplyFailed, SettingsError
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.messages import message
from octavo.generators.chat.types import Reply
from octavo.generators.options import ChatOptions
from octavo.tests.generators.chat.asking import PNG, QUESTION, USED, chat_of, completed, streamed_by
from octavo.tests.generators.chat.server import (
    MODEL,
    Handler,
    Server,
    hanging,
    streamed,
    whole,
)


def test_a_reply_with_its_usage(server: Server) -> None:
    reply = completed(chat_of(server, extra_body={"top_k": 3}))
    assert reply == Reply(text="Revenue grew [1].", usage=USED, finish="stop")
    assert server.asked == [
        {
            "messages": [{"role": "user", "content": "How much did revenue grow?"}],
            "model": MODEL,
            "max_tokens": 8,
            "temperature": 0.0,
            "stream": False,
            "top_k": 3,
        }
    ]


def test_pictures_go_with_the_text_in_their_order(server: Server) -> None:
    asked = message("[1]", PNG, "How much?")
    before = asked.model_copy(deep=True)
    completed(chat_of(server), [message("Be short.", role="system"), asked])
    streamed_by(chat_of(server), messages=[asked])
    assert asked == before
    assert server.asked[0]["messages"][0] == {"role": "system", "content": "Be short."}
    for content in server.asked[0]["messages"][1]["content"], server.asked[1]["messages"][0]["content"]:
        assert [part["type"] for part in content] == ["text", "image_url", "text"]
        head, _, data = content[1]["image_url"]["url"].partition(",")
        assert (head, base64.b64decode(data)) == ("data:image/png;base64", PNG)


def test_a_stream_with_its_usage(server: Server) -> None:
    deltas = streamed_by(chat_of(server))
    assert [delta.text for delta in deltas if delta.text] == ["Revenue ", "grew ", "[1]. "]
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]
    assert [delta.usage for delta in deltas if delta.usage] == [USED]
    assert server.asked[0]["stream_options"] == {"include_usage": True}


def test_a_schema_and_log_probabilities(server: Server) -> None:
    server.fates = [whole("yes", logprobs={"yes": -0.1, "no": -2.4, "Yes": -3.0})]
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    reply = completed(chat_of(server), schema=schema, top_logprobs=3)
    assert reply.first == {"yes": -0.1, "no": -2.4, "Yes": -3.0}
    assert (server.asked[0]["logprobs"], server.asked[0]["top_logprobs"]) == (True, 3)
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema, "strict": True}}
    assert server.asked[0]["response_format"] == wanted


def test_a_server_without_log_probabilities_is_told_of(server: Server) -> None:
    with pytest.raises(SettingsError, match="tiny gives no log-probabilities"):
        completed(chat_of(server), top_logprobs=3)


@pytest.mark.parametrize("asked", [{"schema": {"type": "object"}}, {"top_logprobs": 2}])
def test_other_llms_reply_but_lack_schemas_and_log_probabilities(asked: dict[str, Any]) -> None:
    chat = LlamaIndexChat(MockLLM())
    assert completed(chat).text == "user: How much did revenue grow?\nassistant: "
    assert "".join(delta.text for delta in streamed_by(chat)) == "user: How much did revenue grow?\nassistant: "
    with pytest.raises(SettingsError, match="gives no") as caught:
        completed(chat, **asked)
    assert "vLLM" in str(caught.value)


@pytest.mark.parametrize(
    ("finish", "complaint"), [("content_filter", "content filter"), ("abort", "finish reason: abort")]
)
def test_a_reply_that_is_not_whole_is_an_error_but_its_first_token_counts(
    server: Server, finish: str, complaint: str
) -> None:
    server.fates = [whole("Revenue grew", finish=finish)] * 2 + [whole("yes", logprobs={"yes": -0.1}, finish=finish)]
    for asking in (completed, streamed_by):
        with pytest.raises(ReplyFailed, match=complaint):
            asking(chat_of(server))
    assert completed(chat_of(server), top_logprobs=1).first == {"yes": -0.1}


def test_no_more_requests_at_a_time_than_allowed(server: Server) -> None:
    chat = chat_of(server, concurrency=3)
    server.fates = [whole("yes", seconds=0.05)] * 10

    async def whole_reply() -> None:
        assert (await chat.complete(QUESTION, max_tokens=8)).text == "yes"

    async def streamed_reply() -> None:
        texts = [delta.text async for delta in chat.stream(QUESTION, max_tokens=8)]
        assert "".join(texts) == "yes "

    async def run() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(whole_reply)
                tasks.start_soon(streamed_reply)
        await chat.aclose()

    anyio.run(run)
    assert len(server.asked) == 10
    assert server.most == 3


@pytest.mark.parametrize("streams", [False, True])
def test_a_cancelled_caller_closes_the_connection(server: Server, streams: bool) -> None:
    server.fates = [streamed("Revenue grew", cut=1, end=Handler.wait_for_hang_up) if streams else hanging]
    chat = chat_of(server)

    async def ask() -> None:
        if streams:
            async with aclosing(chat.stream(QUESTION, max_tokens=8)) as pieces:
                async for _ in pieces:
                    pass
        else:
            await chat.complete(QUESTION, max_tokens=8)

    async def run() -> None:
        asking = asyncio.create_task(ask())
        while not server.asked:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.to_thread(server.hung_up.wait, 2)
        assert (await chat.complete(QUESTION, max_tokens=8)).text == "Revenue grew [1]."
        await chat.aclose()

    anyio.run(run)
    assert len(server.asked) == 2


def test_a_stream_that_nobody_reads_on_is_closed_and_gives_its_place_back(server: Server) -> None:
    server.fates = [streamed("Revenue grew", cut=1, end=Handler.wait_for_hang_up)]
    chat = chat_of(server, concurrency=1)

    async def run() -> None:
        async with aclosing(chat.stream(QUESTION, max_tokens=8)) as pieces:
            async for delta in pieces:
                assert delta.text == "Revenue "
                break
        assert server.hung_up.wait(2), "the connection is closed by now: nothing is left to the collector"
        assert (await chat.complete(QUESTION, max_tokens=8)).text == "Revenue grew [1]."
        await chat.aclose()

    anyio.run(run)


@pytest.mark.parametrize("given", [False, True])
def test_one_model_in_several_event_loops(server: Server, given: bool) -> None:
    llm = OpenAILike(model=MODEL, api_base=server.base_url, api_key="none", is_chat_model=True, max_tokens=1)
    chat = LlamaIndexChat(llm, options=ChatOptions(timeout=20.0)) if given else chat_of(server)

    async def run() -> str:  # leaves its connections open, as a loop that is simply ended does
        assert await chat.count("one two") == 2
        return (await chat.complete(QUESTION, max_tokens=8)).text

    assert [asyncio.run(run()) for _ in range(3)] == ["Revenue grew [1]."] * 3
    assert {request["max_tokens"] for request in server.asked} == {8}


def test_the_callers_own_client_stays_open(server: Server) -> None:
    def llm_of(**more: Any) -> OpenAILike:
        return OpenAILike(model=MODEL, api_base=server.base_url, api_key="mine", is_chat_model=True, **more)

    async def before_and_after(llm: OpenAILike) -> None:
        await llm.achat(QUESTION)
        chat = LlamaIndexChat(llm, options=ChatOptions(timeout=20.0))
        await chat.complete(QUESTION, max_tokens=8)
        await chat.aclose()
        await llm.achat(QUESTION)

    async def run() -> None:
        await before_and_after(llm_of())
        async with httpx.AsyncClient(headers={"Authorization": "Bearer theirs"}) as connections:
            await before_and_after(llm_of(async_http_client=connections))
            await connections.get(f"{server.base_url}/models")
        async with AsyncOpenAI(base_url=server.base_url, api_key="given") as client:
            await before_and_after(llm_of(async_openai_client=client))

    anyio.run(run)
    assert server.keys == ["Bearer mine"] * 6 + ["Bearer given"] * 3


def test_what_ended_loops_left_makes_no_noise(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    chat = chat_of(server)
    gc.collect()  # what other tests left

    async def run() -> None:
        await chat.complete(QUESTION, max_tokens=8)
        gc.collect()
        await asyncio.sleep(0)

    for _ in range(3):
        asyncio.run(run())
    gc.collect()
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []
