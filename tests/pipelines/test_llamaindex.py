"""Octavo inside LlamaIndex: a stock query engine over its search, and its own."""

from __future__ import annotations

import re
from pathlib import Path

import anyio
import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode

import octavo
from octavo import DocumentQA
from octavo.pipelines.llamaindex import (
    OctavoQueryEngine,
    OctavoRetriever,
    RelevanceCut,
    answer_in,
    cited_in,
    found_in,
)
from octavo.tests.pipelines.conftest import BUILT


def test_nodes_say_where_they_stand(qa: DocumentQA) -> None:
    nodes = OctavoRetriever(qa, k=2).retrieve(BUILT)
    hits = qa.search(BUILT, k=2)
    assert [found_in(node) for node in nodes] == hits
    first = nodes[0]
    assert (first.score, first.node.get_content()) == (hits[0].relevance, hits[0].text)
    assert (first.node.metadata["file_name"], first.node.metadata["page"]) == ("lighthouse.pdf", 1)
    assert first.node.source_node is not None
    assert first.node.source_node.node_id == hits[0].ref.document
    shown = first.node.get_content(MetadataMode.LLM)
    assert "lighthouse.pdf" in shown
    assert "relevance" not in shown


def test_restrictions_hold(qa: DocumentQA) -> None:
    nodes = OctavoRetriever(qa, documents=["garden.pdf"]).retrieve(BUILT)
    assert {node.node.metadata["file_name"] for node in nodes} == {"garden.pdf"}


def test_a_stock_engine_shows_what_was_kept(qa: DocumentQA) -> None:
    cut = RelevanceCut.of(qa.settings.relevance)
    engine = RetrieverQueryEngine.from_args(OctavoRetriever(qa, k=10), llm=MockLLM(), node_postprocessors=[cut])
    response = engine.query(BUILT)
    assert "1874" in str(response)  # the mock repeats its prompt
    assert 0 < len(response.source_nodes) <= cut.k
    assert all((node.score or 0) >= cut.threshold for node in response.source_nodes)
    assert found_in(response.source_nodes[0]) == qa.search(BUILT, k=1)[0]


def test_the_cut_may_keep_nothing(qa: DocumentQA) -> None:
    nodes = OctavoRetriever(qa).retrieve(BUILT)
    assert RelevanceCut(k=5, threshold=1.0).postprocess_nodes(nodes) == []
    assert RelevanceCut(k=5, threshold=0, answerable=1.0).postprocess_nodes(nodes) == []
    assert len(RelevanceCut(k=2, threshold=0).postprocess_nodes(nodes)) == 2
    assert RelevanceCut(k=5, threshold=0).postprocess_nodes([NodeWithScore(node=TextNode(text="x"), score=9.0)]) == []


def test_the_whole_as_a_query_engine(qa: DocumentQA) -> None:
    response = OctavoQueryEngine(qa).query(BUILT)
    answer = answer_in(response)
    assert answer is not None
    assert (answer.text, answer.answerable) == (str(response), True)
    assert tuple(cited_in(node) for node in response.source_nodes) == answer.citations
    assert "1874" in response.source_nodes[0].text


def test_a_refusal_has_no_sources(qa: DocumentQA) -> None:
    response = OctavoQueryEngine(qa).query("What is the boiling point of tungsten hexafluoride?")
    answer = answer_in(response)
    assert answer is not None
    assert not answer.answerable
    assert response.source_nodes == []


def test_within_a_running_loop(qa: DocumentQA) -> None:
    async def ask() -> tuple[list[NodeWithScore], str]:
        return await OctavoRetriever(qa, k=1).aretrieve(BUILT), str(await OctavoQueryEngine(qa).aquery(BUILT))

    nodes, text = anyio.run(ask)
    assert found_in(nodes[0]) == qa.search(BUILT, k=1)[0]
    assert text == qa.ask(BUILT).text


def test_other_nodes_are_not_octavos() -> None:
    other = NodeWithScore(node=TextNode(text="x"))
    assert found_in(other) is None
    assert cited_in(other) is None


def test_the_example_of_the_page_runs(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(octavo.__file__).parent / "docs" / "llamaindex.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(library.parent)
    said: list[tuple[object, ...]] = []
    code = example.replace('"library/"', repr(str(library))).replace("What was the net debt in 2022?", BUILT)
    exec(compile(code, "docs/llamaindex.md", "exec"), {"print": lambda *words: said.append(words)})
    assert said[0][:2] == ("lighthouse.pdf", 1)
