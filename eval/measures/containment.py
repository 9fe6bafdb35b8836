"""Does the labelled answer stand in what was quoted?

Both sides are normalised to words and numbers. Case, punctuation, currency and percent signs and the sign of a number
are dropped; numbers lose thousands separators, leading zeros and trailing decimal zeros, so that "$1,358,000.00" is
"1358000" and "72.30 %" is "72.3". Letters followed by digits stay one word: the 2 of "CO2" is no 2. Nothing is
converted: ".723" is not "72.3%", "1.8 bn" is not "1,800 million". An answer that is a list ("['a', 'b']") is contained
when each of its items is.

A lower bound for answers that must be computed or put in other words, and generous to short ones: the 7 of "7" may
be another 7. Read it beside the page measures.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Sequence

QUOTED_WORDS = 60
"""How many quoted words count, over all quotes of an answer, in their order."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # written without spaces: each character is a word
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}([,'’\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*(?!\d|\1\d)")
_TOKEN = re.compile(
    rf"[{_CJK}]"
    r"|\d+(?:\.\d+){2,}"  # section numbers, addresses: 3.6.8
    r"|\d+\.\d+|\d+|(?<![\w.])\.\d+"
    rf"|(?:(?![{_CJK}])[^\W\d_])(?:(?![{_CJK}])[^\W_])*"
)
_WORD = re.compile(rf"[{_CJK}]|[^\s{_CJK}]+")


def contained(answer: str, quotes: Sequence[str], words: int = QUOTED_WORDS) -> bool | None:
    """Whether `answer` stands in the first `words` words of `quotes`; None when nothing is left of it to look for.

    It must stand in one quote as it is written, word after word; the items of a list may stand in several.
    """
    items = [normalised(item) for item in _items(answer)]
    if not items or not all(items):
        return None
    texts = [normalised(quote) for quote in _first_words(quotes, words)]
    return all(any(_within(item, text) for text in texts) for item in items)


def normalised(text: str) -> tuple[str, ...]:
    """The words and numbers of `text` in one way of writing (Unicode NFKC, case folded)."""
    text = _GROUPED.sub(lambda match: re.sub(r"\D", "", match[0]), text.replace("\u00ad", ""))
    text = unicodedata.normalize("NFKC", text).casefold()
    return tuple(_number(token) if token[0] == "." or token[0].isdigit() else token for token in _TOKEN.findall(text))


def _number(token: str) -> str:
    whole, *parts = token.split(".")
    if len(parts) > 1:
        return token
    whole, fraction = whole.lstrip("0") or "0", parts[0].rstrip("0") if parts else ""
    return f"{whole}.{fraction}" if fraction else whole


def _items(answer: str) -> list[str]:
    if answer.lstrip().startswith("["):
        try:
            value = ast.literal_eval(answer.strip())
        except (ValueError, SyntaxError):
            return [answer]  # a text that merely begins with a bracket
        if isinstance(value, list):
            return [str(item) for item in value]
    return [answer]


def _first_words(quotes: Sequence[str], words: int) -> Iterable[str]:
    for quote in quotes:
        if words <= 0:
            return
        spans = [match.end() for match in _WORD.finditer(quote)]
        yield quote[: spans[words - 1]] if len(spans) > words else quote
        words -= len(spans)


def _within(item: tuple[str, ...], text: tuple[str, ...]) -> bool:
    return any(text[start : start + len(item)] == item for start in range(len(text) - len(item) + 1))
