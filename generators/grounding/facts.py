"""What of a sentence can be looked up: its numbers, dates, names and quotations; and the words beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ...ingest.text.words import Span
from ...retrievers.analysis import analyse, fold, query_terms
from .dates import Date, dates_in
from .numbers import Number, mend, numbers_in

_QUOTED = re.compile(r"[\"“„«「]([^\"“”„«»「」\n]{3,300})[\"”“»」]")
_NAME = re.compile(
    r"(?<![^\W_])(?:[^\W\d_a-z][\w’'&.-]*[\w’']|[A-Z]\.?)"
    r"(?:[ –-](?:(?:of|de|van|von|der|bin|al|the)\s+)?(?:[^\W\d_a-z][\w’'&-]*[\w’']|[A-Z]\b\.?))*"
)
_CODE = re.compile(r"(?<![^\W_])(?=[\w./-]{0,30}\d)[A-Z][\w./-]{0,30}\w")
_GERMAN = re.compile(
    r"\b(?:[Dd]er|[Dd]as|Die(?= [A-ZÄÖÜ])|und|ist|sind|wird|wurden?|nicht|eine?[mnrs]?|im|zum|zur|für|vom?n?|mit|auf"
    r"|beim?|beträgt|betrug(?:en)?)\b"
)
_MONTHLIKE = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December)$")
_TIMELY = re.compile(rf"{_MONTHLIKE.pattern}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?$")
_NO_CONTENT = frozenset(
    analyse(
        "million millions thousand thousands billion billions euro euros dollar dollars percent percentage point points"
        " basis year years total according document report table figure page section value amount respectively also"
        " about around roughly approximately nearly almost least most exactly only than number figure amounted reached"
        " stood came grew grow growth rose rise risen fell fall fallen increase decrease decline drop reduce change"
        " difference together combined sum higher lower longer larger less fewer times twice compared average mean"
        " share never cannot nie niemals jamais"
    )
)
_EARLIER = re.compile(
    r"\b(?:the )?(?:(?:year|quarter|month) (?:before|earlier|ago)"
    r"|(?:previous|prior|preceding|last) (?:year|quarter|month))\b"
)


class Facts(NamedTuple):
    """What a text says that can be looked up. `years` are those of its dates, too."""

    text: str
    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[str, ...]
    quotes: tuple[str, ...]
    years: frozenset[int]
    words: frozenset[str]


def facts_of(text: str, ocr: bool = False) -> Facts:
    """The facts of `text`; `ocr` allows for letters that were read for digits."""
    dates = dates_in(mend(text) if ocr else text)
    named = without(text, dates)
    codes = [Span(*match.span()) for match in _CODE.finditer(named)]
    counted = without(named, codes)
    numbers = numbers_in(counted, ocr)
    years = {int(n.readings[0]) for n in numbers if n.year} | {d.year for d in dates if d.year}
    return Facts(
        text,
        tuple(numbers),
        tuple(dates),
        (*dict.fromkeys(text[c.start : c.end] for c in codes), *_names(without(counted, numbers))),
        tuple(match[1].strip(" .,;!?") for match in _QUOTED.finditer(text)),
        frozenset(years),
        content(without(counted, numbers)),
    )


def without(text: str, spans: Iterable[Number | Date | Span]) -> str:
    """The text with blanks instead of `spans`, as long as before."""
    parts, at = [], 0
    for span in sorted((span.start, span.end) for span in spans):
        if span[1] > at:
            parts += [text[at : max(span[0], at)], " " * (span[1] - max(span[0], at))]
            at = span[1]
    return "".join(parts) + text[at:]


def unquoted(text: str) -> str:
    """The text without what it quotes."""
    return _QUOTED.sub(" ", text)


def content(text: str) -> frozenset[str]:
    """Stems of the words that carry meaning, without numbers and units."""
    return frozenset(content_words(text))


def content_words(text: str) -> list[str]:
    """The same in their order: the first one is most often what a sentence speaks of."""
    # With a number beside them, stop words that stand alone are not taken for the content.
    terms = query_terms(_EARLIER.sub(" ", text) + " 0")
    return [t for t in terms if not any(c.isdigit() for c in t) and t not in _NO_CONTENT]


def counted(number: Number, text: str) -> frozenset[str]:
    """The stems of the noun right after a number of a text."""
    noun = re.match(r"\s?([^\W\d_]{3,})", text[number.end :])
    return content(noun[1]) if noun else frozenset()


def _names(text: str) -> tuple[str, ...]:
    """Capitalised words inside a sentence; of German, where every noun has a capital, several in a row."""
    names: list[str] = []
    german = bool(_GERMAN.search(text))
    first = re.search(r"\w", text)
    for match in _NAME.finditer(text):
        name = match.group()
        leads = first is not None and match.start() <= first.start()
        lone = not re.search(r"[ –-]", name)
        if (
            (leads and (lone or (german and name.split()[0] in _OPENERS and len(name.split()) < 3)))
            or (german and " " not in name)
            or len(name) < 2
            or not name[0].isupper()
            or (_TIMELY.match(name.split()[-1]) if leads else _MONTHLIKE.match(name))  # "On Sunday it opens"
        ):
            continue
        words = name.split()
        if leads and words[0] in _OPENERS:
            words = words[2 if words[1][0].islower() else 1 :]  # "In the Swan"
        elif leads and words[1:2] == ["of"]:
            words = words[2:]  # "Revenue of Acme"
        names.append(" ".join(words))
    return tuple(dict.fromkeys(names))


def with_lead(facts: Facts, known: frozenset[str]) -> Facts:
    """The facts with the first word as a name, if it is `known` to be one: at that place all words have a capital."""
    first = re.match(r"\W*(\w+)", facts.text)
    if first is None or first[1] not in known or any(first[1] in name for name in facts.names):
        return facts
    return facts._replace(names=(first[1], *facts.names))


_OPENERS = frozenset(
    "The A An In On At By Of For From To Its It This That These Those Our Their His Her When While After Before During"
    " According As Since Until Both All No Yes Not Between And But"
    " Der Die Das Den Dem Des Ein Eine Einem Einen Einer Im Am Zum Zur Vom Von Bei Beim Mit Für Nach Vor Seit Bis Auf"
    " Aus Und Aber Alle Diese Dieser Dieses".split()
)


def spoken(text: str) -> str:
    """Folded words of `text`, one space between them: what a name or a quotation is looked up in."""
    return " ".join(re.findall(r"\w+", re.sub(r"[’']s\b", "", fold(re.sub(r"\[\d+\]", " ", text)))))
