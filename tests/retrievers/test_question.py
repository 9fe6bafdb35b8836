"""Questions taken apart: where they point, what they speak of, instructions left out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavo.retrievers.pointing import Label
from octavo.retrievers.question import understand


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("What does the chart on page 12 show?", (12,)),
        ("Compare page 3 and 5.", (3, 5)),
        ("What do slides 4-6 say?", (4, 5, 6)),
        ("Was steht auf Seite 7?", (7,)),
        ("第 9 页的标题是什么？", (9,)),
        ("What does page fourteen say, and the third slide?", (14, 3)),
        ("What is on the last page?", (-1,)),
        ("Compare the last two slides.", (-2, -1)),
        ("What is drawn on the second to last page?", (-2,)),
        ("Was steht auf der letzten Seite?", (-1,)),
        ("How many pages has the report?", ()),
        ("What are the last 4 chapters?", ()),
        ("What was revenue in 2023?", ()),
    ],
)
def test_pages_that_a_question_names(text: str, pages: tuple[int, ...]) -> None:
    assert understand(text).pages == pages


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("What was the margin? Round your answer to two decimal places.", "What was the margin?"),
        ("What was the margin in 2020?Answer in percentage terms.", "What was the margin in 2020?"),
        ("Which ports are served? The answer should be a list like ['A', 'B'].", "Which ports are served?"),
        ("Round the bay, which ferry sails?", "Round the bay, which ferry sails?"),
        ("Net debt in 2020.5? It fell.", "Net debt in 2020.5? It fell."),
        ("Write the answer as an integer.", "Write the answer as an integer."),
    ],
)
def test_instructions_about_form_are_left_out(text: str, content: str) -> None:
    assert understand(text).content == content


@settings(deadline=None)  # the first question loads the vocabulary of statements
@given(st.text())
def test_something_always_remains(text: str) -> None:
    question = understand(text)
    assert bool(question.content) == bool(text.strip())
    assert 0 not in question.pages
    assert question.told().get("content", "") == question.content


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("What does Figure 3 show?", [("Figure", "3")]),
        ("Compare Tables 2 and Fig. 4.1.", [("Table", "2"), ("Fig", "4.1")]),
        ("What do Figures 3 and 4.1 show?", [("Figure", "3"), ("Figure", "4.1")]),
        ("Add up Tables 2-4.", [("Table", "2"), ("Table", "3"), ("Table", "4")]),
        ("What is in Table 2-4, and 5 years later?", [("Table", "2-4")]),
        ("Who signed Exhibits A, B and P-3?", [("Exhibit", "A"), ("Exhibit", "B"), ("Exhibit", "P-3")]),
        ("Was zeigen die Abbildungen 3 und 4?", [("Abbildung", "3"), ("Abbildung", "4")]),
        ("Which ports are in Exhibit P-10?", [("Exhibit", "P-10")]),
        (
            "What is in Table A, and what in Figure 2a or figure 2a?",
            [("Table", "A"), ("Figure", "2a"), ("figure", "2a")],
        ),
        ("Which ports exhibit a decline? Did they chart a course by the table I saw?", []),
        ("Was zeigen Abb. 3 und Tabelle 4?", [("Abb", "3"), ("Tabelle", "4")]),
        ("Was zeigt Abbildung 7?", [("Abbildung", "7")]),
        ("How many figures are there? How large is the table?", []),
    ],
)
def test_labels_that_a_question_names(text: str, labels: list[tuple[str, str]]) -> None:
    assert [(label.word, label.number) for label in understand(text).labels] == labels


@pytest.mark.parametrize(
    ("label", "text", "heads"),
    [
        (("Figure", "3"), "Figure 3: Crossings by night", True),
        (("figure", "3"), "Report > Ferries > Fig. 3. Crossings", True),
        (("Figure", "3"), "Figure 30: Fares", False),
        (("Figure", "3"), "Figure 3.1: Fares", False),
        (("Figure", "3"), "as Figure 3 shows", False),
        (("Figure", "3"), "Figure 3 shows the fares.", False),
        (("Table", "A-1"), "Fares\nTable A-1 Season tickets", True),
        (("Tabelle", "3"), "Tabelle 3: Preise", True),
        (("Abb", "7"), "Abbildung 7. Fahrten", True),
        (("Figure", "2a"), "Figure 2a: Fares", True),
        (("Fig", "7"), "Abbildung 7: Fahrten", True),
        (("Diagram", "7"), "Fig. 7: Fares", True),
        (("Figure", "7"), "Table 7: Fares", False),
    ],
)
def test_a_label_heads_a_line(label: tuple[str, str], text: str, heads: bool) -> None:
    assert Label(word=label[0], number=label[1]).heads(text) is heads


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("Who is the defendant?", True),
        ("What type of court is noted on the cover page?", True),
        ("What is the date of this report?", True),
        ("Who are the authors?", True),
        ("What is the title of the paper?", True),
        ("What tips does the author give?", False),
        ("What was the date of the storm?", False),
    ],
)
def test_questions_about_the_document_as_a_whole(text: str, whole: bool) -> None:
    assert understand(text).whole is whole


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Which row of the table is blue?", ("table",)),
        ("How many charts and tables are on page 3?", ("table", "figure")),
        ("What are the key figures?", ()),
        ("What is the colour of the title?", ("title", "heading")),
        ("What do the bullet points say?", ("list",)),
        ("What is in the table of contents?", ()),
        ("What does a crossing cost?", ()),
    ],
)
def test_kinds_of_region_that_a_question_speaks_of(text: str, kinds: tuple[str, ...]) -> None:
    assert understand(text).kinds == kinds


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("What is in the upper right corner?", (0.5, 0.0, 1.0, 0.5)),
        ("What is drawn in the bottom-left part of page 3?", (0.0, 0.5, 0.5, 1.0)),
        ("What is written at the top of the page?", (0.0, 0.0, 1.0, 0.5)),
        ("Which ship is on the left side?", (0.0, 0.0, 0.5, 1.0)),
        ("Which ferry left the harbour?", None),
        ("Who has the top score?", None),
    ],
)
def test_the_part_of_a_page_that_a_question_names(text: str, part: tuple[float, ...] | None) -> None:
    assert understand(text).part == part


@pytest.mark.parametrize(
    ("text", "years", "entities"),
    [
        ("How much did Quillmere Lines earn in FY22 and 2024?", ("2022", "2024"), ("Quillmere Lines",)),
        ("What was the fare in the second quarter of 2023?", ("2023", "Q2"), ()),
        ("Did Bank of Osse's revenue grow in Q3 2021?", ("2021", "Q3"), ("Bank of Osse",)),
        ("Is 2020.5 the value, or $2021?", (), ()),
        ("What does Figure 3 show in July?", (), ()),
    ],
)
def test_years_and_entities(text: str, years: tuple[str, ...], entities: tuple[str, ...]) -> None:
    question = understand(text)
    assert (question.years, question.entities) == (years, entities)


@pytest.mark.parametrize(
    ("text", "asks"), [("How many ports are there?", "number"), ("List the ports.", "list"), ("Who sails?", None)]
)
def test_what_is_asked_for(text: str, asks: str | None) -> None:
    assert understand(text).asks == asks


def test_what_was_understood_can_be_told() -> None:
    assert understand("What was the net debt of Osse in 2023, on page 5, in Table 2?").told() == {
        "content": "What was the net debt of Osse in 2023, on page 5, in Table 2?",
        "pages": [5],
        "labels": ["Table 2"],
        "kinds": ["table"],
        "years": ["2023"],
        "entities": ["Osse"],
        "statements": ["balance sheet"],
    }


def test_short_years_are_of_two_centuries() -> None:
    assert understand("What was sold in FY98 and FY23?").years == ("1998", "2023")
