"""Lines of Arabic script from characters as MuPDF gives them: out of order, each where it stands."""

from __future__ import annotations

import pytest

from octavo.ingest.text.bidi import Character, words_by_place

WIDTH = 5.0


def shown(visual: str, order: list[int] | None = None) -> list[Character]:
    """`visual` as it is seen from left to right, each character as wide as the next; given in another order."""
    line = [Character(c, n * WIDTH, 0.0, (n + 1) * WIDTH, 10.0) for n, c in enumerate(visual)]
    return [line[n] for n in order or range(len(line))]


def read(line: list[Character]) -> list[str]:
    """From the right."""
    return [word.text for word in words_by_place(line)][::-1]


@pytest.mark.parametrize(
    "number", ["١٨٧٤", "۱۳۵۷", "١٬٨٧٤٫٥", "١٢/٠٣/٢٠٢٤", "١٢:٣٠", "1,874.5"]
)  # fmt: skip
def test_a_number_runs_from_left_to_right_in_whatever_order_it_is_given(number: str) -> None:
    line = shown(number + " ةنس")
    assert read(line) == ["سنة", number]
    assert read(line[len(number) - 1 :: -1] + line[len(number) :]) == ["سنة", number]
    assert read(line[: len(number)]) == [number]  # a cell of its own


@pytest.mark.parametrize(
    ("visual", "text"),
    [
        ("٪٢٥", "٢٥٪"),
        ("٢٠–١٠", "١٠–٢٠"),
        (".)٣٣(", "(٣٣)."),
        ("١٨٧٤ب", "ب١٨٧٤"),
        ("U.S.", "U.S."),
    ],
)  # fmt: skip
def test_signs_beside_numbers_are_read_from_the_right_and_latin_is_not(visual: str, text: str) -> None:
    assert read(shown(f"{visual} باتك")) == ["كتاب", text]


def test_digits_inside_english_stay_where_they_are() -> None:
    assert [word.text for word in words_by_place(shown("in ١٨٧٤ (or so)"))] == ["in", "١٨٧٤", "(or", "so)"]


def test_a_ligature_is_spelt_and_a_vowel_stays_with_its_letter() -> None:
    lam_alef = [Character("ا", 10.0, 0.0, 10.0, 10.0), Character("ل", 5.0, 0.0, 10.0, 10.0)]  # as MuPDF gives them
    assert read(lam_alef) == ["لا"]
    ended = [Character("ٌ", 0.0, 0.0, 0.0, 10.0), *shown("دم", [1, 0])]
    assert read(ended) == ["مدٌ"]


def test_what_is_printed_twice_is_read_once() -> None:
    line = shown("١٨٧٤")
    assert read([*line, *(c._replace(x0=c.x0 + 0.2, x1=c.x1 + 0.2) for c in line)]) == ["١٨٧٤"]


def test_the_box_is_that_of_the_letters() -> None:
    first, second = words_by_place(shown("١٨ ةنس"))
    assert first[1:] == (0.0, 0.0, 2 * WIDTH, 10.0)
    assert second[1:] == (3 * WIDTH, 0.0, 6 * WIDTH, 10.0)
