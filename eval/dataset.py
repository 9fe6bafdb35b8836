"""Question files: one JSON object a line, checked as a whole before anything is asked.

Fields that Octavo does not know are kept in `Example.extra`, so nothing is lost; but a name that looks like a
misspelt optional field is refused, since its labels would silently not be measured.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import DatasetError
from .types import Example

_FIELDS = Example.model_fields.keys() - {"extra"}
_OPTIONAL = sorted(name for name in _FIELDS if not Example.model_fields[name].is_required())


def load_examples(path: str | Path) -> list[Example]:
    """The questions of a JSONL file, in its order; blank lines are skipped.

    Raises:
        DatasetError: The file cannot be read or holds no questions, or a line is malformed, lacks a field,
            contradicts itself or repeats an id. The message names the line and the cure.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DatasetError(
            f"The question file cannot be read: {error.strerror}",
            where=str(path),
            cure="Give the path of a JSONL file with one question a line.",
        ) from error
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"The question file is not UTF-8: {error.reason} at byte {error.start}",
            where=str(path),
            cure="Save it as UTF-8.",
        ) from error
    examples: list[Example] = []
    lines: dict[str, int] = {}
    # Not splitlines(): it also cuts at characters such as U+2028, which may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        example = _parse(line, where=f"{path}, line {number}")
        if example.id in lines:
            raise DatasetError(
                f"The id {example.id!r} was used before, on line {lines[example.id]}",
                where=f"{path}, line {number}",
                cure="Give every question an id of its own.",
            )
        lines[example.id] = number
        examples.append(example)
    if not examples:
        raise DatasetError("No questions in this file", where=str(path), cure="Put one JSON object a line into it.")
    return examples


def fingerprint(examples: Sequence[Example]) -> str:
    """sha256 (hex) of the questions and their labels, whatever file they came from."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps(example.model_dump(mode="json"), sort_keys=True).encode() + b"\n")
    return digest.hexdigest()


def question_files(examples: Iterable[Example], folder: str | Path) -> list[Path]:
    """The files in `folder` that the questions are about, each once, in order of first use.

    Raises:
        DatasetError: Some are not there; the message names them.
    """
    folder = Path(folder)
    paths = list(dict.fromkeys(folder / example.doc for example in examples))
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise DatasetError(
            f"{len(missing)} of the {len(paths)} documents asked about are not in this folder: {', '.join(missing)}",
            where=str(folder),
            cure="Put them there, or name the folder that holds them.",
        )
    return paths


def _parse(line: str, where: str) -> Example:
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DatasetError(
            f"Not JSON: {error.msg} at column {error.colno}", where=where, cure="Make the line one JSON object."
        ) from error
    if not isinstance(record, dict):
        raise DatasetError(
            f"A JSON object was expected, not {type(record).__name__}",
            where=where,
            cure="Make the line one JSON object.",
        )
    extra = {key: value for key, value in record.items() if key not in _FIELDS}
    for key in extra:
        if meant := difflib.get_close_matches(key, _OPTIONAL, n=1, cutoff=0.9):
            raise DatasetError(
                f"Unknown field {key!r}", where=where, cure=f"Did you mean {meant[0]!r}? Rename it, or remove it."
            )
    try:
        return Example(**{key: value for key, value in record.items() if key in _FIELDS}, extra=extra)
    except ValidationError as error:
        problems = [(".".join(map(str, e["loc"])), e["msg"], e["type"]) for e in error.errors()]
        missing = [name for name, _, kind in problems if kind == "missing"]
        if missing:
            what = f"Missing {', '.join(missing)}"
            cure = f"Add {'it' if len(missing) == 1 else 'them'} to the line."
        else:
            what = "; ".join(f"{name}: {message}" if name else message for name, message, _ in problems)
            cure = "Correct the line."
        raise DatasetError(what, where=where, cure=cure) from error
