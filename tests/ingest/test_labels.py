"""Page numbers as they are printed."""

from __future__ import annotations

import pytest

from octavo.ingest.reader import printed_label
from octavo.ingest.types import BBox, Kind, Region


def region(text: str, kind: Kind = "footer") -> Region:
    return Region(id="r", page=1, order=0, kind=kind, bbox=BBox(0.1, 0.95, 0.9, 0.97), text=text)


@pytest.mark.parametrize(
    ("text", "number", "label"),
    [
        ("38", 40, "38"),
        ("- 7 -", 9, "7"),
        ("2021 Form 10-K 38", 40, "38"),
        ("Page 3 of 12", 4, "3"),
        ("12 Annual report 2024", 14, "12"),
        ("iv", 6, "iv"),
        ("Annual report 2024", 14, None),
        ("mix", 3, None),
    ],
)
def test_the_number_printed_in_a_footer(text: str, number: int, label: str | None) -> None:
    assert printed_label([region(text)], number) == label


def test_numbers_in_the_text_are_no_labels() -> None:
    assert printed_label([region("12", kind="text"), region("of no use", kind="header")], 12) is None
