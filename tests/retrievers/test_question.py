"""Questions taken apart: pages named, instructions left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.retrievers.question import understand


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("What does the chart on page 12 show?", (12,)),
        ("Compare page 3 and 5.", (3, 5)),
        ("What do slides 4-6 say?", (4, 5, 6)),
        ("Was steht auf Seite 7?", (7,)),
        ("第 9 页的标题是什么？", (9,)),
        ("What type of court is noted on the cover page?", (1,)),
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
