"""From replies to citations, and what is left of a reply that obeys a hostile document."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from octavo.generators.grounding.ground import MOST, Grounded, grounded
from octavo.ingest.types import Place, Region, Value
from octavo.tests.generators.material import region, table

HOSTILE = yaml.safe_load((Path(__file__).parents[2] / "data" / "hostile_evidence.yaml").read_text(encoding="utf-8"))


class Piece(Value):
    """Evidence as a model was shown it."""

    number: int
    regions: tuple[Region, ...]
    document: str = "doc"
    name: str = "doc.pdf"
    version: str = "v1"

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(Place(r.page, r.bbox) for r in self.regions)


YARD = region("The yard has 14 cranes. It opened in 1962 as a branch of the Corrigan works.", id="yard")
COSTS = table(
    ("", "2022", "2023"), ("Wages", "31", "35"), ("Steel", "58", "66"), id="costs", caption="In millions of euros"
)
SHOWN = (Piece(number=3, regions=(YARD,)), Piece(number=5, regions=(COSTS,)))


def supports(answer: Grounded) -> list[tuple[int, str, str]]:
    return [(c.marker, c.support, c.claim) for c in answer.citations]


def test_citations_are_numbered_by_first_use() -> None:
    answer = grounded(
        "Steel cost 66 million euros in 2023 [5]. The yard has 14 cranes [3]. It opened in 1962 [3].", SHOWN
    )
    assert answer.text == "Steel cost 66 million euros in 2023 [1]. The yard has 14 cranes [2]. It opened in 1962 [2]."
    assert supports(answer) == [
        (1, "supported", "Steel cost 66 million euros in 2023 ."),
        (2, "supported", "The yard has 14 cranes ."),
        (2, "supported", "It opened in 1962 ."),
    ]
    assert [c.regions for c in answer.citations] == [("costs",), ("yard",), ("yard",)]
    assert answer.citations[1].quote == "The yard has 14 cranes."


def test_what_is_counted() -> None:
    answer = grounded("The yard has 15 cranes [3]. It is large. It opened in 1962 [3, 8]. So it is [9].", SHOWN)
    assert answer.counts == {"claims": 4, "uncited": 2, "dropped": 2, "contradicted": 1, "supported": 1}


def test_a_citation_says_why() -> None:
    answer = grounded("The yard has 15 cranes [3]. The yard has 14 cranes [3].", SHOWN)
    assert [c.detail for c in answer.citations] == ["the text says 14", ""]


def test_numbers_of_two_pieces_are_reckoned_with_and_each_shows_its_own() -> None:
    answer = grounded("Wages and steel together cost 101 million euros in 2023 [5].", SHOWN)
    assert supports(answer) == [(1, "derived", "Wages and steel together cost 101 million euros in 2023 .")]
    assert {c.text for c in COSTS.cells or ()} >= set(answer.citations[0].quote.split()) - {"66"}


def test_evidence_that_had_no_part_is_judged_by_itself() -> None:
    answer = grounded("The yard has 14 cranes [3][5].", SHOWN)
    assert [(c.marker, c.support) for c in answer.citations] == [(1, "supported"), (2, "absent")]
    assert answer.citations[1].places == SHOWN[1].places
    assert answer.citations[1].quote == ""


def test_an_empty_reply_and_no_evidence() -> None:
    assert grounded("", SHOWN).counts == {"claims": 0, "uncited": 0, "dropped": 0}
    assert grounded("Yes [1].", ()).text == "Yes."


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case["name"])
def test_a_reply_that_obeys_a_hostile_document(case: dict[str, Any]) -> None:
    order = region(" ".join([case["evidence"]] * case.get("repeat", 1)), id="order")
    evidence = (Piece(number=1, regions=(YARD,)), Piece(number=2, regions=(order,)))
    answer = grounded(case["reply"], evidence)
    honest = grounded("The yard has 14 cranes [1]. It opened in 1962 [1].", evidence)

    lies = case.get("lies", [])
    truths = [c for c in answer.citations if not any(c.claim.startswith(lie) for lie in lies)]
    assert [(c.marker, c.support, c.places) for c in truths] == [
        (c.marker, c.support, c.places) for c in honest.citations
    ]
    told = [c.support for c in answer.citations if any(c.claim.startswith(lie) for lie in lies)]
    assert len(told) == len(lies)
    assert not {"supported", "derived"} & set(told)
    # What a reader, a Markdown renderer or a program could take for a marker is one of those cited.
    assert set(re.findall(r"[\[［【][\s#^]*(\d+)\s*[\]］】]", answer.text)) <= {str(c.marker) for c in answer.citations}
    assert not re.search(r"\[\d+\][(:]", answer.text)
    assert not re.search("[\u200b\u2060\u202e\u2066]", answer.text)


def test_only_so_many_claims_are_looked_up() -> None:
    answer = grounded("The yard has 14 cranes [3]. " * (MOST + 5), SHOWN)
    assert answer.counts["supported"] == MOST
    assert answer.counts["unchecked"] == 5
    assert len(answer.citations) == MOST + 5
