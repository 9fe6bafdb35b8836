"""Octavo for LlamaIndex: its search as a retriever, its cut to evidence as a postprocessor, all as a query engine.

    cut = RelevanceCut.of(qa.settings.relevance)
    engine = RetrieverQueryEngine.from_args(OctavoRetriever(qa), llm=llm, node_postprocessors=[cut])

Nodes carry where they stand in `metadata["octavo"]`; `found_in` and `cited_in` read it as `Hit` and `Citation`.
"""

from __future__ import annotations

from typing import Any, Unpack

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from pydantic import Field

from ..generators.types import Answer, Citation
from ..retrievers.cutoff import up_to_k
from ..retrievers.options import RelevanceOptions
from ..retrievers.types import Hit
from .qa import DocumentQA
from .qa.asking import Restrictions

_KEY = "octavo"


class OctavoRetriever(BaseRetriever):
    """Passages of a library, judged, best first. A node's score is its relevance, a probability in [0, 1].

    Args:
        qa: The library; it must stay open.
        k: How many are retrieved, at most.
        restrictions: `documents`, `kinds`, `pages`, `metadata` and `infer_filters` of `DocumentQA.search`.
    """

    def __init__(self, qa: DocumentQA, *, k: int = 10, **restrictions: Unpack[Restrictions]) -> None:
        super().__init__()
        self._qa = qa
        self._k = k
        self._restrictions = restrictions

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._qa.search(query_bundle.query_str, k=self._k, **self._restrictions)
        names = {document.id: document.name for document in self._qa.documents()}
        return [_node(hit, names[hit.ref.document]) for hit in hits]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        from anyio import to_thread

        # The library lives in an event loop of its own, so that this one stays free.
        return await to_thread.run_sync(self._retrieve, query_bundle)


class RelevanceCut(BaseNodePostprocessor):
    """Keeps up to `k` nodes that are relevant enough, possibly none: `up_to_k` for nodes of an `OctavoRetriever`.

    Nodes of other retrievers have no calibrated relevance and are never kept.
    """

    k: int = Field(ge=0)
    threshold: float = Field(ge=0, le=1)
    answerable: float = Field(default=0.0, ge=0, le=1)

    @classmethod
    def of(cls, settings: RelevanceOptions) -> RelevanceCut:
        """The cut that `DocumentQA.ask` makes with these settings (`qa.settings.relevance`)."""
        return cls(k=settings.k, threshold=settings.least, answerable=settings.answerable)

    @classmethod
    def class_name(cls) -> str:
        return "OctavoRelevanceCut"

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        by_id = {hit.ref.id: node for node in nodes if (hit := found_in(node)) is not None}
        hits = [hit for node in by_id.values() if (hit := found_in(node)) is not None]
        return [by_id[hit.ref.id] for hit in up_to_k(hits, self.k, self.threshold, self.answerable)]


class OctavoQueryEngine(BaseQueryEngine):
    """`DocumentQA.ask` for LlamaIndex: `source_nodes` are the citations, `answer_in` gives the whole `Answer`."""

    def __init__(self, qa: DocumentQA, *, k: int | None = None, **restrictions: Unpack[Restrictions]) -> None:
        super().__init__(callback_manager=None)
        self._qa = qa
        self._k = k
        self._restrictions = restrictions

    def _get_prompt_modules(self) -> dict[str, Any]:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response:
        answer = self._qa.ask(query_bundle.query_str, k=self._k, **self._restrictions)
        sources = [_source(citation) for citation in answer.citations]
        return Response(answer.text, source_nodes=sources, metadata={_KEY: answer.model_dump(mode="json")})

    async def _aquery(self, query_bundle: QueryBundle) -> Response:
        from anyio import to_thread

        return await to_thread.run_sync(self._query, query_bundle)


def found_in(node: NodeWithScore) -> Hit | None:
    """The hit that a node of an `OctavoRetriever` stands for: its page, boxes, relevance; None for other nodes."""
    told = node.node.metadata.get(_KEY, {}).get("hit")
    return Hit.model_validate(told) if told is not None else None


def cited_in(node: NodeWithScore) -> Citation | None:
    """The citation that a source of an `OctavoQueryEngine` stands for; None for other nodes."""
    told = node.node.metadata.get(_KEY, {}).get("citation")
    return Citation.model_validate(told) if told is not None else None


def answer_in(response: RESPONSE_TYPE) -> Answer | None:
    """The whole answer of an `OctavoQueryEngine`; None for other responses."""
    told = (response.metadata or {}).get(_KEY)
    return Answer.model_validate(told) if told is not None else None


def _node(hit: Hit, name: str) -> NodeWithScore:
    facts = {"file_name": name, "page": hit.page, "relevance": hit.relevance, "context": hit.context}
    return _scored(
        hit.ref.id, hit.text, hit.ref.document, {**facts, _KEY: {"hit": hit.model_dump(mode="json")}}, hit.relevance
    )


def _source(citation: Citation) -> NodeWithScore:
    facts = {"file_name": citation.name, "page": citation.page, "marker": citation.marker}
    id = f"{citation.version}-{citation.marker}"
    metadata = {**facts, _KEY: {"citation": citation.model_dump(mode="json")}}
    return _scored(id, citation.quote, citation.document, metadata, citation.relevance)


def _scored(id: str, text: str, document: str, metadata: dict[str, Any], score: float | None) -> NodeWithScore:
    node = TextNode(
        id_=id,
        text=text,
        metadata=metadata,
        # A model is shown the text, its file and its page; the rest is for programs.
        excluded_llm_metadata_keys=[key for key in metadata if key not in ("file_name", "page", "context")],
        excluded_embed_metadata_keys=list(metadata),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document)},
    )
    return NodeWithScore(node=node, score=score)
