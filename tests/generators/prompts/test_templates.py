"""Templates: Octavo's own, and those of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavo.errors import SettingsError
from octavo.generators.prompts import templates
from octavo.generators.prompts.sentinel import SENTINEL, SentinelStream
from octavo.generators.prompts.templates import Prompts

OWN = "{% block system %}Be brief, or say {{ sentinel }}.{% endblock %}{% block task %}Q: {{ question }}{% endblock %}"
NAMES = [path.stem for path in Path(templates.__file__).parent.glob("*.jinja")]


@pytest.mark.parametrize("name", NAMES)
def test_the_first_words_are_the_same_for_all_questions(name: str) -> None:
    assert Prompts().system(name) == Prompts().system(name) != ""


def test_the_model_is_told_how_to_answer() -> None:
    prompts = Prompts()
    system = prompts.system("answer")
    assert f"reply with exactly {SENTINEL} and nothing else" in system
    assert "[1]" in system
    assert "its pictures" in system
    assert prompts.task("answer", question="How high is it? {{ 1 }}").endswith("Question: How high is it? {{ 1 }}")


def test_a_folder_replaces_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "answer.jinja").write_text(OWN, encoding="utf-8")
    prompts = Prompts(tmp_path)
    assert prompts.system("answer") == f"Be brief, or say {SENTINEL}."
    assert prompts.task("answer", question="Why?") == "Q: Why?"


def test_the_version_is_that_of_the_words(tmp_path: Path) -> None:
    included = "{% block system %}{% include 'tone.jinja' %}{% endblock %}{% block task %}{% endblock %}"
    (tmp_path / "answer.jinja").write_text(included, encoding="utf-8")
    (tmp_path / "tone.jinja").write_text("Be kind.", encoding="utf-8")
    first = Prompts(tmp_path).version("answer")
    assert Prompts(tmp_path).system("answer") == "Be kind."
    assert len({first, Prompts(tmp_path).version("answer"), Prompts().version("answer")}) == 2
    (tmp_path / "tone.jinja").write_text("Be curt.", encoding="utf-8")
    assert Prompts(tmp_path).version("answer") != first


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("answer.jinja", "Answer: {{ question }}", "no block 'system'"),
        ("answer.jinja", "{% block system %}", "answer.jinja"),
        ("answer.jinja", OWN.replace("{{ sentinel", "{{ sentinal"), "sentinal"),
        ("answer.jinja", OWN.replace("task", "tusk"), "no block 'task'"),
        ("anwser.jinja", OWN, r"anwser\.jinja is none of .*answer\.jinja"),
    ],
)
def test_what_is_wrong_with_a_template_is_said_at_once(tmp_path: Path, file: str, text: str, complaint: str) -> None:
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=complaint):
        Prompts(tmp_path)


def test_a_misspelt_template_is_seen_beside_a_right_one(tmp_path: Path) -> None:
    for name in ("answer.jinja", "anwser.jinja"):
        (tmp_path / name).write_text(OWN, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"^[^\n]*anwser\.jinja is none of"):
        Prompts(tmp_path)


def test_a_folder_without_templates(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no template in it"):
        Prompts(tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"generator\.prompts"):
        Prompts(tmp_path / "none")


def test_a_value_that_a_template_asks_for_and_nobody_gives(tmp_path: Path) -> None:
    (tmp_path / "answer.jinja").write_text(OWN.replace("question", "qestion"), encoding="utf-8")
    with pytest.raises(SettingsError, match="qestion"):
        Prompts(tmp_path).task("answer", question="Why?")


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("reply", "text", "seen"),
    [
        (SENTINEL, "", True),
        (f"Sorry: {SENTINEL}.", "Sorry: .", True),
        ("NOT_IN_EVERY case", "NOT_IN_EVERY case", False),
        (f"NOT_{SENTINEL}", "NOT_", True),
        ("It is NOT", "It is NOT", False),
    ],
)
def test_the_sentinel_is_found_wherever_a_reply_is_split(reply: str, text: str, seen: bool, size: int) -> None:
    stream = SentinelStream()
    said = "".join(stream.feed(reply[n : n + size]) for n in range(0, len(reply), size)) + stream.close()
    assert (said, stream.seen) == (text, seen)
