"""Answers as OpenTelemetry spans, made from their traces once they are whole.

Only OpenTelemetry's API is used: without an SDK that the program has set up, nothing is recorded. Spans have counts,
times and names of models; neither questions nor anything of the documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..errors import OctavoError
from ..generators.types import Answer

Attributes: TypeAlias = Mapping[str, str | int | float | bool]

_INNER = ("pack", "write", "ground", "check")  # stages of "generate"


def export(answer: Answer) -> None:
    """One span `octavo.ask` under the current one, and in it one for each stage: `octavo.search`, `octavo.write`, …"""
    _export(answer.trace, _of_answer(answer), {stage: _of_stage(stage, answer) for stage in answer.trace["begun"]})


def export_failure(told: Mapping[str, Any], error: OctavoError) -> None:
    """The same where no answer came: `told` is the trace as far as it got. Of the error its name is said."""
    _export(told, {"error.type": type(error).__name__}, {}, failed=True)


def _export(
    told: Mapping[str, Any], of_root: Attributes, of_stages: Mapping[str, Attributes], *, failed: bool = False
) -> None:
    try:
        from opentelemetry import trace
    except ImportError:
        return
    tracer, times = trace.get_tracer("octavo"), _times(told)
    if not times:
        return
    root = tracer.start_span("octavo.ask", start_time=min(begun for begun, _ in times.values()))
    if root.is_recording():
        root.set_attributes(of_root)
        if failed:
            root.set_status(trace.StatusCode.ERROR)
        within = trace.set_span_in_context(root)
        inner = within
        for name in sorted(times, key=lambda stage: (times[stage][0], stage in _INNER)):
            span = tracer.start_span(f"octavo.{name}", inner if name in _INNER else within, start_time=times[name][0])
            span.set_attributes({**_tokens(told["tokens"].get(name, {})), **of_stages.get(name, {})})
            span.end(times[name][1])
            if name == "generate":
                inner = trace.set_span_in_context(span)
    root.end(max(ended for _, ended in times.values()))


def _times(told: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """When each stage began and ended, in nanoseconds since 1970."""
    seconds: dict[str, float] = told["seconds"]
    return {
        stage: (round(begun * 1e9), round((begun + seconds[stage]) * 1e9)) for stage, begun in told["begun"].items()
    }


def _tokens(cost: Mapping[str, int]) -> Attributes:
    """Names are those of OpenTelemetry's conventions for generative AI, here and for stages."""
    names = {
        "prompt": "gen_ai.usage.input_tokens",
        "completion": "gen_ai.usage.output_tokens",
        "cached": "gen_ai.usage.cache_read.input_tokens",
    }
    return {names[ours]: count for ours, count in cost.items()}


def _of_answer(answer: Answer) -> Attributes:
    return {
        "octavo.answerable": answer.answerable,
        "octavo.confidence": answer.confidence,
        "octavo.citations": len(answer.citations),
        "octavo.generator": str(answer.trace.get("generator", "none")),
    }


def _of_stage(name: str, answer: Answer) -> Attributes:
    told, usage = answer.trace, answer.usage
    if name == "search":
        return {"octavo.hits": len(told["evidence"]), "octavo.kept": told["kept"]}
    if name == "pack" and "shown" in told:
        costs = ("text_tokens", "visual_tokens", "whole_pages_tokens", "pictures")
        counts = {f"octavo.{cost}": usage[cost] for cost in costs}
        return counts | {"octavo.evidence": len(told["shown"]), "octavo.left_out": len(told["left_out"])}
    if name == "write" and "model" in told:
        return {
            "gen_ai.request.model": told["model"],
            "octavo.prompt": told["prompt"]["name"],
            "octavo.prompt.version": told["prompt"]["version"],
        }
    if name == "ground":
        return {f"octavo.claims.{support}": count for support, count in told.get("claims", {}).items()}
    return {}
