"""Footnotes and notes below tables: with what they stand."""

from __future__ import annotations

import pytest

from octavo.ingest.notes import anchored
from octavo.ingest.types import BBox, Place
from octavo.tests.ingest.material import Maker, passages_of, sentences


def test_a_footnote_goes_with_the_text_that_holds_its_mark() -> None:
    page = Maker(section=("One",))
    first = page.add("text", "Most seniors3 say so.")
    page.section = ("Two",)
    page.add("text", "Others do not, in 3 of 10 towns.")
    note = page.add("footnote", "3 In earlier studies.")
    noted, other = passages_of(page)
    assert noted.text == "Most seniors3 say so.\n3 In earlier studies."
    assert noted.regions == (first.id, note.id)
    assert noted.places == (Place(1, first.bbox), Place(1, note.bbox))
    assert (noted.kind, noted.context) == ("text", "One")
    assert other.text == "Others do not, in 3 of 10 towns."


def test_a_footnote_that_does_not_fit_has_the_sentence_that_it_notes_as_context() -> None:
    page = Maker(section=("One",))
    page.add("text", f"{sentences(6)} Sales grew.†")
    note = page.add("footnote", f"† Without ships. {sentences(8)}")
    text, last = passages_of(page, passage_tokens=160)
    assert "grew.†" in text.text
    assert last.text == note.text
    assert (last.kind, last.context, last.regions) == ("footnote", "One > Sales grew.†", (note.id,))


def test_the_notes_below_a_table_go_with_the_part_that_holds_their_mark() -> None:
    page = Maker()
    rows = [[f"Ship number {n}", f"{n} {n} {n}"] for n in range(40)]
    rows[-1][0] = "Total of ships (1)"
    table = page.table([["Ship", "Figures (a)"], *rows])
    page.regions[0] = table = table.model_copy(update={"bbox": BBox(0.1, 0.02, 0.9, 0.5)})
    page.y = 0.51
    first, second = page.add("text", "(1) Ferries too."), page.add("list", f"(a) In tons. {sentences(10)}")
    page.add("text", "(2) What comes next is no note.")
    found = passages_of(page)
    total = next(p for p in found if "Total" in p.text)
    assert total.text.endswith("Total of ships (1): 39 39 39\n(1) Ferries too.")
    assert total.regions == (table.id, first.id)
    assert total.places[1:] == (Place(1, first.bbox),)
    apart = next(p for p in found if second.id in p.regions)
    assert (apart.text, apart.context) == (second.text, "Figures (a)")
    assert found[-1].text == "(2) What comes next is no note."
    assert found[-1].regions == ("v.1.3",)


@pytest.mark.parametrize("note", ["* Rounded.", "Note: rounded.", "Source: own count."])
@pytest.mark.parametrize("far", [False, True])
def test_only_what_stands_right_below_a_table_is_a_note_to_it(note: str, far: bool) -> None:
    page = Maker()
    page.table([["Ship", "Tons*"], ["Aurora", "12"]])
    page.y += 0.3 * far
    page.add("text", note)
    assert len(passages_of(page)) == 1 + far


def test_a_note_to_a_note_goes_with_what_that_is_a_note_to() -> None:
    page = Maker()
    page.table([["Item", "2024"], ["Revenue (1)", "12"]])
    page.add("text", "(1) Excludes Atlantis*")
    page.add("footnote", "* Sold to Zembla in 2021.")
    (passage,) = passages_of(page)
    assert passage.text.endswith("\n(1) Excludes Atlantis*\n* Sold to Zembla in 2021.")


def test_a_note_to_a_note_goes_with_the_part_that_has_that() -> None:
    page = Maker()
    table = page.table([["Ship", "Figures"], ["Aurora (1)", "7"], *([f"Ship {n}", f"{n} {n} {n}"] for n in range(60))])
    page.regions[0] = table.model_copy(update={"bbox": BBox(0.1, 0.02, 0.9, 0.5)})
    page.y = 0.51
    page.add("text", "(1) Sold*")
    page.add("footnote", "* To Zembla.")
    first, *others = passages_of(page)
    assert first.text.endswith("\n(1) Sold*\n* To Zembla.")
    assert others
    assert not any("Zembla" in other.text for other in others)


def test_a_footnote_without_an_anchor_is_text() -> None:
    page = Maker()
    page.add("text", "Nothing is noted in 2019.")
    page.add("footnote", "1 Lost.")
    (passage,) = passages_of(page)
    assert passage.text == "Nothing is noted in 2019.\n1 Lost."


@pytest.mark.parametrize(
    ("text", "mark", "anchored_there"),
    [
        ("total assets3 grew", "3", True),
        ("they grew.3 Then", "3", True),
        ("(1999)3 and", "3", True),
        ("the data:2,3 in", "3", True),
        ("the data:2,3 in", "2", True),
        ("grew by 3 percent", "3", False),
        ("assets33", "3", False),
        ("grew.3,000", "3", False),
        ("in Q3 and v3", "3", False),
        ("Tons (1)", "(1)", True),
        ("Tons", "", False),
    ],
)
def test_where_a_mark_is_an_anchor(text: str, mark: str, anchored_there: bool) -> None:
    assert (anchored(text, mark) >= 0) == anchored_there
