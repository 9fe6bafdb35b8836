"""How arguments of the command are understood."""

from __future__ import annotations

import pytest
import typer

from octavo.errors import SettingsError
from octavo.ingest.types import BBox
from octavo.pipelines.cli.app import hung
from octavo.pipelines.cli.asking import page_range, split
from octavo.pipelines.cli.documents import box_text, pairs


@pytest.mark.parametrize(
    ("said", "meant"),
    [(None, None), ("3", (3, 3)), ("3-7", (3, 7)), ("3-", (3, None)), ("-7", (None, 7)), ("1-1", (1, 1))],
)
def test_page_ranges(said: str | None, meant: tuple[int | None, int | None] | None) -> None:
    assert page_range(said) == meant


@pytest.mark.parametrize("said", ["", "-", "7-3", "0", "0-2", "a-b", "1-2-3", "iv"])
def test_what_is_no_page_range(said: str) -> None:
    with pytest.raises(typer.BadParameter):
        page_range(said)


def test_metadata_pairs_keep_text_and_understand_numbers() -> None:
    said = ["year=2023", "share=0.5", "final=true", "name=A=B", "note=", "date=2024-01-31", "id=007", "title=a: [b"]
    said += ["at=12:30", "new=no", "low=-3", "long=" + "9" * 5000, "no=nan", "bytes=caf\udce9"]
    assert pairs(said, "--metadata") == {
        "year": 2023,
        "share": 0.5,
        "final": True,
        "name": "A=B",
        "note": "",
        "date": "2024-01-31",
        "id": "007",
        "title": "a: [b",
        "at": "12:30",
        "new": "no",
        "low": -3,
        "long": "9" * 5000,
        "no": "nan",
        "bytes": "caf\udce9",
    }
    assert pairs(None, "--metadata") == {}


@pytest.mark.parametrize("said", ["year", "=2023", ""])
def test_what_is_no_metadata_pair(said: str) -> None:
    with pytest.raises(SettingsError, match="not key=value"):
        pairs([said], "--metadata")


def test_kinds_are_split_at_commas() -> None:
    assert split("table, figure,") == ("table", "figure")
    assert split(None) == ()


def test_boxes_have_three_digits() -> None:
    assert box_text(BBox(0.1, 0.25, 0.5, 1.0)) == "(0.100, 0.250)–(0.500, 1.000)"


def test_long_lines_hang_together_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "read on a cliff above /a/very/long/path/that-is-kept-whole.pdf\n→ go there"
    assert hung(text, 4) == text.replace("\n", "\n    ")
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert hung(text, 4).split("\n    ") == [
        "read on a cliff above",
        "/a/very/long/path/that-is-kept-whole.pdf",
        "→ go there",
    ]
