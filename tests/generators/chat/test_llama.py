"""A chat model over a real HTTP connection: what is sent, what comes back, and every way it can fail."""

from __future__ import annotations

import asyncio
import base64
import gc
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import anyio
import httpx
import pytest
from llama_index.core.llms import ChatMessage, MockLLM
from llama_index.llms.openai_like import OpenAILike
from openai import AsyncOpenAI

from octavo.errors import (
    MissingExtra,
    OctavoError,
    PromptTooLong,
    ReplyFailed,
    ReplyLate,
    ServerUnavailable,
    SettingsError,
)
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.messages import message
from octavo.generators.chat.trial import trial
from octavo.generators.chat.types import Delta, Limits, Reply, Usage
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.options import ChatOptions
from octavo.tests.generators.chat.server import (
    CONTEXT,
    MODEL,
    PICTURES,
    Handler,
    Server,
    ended,
    engine_died,
    hanging,
    refused,
    reset,
    streamed,
    whole,
)

QUESTION = [ChatMessage(content="How much did revenue grow?")]
USED = Usage(prompt=42, completion=3, cached=16)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQAAAABbAUdZAAAAEUlEQVR42mP8z8DAwMQwaAkAswEBP25AfJYAAAAASUVORK5CYII="
)


def chat_of(server: Server, **options: Any) -> LlamaIndexChat:
    return vllm_chat(ChatOptions(**{"base_url": server.base_url, "model": MODEL, "timeout": 20.0, **options}))


def completed(chat: LlamaIndexChat, messages: Sequence[ChatMessage] = QUESTION, **asked: Any) -> Reply:
    async def run() -> Reply:
        try:
            return await chat.complete(messages, **{"max_tokens": 8, **asked})
        finally:
            await chat.aclose()

    return anyio.run(run)


def streamed_by(
    chat: LlamaIndexChat, got: list[Delta] | None = None, messages: Sequence[ChatMessage] = QUESTION
) -> list[Delta]:
    """All pieces; `got` holds those that came before an error."""
    got = [] if got is None else got

    async def run() -> None:
        try:
            async for delta in chat.stream(messages, max_tokens=8):
                got.append(delta)
        finally:
            await chat.aclose()

    anyio.run(run)
    return got


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


# Failures that pass


def test_a_failing_server_is_asked_again_with_growing_pauses(server: Server) -> None:
    server.fates = [refused(500, "try again"), refused(500, "try again")]
    assert completed(chat_of(server)).text == "Revenue grew [1]."
    first, second, third = server.times
    assert second - first >= 0.25
    assert third - second >= 0.5


def test_retry_after_is_honoured(server: Server) -> None:
    server.fates = [refused(429, "slow down", Retry_After="1")]
    assert completed(chat_of(server)).text == "Revenue grew [1]."
    assert server.times[1] - server.times[0] >= 1.0


def test_too_long_a_retry_after_is_not_waited_for(server: Server) -> None:
    server.fates = [refused(429, "slow down", Retry_After="3600")]
    with pytest.raises(ServerUnavailable, match=r"busy or starting \(429: slow down\)"):
        completed(chat_of(server))
    assert len(server.asked) == 1


def test_retries_are_bounded(server: Server) -> None:
    server.fates = [refused(503, "loading")] * 5
    with pytest.raises(ServerUnavailable, match="503: loading"):
        completed(chat_of(server, retries=1))
    assert len(server.asked) == 2


@pytest.mark.parametrize(("status", "kind"), [(503, ServerUnavailable), (504, ReplyLate)])
def test_a_gateways_own_limit_is_a_late_reply(server: Server, status: int, kind: type[ServerUnavailable]) -> None:
    server.fates = [refused(status, "no answer")]
    with pytest.raises(ServerUnavailable) as caught:
        completed(chat_of(server, retries=0))
    assert type(caught.value) is kind


@pytest.mark.parametrize("streams", [False, True])
def test_a_lost_connection_is_tried_again(server: Server, streams: bool) -> None:
    server.fates = [reset]
    chat = chat_of(server)
    reply = "".join(delta.text for delta in streamed_by(chat)) if streams else completed(chat).text
    assert reply.strip() == "Revenue grew [1]."
    assert len(server.asked) == 2


@pytest.mark.parametrize("end", [Handler.reset, engine_died, ended])
def test_a_stream_that_breaks_before_its_first_word_is_tried_again(server: Server, end: Any) -> None:
    server.fates = [streamed("never said", cut=0, end=end)]
    assert "".join(delta.text for delta in streamed_by(chat_of(server))) == "Revenue grew [1]. "
    assert len(server.asked) == 2


