"""The dates of a text, as far as each is given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_MONTHS = (
    "jan(?:uary|uar|v|vier)? f[eé](?:b|vr?)(?:ruary|ruar|ier)? mar(?:ch|s)?|märz a[pv]r(?:il)? may|mai june?|juni|juin"
    " july?|juli|juil(?:let)? aug(?:ust)?|ao[ûu]t sept?(?:ember|embre)? o[ck]t(?:ober|obre)? nov(?:ember|embre)?"
    " d[eé][cz](?:ember|embre)?"
).split()
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_DAYS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th|er|\.)?|{'|'.join(_DAYS)})"
_YEAR = r"(?:1[5-9]|20)\d\d"
_COUNTED = r"\s+(?:days?|nights?|hours?|weeks?|per ?cent|%)"  # "in July 21 days" is no date
_FORMS = tuple(
    re.compile(form, re.I)
    for form in (
        rf"(?<![\w.,])(?P<d>{_DAY})\s+(?:of\s+)?(?P<m>{_MONTH})\b\.?,?(?:\s+(?P<y>{_YEAR})\b)?",
        rf"\b(?P<m>{_MONTH})\.?\s+(?P<d>\d{{1,2}}(?:st|nd|rd|th)?)\b(?![.,]\d|{_COUNTED})(?:,?\s+(?P<y>{_YEAR})\b)?",
        rf"\b(?P<m>{_MONTH})\.?,?\s+(?P<y>{_YEAR})\b",
        rf"(?<![\d.-])(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)(?![\d-]|\.\d)",
        rf"(?<![\d./])(?P<d>\d{{1,2}})(?P<sep>[./])(?P<m>\d{{1,2}})(?P=sep)(?P<y>{_YEAR}|\d\d)(?![\d/]|\.\d)",
        rf"(?P<y>{_YEAR})\s*年\s*(?P<m>\d{{1,2}})\s*月(?:\s*(?P<d>\d{{1,2}})\s*日)?",
        r"(?<!\d)(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*日",
        r"(?<![\d:.])(?P<h>[01]?\d|2[0-3]):(?P<min>[0-5]\d)(?!:?\d)",
    )
)


class Date(NamedTuple):
    """A date (or a time of day) at `start` to `end`: what is not given is None. `swapped` may be read month first."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    clock: str | None = None
    swapped: bool = False

    def agrees(self, found: Date) -> bool:
        """Whether all that this date says, apart from the year, is said by the other one, and no year differs."""
        if self.clock or found.clock:
            return self.clock == found.clock
        if self.year and found.year and self.year != found.year:
            return False
        other = {(found.month, found.day)} | ({(found.day, found.month)} if found.swapped else set())
        mine = {(self.month, self.day)} | ({(self.day, self.month)} if self.swapped else set())
        return any(m == n and (d is None or d == e) for m, d in mine for n, e in other)


def dates_in(text: str) -> list[Date]:
    """The dates and times of day of `text`, in order; of two that overlap, the one that begins first."""
    found: list[Date] = []
    taken = bytearray(len(text))
    for form in _FORMS:
        for match in form.finditer(text):
            if not any(taken[slice(*match.span())]) and (date := _date(match)):
                taken[date.start : date.end] = b"x" * (date.end - date.start)
                found.append(date)
    return sorted(found)


def _date(match: re.Match[str]) -> Date | None:
    parts = match.groupdict()
    if parts.get("h"):
        return Date(match.start(), match.end(), clock=f"{int(parts['h']):02}:{parts['min']}")
    month, day = _month(parts["m"]), _day(parts.get("d"))
    year = int(parts["y"]) if parts.get("y") else None
    if year is not None and year < 100:
        year += 2000 if year < 50 else 1900
    if month > 12 and day and day <= 12:
        month, day = day, month
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    swapped = parts.get("sep") == "/" and day is not None and day <= 12
    return Date(match.start(), match.end(), year, month, day, swapped=swapped)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _named(text, _MONTHS)


def _day(text: str | None) -> int | None:
    if not text:
        return None
    digits = re.match(r"\d+", text)
    return int(digits.group()) if digits else _named(text, _DAYS)


def _named(text: str, forms: Sequence[str]) -> int:
    """Which of the forms matches, from 1 on; without case, so that an old "firſt" does as in the pattern of all."""
    return next(n for n, form in enumerate(forms, 1) if re.fullmatch(form, text, re.I))
