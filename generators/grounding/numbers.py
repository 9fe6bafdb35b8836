"""The numbers of a text with sign, scale and unit, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain
from typing import NamedTuple

from ...retrievers.numerals import numeral
from .units import CURRENCIES, LETTERS, currencies, scales, units

# A plain space groups, too, but neither the numbers of a row ("120 135 128") nor a year and what follows it. A row may
# begin with three digits, so that something must be counted ("120 345 people") or be all there is, as in a cell.
_SPACED = (
    r"(?<!\b\d )(?<!\b\d\d )(?<!\b\d\d\d )"
    r"(?:[1-9]\d?(?: \d{3}){1,2}|[1-9]\d\d(?: \d{3}){1,2}(?=[.,\d]* ?[^\W\d_]))"
)
_ALONE = re.compile(r"\W*[1-9]\d\d(?: \d{3}){1,2}(?:[.,]\d+)?\W*")
_DIGITS = re.compile(
    r"(?<![A-Za-zÀ-\u04ff\d_])(?<!\d[.,])"
    rf"(?:\d{{1,3}}(?:[\u00a0\u2009\u202f]\d{{3}})+(?:[.,]\d+)?|{_SPACED}(?:[.,]\d+)?(?![.,]?\d| \d)"
    r"|\d+(?:[.,'’]\d+)*)"
)
_BEFORE = re.compile(
    r"(?:(?P<sign>[-−–+])\s?)?(?P<currency>US\$|[$€£¥₹]|(?:USD|EUR|GBP|JPY|CHF|CNY|RMB|INR|Rs\.?)\s)?\s?(?P<inner>[-−])?$"
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)\b|\.\s+(?=[A-ZÄÖÜ])")
_SMALL = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen".split(),
        range(2, 20),
        strict=True,
    )
) | dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_GERMAN = dict(zip("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split(), range(2, 13), strict=True)) | {
    "zwanzig": 20,
    "dreißig": 30,
    "fünfzig": 50,
    "hundert": 100,
}
_HAN = dict(zip("二三四五六七八九十", range(2, 11), strict=True)) | {"两": 2, "一": 1}
_WORDS = re.compile(
    rf"\b(?:{'|'.join([*_SMALL, 'one'])}|hundred)(?:[ -](?:and )?(?:{'|'.join([*_SMALL, 'one'])}|hundred)\b)*\b"
    rf"|\b(?:{'|'.join(_GERMAN)})\b",
    re.I,
)
_HAN_NUMBER = re.compile(
    r"(?<![年月一-龥])[一二两三四五六七八九十](?=小时|分|天|毫米|米|倍|级|人|欧元)|(?<=[过约需为每长到达])[一二两三四五六七八九十](?=小时|分|天|毫米|米|倍|级|人|欧元)"
)
_HEDGES = {
    "about": r"about|around|roughly|approximately|approx\.|some|nearly|almost|close to|just (?:over|under)"
    r"|environ|près de|rund|etwa|ca\.|circa|fast|knapp|约|近",
    "more": r"more than|over|above|exceed(?:s|ed|ing)?|plus de|mehr als|über|超过",
    "least": r"at least|no (?:less|fewer) than|au moins|mindestens",
    "less": r"less than|under|below|fewer than|moins de|weniger als|unter|不到",
    "most": r"at most|no more than|au plus|höchstens",
    "up": r"(?<!\badd )(?<!\badds )(?<!\badded )up to|bis zu|jusqu['’]à",
}
_TO = re.compile(r"\s*\b(?:to|bis|à)\s*", re.I)
_MONEY = frozenset(CURRENCIES.values())
_DURING = re.compile(r"(?:over|über)\s*$", re.I)
_TIMES = frozenset(["second", "minute", "hour", "day", "night", "week", "month", "year"])
_HEDGE = re.compile("|".join(rf"(?P<{name}>(?:{words})\s*$)" for name, words in _HEDGES.items()), re.I)


class Number(NamedTuple):
    """A number as printed at `start` to `end`, its sign and unit included.

    `readings` are its possible values without scale, the usual one first: `1.234` is 1.234 or 1234; their exponents are
    those of the last printed digit. `scale` is None where none is printed. `hedge` is a name of `_HEDGES`.
    """

    start: int
    end: int
    readings: tuple[Decimal, ...]
    scale: Decimal | None = None
    unit: str = ""
    negative: bool = False
    hedge: str = ""
    year: bool = False

    @property
    def value(self) -> Decimal:
        """The usual reading, scaled, without sign."""
        return self.readings[0] * (self.scale or 1)


def numbers_in(text: str, ocr: bool = False) -> list[Number]:
    """The numbers of `text` in order; with `ocr`, also those that stand there if letters were read for digits."""
    if _ALONE.fullmatch(text):
        text = text.replace(" ", "\u00a0")
    found = {number.start: number for number in chain(_spelled(text), _printed(text))}
    if ocr and (mended := mend(text)) != text:
        found |= {number.start: number for number in _printed(mended)}
    return _ranges(text, sorted(found.values()))


def _ranges(text: str, numbers: list[Number]) -> list[Number]:
    """The numbers, with the unit and the scale that a range gives once at its end: "$3 to 4 million", "5–10 km"."""
    for at in range(len(numbers) - 1, 0, -1):
        a, b = numbers[at - 1 : at + 1]
        joined = _TO.fullmatch(text, a.end, b.start) or (a.end == b.start and text[a.end] in "-–")
        money = a.unit in _MONEY and not b.unit  # "$3 to 4"
        if joined and not (a.year or b.year or a.scale) and (money or a.unit in ("", b.unit)):
            numbers[at - 1] = a._replace(scale=b.scale, unit=a.unit or b.unit)
            numbers[at] = b._replace(unit=b.unit or a.unit)
    return numbers


_CONFUSED = str.maketrans("OoIl|SZB", "00111528")
_MISREAD = re.compile(
    r"(?<![^\W_])(?=[OoIl|SZB.,]{0,20}\d)[\dOoIl|SZB](?:[\dOoIl|SZB.,]*[\dOoIl|SZB])?(?=(?:st|nd|rd|th)?(?![^\W_]))"
)


_LETTERS = str.maketrans("015", "ols")
_DIGIT_IN_WORD = re.compile(r"(?<![^\W_])[A-Za-z]{2,}[015][A-Za-z]*(?![^\W_])")


def mend(text: str) -> str:
    """Text of a scan with letters among digits read as digits (1lth, 2O24), and digits in words as letters (Apri1)."""
    text = _MISREAD.sub(lambda match: match.group().translate(_CONFUSED), text)
    return _DIGIT_IN_WORD.sub(lambda match: match.group().translate(_LETTERS), text)


def _printed(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        readings = _readings(match.group())
        if not readings:
            continue
        if _ORDINAL.match(text, match.end()) and len(match.group()) < 3 and text[match.end()] != ".":
            yield Number(match.start(), match.end() + 2, readings)
            continue
        yield _with_unit(text, match.start(), match.end(), readings, match.group())


def _spelled(text: str) -> Iterator[Number]:
    """Numbers in words from two on ("one" is mostly no number)."""
    for match in _WORDS.finditer(text):
        value = 0
        for word in re.findall(r"\w+", match.group().lower()):
            value = max(value, 1) * 100 if word in ("hundred", "hundert") else value + _worth(word)
        if value > 1:
            yield _with_unit(text, match.start(), match.end(), (Decimal(value),))
    for match in _HAN_NUMBER.finditer(text):
        yield _with_unit(text, match.start(), match.end(), (Decimal(_HAN[match.group()]),))


def _worth(word: str) -> int:
    return _SMALL.get(word) or _GERMAN.get(word) or int(word == "one")


def _readings(surface: str) -> tuple[Decimal, ...]:
    """What a numeral may mean, the usual reading first; nothing for 2.3.1 and 1,2,3."""
    bare = re.sub(r"[ \u00a0\u2009\u202f]", "", surface).replace("’", "'")
    tokens = numeral(bare)
    if len(tokens) != 1 or tokens[0].count("d") > 1:
        return ()
    whole = Decimal(re.sub(r"\D", "", bare))
    tail = re.search(r"[.,'](\d+)$", bare)
    if tail is None:
        return (whole,)
    fraction = whole.scaleb(-len(tail[1]))
    usual = whole if Decimal(tokens[0].replace("d", ".")) == whole else fraction
    if len(tail[1]) == 3 and len(re.findall(r"\D", bare)) == 1 and not bare.startswith("0"):
        return (usual, fraction if usual is whole else whole)
    return (usual,)


def _with_unit(text: str, start: int, end: int, readings: tuple[Decimal, ...], digits: str = "") -> Number:
    before = next(_BEFORE.finditer(text, max(0, start - 8), start))  # it may be nothing
    head = start - len(text[before.start() : start].lstrip())
    unit, currency = "", ""
    if before["currency"]:
        currency = found[0] if (found := currencies.at(before["currency"].strip(), 0)) else ""
    # A hyphen after a figure or word joins ("2023-2024", "CO-2"), but not in "was -5"; a bracket on both sides makes it
    # negative, too.
    at = before.start("inner" if before["inner"] else "sign")
    ahead = text[: max(at, 0)].rstrip()[-1:]
    alone = text[at - 1 : at].isspace() and not text[at + 1 : at + 2].isspace()
    joined = ahead.isdigit() or (ahead.isalnum() and not alone)
    negative = (before["inner"] or before["sign"]) in ("-", "−", "–") and not joined
    tail, scale = end, None
    letter = re.match(r"\s?([kKmMB])(?![a-zA-ZäöüÄÖÜß0-9²])", text[tail : tail + 4])
    if found_scale := scales.at(text, tail):
        scale, tail = found_scale
    elif letter and (currency or (letter[1] in "kKMB" and not letter.group().startswith(" "))):
        scale, tail = LETTERS[letter[1]], tail + letter.end()
    elif letter and letter[1] == "m" and re.match(r"\s+[A-Za-z]{3,}s\b", text[tail + letter.end() :]):
        scale, tail = LETTERS["m"], tail + letter.end()  # "9.8m passengers" are no metres
    if found := currencies.at(text, tail):
        currency, tail = found
    if currency:
        unit = currency
    elif found := units.at(text, tail):
        unit, tail = found
    year = bool(_YEAR.fullmatch(digits)) and scale is None and not unit and not negative
    around = head and tail < len(text) and text[head - 1] == "(" and text[tail] == ")"
    if around and not text[max(0, head - 2) : head - 1].strip() and digits and not year:
        negative, head, tail = True, head - 1, tail + 1
    hedge = match.lastgroup or "" if (match := _HEDGE.search(text, max(0, head - 16), head)) else ""
    if unit in _TIMES and _DURING.search(text, max(0, head - 16), head):
        hedge = ""  # "over five years"
    if text[tail : tail + 1] == "年" and _YEAR.fullmatch(digits):
        year, tail = True, tail + 1
    return Number(head, tail, readings, scale, unit, negative, hedge, year)