@pytest.mark.parametrize("end", [Handler.reset, engine_died, ended])
def test_a_stream_that_breaks_later_is_an_error_and_never_begun_anew(server: Server, end: Any) -> None:
    server.fates = [streamed("Revenue grew by [1].", cut=2, end=end)]
    got: list[Delta] = []
    with pytest.raises(ReplyFailed, match="broke off after 13 characters"):
        streamed_by(chat_of(server), got)
    assert [delta.text for delta in got] == ["Revenue ", "grew "]
    assert not any(delta.finish for delta in got)
    assert len(server.asked) == 1


# Failures that stay


def test_silence_is_an_error_after_the_timeout_and_ends_the_request(server: Server) -> None:
    server.fates = [hanging]
    with pytest.raises(ServerUnavailable, match=r"did not reply within 1\.5 s"):
        completed(chat_of(server, timeout=1.5))
    assert server.hung_up.wait(2)
    assert len(server.asked) == 1


def test_silence_within_a_stream_is_an_error(server: Server) -> None:
    server.fates = [streamed("Revenue grew", cut=1, end=Handler.wait_for_hang_up)]
    with pytest.raises(ReplyFailed, match="broke off after 8 characters"):
        streamed_by(chat_of(server, timeout=1.5))
    assert server.hung_up.wait(2)


def test_nobody_there(server: Server) -> None:
    options = ChatOptions(base_url="http://127.0.0.1:9/v1", model=MODEL, retries=1)
    for asking in (completed, streamed_by, lambda chat: anyio.run(chat.limits)):
        with pytest.raises(ServerUnavailable) as caught:
            asking(vllm_chat(options))
        assert "octavo vlm up" in str(caught.value)
        assert "127.0.0.1:9" in str(caught.value)


def test_a_name_that_is_not_served(server: Server) -> None:
    chat = chat_of(server, model="huge")
    server.fates = [refused(404, "The model `huge` does not exist.", "NotFoundError")]
    for asking in (completed, lambda chat: anyio.run(chat.limits)):
        with pytest.raises(SettingsError, match="no model 'huge'") as caught:
            asking(chat)
        assert caught.value.cure == "models served there: tiny"


def test_an_address_without_the_api(server: Server) -> None:
    chat = chat_of(server, base_url=server.base_url.removesuffix("/v1"), context=CONTEXT)
    with pytest.raises(SettingsError, match="no OpenAI-compatible API") as caught:
        completed(chat)
    assert caught.value.cure == f"perhaps {server.base_url}"


def test_a_model_that_cannot_chat(server: Server) -> None:
    server.fates = [refused(404, "Not Found")]
    with pytest.raises(SettingsError, match="offers no chat"):
        completed(chat_of(server))


TOO_LONG = (
    "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens, "
    "which exceeds this limit even without any output tokens. Please reduce the length of the input prompt."
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (TOO_LONG, "prompt of at least 4097 tokens and its reply do not fit into the model's context of 4096 tokens"),
        (
            "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (8000 in the "
            "messages, 1000 in the completion). Please reduce the length of the messages or completion.",
            "prompt of 9000 tokens and its reply do not fit into the model's context of 8192 tokens",
        ),
        ("At most 4 image(s) may be provided in one prompt.", "more pictures than the 4 that the model takes"),
    ],
)
def test_too_much_for_one_prompt(server: Server, said: str, expected: str) -> None:
    server.fates = [refused(400, said, "BadRequestError")]
    with pytest.raises(PromptTooLong, match=expected):
        completed(chat_of(server))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fate", "error", "expected"),
    [
        (refused(400, "unknown field", "BadRequestError"), ReplyFailed, "refused: unknown field"),
        (refused(401, "Unauthorized", "AuthenticationError"), SettingsError, "vlm.api_key"),
        (refused(500, "CUDA error"), ReplyFailed, r"failed \(500\): CUDA error"),
    ],
)
def test_other_refusals(server: Server, fate: Any, error: type[OctavoError], expected: str) -> None:
    server.fates = [fate]
    with pytest.raises(error, match=expected):
        completed(chat_of(server, retries=0))


# Many at once, and going away


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


# Limits and counting


def test_limits_are_asked_from_the_server(server: Server) -> None:
    assert anyio.run(chat_of(server).limits) == Limits(context=CONTEXT, pictures=PICTURES)
    assert server.asked == []


def test_limits_that_are_set_win(server: Server) -> None:
    assert anyio.run(chat_of(server, context=1000, pictures=2).limits) == Limits(context=1000, pictures=2)
    given = Limits(context=10, pictures=0)
    assert anyio.run(LlamaIndexChat(MockLLM(), limits=given).limits) == given


