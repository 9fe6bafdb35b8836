"""What providers hand back, read."""

from __future__ import annotations

import enum
from types import SimpleNamespace
from typing import Any

import pytest
from llama_index.core.llms import ChatMessage, ChatResponse

from octavo.generators.chat.replies import delta_of, reply_of


class Reason(enum.Enum):
    """As Google's client has it."""

    STOP = 1
    MAX_TOKENS = 2


@pytest.mark.parametrize(
    ("raw", "finish"),
    [
        ({"stop_reason": "end_turn"}, "stop"),
        ({"stop_reason": "max_tokens"}, "length"),
        ({"type": "message_delta", "delta": SimpleNamespace(stop_reason="max_tokens")}, "length"),
        ({"type": "content_block_delta", "delta": SimpleNamespace(text="Revenue")}, None),
        ({"stop_reason": "refusal"}, "content_filter"),
        ({"finish_reason": Reason.MAX_TOKENS}, "length"),
        (SimpleNamespace(candidates=[SimpleNamespace(finish_reason=Reason.STOP)]), "stop"),
        ({"candidates": [{"finish_reason": "SAFETY"}]}, "content_filter"),
        ({"done": True, "done_reason": "length"}, "length"),
        ({"done": False, "done_reason": None}, None),
        ({"stopReason": "guardrail_intervened"}, "content_filter"),
        ({"finish_reason": "COMPLETE"}, "stop"),
        ({"choices": [{"finish_reason": "model_length"}]}, "length"),
        ({"choices": []}, None),
        ({"finish_reason": "ERROR"}, "error"),
        (None, None),
    ],
)
def test_why_a_reply_ended_is_read_from_what_providers_hand_back(raw: Any, finish: str | None) -> None:
    response = ChatResponse(message=ChatMessage(content="Revenue"), raw=raw, delta="")
    assert reply_of(response).finish == delta_of(response).finish == finish
