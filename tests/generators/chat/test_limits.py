"""What a server is asked of itself: limits and counts; and what must be set."""

from __future__ import annotations

import sys

import anyio
import pytest
from llama_index.core.llms import MockLLM
from llama_index.llms.openai_like import OpenAILike

from octavo.errors import (
    MissingExtra,
    OctavoError,
    SettingsError,
)
from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.trial import trial
from octavo.generators.chat.types import Limits
from octavo.generators.options import ChatOptions
from octavo.tests.generators.chat.asking import chat_of, completed
from octavo.tests.generators.chat.server import (
    CONTEXT,
    MODEL,
    PICTURES,
    Server,
    refused,
    reset,
    whole,
)


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
