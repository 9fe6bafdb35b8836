"""What LlamaIndex hands back, read: text, usage, why it ended, and the first token's probabilities."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from .types import Delta, Reply, Usage

if TYPE_CHECKING:
    from llama_index.core.llms import ChatResponse

# OpenAI's, Cohere's and Google's; Anthropic's; Amazon's; Ollama's
_NAMES = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_ENDS = {
    "stop": "end end_turn stop_sequence eos eos_token complete completed finished done tool_calls tool_use"
    " function_call",
    "length": "max_tokens max_output_tokens model_length model_context_window_exceeded",
    "content_filter": "content_filtered guardrail_intervened refusal safety recitation blocklist prohibited_content"
    " spii model_armor error_toxic",
}
_WORDS = {word: end for end, words in _ENDS.items() for word in words.split()}
_UNENDED = {"", "null", "none", "not_finished", "finish_reason_unspecified"}  # what some say of each piece


def reply_of(response: ChatResponse) -> Reply:
    return Reply(
        text=response.message.content or "",
        usage=_usage(response),
        finish=_finish(response),
        first=_first(response),
    )


def delta_of(response: ChatResponse) -> Delta:
    return Delta(text=response.delta or "", usage=_usage(response), finish=_finish(response))


def _first(response: ChatResponse) -> dict[str, float]:
    """Several tokens may have the same text (pieces of a character): the likeliest of them counts."""
    first: dict[str, float] = {}
    for one in response.logprobs[0] if response.logprobs else []:
        first[one.token] = max(one.logprob, first.get(one.token, one.logprob))
    return first


def _usage(response: ChatResponse) -> Usage | None:
    """OpenAI's names, or Anthropic's; what LlamaIndex itself noted otherwise."""
    for counts in (_part(response.raw, "usage"), response.additional_kwargs):
        for prompt, completion in (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens")):
            if isinstance(_part(counts, prompt), int) and isinstance(_part(counts, completion), int):
                cached = _part(_part(counts, "prompt_tokens_details"), "cached_tokens")
                return Usage(prompt=_part(counts, prompt), completion=_part(counts, completion), cached=cached or 0)
    return None


def _finish(response: ChatResponse) -> str | None:
    """Why it ended, in OpenAI's words where it has one for that; None while it has not, or where nothing is said."""
    raw = response.raw
    choices = _part(raw, "choices") or _part(raw, "candidates")
    places = (choices[0] if choices else None, raw, _part(raw, "delta"), _part(raw, "messageStop"))
    for said in (_part(place, name) for place in (*places, response.additional_kwargs) for name in _NAMES):
        word = str(said.name if isinstance(said, Enum) else said or "").lower()
        if word not in _UNENDED:
            return _WORDS.get(word, word)
    return None


def _part(whole: Any, name: str) -> Any:
    """An attribute or a key: providers keep their raw answers as objects or as dictionaries."""
    return whole.get(name) if isinstance(whole, dict) else getattr(whole, name, None)
