"""Schemas of the forms that a model fills in: bounds for everything, and no word that a server refuses."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated, Any, Literal

from pydantic import UUID4, AnyUrl, BaseModel, ConfigDict, Field, SecretStr

from octavo.generators.vision.schemas import schema_of


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


def test_bounds_leave_room_for_the_users_own() -> None:
    class Large(BaseModel):
        key: int = Field(ge=2**60)
        debt: int = Field(lt=-(2**60))
        names: list[str] = Field(min_length=100)
        text: str = Field(min_length=2000)
        by_port: dict[str, int] = Field(min_length=100)

    fields = schema_of([1], Large)["properties"]["value"]["anyOf"][0]["properties"]
    assert fields["key"]["maximum"] == 2**61
    assert fields["debt"]["minimum"] == -(2**61)
    assert (fields["names"]["maxItems"], fields["text"]["maxLength"]) == (200, 4000)
    assert fields["by_port"]["maxProperties"] == 164


def test_definitions_of_the_users_model_are_found() -> None:
    schema = schema_of([1], Landings)
    assert set(schema["$defs"]) == {"Landing", "Port"}
    assert schema["properties"]["value"]["anyOf"][0]["properties"]["landings"]["items"] == {"$ref": "#/$defs/Landing"}
    assert "$defs" not in schema_of([1])
    assert schema_of([1])["properties"]["value"] == {"type": "null"}


class Tug(BaseModel):
    kind: Literal["tug"] = "tug"
    pull: float = Field(0.0, ge=0, le=99)


class Ferry(BaseModel):
    kind: Literal["ferry"] = "ferry"
    seats: int = 0


class Register(BaseModel):
    """What users write into their models, of which servers know but a part."""

    names: set[str]
    vessel: Annotated[Tug | Ferry, Field(discriminator="kind")]
    tons: dict[Literal["coal", "ore"], float]
    calls: dict[Port, int]
    berths: dict[Annotated[str, Field(pattern=r"^B\d$")], int]
    file: PurePath
    key: SecretStr
    picture: bytes
    id: UUID4
    address: AnyUrl
    code: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    word: Annotated[str, Field(pattern=r"\bpier\b")] = "pier"
    few: Annotated[list[int], Field(json_schema_extra={"contains": {"const": 1}, "not": {"const": [2]}})]


# Of llguidance 1.7.6, which refuses a schema with any other that says something of a value.
KNOWN = {"$ref", "$defs", "type", "enum", "const", "title", "description", "anyOf", "allOf", "items", "prefixItems"}
KNOWN |= {"properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties"}
KNOWN |= {"minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "multipleOf"}
KNOWN |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


def schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """`schema` and all those within."""
    if isinstance(schema, list):
        for one in schema:
            yield from schemas(one)
    elif isinstance(schema, dict):
        yield schema
        for key in {"items", "additionalProperties", "anyOf", "allOf", "prefixItems"} & set(schema):
            yield from schemas(schema[key])
        for key in {"properties", "patternProperties", "$defs"} & set(schema):
            yield from schemas(list(schema[key].values()))


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    found: dict[str, Any] = schema_of([1], model)["properties"]["value"]["anyOf"][0]["properties"]
    return found


def test_a_schema_has_no_word_that_servers_refuse() -> None:
    found = list(schemas(schema_of([1], Register)))
    assert len(found) > 30
    assert set().union(*found) <= KNOWN
    assert {one["format"] for one in found if "format" in one} == {"uri"}
    assert {one["pattern"] for one in found if "pattern" in one} == {"^[A-Z]{2}$"}
    fields = fields_of(Register)
    for unknown in "file", "key", "picture", "id", "word":
        assert fields[unknown]["maxLength"] == 1000, "what is left out bounds nothing"


def test_names_that_are_listed_become_fields() -> None:
    fields = fields_of(Register)
    assert fields["tons"]["properties"] == {"coal": {"type": "number"}, "ore": {"type": "number"}}
    assert list(fields["calls"]["properties"]) == ["Aln", "Bos"]
    for name in "tons", "calls":
        assert fields[name]["additionalProperties"] is False
        assert not {"required", "maxProperties"} & set(fields[name])
    assert list(fields["berths"]["patternProperties"]) == [r"^B\d$"]
    assert fields["berths"]["maxProperties"] == 64


def test_kinds_are_told_apart_by_what_they_must_say() -> None:
    assert fields_of(Register)["vessel"]["anyOf"] == [{"$ref": "#/$defs/Tug"}, {"$ref": "#/$defs/Ferry"}]
    definitions = schema_of([1], Register)["$defs"]
    assert (definitions["Tug"]["required"], definitions["Ferry"]["required"]) == (["kind"], ["kind"])


def test_fields_of_any_name_are_not_counted_beside_some_that_may_be_left_out() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")

        crew: int

    class Half(Open):
        boats: int = 0

    whole, half = (schema_of([1], model)["properties"]["value"]["anyOf"][0] for model in (Open, Half))
    assert (whole["additionalProperties"], whole["maxProperties"]) == (True, 65)
    assert half["additionalProperties"] is False
    assert "maxProperties" not in half


def test_fields_may_be_called_like_words_of_schemas() -> None:
    class Words(BaseModel):
        format: str
        uniqueItems: int  # noqa: N815
        oneOf: list[str]  # noqa: N815

    assert list(fields_of(Words)) == ["format", "uniqueItems", "oneOf"]
