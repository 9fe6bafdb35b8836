"""Replies that fill in a form, read back."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import pytest
from pydantic import BaseModel

from octavo.errors import ReplyFailed
from octavo.generators.chat.types import Reply
from octavo.generators.vision.structured import read
from octavo.tests.generators.test_schemas import Landings, Port


def reply(**fields: Any) -> Reply:
    said = {"answerable": True, "claims": [], "answer": "", "value": None, **fields}
    return Reply(text=json.dumps(said))


def test_claims_become_sentences_with_markers() -> None:
    claims = [{"text": "A is 1 [9]. B\nis 2.", "evidence": [2, 3]}]
    form = read(reply(claims=claims, answer="1 [4] and 2"), [2, 3], None, "m")
    assert form.said == "1 and 2 [2][3]\nA is 1. [2][3] B is 2. [2][3]"
    assert (form.text, form.own) == ("1 and 2", ("1 and 2",))


def test_what_a_claim_says_already_is_said_once() -> None:
    claims = [{"text": "A is 1.", "evidence": [2]}, {"text": "B is 2.", "evidence": [3]}]
    form = read(reply(claims=claims, answer="A is 1. Together they are 3."), [2, 3], None, "m")
    assert form.said == "Together they are 3. [2][3]\nA is 1. [2]\nB is 2. [3]"


def test_blank_claims_hide_nothing() -> None:
    form = read(reply(claims=[{"text": " ", "evidence": [2]}], answer="A is 1."), [2, 3], None, "m")
    assert form.said == "A is 1. [2]"


def test_a_value_alone_is_the_answer_in_json() -> None:
    form = read(reply(value={"landings": []}), [2, 3], Landings, "m")
    assert (form.text, form.value) == ('{"landings": []}', Landings(landings=[]))


def test_strict_models_take_dates_and_enumerations() -> None:
    class Strict(BaseModel, strict=True):
        port: Port
        day: datetime.date
        pair: tuple[int, int]

    value = {"port": "Aln", "day": "2023-05-03", "pair": [1, 2]}
    assert read(reply(value=value), [2, 3], Strict, "m").value == Strict(
        port=Port.aln, day=datetime.date(2023, 5, 3), pair=(1, 2)
    )


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (Reply(text='{"answerable": tr', finish="length"), "cut off"),
        (Reply(text="I think that"), "cannot be read"),
        (Reply(text='{"answerable": true, "box": [0, 0, 1, 1]}'), "box"),
        (reply(value={"landings": [{"port": "Cam", "remark": ""}]}), r"landings\.0\.port"),
        (Reply(text='{"answerable": true, "claims": [], "answer": "", "value": {"tons": 1e999}}'), "too large"),
        (reply(value={"tons": 10**400}), "too large"),
        (reply(value={"tons": math.nan}), "is none"),
    ],
)
def test_what_cannot_be_read_is_no_answer(broken: Reply, complaint: str) -> None:
    with pytest.raises(ReplyFailed, match=complaint):
        read(broken, [1], Landings, "model")
