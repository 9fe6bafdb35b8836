"""Evidence about a question as a whole, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from octavo.ingest.types import BBox, Place
from octavo.retrievers.answerability import question_evidence
from octavo.retrievers.types import Hit, Ref


def _hit(n: int, page: int, **via: float) -> Hit:
    ref = Ref(kind="passage", id=str(n), document="d", version="v")
    return Hit(ref=ref, places=(Place(page, BBox(0, 0, 1, 1)),), score=0.0, via=via)


# Five pages; the best three by score are those of hits 3, 0 and 1.
HITS = [_hit(0, 1, dense=0.4), _hit(1, 2, dense=0.6), _hit(2, 3), _hit(3, 4, dense=0.1), _hit(4, 5, statement=0.9)]
TERMS = [(["osse"], ["ferri"]), ([], ["2023"]), ([], ["debt"]), (["ferri"], ["net", "7"]), ([], ["2021"])]
SCORES = np.array([2.0, 1.0, 0.5, 3.0, -1.0], np.float32)
BEST = np.array([[0.2, 0.8], [0.4, 0.1], [0.9, 0.1], [0.3, 0.3], [0.1, 0.2]], np.float32)
IDF = {"osse": 3.0, "net": 1.0, "debt": 2.0, "2021": 2.0, "2020": 1.0, "12": 1.0}


def test_by_hand() -> None:
    found = question_evidence("What was Osse's net debt in 2021 and 2020 (page 12)?", HITS, TERMS, SCORES, BEST, IDF)
    assert found == pytest.approx(
        {
            "dense": 0.6,
            "tokens found": (0.9 + 0.8) / 2,
            "covered": 4 / 10,  # osse and net stand on the best three pages
            "absent": 1,  # 2020; 12 says where to look
            "absent names": 0,
            "absent years": 1,
            "numbers elsewhere": 2,  # 2020 nowhere, 2021 on the fifth page only
            "statement": 1,
        }
    )


@pytest.mark.parametrize(
    ("question", "term", "missing"),
    [
        ("According to Table 3, 2018 net income was how much?", "2018", 1),
        ("In Table 3, 1,234 ferries are named: of whom?", "1234", 1),
        ("What does the table 2018 say?", "2018", 1),
        ("See page 3.", "3", 0),
        ("What does Table 2.1 say?", "2d1", 0),
        ("What is on pages 3, 4 and 12?", "12", 0),
        ("What is on slides 7-9?", "9", 0),
        ("What is on page 1204?", "1204", 0),
        ("Who earned 12.5 million?", "12d5", 1),
    ],
)
def test_numbers_of_pages_and_labels_are_no_missing_numbers(question: str, term: str, missing: int) -> None:
    found = question_evidence(question, HITS, TERMS, SCORES, BEST, {term: 1.0})
    assert (found["absent"], found["numbers elsewhere"]) == (missing, missing)


def test_a_compound_asks_for_its_parts_alone() -> None:
    words = {"long": 1.0, "term": 1.0, "longterm": 6.0, "debt": 2.0}
    found = question_evidence("What is the long-term debt?", HITS, TERMS, SCORES, BEST, words)
    assert (found["absent"], found["covered"]) == (2, 0)
    found = question_evidence("What is the off-season debt?", HITS, TERMS, SCORES, BEST, {"season": 1, "offseason": 1})
    assert found["absent"] == 2  # "off" is asked by the whole only


def test_what_is_missing_is_counted_to_three() -> None:
    words = dict.fromkeys(["alder", "birch", "cedar", "dogwood", "elder"], 1.0)
    found = question_evidence("Do Alder, Birch, Cedar, Dogwood and Elder grow?", HITS, TERMS, SCORES, BEST, words)
    assert (found["absent"], found["absent names"], found["covered"]) == (3, 3, 0)
    assert found["absent years"] == found["numbers elsewhere"] == 0


def test_a_question_without_words_is_no_division_by_zero() -> None:
    found = question_evidence("?", HITS[:1], TERMS[:1], SCORES[:1], np.zeros((1, 0), np.float32), {})
    assert (found["covered"], found["tokens found"], found["statement"]) == (0, 0, 0)
