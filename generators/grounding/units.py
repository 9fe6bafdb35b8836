"""Units and scales as they are written in English, German and Chinese, each with one name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Generic, TypeVar

_Named = TypeVar("_Named")
_LONGEST = 40  # characters of the longest spelling

SCALES: dict[str, Decimal] = {
    r"thousands?|Tausend|Tsd\.?|千": Decimal(10**3),
    r"万": Decimal(10**4),
    r"lakhs?": Decimal(10**5),
    r"millions?|Millionen|Million|Mio\.?|[Mm]n|mln|百万": Decimal(10**6),
    r"crores?": Decimal(10**7),
    r"亿": Decimal(10**8),
    r"billions?|milliards?|Milliarden?|Mrd\.?|[Bb]n": Decimal(10**9),
    r"trillions?|Billionen|Bio\.?(?=\s?(?:€|EUR|Euro))|trn|(?-i:tn)": Decimal(10**12),
}
# Of headings only, for a figure may end with them: "5,000", "5 000", "5'000".
THOUSANDS = r"(?<![\d.,'’])(?<!\d\s)000s?|(?<!\d)['’]000s?"
ONE_THOUSAND = r"1[,.'’\s]?000s?"
PREFIX = r"[kKmMBTt]\s?(?=[$€£¥₹]|US\$|(?:EUR|Euro|USD|GBP|CHF|JPY)\b)"  # "k€", "TEUR"
# A letter is a scale beside a currency only: "€5 m" are millions, "5 m" may be metres.
LETTERS = {"k": Decimal(10**3), "K": Decimal(10**3), "m": Decimal(10**6), "M": Decimal(10**6), "B": Decimal(10**9)}
CURRENCIES = {
    r"Australian dollars?|AUD": "AUD",
    r"Canadian dollars?|CAD": "CAD",
    r"Hong Kong dollars?|HKD": "HKD",
    r"New Zealand dollars?|NZD": "NZD",
    r"Singapore dollars?|SGD": "SGD",
    r"€|euros?|EUR|欧元": "EUR",
    r"U\.?\s?S\.?\s?\$|\$|(?:U\.?S\.?[ -])?dollars?|USD|美元": "USD",
    r"£|pounds?(?: sterling)?|GBP|Pfund|英镑": "GBP",
    r"¥|yen|JPY|日元": "JPY",
    r"RMB|CNY|yuan|人民币|元": "CNY",
    r"CHF|(?:Swiss )?francs?|Franken": "CHF",
    r"₩|KRW": "KRW",
    r"reais|BRL": "BRL",
    r"pesos?|MXN": "MXN",
    r"rand|ZAR": "ZAR",
    r"₹|rupees?|Rs\.?|INR": "INR",
    r"crowns?|Kronen|SEK|NOK|DKK": "crown",
}
_PREFIXES = {
    "n": ("nano", -9),
    "µ": ("mi[ck]ro", -6),
    "m": ("milli", -3),
    "c": ("[cz]enti", -2),
    "d": ("de[cz]i", -1),
    "h": ("he[ck]to", 2),
    "k": ("kilo", 3),
    "M": ("mega", 6),
    "G": ("giga", 9),
    "T": ("tera", 12),
}
# Name, symbol, words and prefixes of the units that have some.
_PREFIXED = (
    ("m", "m", r"met(?:er|re)s?|Metern?", "nµmcdk"),
    ("g", "g", r"grams?|Gramm", "nµmk"),
    ("litre", "[lL]", r"lit(?:er|re)s?|Litern?", "µmcdh"),
    ("tonne", "t", r"tonnes?|(?:metric )?tons?|Tonnen?", "kMG"),
    ("Wh", "Wh", r"watt[- ]?hours?|Wattstunden?", "kMGT"),
    ("W", "W", r"watts?", "mkMGT"),
    ("V", "V", r"volts?", "mk"),
    ("A", "A", r"amp(?:ere)?s?", "µm"),
    ("Hz", "Hz", r"hertz", "kMG"),
    ("Pa", "Pa", r"pascals?", "hkM"),
    ("bar", "bar", r"bars?", "m"),
    ("byte", "B", r"bytes?", "kMGT"),
)
UNITS = {
    r"percentage[ -]points?|Prozentpunkten?|ppts?|pp|个?百分点": "pp",
    r"basis[ -]points?|Basispunkten?|bps?|个?基点": "bp",
    r"[%％]|per[ -]?cent|pct|Prozent": "%",
    r"times|-?fold|[x×]|[- ]?mal|-?fache?[nrs]?|倍": "times",
    r"seconds?|secs?|s|Sekunden?|secondes?|秒": "second",
    r"minutes?|mins?|Minuten?|分钟?": "minute",
    r"hours?|hrs?|h|Stunden?|heures?|小时": "hour",
    r"days?|Tagen?|jours?|天": "day",
    r"nights?|Nächten?|Nacht|晚": "night",
    r"weeks?|Wochen?|semaines?|周": "week",
    r"months?|Monaten?|mois|个月": "month",
    r"years?|Jahren?|Jahr|ans|années?": "year",
    r"square (?:met(?:er|re)s?)|m²|m2|sqm|qm|Quadratmetern?|平方米": "m2",
    r"square kilomet(?:er|re)s?|km²|km2|Quadratkilometern?": "km2",
    r"hectares?|ha|Hektar": "ha",
    r"cubic met(?:er|re)s?|m³|m3|Kubikmetern?": "m3",
    r"毫米": "mm",
    r"厘米": "cm",
    r"公里|千米": "km",
    r"米": "m",
    r"(?:sea |nautical )?miles?|Meilen?": "mile",
    r"feet|foot|ft|Fuß": "foot",
    r"inch(?:es)?|Zoll": "inch",
    r"升": "litre",
    r"gallons?": "gallon",
    r"kilos?|公斤|千克": "kg",
    r"吨": "tonne",
    r"mmHg": "mmHg",
    r"decibels?|dB|Dezibel": "dB",
    r"µcd/m2|µcd/m²|microcandelas? per square met(?:er|re)": "ucd/m2",
    r"°\s?C|degrees? Celsius|Grad Celsius": "°C",
    r"°\s?F|degrees? Fahrenheit": "°F",
    r"级": "grade",
    r"人": "person",
}
_PERIODS = frozenset(["second", "minute", "hour", "day", "week", "month", "year"])
_NO_RATE = _PERIODS | {"night", "%", "pp", "bp", "times"}  # "40 hours a week", "8% a year" are as often said without
_PER = re.compile(r"\s?/\s?|\s(?:per|pro|je|par)\s|\s(?P<a>an?)\s", re.I)
# What units come to in the unit that all of their kind are compared in: 50 basis points are .5 percentage points.
_LEAST = {
    "bp": ("pp", Decimal("0.01")),
    "minute": ("second", Decimal(60)),
    "hour": ("second", Decimal(3_600)),
    "day": ("second", Decimal(86_400)),
    "week": ("second", Decimal(604_800)),
    "year": ("month", Decimal(12)),
    "ha": ("m2", Decimal(10**4)),
    "km2": ("m2", Decimal(10**6)),
    "m3": ("litre", Decimal(10**3)),
    "tonne": ("g", Decimal(10**6)),
}
for _name, _symbol, _words, _some in _PREFIXED:
    UNITS[f"{_words}|{_symbol}" if _name != "byte" else _words] = _name
    for _letter in _some:
        _prefix, _power = _PREFIXES[_letter]
        _first = "[µμ]" if _letter == "µ" else _letter
        UNITS[rf"{_prefix}(?:{_words.lower()})|{_first}{_symbol}"] = f"{_letter}{_name}"
        _least, _worth = _LEAST.get(_name, (_name, Decimal(1)))
        _LEAST[f"{_letter}{_name}"] = (_least, _worth.scaleb(_power))


class Spelled(Generic[_Named]):
    """Finds which entry of a table is spelled at a place. Symbols are told apart by case (m, M), words are not."""

    def __init__(self, table: Mapping[str, _Named]) -> None:
        self._names = list(table.values())
        parts = "|".join(f"(?P<u{n}>{spelling})" for n, spelling in enumerate(table))
        self._pattern = re.compile(rf"\s?-?(?:{parts})(?![a-zA-ZäöüÄÖÜß0-9])")

    def at(self, text: str, start: int) -> tuple[_Named, int] | None:
        """The entry spelled right after `start`, and where it ends."""
        part = text[start : start + _LONGEST]
        low = re.sub(r"[A-Z][A-Za-z]{3,}", lambda word: word.group().lower(), part)
        match = self._pattern.match(part) or self._pattern.match(low)
        if match is None or match.lastgroup is None:
            return None
        return self._names[int(match.lastgroup[1:])], start + match.end()

    def anywhere(self, text: str) -> list[_Named]:
        """The entries spelled as words of their own, in order: what a column's name says of its numbers."""
        found = (self.at(text, match.start()) for match in re.finditer(r"(?<![^\W_])(?<!\d[.,'’])(?=\S)", text))
        return [one[0] for one in found if one]


class Units(Spelled[str]):
    """Units, those of rates included: "km/h", "litres per second", "kg a day"."""

    def at(self, text: str, start: int) -> tuple[str, int] | None:
        found = super().at(text, start)
        if found is None or found[0] in _NO_RATE or not (per := _PER.match(text, found[1])):
            return found
        by = super().at(text, per.end())
        if by is None or (per["a"] and by[0] not in _PERIODS):
            return found
        return f"{found[0]}/{by[0]}", by[1]


scales = Spelled(SCALES)
currencies = Spelled(CURRENCIES)
units = Units(UNITS)
headed = Spelled({**SCALES, f"{THOUSANDS}|{ONE_THOUSAND}": Decimal(10**3)})


def same_measure(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Value and unit in the unit that all of its kind are compared in."""
    whole, _, per = unit.partition("/")
    name, factor = _LEAST.get(whole, (whole, Decimal(1)))
    least, worth = _LEAST.get(per, (per, Decimal(1)))
    return value * factor / worth, f"{name}/{least}" if per else name
