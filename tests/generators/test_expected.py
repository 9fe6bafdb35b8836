"""Which kind of answer a question asks for, and which texts hold one."""

from __future__ import annotations

import pytest

from octavo.generators.expected import Expected


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("When did the station open?", "date"),
        ("In what year was the Turnstone built?", "date"),
        ("Bis wann liegen die Unterlagen aus?", "date"),
        ("什么时候开放？", "date"),
        ("How many crew are there?", "figure"),
        ("What percentage of people sail?", "figure"),
        ("What was the total cost?", "figure"),
        ("What would a cable have cost?", "figure"),
        ("Wie groß ist die Halle?", "figure"),
        ("成人票多少钱？", "figure"),
        ("Who leads it?", None),  # "the keeper" is an answer without a name
        ("How long was the lamp out?", None),
        ("What is Octavo?", None),
        ("Which colour is the line?", None),
    ],
)
def test_what_an_answer_must_hold(question: str, needed: str | None) -> None:
    assert Expected(question).needed == needed


@pytest.mark.parametrize(
    ("question", "text", "met"),
    [
        ("When did it open?", "It opened on 14 March 2024.", True),
        ("When did it open?", "It opened March 14th.", True),
        ("When did it open?", "Sie öffnet am 30. September 2024.", True),
        ("When did it open?", "It opens 2024-03-14.", True),
        ("When did it open?", "It has 14 gates.", False),
        ("When in 2024 did it open?", "It opened in 2024.", False),
        ("When in 2024 did it open?", "It opened on 14 March 2024.", True),
        ("How many gates are there?", "It has 14 gates.", True),
        ("How many gates are there?", "It has fourteen gates.", True),
        ("How many gates are there?", "It opened on 14 March 2024.", False),
        ("How many gates are there?", "As shown before [3, 4], see Table 3 and Note 2.", False),
        ("How many gates had pier 14?", "Pier 14 had gates.", False),
        ("成人票多少钱？", "成人票二十八欧元", True),
        ("How long was it out?", "Three of four lamps were out.", False),
        ("How long was it out?", "It was out for nineteen minutes.", True),
        ("How far is it?", "It lies 12.5 km away.", True),
        ("Wie lange dauert es?", "Es dauert 2 Stunden.", True),
        ("Who leads it?", "The lead is Marit Oskendal.", True),
        ("Who leads it?", "The lead is the keeper.", False),
        ("Who leads Quillmere Lines?", "Someone leads Quillmere Lines.", False),
        ("What is Octavo?", "It costs 5 euros since 2024.", False),
    ],
)
def test_whether_a_text_holds_one(question: str, text: str, met: bool) -> None:
    assert Expected(question).met_by(text) is met
