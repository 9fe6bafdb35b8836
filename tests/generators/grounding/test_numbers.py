"""The numbers and dates of a text, as far as their form tells."""

from __future__ import annotations

from decimal import Decimal

import pytest

from octavo.generators.grounding.agreement import agree
from octavo.generators.grounding.dates import dates_in
from octavo.generators.grounding.numbers import numbers_in
from octavo.generators.grounding.units import same_measure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 345 habitants", ["12345"]),
        ("12\u202f345 habitants", ["12345"]),
        ("1 234 567,5 euros", ["1234567.5"]),
        ("120 345 habitants", ["120345"]),
        ("120 345", ["120345"]),
        ("(120 345,5)", ["120345.5"]),
        ("0 800 123", ["0", "800", "123"]),
        ("Sales 120 135", ["120", "135"]),
        ("Sales 120 135 128 150", ["120", "135", "128", "150"]),
        ("En 2022 350 personnes", ["2022", "350"]),
        ("En 2022 8 430 habitants", ["2022", "8430"]),
        ("0.123", ["0.123"]),
        ("1.234", ["1.234|1234"]),
        ("1,234", ["1234|1.234"]),
        ("1.234.567", ["1234567"]),
        ("2.3.1", []),
    ],
)
def test_digits(text: str, expected: list[str]) -> None:
    assert ["|".join(map(str, n.readings)) for n in numbers_in(text)] == expected


@pytest.mark.parametrize(
    ("text", "negative", "year"),
    [
        ("in 1950", False, True),
        ("(1950)", False, True),
        ("-1950", True, False),
        ("1950 euros", False, False),
        ("(12.5)", True, False),
        ("a (12.5) b", True, False),
        ("(12.5", False, False),
        ("f(12)", False, False),
        ("(two)", False, False),
        ("CO-2", False, False),
    ],
)
def test_what_is_negative_or_a_year(text: str, negative: bool, year: bool) -> None:
    (number,) = numbers_in(text)
    assert (number.negative, number.year) == (negative, year)


@pytest.mark.parametrize(
    ("text", "unit", "scale"),
    [
        ("$5 m", "USD", 10**6),
        ("5 m", "m", None),
        ("9.8m passengers", "", 10**6),
        ("14,2 milliards d'euros", "", 10**9),
        ("5 μg", "µg", None),
        ("5 Mikrogramm", "µg", None),
        ("5 kilowatt-hours", "kWh", None),
        ("5 GWh", "GWh", None),
        ("64 GB", "Gbyte", None),
        ("5 km/h", "km/hour", None),
        ("5 Liter pro Sekunde", "litre/second", None),
        ("5 kg a day", "kg/day", None),
        ("5 kg a head", "kg", None),
        ("40 hours a week", "hour", None),
        ("4 per cent per year", "%", None),
        ("7 l per cent", "litre", None),
        ("25 ans", "year", None),
        ("25 an hour", "", None),
    ],
)
def test_units(text: str, unit: str, scale: int | None) -> None:
    (number,) = numbers_in(text)
    assert (number.unit, number.scale) == (unit, scale)


@pytest.mark.parametrize(
    ("text", "unit", "scale"),
    [
        ("$3 to 4 million", "USD", 10**6),
        ("3–4 million euros", "EUR", 10**6),
        ("690 to 830 thousand", "", 10**3),
        ("5 bis 10 km", "km", None),
    ],
)
def test_a_range_gives_its_unit_once(text: str, unit: str, scale: int | None) -> None:
    assert [(n.unit, n.scale) for n in numbers_in(text)] == [(unit, scale)] * 2


def test_what_is_no_range_keeps_its_units() -> None:
    assert [n.unit for n in numbers_in("12 per cent to 3,360 crates, 3 m to 4 euros, 2019 to 20 km")] == [
        *("%", "", "m", "EUR", "", "km")
    ]


def test_units_of_a_kind_are_compared_in_one() -> None:
    assert same_measure(Decimal(90), "km/hour") == (Decimal(25), "m/second")
    assert same_measure(Decimal(2), "ktonne") == (Decimal(2 * 10**9), "g")
    assert same_measure(Decimal(1), "m3") == same_measure(Decimal(1000), "litre")
    assert same_measure(Decimal(24), "month") == same_measure(Decimal(2), "year")


@pytest.mark.parametrize(
    ("said", "found", "expected"),
    [
        ("more than 300", "322", True),
        ("more than 322", "322", False),
        ("at least 322", "322", True),
        ("at most 322", "322", True),
        ("fewer than 400", "322", True),
        ("more than 100", "322", False),  # so much less may well be said of something else
        ("more than 300 km", "322", False),
        ("more than 300 m", "0.322 km", True),
        ("at most 18", "at least 18", False),
        ("more than 18", "under 18", False),
        ("over 18", "more than 18", True),
        ("2 days", "48 hours", True),
        ("2 days", "49 hours", True),
        ("2 days", "51 hours", False),
        ("58 cm", "58 mm", False),
        ("36,500 litres", "36,500 m³", False),
    ],
)
def test_whether_two_numbers_agree(said: str, found: str, expected: bool) -> None:
    assert agree(numbers_in(said)[0], numbers_in(found)[0]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/5/49", [(2049, 5, 3)]),
        ("3.5.50", [(1950, 5, 3)]),
        ("3.5.2020", [(2020, 5, 3)]),
        ("3/15/2020", [(2020, 3, 15)]),
        ("32.1.2020", []),
        ("13.13.20", []),
        ("1er août 2019", [(2019, 8, 1)]),
        ("12 févr. 2019", [(2019, 2, 12)]),
        ("5 avril", [(None, 4, 5)]),
        ("12 déc. 1950", [(1950, 12, 12)]),
        ("14. Mai 2020", [(2020, 5, 14)]),
    ],
)
def test_dates(text: str, expected: list[tuple[int | None, int, int]]) -> None:
    assert [(d.year, d.month, d.day) for d in dates_in(text)] == expected
