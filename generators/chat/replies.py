"""What LlamaIndex hands back, read: text, usage, why it ended, and the first token's probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .types import Delta, Reply, Usage

if TYPE_CHECKING:
    from llama_index.core.llms import ChatResponse


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
    choices = _part(response.raw, "choices")
    return _part(choices[0], "finish_reason") if choices else None


def _part(whole: Any, name: str) -> Any:
    """An attribute or a key: providers keep their raw answers as objects or as dictionaries."""
    return whole.get(name) if isinstance(whole, dict) else getattr(whole, name, None)
