"""Sentences as character spans: where a quote may begin and end."""

from __future__ import annotations

import re

_END = re.compile(
    r"(?<=[.!?])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[A-Z0-9À-Þ\u0370-\u03ff\u0400-\u04ff•*\-–])|(?<=[。！？；])|\n+|(?<=[;:])\s+(?=[•●▪◦*]\s)"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Inc|Ltd|Corp|Co|No|Nos|Fig|Figs|Tab|Eq|Sec|vs|etc|al|approx|e\.g|i\.e|cf|pp?|Vol"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|z\.B|bzw|ca|Nr|Abs|U\.S|U\.K|a\.m|p\.m|ed|eds|Art))\.[\"'”’)]*\s*$"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Start and end (characters) of each sentence of `text`, without surrounding white space; in order.

    A full stop after an abbreviation or an initial ends no sentence; a line break always does.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        head = text[start : match.end()]
        if "\n" not in match.group() and _ABBREVIATION.search(head):
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
