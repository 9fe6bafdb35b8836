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
    r"billions?|Milliarden?|Mrd\.?|[Bb]n": Decimal(10**9),
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
UNITS = {
    r"percentage[ -]points?|Prozentpunkten?|ppts?|pp|个?百分点": "pp",
    r"basis[ -]points?|Basispunkten?|bps?|个?基点": "bp",
    r"[%％]|per[ -]?cent|pct|Prozent": "%",
    r"times|-?fold|[x×]|[- ]?mal|-?fache?[nrs]?|倍": "times",
    r"seconds?|secs?|s|Sekunden?|秒": "second",
    r"minutes?|mins?|Minuten?|分钟?": "minute",
    r"hours?|hrs?|h|Stunden?|小时": "hour",
    r"days?|Tagen?|天": "day",
    r"nights?|Nächten?|Nacht|晚": "night",
    r"weeks?|Wochen?|周": "week",
    r"months?|Monaten?|个月": "month",
    r"years?|Jahren?": "year",
    r"square (?:met(?:er|re)s?)|m²|m2|sqm|qm|Quadratmetern?|平方米": "m2",
    r"square kilomet(?:er|re)s?|km²|km2|Quadratkilometern?": "km2",
    r"hectares?|ha|Hektar": "ha",
    r"cubic met(?:er|re)s?|m³|m3|Kubikmetern?": "m3",
    r"millimet(?:er|re)s?|mm|Millimetern?|毫米": "mm",
    r"centimet(?:er|re)s?|cm|Zentimetern?|厘米": "cm",
    r"kilomet(?:er|re)s?|km|Kilometern?|公里": "km",
    r"met(?:er|re)s?|m|Metern?|米": "m",
    r"(?:sea |nautical )?miles?|Meilen?": "mile",
    r"feet|foot|ft|Fuß": "foot",
    r"inch(?:es)?|Zoll": "inch",
    r"lit(?:er|re)s?|l|Litern?|升": "litre",
    r"gallons?": "gallon",
    r"kilograms?|kilos?|kg|Kilogramm|公斤": "kg",
    r"grams?|g|Gramm": "g",
    r"tonnes?|(?:metric )?tons?|t|Tonnen?|吨": "tonne",
    r"kilowatt[- ]?hours?|kWh|Kilowattstunden?": "kWh",
    r"megawatt[- ]?hours?|MWh|Megawattstunden?": "MWh",
    r"gigawatt[- ]?hours?|GWh|Gigawattstunden?": "GWh",
    r"kilowatts?|kW|Kilowatt": "kW",
    r"megawatts?|MW|Megawatt": "MW",
    r"gigawatts?|GW|Gigawatt": "GW",
    r"kilovolts?|kV": "kV",
    r"volts?|V": "V",
    r"milliamp(?:ere)?s?|mA": "mA",
    r"amp(?:ere)?s?|A": "A",
    r"watts?|W": "W",
    r"bars?|bar": "bar",
    r"mmHg": "mmHg",
    r"hertz|Hz": "Hz",
    r"decibels?|dB|Dezibel": "dB",
    r"µcd/m2|µcd/m²|microcandelas? per square met(?:er|re)": "ucd/m2",
    r"°\s?C|degrees? Celsius|Grad Celsius": "°C",
    r"°\s?F|degrees? Fahrenheit": "°F",
    r"级": "grade",
    r"人": "person",
}
_LEAST = {"bp": ("pp", Decimal("0.01"))}  # 50 basis points are .5 percentage points


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


scales = Spelled(SCALES)
currencies = Spelled(CURRENCIES)
units = Spelled(UNITS)
headed = Spelled({**SCALES, f"{THOUSANDS}|{ONE_THOUSAND}": Decimal(10**3)})


def same_measure(value: Decimal, unit: str) -> tuple[Decimal, str]:
    """Value and unit in the unit that all of its kind are compared in."""
    name, factor = _LEAST.get(unit, (unit, Decimal(1)))
    return value * factor, name
