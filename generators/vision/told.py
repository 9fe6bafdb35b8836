"""What an answer tells of how it came about: what was shown, what it cost, how relevant it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..evidence.types import Evidence, Packed, Undrawn
from ..grounding.markers import MarkerStream
from ..types import Citation


def known_of(question: str, evidence: Sequence[Evidence]) -> str:
    """What a claim need not have made up, though it proves nothing: the question, the names of the documents."""
    return "\n".join([question, *dict.fromkeys(one.name for one in evidence)])


def cost_of(packed: Packed) -> dict[str, int]:
    """What the evidence of an answer takes, as counted here."""
    return {
        "text_tokens": packed.text_tokens,
        "visual_tokens": packed.visual_tokens,
        "whole_pages_tokens": packed.whole_pages_tokens,
        "pictures": sum(one.picture is not None for one in packed.evidence),
    }


def with_relevance(
    citations: Sequence[Citation], evidence: Sequence[Evidence], markers: MarkerStream
) -> tuple[Citation, ...]:
    """The citations, each with the relevance of what it cites."""
    best = {markers.numbers[e.number]: max(e.hits, default=None) for e in evidence if e.number in markers.numbers}
    return tuple(citation.model_copy(update={"relevance": best[citation.marker]}) for citation in citations)


def shown_of(evidence: Sequence[Evidence], markers: MarkerStream) -> list[dict[str, Any]]:
    """For the trace: which hits each piece of evidence showed and how, and the marker that it has in the answer."""
    return [
        {
            "evidence": one.number,
            "marker": markers.numbers.get(one.number),
            "hits": list(one.passages),
            "document": one.document,
            "page": one.page,
            "picture": [one.picture.width, one.picture.height] if one.picture is not None else None,
        }
        for one in evidence
    ]


def undrawn_of(undrawn: Undrawn) -> list[dict[str, Any]]:
    """For the trace: the pages of which text alone was shown, and what kept them from being drawn."""
    return [{"document": document, "page": page, "why": error.what} for (document, page), error in undrawn.items()]
