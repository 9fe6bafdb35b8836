"""From text to lexical tokens: one analysis for the index and for questions.

Latin words are folded (case, accents) and stemmed (Snowball English). Scripts written without spaces become overlapping
pieces: pairs for Chinese, Japanese and Korean, threes for Thai and its kin. Vowel signs of Indic scripts count as the
vowels they stand for. Numbers lose their separators, so that 1,234.50 and 1234.5 are one token; percent and currency
signs become words, and short forms what they stand for ($1.2bn, FY23). A compound gives its parts and the whole. Every
token consists of letters and digits only, so it is safe inside an FTS5 string.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from .numerals import numeral

ANALYSIS_VERSION = 5
"""Raised whenever some text gets other tokens: libraries are analysed anew when they are next opened for writing."""

_CJK = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\U00020000-\U0003ffff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
NO_SPACES = f"[{_CJK}{_UNSPACED}]"  # a letter of scripts that do not part words by spaces
_SPACED = rf"(?:(?!{NO_SPACES})[^\W\d_])"  # a letter of scripts that part words by spaces
_TOKEN = re.compile(
    rf"(?P<cjk>(?:(?=\w)[{_CJK}])+)"
    rf"|(?P<unspaced>(?:(?=[^\W\d])[{_UNSPACED}])+)"
    r"|(?P<number>\d+(?:[,.'’]\d+)*)"
    rf"|(?P<word>{_SPACED}+(?:['’]{_SPACED}+)*)"
    r"|(?P<sign>[%$€£¥₹])"
)
_SIGNS = {"%": "percent", "$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₹": "rupe"}
_PERCENT = re.compile(r"\bper[ -]cent\b|\bpercentages?\b|\bpct\b")
# Single letters only behind a currency, and not those of a "$20 T-shirt"; "mm" without one is millimetres.
_MAGNITUDE = re.compile(
    r"(?P<money>(?:[$€£¥₹]|\b(?:usd|eur|gbp|chf|jpy|cny|rmb|inr))\s?\d[\d.,]*)\s?(?P<short>bn|mn|mm|tn|[bkmt](?![-\u2010][^\W\d_]))\b"
    r"|(?P<number>\d)\s?(?P<sure>bn|mn|tn)\b"
)
_MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_FISCAL = re.compile(r"\bfy(?:\s?['’]?(\d\d)(?!\d|[.,]\d)|(?=\s?\d)|\b)")
_COMPOUND = re.compile(rf"(?<![\w-])({_SPACED}+)[-\u2010]({_SPACED}{{2,}})(?![\w-])")
_ENGLISH_STOP = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her here
    hers him his how i if in into is it its itself just me might more most must my no nor not now of off on once
    only or other our out over own please s same shall she should so some such t than that the their them then there
    these they this those through to too under until up us very was we were what when where which while who whom
    whose why will with within would you your tell list name give according mention mentioned state stated show
    shown many much dont doesnt didnt isnt arent wasnt werent
    """.split()
)
# Folded, as the surfaces that they are compared with.
_GERMAN_STOP = frozenset(
    """
    der die das den dem des ein eine einer eines einem einen und oder ist sind war waren wird werden wurde wurden
    hat haben hatte im in am an auf aus bei mit nach von vom zu zum zur fur als auch es er sie wie was wer wo wann
    warum welche welcher welches wieviel viele viel nicht uber unter durch dass sich
    """.split()
)
_ALSO_ENGLISH = frozenset("die den des war hat hatte am an also er es in was".split())


@functools.lru_cache(maxsize=1)
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


# Letters that Unicode does not take apart, as keyboards without them write them. Turkish has both i and ı, whose
# capital is I: without locale nothing tells them apart, so they are one.
_PLAIN = dict(zip("ıłŁđĐøØħĦŧŦ", "ilLdDoOhHtT", strict=True)) | {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}


