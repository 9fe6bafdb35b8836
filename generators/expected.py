"""What kind of answer a question asks for, and whether a text holds one that the question does not."""

from __future__ import annotations

import re
from typing import NamedTuple

_MONTH = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?"
    r"|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
)
_DATE = re.compile(
    rf"\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:of\s+)?{_MONTH}\b\.?(?:,?\s+\d{{4}})?"
    rf"|\b{_MONTH}\.?,?\s+\d{{4}}\b|\b(?:1[5-9]|20)\d\d\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b|\b\d{{4}}-\d\d-\d\d\b"
    r"|\d+\s*年|\d+\s*月|\d+\s*日|\b\d{1,2}[:.]\d\d\s*(?:[ap]\.?m\.?|uhr)?\b",
    re.I,
)
_REFERENCE = re.compile(
    r"\[\d+(?:[,–-]\s*\d+)*\]|\b(?:notes?|figures?|figs?\.?|tables?|tab\.|sections?|chapters?|pages?|steps?|anmerkung"
    r"|abbildung|abb\.|tabelle|kapitel|seite)\s+\d+(?:\.\d+)*",
    re.I,
)
_COUNT = (
    r"(?:\d+(?:[.,]\d+)*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|half"
    r"|twice|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf)\b|[一二三四五六七八九十百千两])"
)
_NUMBER = re.compile(_COUNT, re.I)
_STRETCH = re.compile(
    rf"{_COUNT}[\s-]*(?:(?:and a half|million|thousand|sea|square|more|full|volle)\s+)?"
    r"(?:(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|decades?|centuries|sekunden?|minuten?|stunden?"
    r"|tage?n?|wochen?|monate?n?|jahre?n?|(?:kilo|centi|milli)?met(?:er|re)s?|miles?|feet|foot|inch(?:es)?|yards?"
    r"|km|cm|mm|m|ft|s|h|min|hrs?)\b|[秒分天日周月年米里]|小时|公里)",
    re.I,
)
_NAME = re.compile(r"\b[^\W\d_a-z][\w'’.-]*(?:\s+(?:(?:de|van|von|der|of|bin|al)\s+)?[^\W\d_a-z][\w'’.-]+)+")


class _Kind(NamedTuple):
    name: str
    asked: re.Pattern[str]
    given: re.Pattern[str]
    without: re.Pattern[str] | None  # what looks like it and is none
    needed: bool  # whether there is no answer without one; "the keeper" is no name, and answers who


# The first that fits decides.
_KINDS = (
    _Kind(
        "date",
        re.compile(
            r"\b(when|since when|until when|(?:what|which|in what|in which|until what) (?:\w+ )?(?:date|year|day|month)"
            r"|what time|(?:bis |seit |ab )?wann|in welchem jahr|welchem datum)\b|什么时候|何时|哪一?年|几[年月日点]",
            re.I,
        ),
        _DATE,
        None,
        True,
    ),
    _Kind(
        "length",
        re.compile(
            r"\b(how (?:long|far|old|tall|wide|deep)|wie (?:lang|lange|weit|alt|breit|tief))\b|多[长久远]", re.I
        ),
        _STRETCH,
        None,
        False,
    ),
    _Kind(
        "figure",
        re.compile(
            r"\b(how (?:many|much|large|big|high|fast|often|heavy|likely)"
            r"|what (?:(?:is|was|are|were) )?(?:the )?(?:\w+ )?"
            r"(?:percent\w*|proportion|share|number|amount|total|ratio|rate|size|price|cost|value|score)"
            r"|percentage|wie ?viele?|wie (?:groß|hoch|schwer|teuer|oft)|do(?:es)? .* cost|have cost)\b"
            r"|多少|几|多大|多高",
            re.I,
        ),
        _NUMBER,
        re.compile(f"{_DATE.pattern}|{_REFERENCE.pattern}", re.I),
        True,
    ),
    _Kind("name", re.compile(r"\b(who|whom|whose|wer|wem|wen|wessen)\b", re.I), _NAME, None, False),
)


class Expected:
    """The kind of answer that a question asks for: a date, a figure, a name, or anything."""

    def __init__(self, question: str) -> None:
        self._kind = next((kind for kind in _KINDS if kind.asked.search(question)), None)
        self._known = set(re.findall(r"\w+", question.lower()))

    @property
    def needed(self) -> str | None:
        """What every answer must hold, in a word; None if there is no such thing."""
        return self._kind.name if self._kind and self._kind.needed else None

    def met_by(self, text: str) -> bool:
        """Whether the text holds an answer of that kind, other than those the question itself gives."""
        if self._kind is None:
            return False
        kept = self._kind.without.sub(" ", text) if self._kind.without else text
        found = (set(re.findall(r"\w+", match.group().lower())) for match in self._kind.given.finditer(kept))
        return any(words - self._known for words in found)
