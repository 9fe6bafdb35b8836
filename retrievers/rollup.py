"""From passages to regions, pages and documents.

The rule: a larger unit is as relevant as its most relevant passage. Its score adds a fifth of its second best
passage's, so that of two pages with equally good passages the one that says more comes first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..ingest.types import Place
from .types import Hit, Level, Ref

_SECOND = 0.2


def roll_up(hits: Sequence[Hit], level: Level) -> list[Hit]:
    """Passage hits as hits of `level`, best first. `places` are those of the passages that speak for the unit."""
    if level == "passage":
        return sorted(hits, key=lambda hit: -hit.score)
    groups: dict[Ref, list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        for ref in _units(hit, level):
            groups.setdefault(ref, []).append(hit)
    out = [_merged(ref, members) for ref, members in groups.items()]
    return sorted(out, key=lambda hit: -hit.score)


def _units(hit: Hit, level: Level) -> Iterable[Ref]:
    def ref(id: str) -> Ref:
        return Ref(kind=level, id=id, document=hit.ref.document, version=hit.ref.version)

    if level == "document":
        return [ref(hit.ref.document)]
    if level == "page":
        return [ref(str(page)) for page in dict.fromkeys(place.page for place in hit.places)]
    return [ref(region) for region in hit.regions]


def _merged(ref: Ref, members: Sequence[Hit]) -> Hit:
    best = members[0]
    score = best.score + (_SECOND * members[1].score if len(members) > 1 else 0.0)
    places: tuple[Place, ...] = best.places
    if ref.kind == "page":
        places = tuple(place for place in best.places if str(place.page) == ref.id)
    return best.model_copy(update={"ref": ref, "score": score, "places": places})
