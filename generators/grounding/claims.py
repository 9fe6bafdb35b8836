"""The sentences of a reply, each with the evidence that it cites."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from ...ingest.text.sentences import sentence_spans
from ...ingest.types import Value
from .dates import dates_in
from .markers import Mark

_ENDED = re.compile(r"[.!?…؟۔。！？।॥።][\"'”’»)\]」』）]*$")
_NEAR = 80  # characters before a marker that are looked at; white space beyond that is no indent
_FIRST = re.compile(r"(?:^|\n)[^\S\n]*\Z")
_LABEL = re.compile(r"^[^\S\n]*(?:\(?\d{1,3}[.)]|\(?[a-zA-Z]\)|[-*•●▪◦–]|#{1,6})[^\S\n]+", re.M)
_HEADING = re.compile(r"[^\S\n]*(?:#{1,6}[^\S\n].*|\*\*[^*\n]+\*\*|__[^_\n]+__)[^\S\n]*")
_RULE = re.compile(r"[^\S\n]*\n[^\S\n]*\|?[^\S\n]*:?-[-:|\s]*(?:\n|\Z)")  # under the names of a table's columns
_REST = re.compile(r"[^\S\n]*[^\s]")


class Claim(Value):
    """A sentence of the clean text, characters `start` to `end`: `text` without markers, `evidence` that it cites."""

    text: str
    start: int
    end: int
    evidence: tuple[int, ...] = ()


def claims_of(text: str, marks: Sequence[Mark]) -> tuple[Claim, ...]:
    """The claims of a clean text.

    A marker belongs to the sentence that it stands in or, after the full stop, follows; one that leads a line belongs
    to what it leads. A sentence without letters or digits claims nothing, nor does one that leads in a list; the label
    of a point in a list is no part of it. Headings and the names of a table's columns claim nothing unless they cite.
    """
    unmarked = _without(marks, text)
    bare = _LABEL.sub(_unlabelled, unmarked)
    spans = sentence_spans(bare)
    cited: list[list[int]] = [[] for _ in spans]
    starts = [start for start, _ in spans]
    for mark in marks:
        if not spans:
            break
        after = bisect_left(starts, mark.start)
        leads = bool(_FIRST.search(bare[max(0, mark.start - _NEAR) : mark.start]) and _REST.match(bare, mark.end))
        cited[min(after, len(spans) - 1) if leads else max(after - 1, 0)].append(mark.evidence)
    return tuple(
        Claim(text=" ".join(bare[a:b].split()), start=a, end=b, evidence=tuple(dict.fromkeys(evidence)))
        for (a, b), evidence in zip(spans, cited, strict=True)
        if evidence or (any(c.isalnum() for c in bare[a:b]) and bare[b - 1] not in ":：" and not _heads(unmarked, a, b))
    )


def _unlabelled(label: re.Match[str]) -> str:
    """Blanks for a label, unless it begins a date ("14. Mai")."""
    line = label.string[label.start() : label.end() + 20].lstrip()
    return label.group() if any(date.start == 0 for date in dates_in(line)) else " " * len(label.group())


def _heads(text: str, start: int, end: int) -> bool:
    """Whether a sentence is a heading or names the columns of a table."""
    line = text[text.rfind("\n", 0, start) + 1 : end]
    return bool(_HEADING.fullmatch(line)) or ("|" in line and bool(_RULE.match(text, end)))


def whole_sentences(text: str, marks: Sequence[Mark]) -> int:
    """How many characters of a clean text that was cut off end with a sentence, its markers included.

    "Dr." ends none, and "4." may have become "4.2".
    """
    bare = _without(marks, text)
    spans = sentence_spans(bare)
    if not spans:
        return len(text)
    start, end = spans[-1]
    last = bare[start:end]
    ended = _ENDED.search(last) and not re.search(r"\d[.,]$", last) and len(sentence_spans(f"{last} Then")) > 1
    return len(text) if ended else start


def breaks_off(text: str, marks: Sequence[Mark]) -> bool:
    """Whether a clean text looks cut off: its last sentence has no end and no marker, those before it in its line do.

    A line of its own may be whole (lists seldom have full stops), and so may a few words that cite nothing.
    """
    kept = whole_sentences(text, marks)
    between = text[len(text[:kept].rstrip()) : kept]
    return bool(marks) and marks[-1].end <= kept < len(text) and "\n" not in between


def _without(marks: Sequence[Mark], text: str) -> str:
    """`text` with blanks for its markers."""
    parts, at = [], 0
    for mark in marks:
        parts += [text[at : mark.start], " " * (mark.end - mark.start)]
        at = mark.end
    return "".join(parts) + text[at:]
