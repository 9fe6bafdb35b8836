"""What a question says about where to look, beside its subject: pages and labels named, statements its figures are
from, the document as a whole; and instructions to leave out."""

from __future__ import annotations

import re

from ..ingest.types import Value
from .statements import Statement, sought

_SENTENCE = re.compile(r"(?<=[?!.])(?!\d)\s*(?=[A-Z])")
_INSTRUCTION = re.compile(
    r"^(please\s+)?(round|answer|write|format|return|give|express|provide|enumerate|directly|reply|respond"
    r"|calculate what|(the|your)\s+(final\s+)?answer|show your|note that the answer)\b.*?"
    r"\b(answer|decimals?|digits?|integer|int|float|format(ted)?|list|percent(age)?s?|nearest|units?|order|millions?"
    r"|thousands?|billions?|places?|yes|string|usd|dollars?|yyyy)\b",
    re.I | re.S,
)
_PAGES = re.compile(
    r"\b(?P<word>pages?|pp?\.|slides?|seiten?|folien?)\s*(?:no\.?|number|nr\.?)?\s*(?P<list>\d{1,5}(?:\s*(?:,|and|und|&|to|-|–)\s*\d{1,5})*)"
    r"|第\s*(?P<zh>\d{1,5})\s*[页頁]",
    re.I,
)
_FIRST = re.compile(r"\b(cover|title|first|front)[\s-]*(page|slide)\b|\b(deckblatt|titelseite|erste\s+seite)\b", re.I)


_LABEL = re.compile(
    r"\b(?P<word>fig(?:ure)?|tab(?:le)?|chart|exhibit|diagram|abb(?:ildung)?|tabelle)s?\b\.?\s*"
    r"(?P<number>\d+(?:[.-]\d+)*[a-z]?|(?-i:[A-HJ-Z])(?:[.-]?\d+)*)\b(?!['’])",
    re.I,
)
_WORDS = {"fig": "fig(?:ure)?", "tab": "tab(?:le|elle)?", "abb": "abb(?:ildung)?", "dia": "(?:fig(?:ure)?|diagram)"}
# What is said of a document as a whole stands on its first page, mostly without the word that asks for it.
_WHOLE = re.compile(
    r"\b(defendants?|plaintiffs?|appellants?|petitioners?|docket|judges?|presenter"
    r"|(case|filing|filling|report|reference|document|contract|invoice) (number|no\b|id\b)"
    r"|(date|name|version|title|subject|purpose|authors?) of (the|this)"
    r" (document|report|paper|presentation|letter|filing|guide|manual|brochure|slides?|company|organi[sz]ation)"
    r"|(document|report|paper|presentation|slides?|brochure|manual|guide|deck) (is )?(about|dated|published|issued)"
    r"|who (wrote|published|issued|prepared|presented|(is|are|was|were) the authors?)"
    r"|(published|written|prepared|issued|presented) by)\b",
    re.I,
)


_MOST = 5  # labels of one question


class Label(Value):
    """A figure or table by its number, e.g. `Figure 3`."""

    word: str
    number: str

    def heads(self, text: str) -> bool:
        """Whether a line of `text`, or the last part of a section path, starts with this label."""
        word = _WORDS.get(self.word[:3].lower(), re.escape(self.word))
        label = rf"(?:^|\n| > )\W*{word}\.?\s*{re.escape(self.number)}(?![\w-]|\.\d)"
        return bool(re.search(label + r"(?!\s*(?-i:[a-z]))", text, re.I))  # "Figure 3 shows" is no caption


class Question(Value):
    """A question taken apart. `content` is what to look for; `pages` are 1-based numbers that it names; `whole`:
    whether it asks for what stands on first pages, above all what documents say of themselves."""

    content: str
    pages: tuple[int, ...] = ()
    labels: tuple[Label, ...] = ()
    statements: tuple[Statement, ...] = ()
    whole: bool = False


def understand(text: str) -> Question:
    """Takes instructions about the answer's form out of a question, and the pages it names.

    "Round your answer to two decimal places" says nothing about where the answer stands, but shares its words with
    every page of a report. A question that is nothing but instructions is left whole.
    """
    sentences = _SENTENCE.split(text)
    kept = [s for s in sentences if not _INSTRUCTION.match(s.strip())]
    content = " ".join(s.strip() for s in kept) or text.strip()
    pages: list[int] = []
    for match in _PAGES.finditer(content):
        numbers = [int(n) for n in re.findall(r"\d+", match["list"] or match["zh"])]
        if len(numbers) == 2 and re.search(r"\d\s*(to|-|–)\s*\d", match.group()) and 0 < numbers[1] - numbers[0] < 50:
            numbers = list(range(numbers[0], numbers[1] + 1))
        pages += numbers
    return Question(
        content=content,
        pages=tuple(dict.fromkeys(n for n in pages if n > 0)),
        labels=tuple(dict.fromkeys(Label(word=m["word"], number=m["number"]) for m in _LABEL.finditer(content)))[
            :_MOST
        ],
        statements=sought(content),
        whole=bool(_WHOLE.search(content) or _FIRST.search(text)),
    )
