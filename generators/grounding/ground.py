"""From a model's reply to the answer's text and its citations, each with what its regions say of the claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from ...ingest.types import Place, Region, Value
from ..types import Citation
from .claims import Claim, claims_of
from .markers import MarkerStream
from .support import Judged, judge_claim


class Numbered(Protocol):
    """A piece of evidence that was shown to the model as `[number]`."""

    @property
    def number(self) -> int: ...
    @property
    def document(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def regions(self) -> tuple[Region, ...]: ...
    @property
    def places(self) -> tuple[Place, ...]: ...


class Grounded(Value):
    """A reply with its markers numbered anew, and the proof of its claims.

    There is a citation for each claim and each piece of evidence that it cites; one that several claims cite has the
    same marker in all of them. `counts`: `claims`, `uncited` (claims without a marker, which are not grounded),
    `dropped` (markers that were never shown), and how many cited claims came to each support.
    """

    text: str
    citations: tuple[Citation, ...]
    claims: tuple[Claim, ...]
    counts: dict[str, int]


def grounded(reply: str, evidence: Sequence[Numbered], known: str = "") -> Grounded:
    """A whole reply, grounded in the evidence shown.

    Args:
        known: what need not be proven again: the question, the documents' titles.
    """
    stream = MarkerStream(shown.number for shown in evidence)
    stream.feed(reply)
    stream.close()
    return ground(stream, evidence, known)


def ground(stream: MarkerStream, evidence: Sequence[Numbered], known: str = "") -> Grounded:
    """The same for a reply that was streamed: `stream` has been fed and closed."""
    shown = {one.number: one for one in evidence}
    claims = claims_of(stream.text, stream.marks)
    citations: list[Citation] = []
    supports: Counter[str] = Counter()
    for claim in claims:
        if not claim.evidence:
            continue
        cited = [shown[number] for number in claim.evidence]
        judged = judge_claim(claim.text, [region for one in cited for region in one.regions], known)
        supports[judged.support] += 1
        citations += [_citation(claim, one, judged, stream.numbers[one.number], known) for one in cited]
    counts = {
        "claims": len(claims),
        "uncited": sum(not claim.evidence for claim in claims),
        "dropped": stream.dropped,
        **supports,
    }
    return Grounded(text=stream.text.strip(), citations=tuple(citations), claims=claims, counts=counts)


def _citation(claim: Claim, shown: Numbered, judged: Judged, marker: int, known: str) -> Citation:
    """What one of the cited pieces says of the claim; one that had no part in the verdict is judged by itself."""
    own = {region.id for region in shown.regions}
    pieces = tuple(piece for piece in judged.pieces if piece.region in own)
    if not pieces and len(claim.evidence) > 1:
        judged = judge_claim(claim.text, shown.regions, known)
        pieces = judged.pieces
    part = judged.model_copy(update={"pieces": pieces})
    return Citation(
        marker=marker,
        document=shown.document,
        name=shown.name,
        version=shown.version,
        places=part.places or shown.places,
        quote=part.quote,
        regions=tuple(dict.fromkeys(piece.region for piece in pieces)) or tuple(r.id for r in shown.regions),
        support=judged.support,
        claim=claim.text,
    )
