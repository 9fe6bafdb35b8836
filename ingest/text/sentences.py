"""Sentences as character spans: where a quote may begin and end."""

from __future__ import annotations

import re

_END = re.compile(
    # A full stop ends a sentence where the next may begin: with a capital, a figure, or a letter that has no case
    # (Hebrew to Thai, Georgian, Ethiopic, Chinese to Korean).
    r"(?<=[.!?…؟۔])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[A-Z0-9À-ÞĀ-ž\u0370-\u03ff\u0400-\u04ff\u0590-\u13ff\u3040-\ud7af•*\-–])"
    r"|(?<=[。！？；।॥።])[」』”’）]*\s*|\n+|(?<=[;:])\s+(?=[•●▪◦*]\s)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Corp|Co|No|Nos|Fig|Figs|Tab|Eq|Sec|vs|etc|al|approx|e\.g|i\.e|cf|pp?|Vol"
    r"|max|min|vgl|geb|usw|evtl|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|z\.B|bzw|ca|Nr|Mio|Mrd|Tsd|Abs|U\.S|U\.K|a\.m|p\.m|ed|eds|Art))\.[\"'”’)]*\s*$"
)
_LONGEST = 12  # no abbreviation or ordinal has as many characters up to its stop

# "30. September": in German, Danish, Czech … a stop after a figure makes it an ordinal before these words.
_ORDINAL = re.compile(r"\b\d{1,2}\.\s*$")
_AFTER_ORDINAL = re.compile(
    r"(?:Jan|Feb|Mär|Mar|Apr|Mai|Maj|Jun|Jul|Aug|Sep|Okt|Oct|Nov|Dez|Dec|Quartal|Jahrhundert|Kapitel|Auflage|Sitzung|Tag)"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end (characters) of each sentence of `text`, without surrounding white space; in order.

    A full stop after an abbreviation, an initial or an ordinal (30. September) ends no sentence; a line break always
    does, as do the stops of Chinese, Japanese, Hindi, Urdu and Amharic.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        # From the sentence's start, each of many abbreviations would be looked at again for every later one.
        near = max(start, match.start() - _LONGEST)
        if "\n" not in match.group() and _ABBREVIATION.search(text, near, match.end()):
            continue
        if _ORDINAL.search(text, near, match.end()) and _AFTER_ORDINAL.match(text, match.end()):
            continue
        _append(spans, text, start, match.end())
        start = match.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        spans.append((start, end))
