"""Answers as OpenTelemetry spans."""

from __future__ import annotations

from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from octavo import DocumentQA
from octavo.errors import ReplyFailed
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.generators.chat.types import Reply, Usage

from .conftest import BUILT


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What a program's own SDK gets; set up for one test only, which OpenTelemetry has no way to do."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


def by_name(exporter: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in exporter.get_finished_spans()}


def test_an_answer_is_a_tree_of_spans(library: Path, exported: InMemorySpanExporter) -> None:
    llm = ScriptedLLM(replies=["It was built in 1874 [1]. It is blue [9]."])
    with DocumentQA.open(library, llm=llm) as qa, trace.get_tracer("mine").start_as_current_span("mine"):
        answer = qa.ask(BUILT)
    spans = by_name(exported)
    parents = {"mine": None, "octavo.ask": "mine", "octavo.search": "octavo.ask", "octavo.generate": "octavo.ask"}
    parents |= dict.fromkeys(("octavo.pack", "octavo.write", "octavo.ground"), "octavo.generate")
    ids = {span.context.span_id: name for name, span in spans.items() if span.context}
    assert {name: ids[span.parent.span_id] if span.parent else None for name, span in spans.items()} == parents
    write = dict(spans["octavo.write"].attributes or {})
    assert write["gen_ai.request.model"] == "scripted"
    assert write["gen_ai.usage.output_tokens"] == answer.usage["completion_tokens"]
    assert write["octavo.prompt.version"] == answer.trace["prompt"]["version"]
    assert dict(spans["octavo.pack"].attributes or {})["octavo.text_tokens"] == answer.usage["text_tokens"]
    assert dict(spans["octavo.ground"].attributes or {})["octavo.claims.dropped"] == 1
    for name, parent in parents.items():
        if parent and name != "octavo.ask":
            inner, outer = spans[name], spans[parent]
            # A stage's seconds are rounded to tenths of a millisecond.
            assert (outer.start_time or 0) - 10**6 <= (inner.start_time or 0)
            assert (inner.end_time or 0) <= (outer.end_time or 0) + 10**6


def test_each_stage_says_what_it_cost(library: Path, exported: InMemorySpanExporter) -> None:
    llm = ScriptedLLM(replies=[BUILT, Reply(text="In 1874 [1].", usage=Usage(prompt=10, completion=5, cached=8))])
    with DocumentQA.open(library, llm=llm) as qa:
        qa.ask("When was it built?", history=[("Where is the lighthouse?", "At Ravensholm.")])
    names = ("input_tokens", "output_tokens", "cache_read.input_tokens")
    spans = {name: dict(span.attributes or {}) for name, span in by_name(exported).items()}
    assert [spans["octavo.write"][f"gen_ai.usage.{name}"] for name in names] == [10, 5, 8]
    assert "gen_ai.usage.input_tokens" in spans["octavo.rewrite"]
    assert "gen_ai.usage.input_tokens" not in spans["octavo.search"]


def test_an_ask_that_fails_is_a_tree_of_spans_too(library: Path, exported: InMemorySpanExporter) -> None:
    with DocumentQA.open(library, llm=ScriptedLLM(replies=[""])) as qa, pytest.raises(ReplyFailed):
        qa.ask(BUILT)
    spans = by_name(exported)
    assert set(spans) == {"octavo.ask", "octavo.search", "octavo.generate"}
    assert spans["octavo.ask"].status.status_code == trace.StatusCode.ERROR
    assert dict(spans["octavo.ask"].attributes or {}) == {"error.type": "ReplyFailed"}


def test_spans_hold_nothing_of_questions_and_documents(library: Path, exported: InMemorySpanExporter) -> None:
    with DocumentQA.open(library) as qa:
        qa.ask(BUILT)
        qa.ask("Which companies build quantum processors from trapped ions?")
    said = " ".join(span.to_json() for span in exported.get_finished_spans())
    assert "octavo.answerable" in said
    assert not {"lighthouse", "Ravensholm", "quantum"} & set(said.replace('"', " ").split())
    asked = [span for span in exported.get_finished_spans() if span.name == "octavo.ask"]
    assert [dict(span.attributes or {})["octavo.answerable"] for span in asked] == [True, False]


def test_without_an_sdk_nothing_is_recorded(library: Path) -> None:
    with DocumentQA.open(library) as qa:
        assert qa.ask(BUILT).answerable
