"""In which sense a sentence says something: whether it speaks of a rise or a fall, of a difference, or denies it."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from .dates import Date
from .facts import Facts
from .numbers import Number

_THERE = r"(?=\W*$|[.,;]|\s+(?:than|in|on|at|by|with|for|after|before|from)\b)"  # no "higher school"
_UP = re.compile(
    r"\b(?:grew|grow[ns]?|growing|rose|risen|rises?|rising|rais(?:e[ds]?|ing)|increas\w*|climb\w*|gain\w*|improv\w*|up"
    rf"|more|above|(?:higher|longer|larger){_THERE}|stieg\w*|gestiegen|wuchs\w*|gewachsen|erhöht\w*"
    r"|augment\w*|hausse|de plus)\b|上升|增加|增长|提高",
    re.I,
)
_DOWN = re.compile(
    r"\b(?:fell|fall(?:en|s|ing)?|drop\w*|declin\w*|decreas\w*|reduc\w*|cut|cuts|cutting|lower(?:ed|ing)|shrank|shrunk"
    rf"|down|less|fewer|below|(?:lower|shorter|smaller){_THERE}|worsen\w*|sank\w*|gesunken|fiel\w*|gefallen|gesenkt"
    r"|verringert\w*|baiss\w*|diminu\w*|de moins)\b|下降|减少|降低|下跌",
    re.I,
)
_MOST = re.compile(
    r"\b(?:highest|largest|biggest|greatest|longest|maximum|the most|höchste\w*|größte\w*|längste\w*)\b"
    r"|最[高大多长]",
    re.I,
)
_LEAST = re.compile(
    r"\b(?:lowest|smallest|shortest|fewest|minimum|the least|niedrigste\w*|kleinste\w*|kürzeste\w*)\b"
    r"|最[低小少短]",
    re.I,
)
_OPPOSITES = [
    tuple(re.compile(rf"\b(?:{side})\b", re.I) for side in pair)
    for pair in (
        (r"opens?|opened|opening|geöffnet", r"clos(?:es?|ed|ing|ure)|shut|geschlossen"),
        (r"add(?:s|ed|ing)?|hinzugefügt", r"remov(?:es?|ed|ing|al)|delet\w+|dropped|entfernt"),
        (r"allow(?:s|ed)?|permit(?:s|ted)?|may|erlaubt", r"forbid(?:s|den)?|prohibit(?:s|ed)?|banned|verboten"),
        (r"accept(?:s|ed)?|approv(?:es?|ed|al)|angenommen", r"reject(?:s|ed|ion)?|refus(?:es?|ed|al)|abgelehnt"),
        (r"includ(?:es?|ed|ing)|inklusive", r"exclud(?:es?|ed|ing)|exklusive"),
        (r"buys?|bought|purchas(?:es?|ed)|kauften?|gekauft", r"sells?|sold|verkauf\w+"),
        (r"won|wins?|gewann|gewonnen", r"lost|loses?|verlor(?:en)?"),
        (r"built|repair(?:s|ed)?|restored?|gebaut|saniert", r"demolish(?:es|ed)?|torn down|abgerissen"),
        (r"first|erste[nrs]?", r"last|letzte[nrs]?"),
        (r"automatic(?:ally)?|automatisch", r"manual(?:ly)?|by hand|von Hand|manuell"),
        (r"mandatory|compulsory|required|obligatory", r"optional|voluntary|voluntarily"),
        (r"unanimous(?:ly)?|einstimmig", r"majority|against|dissent\w*|gegen"),
        (r"positive", r"negative"),
        (r"indoors?", r"outdoors?"),
        (r"public", r"private"),
    )
]
_BY = re.compile(
    r"\b(?:by|um|(?:increase|decrease|rise|fall|drop|decline|growth|difference|gap|change) of)"
    r"(?: (?:about|around|some|nearly|almost|roughly|rund|etwa))?\s*$|(?:增加|减少|上升|下降|增长|提高|降低)了?\s*$",
    re.I,
)
_THAN = re.compile(
    r"\s*(?:\w+ )?(?:less|more|fewer|\w{3,}er)\b(?:\W+\w+){0,4}? than\b(?! \d)|\s*(?:lower|higher|longer|shorter)\b"
    r"|\s*(?:\w+ )?(?:mehr|weniger|\w{3,}er)\b(?:\W+\w+){0,4}? als\b(?! \d)|\s*(?:above|below|over|under) the\b",
    re.I,
)
_FROM = re.compile(r"(?:\b(?:from|von|vom|de)|从)\s*$", re.I)
_TO = re.compile(r"[^,;]{0,30}?(?:\b(?:to|auf|à)|到|至)\s*$", re.I)
_ROLES = (("from", re.compile(r"\bfrom\s*$", re.I)), ("to", re.compile(r"\b(?:to|auf|à)\s*$", re.I)), ("by", _BY))
_SIDE = re.compile(
    r"\b(?:from|since|starting|(?P<strict>after|nach|après)|ab|vom|seit|dès|depuis|à partir du"
    r"|(?P<end>until|till|by|up to|to|through|bis(?: zu[mr])?|spätestens(?: am)?|jusqu[’']au"
    r"|(?P<before>before|vor(?: dem)?|avant)))(?: the| le)?\s*$",
    re.I,
)
_STATEMENTS = re.compile(r"[;；؛]|\b(?:and|while|whereas|but|und|während|aber)\b", re.I)
_NOT = re.compile(
    r"\b(?:(?:not|no)(?! (?:more|less|fewer|later|only)\b)|never|none|nobody|nothing|neither|nor|without"
    r"|cannot|nicht|kein\w*|nie|niemals|niemand|weder|ohne|pas|jamais|aucune?|sans)\b|n[’']t\b|[不没无]",
    re.I,
)
_CLAUSES = re.compile(r";|[,:](?!\d)|[，；：、،؛]|\b(?:and|while|whereas|but|und|während|aber|et|mais)\b", re.I)
_PREFIXED = re.compile(r"\b(?:un|in|non-?)(\w{4,})", re.I)


def statements(text: str) -> list[str]:
    """The parts of a sentence that each say something of their own, with the words that join them."""
    return [part for part in _STATEMENTS.split(text) if part.strip()] or [text]


def statement(text: str, start: int, end: int) -> str:
    """The one of these parts that characters `start` to `end` stand in."""
    return _around(_STATEMENTS, text, start, end)


def clauses(text: str) -> list[str]:
    """The parts of a sentence between commas and conjunctions."""
    return _CLAUSES.split(text)


def _around(cut: re.Pattern[str], text: str, start: int, end: int) -> str:
    cuts = [match.span() for match in cut.finditer(text)]
    first = max((b for _, b in cuts if b <= start), default=0)
    return text[first : min((a for a, _ in cuts if a >= end), default=len(text))]


def direction(text: str) -> int:
    """1 when a text says that something rose or is more, -1 when it fell or is less, 0 when neither or both."""
    return bool(_UP.search(text)) - bool(_DOWN.search(text))


def opposed(one: str, other: str) -> bool:
    """Whether one text says that something rose or is the most, and the other that it fell or is the least."""
    ends = (bool(_MOST.search(text)) - bool(_LEAST.search(text)) for text in (one, other))
    return direction(one) * direction(other) < 0 or math.prod(ends) < 0


def opposite(one: str, other: str) -> bool:
    """Whether one text has a word where the other has its opposite ("open", "closed"), and neither has both."""
    return any(
        bool(a.search(one)) == bool(b.search(other)) != bool(b.search(one)) == bool(a.search(other))
        for a, b in _OPPOSITES
    )


def reckoned(text: str, number: Number) -> bool:
    """Whether a claim gives the number as a difference ("rose by 4", "4 m longer than"), which no cell need hold."""
    return bool(_BY.search(text, max(0, number.start - 40), number.start) or _THAN.match(text, number.end))


def reached(text: str, number: Number) -> int:
    """The direction in which a number is said to have been reached ("fell to 4"), 0 if it is not."""
    part = statement(text, number.start, number.end)
    return direction(part) if _TO.fullmatch(text, max(0, number.start - 4), number.start) else 0


def from_to(facts: Facts) -> list[tuple[Number, Number]]:
    """The pairs of numbers that a text parts by "from … to", in its order."""
    text = facts.text
    return [
        (a, b)
        for a, b in pairwise(n for n in facts.numbers if not n.year)
        if _FROM.search(text, max(0, a.start - 6), a.start) and _TO.fullmatch(text, a.end, b.start)
    ]


def role(facts: Facts, number: Number) -> str:
    """Whether something is said to have risen or fallen "from" a number, "to" or "by" it, "" if nothing of these."""
    for a, b in from_to(facts):
        if number in (a, b):
            return "from" if number == a else "to"
    before = facts.text[max(0, number.start - 40) : number.start]
    return next((name for name, form in _ROLES if form.search(before)), "")


def in_itself(facts: Facts) -> str:
    """Why a claim cannot be true whatever is cited: something rises from a higher number to a lower one."""
    for a, b in from_to(facts):
        step = b.value - a.value if a.scale and b.scale else b.readings[0] - a.readings[0]
        if step * direction(statement(facts.text, a.start, b.end)) < 0 and a.negative == b.negative is False:
            return f"from {facts.text[a.start : a.end]} to {facts.text[b.start : b.end]} is the opposite"
    return ""


def one_denies(claim: str, mine: Number | Date, text: str, found: Number | Date) -> bool:
    """Whether of what is said of a number or date in a claim and in a text one denies what the other says."""
    one = _around(_CLAUSES, claim, mine.start, mine.end)
    other = _around(_CLAUSES, text, found.start, found.end)
    return denies(one, other) != denies(other, one)


def timed_apart(claim: str, mine: Number | Date, text: str, found: Number | Date) -> bool:
    """Whether one of the two speaks of the time after a date, and the other of that before it or of the date itself.

    "Open from 4 June" may well follow from "closed until 4 June", but its words do not say so.
    """
    one, other = (_SIDE.search(t, max(0, d.start - 20), d.start) for t, d in ((claim, mine), (text, found)))
    if one and other:
        return bool(one["end"]) != bool(other["end"])
    side = one or other
    return side is not None and bool(side["strict"] or side["before"])


def denies(text: str, words: str) -> bool:
    """Whether a text denies something; "unaffected" denies where `words`, those of the other text, say "affected"."""
    prefixed = any(re.search(rf"\b{re.escape(m[1])}\b", words, re.I) for m in _PREFIXED.finditer(text))
    return len(_NOT.findall(text)) % 2 != prefixed
