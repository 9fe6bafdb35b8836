"""Answers for programs: a JSON schema that leaves a model nothing to invent but words, and replies read back.

A claim cites by the numbers of what was shown, which the schema lists; boxes are looked up afterwards, never written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ...errors import ReplyFailed
from ...ingest.text.sentences import sentence_spans
from ..chat.types import Reply
from ..grounding.markers import MarkerStream

_ANSWER, _CLAIM, _CLAIMS, _CITED = 800, 400, 8, 4  # letters, letters, claims, pieces of evidence for each
_LONGEST, _MOST = 1000, 64  # of strings and lists in a model of the user's that says nothing of it
_GREATEST = 2**53 - 1  # whole number on which all readers of JSON agree (RFC 8259, section 6)


class _Claim(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str
    evidence: tuple[int, ...]


class _Structured(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answerable: bool
    claims: tuple[_Claim, ...] = ()
    answer: str = ""
    value: Any = None


class Read(BaseModel):
    """A structured reply, read. `text` is its answer, `claims` its claims as a reply in words with `[n]` markers."""

    answerable: bool
    text: str
    claims: str
    value: Any = None


def schema_of(shown: Sequence[int], value: type[BaseModel] | None = None) -> dict[str, Any]:
    """The JSON schema of replies that cite the evidence `shown`; what could go on for ever has a bound."""
    inner: dict[str, Any] = {"type": "null"}
    definitions: Mapping[str, Any] = {}
    if value is not None:
        own = value.model_json_schema()
        definitions = own.pop("$defs", {})
        inner = {"anyOf": [_bounded(own), {"type": "null"}]}
    cited = {"type": "array", "items": {"type": "integer", "enum": list(shown)}, "minItems": 1, "maxItems": _CITED}
    claim = _object({"text": {"type": "string", "maxLength": _CLAIM}, "evidence": cited})
    schema = _object(
        {
            "answerable": {"type": "boolean"},
            "claims": {"type": "array", "items": claim, "maxItems": _CLAIMS},
            "answer": {"type": "string", "maxLength": _ANSWER},
            "value": inner,
        }
    )
    return {**schema, "$defs": {name: _bounded(one) for name, one in definitions.items()}} if definitions else schema


def read(reply: Reply, value: type[BaseModel] | None, where: str) -> Read:
    """What a reply says. Raises ReplyFailed when it is cut off, no such JSON, or its value does not fit `value`."""
    if reply.finish == "length":
        what = "the structured reply was cut off"
        raise ReplyFailed(what, where=where, cure="raise generator.max_tokens, or ask for a smaller value")
    try:
        said = _Structured.model_validate_json(reply.text)
        held = value.model_validate(said.value) if value is not None and said.value is not None else None
    except ValidationError as error:
        first = error.errors()[0]
        what = f"the structured reply cannot be read ({'.'.join(map(str, first['loc']))}: {first['msg']})"
        raise ReplyFailed(what, where=where, cure="see whether the server supports JSON schemas") from error
    claims = "\n".join(_marked(claim) for claim in said.claims)
    return Read(answerable=said.answerable, text=_unmarked(said.answer), claims=claims, value=held)


def _marked(claim: _Claim) -> str:
    """The claim with its markers after each of its sentences."""
    text = " ".join(_unmarked(claim.text).split())
    markers = "".join(f"[{number}]" for number in claim.evidence)
    return " ".join(f"{text[start:end]} {markers}" for start, end in sentence_spans(text))


def _unmarked(text: str) -> str:
    """`text` without markers of its own: a claim cites in its list only."""
    stream = MarkerStream(())
    return (stream.feed(text) + stream.close()).strip()


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _bounded(schema: Any) -> Any:
    """`schema` with a bound for whatever has none: a model may never come to an end. Fractions have no such bound."""
    if isinstance(schema, list):
        return [_bounded(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _bounded(one) for key, one in schema.items()}
    if schema.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(schema):
        found.setdefault("maxLength", _LONGEST)
    if schema.get("type") == "array":
        found.setdefault("maxItems", _MOST)
    if schema.get("type") == "integer" and not {"enum", "const"} & set(schema):
        found |= {} if "exclusiveMinimum" in schema else {"minimum": schema.get("minimum", -_GREATEST)}
        found |= {} if "exclusiveMaximum" in schema else {"maximum": schema.get("maximum", _GREATEST)}
    if schema.get("type") == "object" and found.setdefault("additionalProperties", False) is not False:
        found.setdefault("maxProperties", _MOST + len(schema.get("properties", ())))
    return found
