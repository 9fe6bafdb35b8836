"""Asking a chat model behind the local server."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import anyio
from llama_index.core.llms import ChatMessage

from octavo.generators.chat.llama import LlamaIndexChat
from octavo.generators.chat.types import Delta, Reply, Usage
from octavo.generators.chat.vllm import vllm_chat
from octavo.generators.options import ChatOptions
from octavo.tests.generators.chat.server import (
    MODEL,
    Server,
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
