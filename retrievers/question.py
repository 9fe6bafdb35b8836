"""What a question says about where to look, beside its subject: pages, labels and kinds of region, a part of the page,
years and names, statements its figures are from, the document as a whole; and instructions to leave out."""

from __future__ import annotations

import re
from typing import Any, Literal

from ..ingest.types import BBox, Kind, Value
from . import pointing
from .analysis import full_year
from .pointing import Label
from .statements import Statement, sought

_MOST = 5  # labels of one question
_SENTENCE = re.compile(r"(?<=[?!.])(?!\d)\s*(?=[A-Z])")
_INSTRUCTION = re.compile(
    r"^(please\s+)?(round|answer|write|format|return|give|express|provide|enumerate|directly|reply|respond"
    r"|calculate what|(the|your)\s+(final\s+)?answer|show your|note that the answer)\b.*?"
    r"\b(answer|decimals?|digits?|integer|int|float|format(ted)?|list|percent(age)?s?|nearest|units?|order|millions?"
    r"|thousands?|billions?|places?|yes|string|usd|dollars?|yyyy)\b",
    re.I | re.S,
)
_FIRST = re.compile(r"\b(cover|title|first|front)[\s-]*(page|slide)\b|\b(deckblatt|titelseite|erste\s+seite)\b", re.I)
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
_YEAR = re.compile(
    r"(?<![\d.,$€£])(?:FY\s*)?((?:19|20)\d\d)(?!\d|[.,]\d|\s?(?:%|percent|million|m\b))|\bFY\s*'?(\d\d)\b"
)
QUARTERS = ("first", "second", "third", "fourth")
_QUARTER = re.compile(r"\bQ([1-4])\b|\b([1-4])Q(?:\d\d)?\b|\b(first|second|third|fourth) (?:fiscal )?quarter\b", re.I)
_NAME = re.compile(r"(?<![.?!:\"“]\s)(?<!^)(?<!^[\"“(])\b[A-Z][\w&'’-]*(?:\s+(?:(?:of|the|de|von)\s+)?[A-Z][\w&'’-]*)*")
_NO_NAME = re.compile(  # written with a capital for other reasons than being a name
    r"(?:Q[1-4]|FY\d*|I|A|USD|EUR|US\$|Fig(?:ure)?s?|Tables?|Charts?|Exhibits?|Pages?|Slides?|Sections?|Appendix|Year"
    r"|Which|What|How|Who|When|Where|January|February|March|April|May|June|July|August|September|October|November"
    r"|December)"
)
_MANY = re.compile(
    r"\b(how (?:many|much|large|big|high)|what (?:percent\w*|share|proportion|number|amount|ratio|rate)|percentage"
    r"|number of|wie ?viele?|wie (?:hoch|groß))\b|多少|几",
    re.I,
)
_SEVERAL = re.compile(
    r"\b(list|enumerate|name (?:all|the \w+s)|what are|which (?:\w+ )?(?:are|were)|nenne)\b|哪些", re.I
)


class Question(Value):
    """A question taken apart.

    `content` is what to look for. `pages` are numbers that it names, 1-based; negative ones count from the end, so that
    -1 is the last page. `kinds` are the kinds of region it speaks of, `part` the part of a page. `years` (and quarters:
    `2023`, `Q2`) and `entities` are those it names. `asks`: for a number, or for several things. `whole`: whether it
    asks for what stands on first pages, above all what documents say of themselves.
    """

    content: str
    pages: tuple[int, ...] = ()
    labels: tuple[Label, ...] = ()
    kinds: tuple[Kind, ...] = ()
    part: BBox | None = None
    years: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    asks: Literal["number", "list"] | None = None
    whole: bool = False

    def told(self) -> dict[str, Any]:
        """What was understood, for the trace: JSON, without what the question does not say."""
        told: dict[str, Any] = {
            **self.model_dump(mode="json", exclude={"labels", "statements", "whole"}),
            "labels": [f"{label.word} {label.number}" for label in self.labels],
            "statements": [statement.name for statement in self.statements],
            "first page": self.whole,
        }
        return {name: value for name, value in told.items() if value}


def understand(text: str) -> Question:
    """Takes instructions about the answer's form out of a question, and says where it points.

    "Round your answer to two decimal places" says nothing about where the answer stands, but shares its words with
    every page of a report. A question that is nothing but instructions is left whole.
    """
    sentences = _SENTENCE.split(text)
    kept = [s for s in sentences if not _INSTRUCTION.match(s.strip())]
    content = " ".join(s.strip() for s in kept) or text.strip()
    years = [match[1] or full_year(match[2]) for match in _YEAR.finditer(content)]
    quarters = [match[1] or match[2] or QUARTERS.index(match[3].lower()) + 1 for match in _QUARTER.finditer(content)]
    names = [re.sub(r"['’]s?$", "", name) for name in _NAME.findall(content)]
    return Question(
        content=content,
        pages=tuple(dict.fromkeys(pointing.pages(content))),
        labels=tuple(dict.fromkeys(pointing.labels(content)))[:_MOST],
        kinds=pointing.kinds(content),
        part=pointing.part(content),
        years=tuple(dict.fromkeys([*years, *(f"Q{quarter}" for quarter in quarters)])),
        entities=tuple(dict.fromkeys(name for name in names if not any(map(_NO_NAME.fullmatch, name.split())))),
        statements=sought(content),
        asks="number" if _MANY.search(content) else "list" if _SEVERAL.search(content) else None,
        whole=bool(_WHOLE.search(content) or _FIRST.search(text)),
    )
