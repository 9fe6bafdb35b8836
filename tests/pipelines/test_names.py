"""Names that are no UTF-8, break lines or colour terminals: read, kept, and shown harmlessly."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from octavo import DocumentQA
from octavo.errors import UnreadableFile, shown
from octavo.pipelines.cli import app

from .conftest import GARDEN, LIGHTHOUSE, write_pdf


def test_what_moves_the_cursor_is_shown_as_an_escape() -> None:
    assert shown("red\x1b[31m\nline\u202e.pdf") == "red\\x1b[31m\\nline\\u202e.pdf"
    assert shown("Jahresbericht – 年报 “x” 👩‍🌾 نمی‌خواهم") == "Jahresbericht – 年报 “x” 👩‍🌾 نمی‌خواهم"
    assert str(UnreadableFile("so\x07", where="a\nb", cure="mend\r it")) == "a\\nb: so\\x07\n  → mend\\r it"


def test_odd_names_are_read_kept_and_shown(tmp_path: Path, quick: dict[str, Any]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    bare = os.fsdecode(b"caf\xe9.pdf")
    one = write_pdf(tmp_path / "one.pdf", GARDEN)
    other = write_pdf(tmp_path / "other.pdf", LIGHTHOUSE)
    one.rename(folder / bare)
    other.rename(folder / "red\x1b[31m\n.pdf")
    (folder / "bad\x1b[2J.pdf").write_bytes(b"%PDF-1.7 half a file")
    library = tmp_path / "library"
    with DocumentQA.open(library, ingest={"workers": 1}, **quick) as qa:
        assert qa.add(folder).added == 2
        assert qa.sync(folder).unchanged == 2
        assert sorted(document.name for document in qa.documents()) == sorted([bare, "red\x1b[31m\n.pdf"])
        assert qa.document(bare).source == (folder / bare).as_posix()

    def octavo(*args: str) -> str:
        where = ["--library", str(library), "--set", f"embedder.model={quick['embedder']['model']}"]
        return CliRunner().invoke(app, [*where, *args]).stdout

    assert "\x1b" not in octavo("list") + octavo("status")
    assert len(octavo("list").splitlines()) == 2
    names = {document["name"] for document in json.loads(octavo("list", "--json"))}
    assert names == {bare, "red\x1b[31m\n.pdf"}
    (failure,) = json.loads(octavo("status", "--json"))["failures"]
    assert failure["source"].endswith("bad\x1b[2J.pdf")
