"""Markers: whatever their form and wherever a reply is split, only shown ones reach the reader."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from octavo.generators.grounding.claims import claims_of
from octavo.generators.grounding.markers import MarkerStream


def cleaned(reply: str, shown: tuple[int, ...] = (1, 2, 3)) -> tuple[str, list[int], int]:
    stream = MarkerStream(shown)
    stream.feed(reply)
    stream.close()
    return stream.text, [mark.evidence for mark in stream.marks], stream.dropped


@pytest.mark.parametrize(
    ("reply", "text", "evidence", "dropped"),
    [
        ("It rose [1].", "It rose [1].", [1], 0),
        ("It rose [1, 2]. So [2; 1].", "It rose [1][2]. So [2][1].", [1, 2, 2, 1], 0),
        ("A [1][3].", "A [1][2].", [1, 3], 0),
        ("A [1-3].", "A [1][2][3].", [1, 2, 3], 0),
        ("A [3–9].", "A [1].", [3], 6),
        ("A 【2】 b ［1］.", "A [1] b [2].", [2, 1], 0),
        ("A 【2†source】.", "A [1].", [2], 0),
        ("A [Evidence 2], b [source 1 and 3], c [^1], d [#2].", "A [1], b [2][3], c [2], d [1].", [2, 1, 3, 1, 2], 0),
        ("A [1, 7].", "A [1].", [1], 1),
        ("A [Source: 2] b [citation:9] c [evidence: 1, 2].", "A [1] b c [2][1].", [2, 1, 2], 1),
        ("A [1 or 9] b [2 oder 3] c [1 ou 2].", "A [1] b [2][3] c [1][2].", [1, 2, 3, 1, 2], 1),
        ("A [Source: 9", "A", [], 1),
        ("A [see: 9].", "A [see: 9].", [], 0),
        ("A [7]. B.", "A. B.", [], 1),
        ("In [2020] it rose.", "In it rose.", [], 1),
        ("He wrote [sic] “x” [1.5 km] [a] [].", "He wrote [sic] “x” [1.5 km] [a] [].", [], 0),
        ("A [１] b [٢].", "A [1] b [2].", [1, 2], 0),
        ("A [9\u200b] [\u200d9] \u202e]9[\u202c", "A ]9[", [], 2),
        ("A [[2]] [[9]1]", "A [[1]] […1]", [2], 1),
        ("A [[9]", "A […", [], 1),
        ("A [1](http://x) and [1]: y", "A [1] (http://x) and [1] : y", [1, 1], 0),
        ("A [1 2] b [9.] c [3.].", "A [1][2] b c [3].", [1, 2, 3], 1),
        ("A [\u31649] b [\u28009] c [2\ufe0f]. See [p. 9].", "A b c [1]. See [p. 9].", [2], 2),
        ("A [1", "A", [], 1),
        ("A [9.", "A", [], 1),
        ("A [see", "A [see", [], 0),
        ("A [999999999999999999999]", "A", [], 1),
        ("A [1-999999999]", "A [1][2][3]", [1, 2, 3], 77),
    ],
)
def test_forms(reply: str, text: str, evidence: list[int], dropped: int) -> None:
    assert cleaned(reply) == (text, evidence, dropped)


@settings(deadline=None)
@given(st.text(alphabet="[]【】12 9,-a.(:\n\u200b\u202e\u3164†", max_size=60), st.lists(st.integers(0, 60), max_size=8))
@example("[[9]1]", [])
@example("[[[9]]1]", [])
@example("[1[9],", [])
@example("[9[9]9]", [])
@example("[1 2]", [])
@example("[1,\u3164-9.]", [])
def test_splitting_changes_nothing_and_nothing_else_looks_like_a_marker(reply: str, cuts: list[int]) -> None:
    whole = MarkerStream((1, 2))
    whole.feed(reply)
    whole.close()
    at = [0, *sorted(min(cut, len(reply)) for cut in cuts), len(reply)]
    pieces = MarkerStream((1, 2))
    said = [pieces.feed(reply[a:b]) for a, b in itertools.pairwise(at)] + [pieces.close()]
    assert (pieces.text, pieces.marks, pieces.dropped) == (whole.text, whole.marks, whole.dropped)
    assert "".join(said) == whole.text
    marks = {(mark.start, mark.end) for mark in whole.marks}
    again = {match.span() for match in re.finditer(r"\[[ \u3164\d,-]*\d[ \u3164\d,-]*\.?\]", whole.text)}
    assert again <= marks


def claims(reply: str) -> list[tuple[str, tuple[int, ...]]]:
    stream = MarkerStream((1, 2, 3))
    stream.feed(reply)
    stream.close()
    return [(claim.text, claim.evidence) for claim in claims_of(stream.text, stream.marks)]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Sales rose [1]. Costs fell [2].", [("Sales rose .", (1,)), ("Costs fell .", (2,))]),
        ("Sales rose. [1] Costs fell.[2] Ends.", [("Sales rose.", (1,)), ("Costs fell.", (2,)), ("Ends.", ())]),
        ("Sales rose.[1]Costs fell.[2]", [("Sales rose.", (1,)), ("Costs fell.", (2,))]),
        ("Sales [1] and costs [2] rose by 1.5 %.", [("Sales and costs rose by 1.5 %.", (1, 2))]),
        ("[1] Sales rose.\n[2] Costs fell.", [("Sales rose.", (1,)), ("Costs fell.", (2,))]),
        ("These are:\n- Sales [1]\n- Costs", [("Sales", (1,)), ("Costs", ())]),
        ("1. Sales rose [1].\n2. Costs fell [2].", [("Sales rose .", (1,)), ("Costs fell .", (2,))]),
        ("1) Sales rose [1].\n(b) Costs fell.", [("Sales rose .", (1,)), ("Costs fell.", ())]),
        ("* [2] Sales rose.\n3. Mai 2020 [1]", [("Sales rose.", (2,)), ("3. Mai 2020", (1,))]),
        ("## Sales\n\nThey rose [1].\n**Costs**\n## Staff of 12 [2]", [("They rose .", (1,)), ("Staff of 12", (2,))]),
        ("| Year | Sales |\n|---|---|\n| 2020 | 14 [1] |", [("| 2020 | 14 |", (1,))]),
        ("**Sales** rose.\n14", [("**Sales** rose.", ()), ("14", ())]),
        ("增长了8%[1]。成本下降[2]。", [("增长了8% 。", (1,)), ("成本下降 。", (2,))]),
        ("[1]", []),
    ],
)
def test_a_marker_belongs_to_its_sentence(reply: str, expected: list[tuple[str, tuple[int, ...]]]) -> None:
    assert claims(reply) == expected


def test_white_space_without_end_is_not_held_back() -> None:
    stream = MarkerStream((1,))
    for _ in range(2000):
        stream.feed(" ")
        assert len(stream._held) <= 80
    stream.feed("x [1]")
    stream.close()
    assert stream.text == " " * 80 + "x [1]"


def test_a_long_list_does_not_hold_the_server() -> None:
    lists = """
from octavo.generators.grounding.markers import MarkerStream
for joint in (", ", " , ", ",", " ", "; ", " and ", " - ", "-"):
    for count in (6, 8, 10, 12, 16, 20, 30):
        for end in (" x", ", 0.5", "- #"):
            stream = MarkerStream((1, 2))
            stream.feed(f"The bits are [{joint.join(['0', '1'] * count)}{end}] x")
            stream.close()
"""
    subprocess.run([sys.executable, "-c", lists], check=True, timeout=30)
