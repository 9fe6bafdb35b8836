"""Where a quote may begin and end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.text.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[a:b] for a, b in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Ott met J. Teasel on 3 Jan. 2024. He left.", ["Dr. Ott met J. Teasel on 3 Jan. 2024.", "He left."]),
        ("Revenue grew 8.0 % to 201.6 m. Costs fell.", ["Revenue grew 8.0 % to 201.6 m.", "Costs fell."]),
        ("See Fig. 3 and Sec. 2.1. Then go on.", ["See Fig. 3 and Sec. 2.1.", "Then go on."]),
        ("He said “Stop.” Then he left. “Why?” she asked.", ["He said “Stop.”", "Then he left.", "“Why?” she asked."]),
        ("Er kam z.B. Montag. Dann ging er.", ["Er kam z.B. Montag.", "Dann ging er."]),
        ("地衣在夜里发光。高潮过后最亮！请看告示。", ["地衣在夜里发光。", "高潮过后最亮！", "请看告示。"]),
        ("「はい。」と彼は言った。次の文。", ["「はい。」", "と彼は言った。", "次の文。"]),
        ("هل رأيت السفينة؟ نعم رأيتها. كان البحر هادئا.", ["هل رأيت السفينة؟", "نعم رأيتها.", "كان البحر هادئا."]),
        ("הים היה שקט. הספינה הגיעה.", ["הים היה שקט.", "הספינה הגיעה."]),
        ("समुद्र शांत था। जहाज आया।", ["समुद्र शांत था।", "जहाज आया।"]),
        ("바다는 고요했다. 배가 왔다.", ["바다는 고요했다.", "배가 왔다."]),
        ("Море было тихо. Корабль пришёл.", ["Море было тихо.", "Корабль пришёл."]),
        ("Łódź płynie. Świt.", ["Łódź płynie.", "Świt."]),
        ("Am 30. Mai kam das 3. Quartal. Dann ging er.", ["Am 30. Mai kam das 3. Quartal.", "Dann ging er."]),
        ("Ein Brief (max. 16 g) kostet 1 Euro. Mehr nicht.", ["Ein Brief (max. 16 g) kostet 1 Euro.", "Mehr nicht."]),
        ("He counted 30. September came.", ["He counted 30. September came."]),  # the price of it
        ("First line\nsecond line", ["First line", "second line"]),
        ("Quillmere Lines Inc.\nBrannet", ["Quillmere Lines Inc.", "Brannet"]),
        ("it ended. and went on.", ["it ended. and went on."]),  # small letters begin no sentence
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.timeout(20)
def test_many_abbreviations_take_no_longer_each_than_few() -> None:
    text = "A. " * 20000
    assert sentence_spans(text) == [(0, len(text) - 1)]


def test_any_white_space_may_stand_behind_an_abbreviation() -> None:
    assert sentences(f"It cost approx.”{' ' * 100}Ten. Then") == [f"It cost approx.”{' ' * 100}Ten.", "Then"]


@given(st.text("ab. !?\n。Dr“”12", max_size=60))
def test_spans_leave_out_nothing_but_white_space(text: str) -> None:
    spans = sentence_spans(text)
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in spans)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert "".join(text[a:b] for a, b in spans).replace(" ", "") == "".join(text.split())
