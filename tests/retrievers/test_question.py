"""Questions taken apart: pages named, instructions left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.retrievers.question import Label, understand


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("What does the chart on page 12 show?", (12,)),
        ("Compare page 3 and 5.", (3, 5)),
        ("What do slides 4-6 say?", (4, 5, 6)),
        ("Was steht auf Seite 7?", (7,)),
        ("第 9 页的标题是什么？", (9,)),
        ("How many pages has the report?", ()),
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


@given(st.text())
def test_something_always_remains(text: str) -> None:
    question = understand(text)
    assert bool(question.content) == bool(text.strip())
    assert all(page > 0 for page in question.pages)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("What does Figure 3 show?", [("Figure", "3")]),
        ("Compare Tables 2 and Fig. 4.1.", [("Table", "2"), ("Fig", "4.1")]),
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
