"""From a model's reply to the answer's text and its citations, each with what its regions say of the claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from ...ingest.types import Place, Region, Value
from ..types import Citation
from .cited import Cited
from .claims import Claim, claims_of
from .markers import MarkerStream
from .support import Judged, judge

MOST = 200  # claims of a reply that are looked up; its length is bounded, too, but not by what is cited
TOO_MANY = Judged(support="unchecked", detail=f"only the first {MOST} claims are looked up")


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
        known: what a claim need not have made up, though it proves nothing: the question, the documents' names.
    """
    stream = MarkerStream(shown.number for shown in evidence)
    stream.feed(reply)
    stream.close()
    return ground(stream, evidence, known)


def ground(stream: MarkerStream, evidence: Sequence[Numbered], known: str = "") -> Grounded:
    """The same for a reply that was streamed: `stream` has been fed and closed."""
    shown = {one.number: one for one in evidence}

    @cache
    def sources(numbers: tuple[int, ...]) -> Cited:
        return Cited([region for number in numbers for region in shown[number].regions], known)

    claims = claims_of(stream.text, stream.marks)
    citations: list[Citation] = []
    supports: Counter[str] = Counter()
    for claim in claims:
        if not claim.evidence:
            continue
        enough = sum(supports.values()) >= MOST
        judged = TOO_MANY if enough else judge(claim.text, sources(claim.evidence))
        supports[judged.support] += 1
        for number in claim.evidence:
            own = judged if enough or len(claim.evidence) == 1 else _own(claim, shown[number], judged, sources)
            citations.append(_citation(claim, shown[number], own, stream.numbers[number]))
    counts = {
        "claims": len(claims),
        "uncited": sum(not claim.evidence for claim in claims),
        "dropped": stream.dropped,
        **supports,
    }
    return Grounded(text=stream.text.strip(), citations=tuple(citations), claims=claims, counts=counts)


def _own(claim: Claim, shown: Numbered, judged: Judged, sources: Callable[[tuple[int, ...]], Cited]) -> Judged:
    """What one of several cited pieces says of the claim; one that had no part in the verdict is judged by itself."""
    regions = {region.id for region in shown.regions}
    pieces = tuple(piece for piece in judged.pieces if piece.region in regions)
    return judged.model_copy(update={"pieces": pieces}) if pieces else judge(claim.text, sources((shown.number,)))


def _citation(claim: Claim, shown: Numbered, judged: Judged, marker: int) -> Citation:
    return Citation(
        marker=marker,
        document=shown.document,
        name=shown.name,
        version=shown.version,
        places=judged.places or shown.places,
        quote=judged.quote,
        regions=tuple(dict.fromkeys(piece.region for piece in judged.pieces)) or tuple(r.id for r in shown.regions),
        support=judged.support,
        claim=claim.text,
        detail=judged.detail,
    )
