"""From passages to regions, pages and documents.

The rule: a larger unit is as relevant as its most relevant passage (MaxP, Dai & Callan 2019).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .types import Hit, Level, Ref


def roll_up(hits: Sequence[Hit], level: Level) -> list[Hit]:
    """Passage hits as hits of `level`, best first; `places` are those of the passage that speaks for the unit."""
    if level == "passage":
        return sorted(hits, key=lambda hit: -hit.score)
    best: dict[tuple[str, str], Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        for ref in _units(hit, level):
            best.setdefault((ref.document, ref.id), _as(ref, hit))
    return list(best.values())


def _units(hit: Hit, level: Level) -> Iterable[Ref]:
    def ref(id: str) -> Ref:
        return Ref(kind=level, id=id, document=hit.ref.document, version=hit.ref.version)

    if level == "document":
        return [ref(hit.ref.document)]
    if level == "page":
        return [ref(str(page)) for page in dict.fromkeys(place.page for place in hit.places)]
    return [ref(region) for region in hit.regions]


def _as(ref: Ref, hit: Hit) -> Hit:
    places = hit.places
    if ref.kind == "page":
        places = tuple(place for place in places if str(place.page) == ref.id)
    return hit.model_copy(update={"ref": ref, "places": places})
