"""The form that a model fills in: a JSON schema that leaves it nothing to invent but words, and always has an end.

Servers refuse a schema with a word that they do not know. Those of the user's model are thus put into the words that
llguidance knows, with which vLLM is started (its README: JSON schema); what cannot be said in them is left out, for the
value is validated against the model itself afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

_ANSWER, _CLAIM, _CLAIMS, _CITED = 800, 400, 8, 4  # letters, letters, claims, pieces of evidence for each
_LONGEST, _MOST = 1000, 64  # of strings and lists in a model of the user's that says nothing of it
_GREATEST = 2**53 - 1  # whole number on which all readers of JSON agree (RFC 8259, section 6)

_KEPT = {"$ref", "type", "enum", "const", "title", "description", "required", "minLength", "maxLength", "multipleOf"}
_KEPT |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_KEPT |= {"minItems", "maxItems", "minProperties", "maxProperties"}
_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"}
_FANCY = re.compile(r"\\(?![dwspnrtfvxAzDWSP])\w|\(\?(?!:|i[:)]|P?<\w)")  # look-around, word borders, back-references


def schema_of(shown: Sequence[int], value: type[BaseModel] | None = None) -> dict[str, Any]:
    """The JSON schema of replies that cite the evidence `shown`; what could go on for ever has a bound."""
    inner: dict[str, Any] = {"type": "null"}
    definitions: Mapping[str, Any] = {}
    if value is not None:
        own = value.model_json_schema()
        definitions = own.pop("$defs", {})
        inner = {"anyOf": [_served(own, definitions), {"type": "null"}]}
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
    if definitions:
        schema["$defs"] = {name: _served(one, definitions) for name, one in definitions.items()}
    return schema


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _served(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """`schema` in words that servers know, with a bound for whatever has none. Fractions have no such bound."""
    if not isinstance(schema, dict):
        return schema

    def inner(one: Any) -> Any:
        return _served(one, definitions)

    found = {key: said for key, said in schema.items() if key in _KEPT}
    found |= {key: inner(schema[key]) for key in ("items", "additionalProperties") if key in schema}
    found |= {key: [inner(one) for one in schema[key]] for key in ("prefixItems", "anyOf", "allOf") if key in schema}
    if "oneOf" in schema:
        found["anyOf"] = [inner(one) for one in schema["oneOf"]]
    for key in ("properties", "patternProperties"):
        if key in schema:
            found[key] = {name: inner(one) for name, one in schema[key].items()}
    match schema.get("type"):
        case "string":
            _end_string(found, schema)
        case "array":
            found.setdefault("maxItems", max(_MOST, 2 * schema.get("minItems", 0)))
        case "integer":
            _end_integer(found)
        case "object":
            _end_object(found, _names(schema.get("propertyNames", {}), definitions))
    return found


def _end_string(found: dict[str, Any], schema: Mapping[str, Any]) -> None:
    if schema.get("format") in _FORMATS:
        found["format"] = schema["format"]
    if "pattern" in schema and not _FANCY.search(schema["pattern"]):
        found["pattern"] = schema["pattern"]
    if not {"enum", "const", "pattern"} & set(found):
        found.setdefault("maxLength", max(_LONGEST, 2 * found.get("minLength", 0)))


def _end_integer(found: dict[str, Any]) -> None:
    if {"enum", "const"} & set(found):
        return
    least, most = (found.get(end, found.get(f"exclusiveM{end[1:]}")) for end in ("minimum", "maximum"))
    if least is None:
        found["minimum"] = -max(_GREATEST, 2 * abs(most or 0))
    if most is None:
        found["maximum"] = max(_GREATEST, 2 * abs(least or 0))


def _names(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """The names that the fields of a dictionary may have, where the schema of its names lists them."""
    schema = definitions.get(schema.get("$ref", "").removeprefix("#/$defs/"), schema)
    names = schema.get("enum", [schema["const"]] if "const" in schema else [])
    return names if all(isinstance(name, str) for name in names) else []


def _end_object(found: dict[str, Any], names: Sequence[str]) -> None:
    """Fields by their names, or so many of any name, but not both: servers do not count where some may be left out."""
    if names:
        found["properties"] = dict.fromkeys(names, found.pop("additionalProperties", {}))
    patterns = found.get("patternProperties", {})
    if any(map(_FANCY.search, patterns)):
        found["additionalProperties"] = {"anyOf": list(found.pop("patternProperties").values())}
    fields, needed = found.get("properties", {}), set(found.get("required", ()))
    # What can be said in one way only is told, too: by it kinds are told apart.
    needed |= {name for name, field in fields.items() if isinstance(field, dict) and "const" in field}
    if needed:
        found["required"] = [name for name in fields if name in needed]
    if not needed.issuperset(fields):
        found["additionalProperties"] = False
        found.pop("minProperties", None)
        found.pop("maxProperties", None)
    elif found.setdefault("additionalProperties", False) is not False or patterns:
        found.setdefault("maxProperties", _MOST + max(len(fields), found.get("minProperties", 0)))
