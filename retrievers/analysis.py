"""From text to lexical tokens: one analysis for the index and for questions.

Latin words are folded (case, accents) and stemmed (Snowball English); Chinese, Japanese and Korean runs become
overlapping bigrams; numbers lose thousands separators, so that 1,234.50 and 1234.5 are one token; percent and currency
signs become words. Every token consists of letters and digits only, so it is safe inside an FTS5 string.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Any

_TOKEN = re.compile(
    r"(?P<cjk>[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]+)"
    r"|(?P<number>\d+(?:[,.\u00a0\u202f'’]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<sign>[%$€£¥])"
)
_SIGNS = {"%": "percent", "$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_ENGLISH_STOP = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her here
    hers him his how i if in into is it its itself just me might more most must my no nor not now of off on once
    only or other our out over own please s same shall she should so some such t than that the their them then there
    these they this those through to too under until up us very was we were what when where which while who whom
    whose why will with within would you your tell list name give according mention mentioned state stated show
    shown many much
    """.split()
)
_GERMAN_STOP = frozenset(
    """
    der die das den dem des ein eine einer eines einem einen und oder ist sind war waren wird werden wurde wurden
    hat haben hatte im in am an auf aus bei mit nach von vom zu zum zur für als auch es er sie wie was wer wo wann
    warum welche welcher welches wieviel viele viel nicht über unter durch dass sich
    """.split()
)
STOP_WORDS = _ENGLISH_STOP | _GERMAN_STOP


@functools.lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def fold(text: str) -> str:
    """Lower case, compatibility forms resolved, accents off."""
    decomposed = unicodedata.normalize("NFKD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if not unicodedata.combining(c))).lower()


def analyse(text: str) -> list[str]:
    """Index tokens of `text`, in order, with repetitions."""
    return [token for token, _ in _analysed(text)]


def query_terms(text: str) -> list[str]:
    """Distinct tokens of a question without stop words; all of them if nothing else is left."""
    pairs = _analysed(text)
    content = [token for token, surface in pairs if surface not in STOP_WORDS]
    return list(dict.fromkeys(content or [token for token, _ in pairs]))


def _analysed(text: str) -> list[tuple[str, str]]:
    """Pairs of token and the folded surface it came from."""
    out: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(_joined(fold(text))):
        surface = match.group()
        if match["cjk"]:
            out += [(gram, gram) for gram in _bigrams(surface)]
        elif match["number"]:
            out.append((_number(surface), surface))
        elif match["sign"]:
            out.append((_SIGNS[surface], surface))
        else:
            word = surface.replace("’", "'").removesuffix("'s").replace("'", "")
            out.append((_stemmer().stemWord(word), surface))
    return out


def _joined(text: str) -> str:
    """Soft hyphens gone, words broken at a line's end made whole."""
    return re.sub(r"(?<=[a-z])-\s*\n\s*(?=[a-z])", "", text.replace("\u00ad", ""))


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _number(surface: str) -> str:
    """A number without separators: 1,234.50 → 1234d5 (a point would part the token), 12,5 → 12d5, 007 → 007."""
    digits = re.sub(r"[,\u00a0\u202f'’](?=\d{3}(?!\d))", "", surface)
    whole, *rest = re.split(r"[.,\u00a0\u202f'’]", digits)
    fraction = "".join(rest).rstrip("0") if len(rest) == 1 else "d".join(rest)
    return f"{whole}d{fraction}" if fraction else whole
