"""Descriptions through backups, refreshing, rebuilding, and the end of their documents."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from octavo import DocumentQA
from octavo.generators.chat.scripted import ScriptedLLM
from octavo.pipelines.settings import Settings
from octavo.tests.pipelines.album import (
    BOXES,
    descriptions,
    write,
)
from octavo.tests.pipelines.album import open_ as open_
from octavo.tests.pipelines.album import pdf as pdf
from octavo.tests.pipelines.album import settings as settings


def whole(qa: DocumentQA) -> None:
    """Both descriptions are there and find their figures, and nobody need be asked for them."""
    assert descriptions(qa) == ["A harbour with fishing boats.", "A snowy mountain with a hut."]
    best = qa.search("fishing boats in a harbour")[0]
    assert best.places[0].bbox == pytest.approx(BOXES["harbour"], abs=1e-3)
    assert qa.verify() == []
    assert qa.repair() == []
    report = qa.describe()
    assert (report.described, report.changed, report.estimate.known) == (0, 0, 2)


def test_a_backup_has_the_descriptions(open_: Callable[..., DocumentQA], pdf: Path, tmp_path: Path) -> None:
    with open_() as qa:
        qa.add(pdf)
        qa.describe()
        qa.backup(tmp_path / "backup.tar")
    shutil.rmtree(tmp_path / "library")
    DocumentQA.restore(tmp_path / "backup.tar", library=tmp_path / "library")
    with open_(ScriptedLLM(replies=[])) as qa:
        whole(qa)


@pytest.mark.parametrize("setting", [{"passage_tokens": 90}, {"ocr_dpi": 100}], ids=["cut anew", "read anew"])
def test_refreshing_keeps_descriptions(
    open_: Callable[..., DocumentQA], settings: dict[str, Any], pdf: Path, setting: dict[str, int]
) -> None:
    with open_() as qa:
        qa.add(pdf)
        qa.describe()
    settings["ingest"] = setting
    with open_(ScriptedLLM(replies=[])) as qa:
        assert qa.refresh().replaced == 1
        whole(qa)


def test_another_embedder_finds_by_descriptions(
    open_: Callable[..., DocumentQA],
    settings: dict[str, Any],
    pdf: Path,
    tiny_model: Callable[..., Path],
    tmp_path: Path,
) -> None:
    with open_() as qa:
        qa.add(pdf)
        qa.describe()
    settings["embedder"] = {"model": str(tiny_model(narrowed_to=16))}
    assert (
        DocumentQA.rebuild(
            Settings.load(overrides={**settings, "library": {"path": str(tmp_path / "library")}})
        ).replaced
        == 1
    )
    with open_(ScriptedLLM(replies=[])) as qa:
        whole(qa)


def test_descriptions_go_with_their_document(open_: Callable[..., DocumentQA], pdf: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.pdf", 0.2, 0.6)  # the same harbour
    with open_() as qa:
        qa.add(pdf, other)
        qa.describe()
        qa.remove("album.pdf")
        assert qa.verify() == []
        assert "harbour" in qa.search("fishing boats in a harbour")[0].description
        assert (qa.describe(confirm=lambda _: False).estimate.regions) == 0, "the harbour is still shown by the other"
        qa.remove("other.pdf")
        assert qa.search("fishing boats in a harbour") == []
    with closing(sqlite3.connect(tmp_path / "library" / "library.db")) as connection:
        assert connection.execute("SELECT text FROM descriptions").fetchall() == []
