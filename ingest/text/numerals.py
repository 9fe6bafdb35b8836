"""Figures, dates, years and units as tables print them."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"^[(\[<>≤≥~≈±+\-–—−]*[$€£¥]?[(\-–−]*\d[\d,.\u00a0'’]*[%)\]*†‡a-z]{0,3}([(±][\d.,±−–-]*\)?)?$|^[-–—−]$|^n/?a$", re.I
)
_YEAR = re.compile(r"^(19|20)\d\d[,.]?$")
CURRENCY = frozenset(["$", "€", "£", "¥", "US$", "C$", "A$", "HK$", "RMB", "Rs.", "₹", "CHF"])
SUFFIX = frozenset(["%", ")", "%)", ")%", "†", "‡", "*", "x", "bps"])
_DAY = re.compile(r"^\d{1,2},?$")
_DATE = re.compile(r"^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}$")
_UNIT = re.compile(
    r"\bin\W{0,3}(?:\w+\W{1,3}){0,3}(?:millions?|thousands?|billions?|percent|[$€£¥]\W?\d?000)(?!\w)"
    r"|[$€£¥]\W?(?:millions?|thousands?|billions?|mn|bn|m|k|000)(?!\w)"
    r"|^\W*(?:(?:thousands?|millions?|billions?) of \w+|[%$€£¥]|(?:US|C|A|HK)\$|USD|EUR|GBP|CHF|JPY|CNY|RMB"
    r"|(?:un)?audited)\W*$",
    re.I,
)
_LONGEST_UNIT = 100
_MONTH = re.compile(r"\b(jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])", re.I)


def is_number(text: str) -> bool:
    """Whether a cell holds a figure (or the dash that stands for none)."""
    parts = [p for p in text.replace("$", " ").replace("€", " ").split() if p not in CURRENCY | SUFFIX]
    return bool(parts) and sum(bool(_NUMBER.match(p)) for p in parts) * 2 > len(parts)


def is_time(text: str) -> bool:
    return bool(_MONTH.search(text)) or all(_YEAR.match(p) or _DATE.match(p) for p in text.split())


def is_day_of_year(before: str, after: str) -> bool:
    """Whether two words are the end of a date: "31, 2024"."""
    return bool(_DAY.match(before) and _YEAR.match(after))


def is_unit(text: str) -> bool:
    """Whether a line or cell says in what unit figures are: "(in millions, except per share)", "€m", "%"."""
    return len(text) <= _LONGEST_UNIT and not text.endswith(".") and bool(_UNIT.search(text))
