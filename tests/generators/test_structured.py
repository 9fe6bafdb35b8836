"""Schemas of replies, and replies read back."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from pydantic import BaseModel, Field

from octavo.errors import ReplyFailed
from octavo.generators.chat.types import Reply
from octavo.generators.vision.structured import read, schema_of


class Port(enum.StrEnum):
    aln = "Aln"
    bos = "Bos"


class Landing(BaseModel):
    port: Port
    remark: str


class Landings(BaseModel):
    landings: list[Landing]


class Counted(BaseModel):
    boats: int
    crew: int = Field(gt=0)
    year: int = Field(ge=1800, lt=2100)
    tons: float
    by_port: dict[str, int]


def strings(schema: Any) -> list[dict[str, Any]]:
    """All schemas of strings and lists in a schema."""
    if isinstance(schema, list):
        return [found for one in schema for found in strings(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema] if schema.get("type") in ("string", "array") else []
    return own + [found for one in schema.values() for found in strings(one)]


def test_nothing_in_a_reply_can_go_on_for_ever() -> None:
    found = strings(schema_of([1, 2], Landings))
    assert len(found) == 7  # claims, a claim's text and list, the answer; landings, port, remark
    assert all({"maxLength", "maxItems", "enum"} & set(one) for one in found)


def test_numbers_and_names_of_fields_have_an_end_too() -> None:
    value = schema_of([1], Counted)["properties"]["value"]["anyOf"][0]
    fields = value["properties"]
    most = 2**53 - 1
    assert (fields["boats"]["minimum"], fields["boats"]["maximum"]) == (-most, most)
    assert (fields["crew"]["exclusiveMinimum"], fields["crew"]["maximum"]) == (0, most)
    assert "minimum" not in fields["crew"]
    assert (fields["year"]["minimum"], fields["year"]["exclusiveMaximum"]) == (1800, 2100)
    assert "maximum" not in fields["tons"]
    assert value["additionalProperties"] is False
    assert fields["by_port"]["maxProperties"] == 64


def test_definitions_of_the_users_model_are_found() -> None:
    schema = schema_of([1], Landings)
    assert set(schema["$defs"]) == {"Landing", "Port"}
    assert schema["properties"]["value"]["anyOf"][0]["properties"]["landings"]["items"] == {"$ref": "#/$defs/Landing"}
    assert "$defs" not in schema_of([1])
    assert schema_of([1])["properties"]["value"] == {"type": "null"}


def reply(**fields: Any) -> Reply:
    said = {"answerable": True, "claims": [], "answer": "", "value": None, **fields}
    return Reply(text=json.dumps(said))


def test_claims_become_sentences_with_markers() -> None:
    form = read(reply(claims=[{"text": "A is 1 [9]. B\nis 2.", "evidence": [2, 3]}], answer="1 [4] and 2"), None, "m")
    assert form.claims == "A is 1. [2][3] B is 2. [2][3]"
    assert form.text == "1 and 2"


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (Reply(text='{"answerable": tr', finish="length"), "cut off"),
        (Reply(text="I think that"), "cannot be read"),
        (Reply(text='{"answerable": true, "box": [0, 0, 1, 1]}'), "box"),
        (reply(value={"landings": [{"port": "Cam", "remark": ""}]}), r"landings\.0\.port"),
    ],
)
def test_what_cannot_be_read_is_no_answer(broken: Reply, complaint: str) -> None:
    with pytest.raises(ReplyFailed, match=complaint):
        read(broken, Landings, "model")