class _Folding(dict[int, str]):
    """What becomes of each character of decomposed text; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = folded = _folded(char)
        return folded


def _folded(char: str) -> str:
    """Accents and invisible characters go, Indic vowel signs become vowels, digits become ASCII."""
    if char in _PLAIN:
        return _PLAIN[char]
    category = unicodedata.category(char)
    if char in "\u3099\u309a":  # the voicing marks of kana make other letters
        return char
    if category in ("Mn", "Mc"):
        try:
            vowel = unicodedata.name(char, "").replace("VOWEL SIGN", "LETTER")
            return vowel and unicodedata.lookup(vowel) if "LETTER" in vowel else ""
        except KeyError:
            return ""
    if category in ("Me", "Cf") or char == "\u0640":  # soft hyphens, joiners; the stroke that widens Arabic words
        return ""
    return str(unicodedata.decimal(char)) if category == "Nd" else char


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Case folded, compatibility forms resolved, accents off."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", text).translate(_FOLDING)).casefold()


def analyse(text: str) -> list[str]:
    """Index tokens of `text`, in order, with repetitions."""
    return [token for token, _ in _analysed(text)]


def query_terms(text: str) -> list[str]:
    """Distinct tokens of a question without stop words; all of them if nothing else is left."""
    pairs = _analysed(text)
    surfaces = {surface for _, surface in pairs}
    # "die", "war" and "hat" are empty in a German question only.
    stop = _ENGLISH_STOP | _GERMAN_STOP if surfaces & (_GERMAN_STOP - _ALSO_ENGLISH) else _ENGLISH_STOP
    content = [token for token, surface in pairs if surface not in stop]
    return list(dict.fromkeys(content or [token for token, _ in pairs]))


def without_compounds(text: str, terms: Sequence[str]) -> list[str]:
    """`terms` of `text` without compounds as one word, if both their parts are among them."""
    wholes: set[str] = set()
    for first, second in _COMPOUND.findall(fold(text)):
        if set(analyse(f"{first} {second}")) <= set(terms):
            wholes.update(analyse(first + second))
    return [term for term in terms if term not in wholes]


def full_year(two: str) -> str:
    """98 → 1998, 23 → 2023: reports from before 1970 do not write years so short."""
    return f"{19 if int(two) >= 70 else 20}{two}"


def _analysed(text: str) -> list[tuple[str, str]]:
    """Pairs of token and the folded surface it came from."""
    out: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(_joined(text)):
        surface = match.group()
        if match["cjk"]:
            out += [(gram, gram) for gram in _grams(surface, 2)]
        elif match["unspaced"]:
            out += [(gram, gram) for gram in _grams(surface, 3)]
        elif match["number"]:
            out += [(token, token) for token in numeral(surface)]
        elif match["sign"]:
            out.append((_SIGNS[surface], surface))
        else:
            word = surface.replace("’", "'").removesuffix("'s").replace("'", "")
            out.append((_stemmer().stemWord(word), word))
    return out


def _joined(text: str) -> str:
    """Folded text; words broken at a line's end made whole, as are numbers parted by narrow or fixed spaces.

    Short forms are written out, and behind a compound stands the whole: "co-operate" is found by "cooperate".
    """
    text = re.sub(r"(?<=\d)[\u00a0\u2009\u202f](?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<=[^\W\d_])[-\u2010]\s*\n\s*(?=[^\W\d_])", "", text)
    text = _MAGNITUDE.sub(_magnitude, _PERCENT.sub("percent", fold(text)))
    text = _FISCAL.sub(lambda year: f"fiscal {full_year(year[1])}" if year[1] else "fiscal ", text)
    return _COMPOUND.sub(r"\1-\2 \1\2", text)


def _magnitude(found: re.Match[str]) -> str:
    number, short = found["money"] or found["number"], found["short"] or found["sure"]
    return f"{number} {_MAGNITUDES[short[0]]}"


def _grams(run: str, n: int) -> list[str]:
    return [run[i : i + n] for i in range(len(run) - n + 1)] or [run]
