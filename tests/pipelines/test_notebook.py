"""What a notebook shows, drawn by a real IPython shell."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from IPython.core.interactiveshell import InteractiveShell

from octavo import AsyncDocumentQA, DocumentQA
from octavo.generators.types import not_in_documents


@pytest.fixture
def shell() -> Iterator[Any]:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def html_of(shell: Any, value: object) -> str:
    """What the shell's display system makes of a value; fails if it has only the plain text."""
    data, _ = shell.display_formatter.format(value)
    found: str = data["text/html"]
    return found


def test_answers_and_hits_show_their_pictures(shell: Any, library: Path) -> None:
    with DocumentQA.open(library) as qa:
        answer = qa.ask("When was the lighthouse at Ravensholm built?")
        hit = qa.search("tomatoes", k=1)[0]
        shown = html_of(shell, answer)
        assert "lighthouse.pdf, page 1" in shown
        pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', shown)
        assert [base64.b64decode(picture) for picture in pictures] == [qa.image(one) for one in answer.citations]
        assert "data:image/png" in html_of(shell, hit)
        # The values stay plain data.
        assert type(answer).model_validate_json(answer.model_dump_json()) == answer
    assert "no picture: its library is not open" in html_of(shell, answer)


def test_answers_of_the_asynchronous_core_show_theirs(shell: Any, library: Path) -> None:
    async def asked() -> str:
        async with AsyncDocumentQA.open(library) as qa:
            return html_of(shell, await qa.ask("When was the lighthouse at Ravensholm built?"))

    assert "data:image/png" in anyio.run(asked)


def test_text_is_escaped(shell: Any, library: Path) -> None:
    with DocumentQA.open(library):
        nasty = not_in_documents("?").model_copy(update={"text": "<script>alert(1)</script>"})
        assert "<script>" not in html_of(shell, nasty)


def test_lines_of_an_answer_and_of_a_quoted_table_stay_lines(shell: Any, library: Path) -> None:
    with DocumentQA.open(library) as qa:
        answer = qa.ask("When was the lighthouse at Ravensholm built?")
        row = answer.citations[0].model_copy(update={"quote": "2023\nNet debt: 80.5"})
        shown = html_of(shell, answer.model_copy(update={"text": "One [1]\nTwo [1]", "citations": (row,)}))
    lines = re.findall(r'<p style="white-space: pre-line">(.*?)</p>', shown, re.S)
    assert lines[0] == "One [1]\nTwo [1]"
    assert lines[1].endswith("<i>2023\nNet debt: 80.5</i>")
