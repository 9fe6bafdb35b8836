"""Every way in which a server can fail: what is tried again, and what is said."""

from __future__ import annotations

import time
from typing import Any

import anyio
import httpx
import pytest

from octavo.errors import (
    OctavoError,
    PromptTooLong,
    ReplyFailed,
    ReplyLate,
    ServerUnavailable,
    SettingsError,
    TooManyPictures,
)
from octavo.generators.chat.types import Delta
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.options import ChatOptions
from octavo.tests.generators.chat.asking import chat_of, completed, streamed_by
from octavo.tests.generators.chat.server import (
    CONTEXT,
    MODEL,
    Handler,
    Server,
    ended,
    engine_died,
    hanging,
    refused,
    reset,
    streamed,
)


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


def test_a_date_in_retry_after_is_understood() -> None:
    from email.utils import formatdate

    from octavo.generators.chat.failures import failure_of

    def failed(after: str) -> float | None:
        response = httpx.Response(429, headers={"Retry-After": after}, request=httpx.Request("GET", "http://x"))
        return failure_of(httpx.HTTPStatusError("busy", request=response.request, response=response)).wait

    assert failed(formatdate(time.time() + 60, usegmt=True)) == pytest.approx(60, abs=2)
    assert failed(formatdate(time.time() - 60, usegmt=True)) == 0
    assert failed("soon") is None


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


def test_a_model_may_think_for_longer_than_the_timeout(server: Server) -> None:
    server.fates = [streamed("Revenue grew", thoughts=6, pause=0.3)]
    assert "".join(delta.text for delta in streamed_by(chat_of(server, timeout=1.0, retries=0))) == "Revenue grew "


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
    with pytest.raises(PromptTooLong, match=expected) as caught:
        completed(chat_of(server))
    assert isinstance(caught.value, TooManyPictures) == ("pictures" in expected)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fate", "error", "expected"),
    [
        (refused(400, "unknown field", "BadRequestError"), ReplyFailed, "refused: unknown field"),
        (refused(400, "Grammar error: Unknown format: x", "BadRequestError"), ReplyFailed, "leave out of the model"),
        (refused(401, "Unauthorized", "AuthenticationError"), SettingsError, "vlm.api_key"),
        (refused(500, "CUDA error"), ReplyFailed, r"failed \(500\): CUDA error"),
    ],
)
def test_other_refusals(server: Server, fate: Any, error: type[OctavoError], expected: str) -> None:
    server.fates = [fate]
    with pytest.raises(error, match=expected):
        completed(chat_of(server, retries=0))