def test_a_server_that_says_nothing_of_its_limits(server: Server) -> None:
    server.vllm = False
    with pytest.raises(SettingsError, match="how long the model's context is") as caught:
        anyio.run(chat_of(server).limits)
    assert "vlm.context" in str(caught.value)
    assert anyio.run(chat_of(server, context=1000).limits) == Limits(context=1000, pictures=8)
    llm = OpenAILike(model=MODEL, api_base=server.base_url, api_key="none", is_chat_model=True, context_window=2000)
    assert anyio.run(LlamaIndexChat(llm).limits) == Limits(context=2000, pictures=8)


def test_counting_by_the_server_or_by_an_estimate(server: Server) -> None:
    assert anyio.run(chat_of(server).count, "one two three") == 3
    server.vllm = False
    assert anyio.run(chat_of(server).count, "Revenue grew by 4.5 % in 2023: 增长") == 5 + 11
    assert anyio.run(LlamaIndexChat(MockLLM()).count, "") == 0


@pytest.mark.parametrize("status", [302, 401, 403, 422, 429, 500, 503])
def test_a_gateway_that_refuses_all_but_v1_in_its_own_way(server: Server, status: int) -> None:
    server.paths = {"/tokenize"}
    server.fates = [refused(status, "no", Location="/login")] * 3
    chat = chat_of(server, retries=0)
    assert anyio.run(chat.limits) == Limits(context=CONTEXT, pictures=8)
    assert [anyio.run(chat.count, "lighthouse") for _ in range(2)] == [4, 4], "estimated, not counted"
    assert len(server.asked) == 2, "it is not asked again and again"


def test_small_questions_are_tried_again_too(server: Server) -> None:
    server.paths = {"/tokenize"}
    server.fates = [refused(503, "starting", Retry_After="0"), reset, lambda to, _: to.answer(200, {"count": 1})]
    assert anyio.run(chat_of(server).count, "lighthouse") == 1
    assert len(server.asked) == 3


def test_passwords_in_addresses_are_not_told(server: Server) -> None:
    here, nowhere = (url.replace("://", "://user:s3cret@") for url in (server.base_url, "http://127.0.0.1:9/v1"))
    server.fates = [refused(404, "no such model"), refused(500, f"GET {here} failed")]
    for model, address in (("huge", here), (MODEL, here), (MODEL, nowhere)):
        with pytest.raises(OctavoError) as caught:
            completed(chat_of(server, base_url=address, model=model, retries=0))
        assert "127.0.0.1" in str(caught.value)
        assert "s3cret" not in repr(caught.value)


def test_the_key_that_is_set_is_sent_and_no_other(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-somebody-else")
    completed(chat_of(server))
    completed(chat_of(server, api_key="ours"))
    assert server.keys == ["Bearer none", "Bearer ours"]
    assert "ours" not in repr(ChatOptions.model_validate({"api_key": "ours"}))


@pytest.mark.parametrize("missing", ["base_url", "model"])
def test_what_must_be_set(server: Server, missing: str) -> None:
    with pytest.raises(SettingsError) as caught:
        chat_of(server, **{missing: None})
    assert caught.value.where == f"vlm.{missing}"


def test_the_client_comes_with_an_extra(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_index.llms.openai_like", None)
    with pytest.raises(MissingExtra, match="not installed") as caught:
        chat_of(server)
    assert caught.value.cure == "pip install 'octavo[vllm]'"


def test_a_trial_tells_whether_the_picture_was_read(server: Server) -> None:
    server.fates = [whole("I see\n1874"), whole("qwxz")]
    tried = [anyio.run(trial, chat_of(server)) for _ in range(2)]
    assert [found.legible for found in tried] == [True, False]
    with pytest.raises(SettingsError, match="takes no pictures"):
        anyio.run(trial, chat_of(server, pictures=0))


def test_a_date_in_retry_after_is_understood() -> None:
    from email.utils import formatdate

    from octavo.generators.chat.failures import failure_of

    def failed(after: str) -> float | None:
        response = httpx.Response(429, headers={"Retry-After": after}, request=httpx.Request("GET", "http://x"))
        return failure_of(httpx.HTTPStatusError("busy", request=response.request, response=response)).wait

    assert failed(formatdate(time.time() + 60, usegmt=True)) == pytest.approx(60, abs=2)
    assert failed(formatdate(time.time() - 60, usegmt=True)) == 0
    assert failed("soon") is None
