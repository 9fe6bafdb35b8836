"""Where on the pages a question points: pages, labels of figures and tables, kinds of region, a part of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ingest.types import BBox, Kind, Value

_LONGEST = 50  # pages or labels of a range
_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen twenty"
).split()
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_PAGES = re.compile(
    r"\b(?P<word>pages?|pp?\.|slides?|seiten?|folien?)\s*(?:no\.?|number|nr\.?)?\s*"
    r"(?P<list>\d{1,5}(?:\s*(?:,|and|und|&|to|-|–)\s*\d{1,5})*)"
    r"|第\s*(?P<zh>\d{1,5})\s*[页頁]",
    re.I,
)
_PAGE_WORDS = re.compile(
    rf"\b(?:pages?|slides?)\s+(?P<cardinal>{'|'.join(_CARDINALS)})\b|\b(?P<ordinal>{'|'.join(_ORDINALS[1:])})\s+"
    r"(?:page|slide)\b",
    re.I,
)
_LAST = re.compile(
    rf"\b(?P<before>second[\s-]to[\s-]last|next[\s-]to[\s-]last|penultimate|vorletzten?)\s+(?:page|slide|seite|folie)\b"
    rf"|\b(?:last|final|closing|back|letzten?)\s+(?P<many>\d|{'|'.join(_CARDINALS[:9])})?\s*"
    r"(?:pages?|slides?|seiten?|folien?|cover)\b|最后一?[页頁]|末[页頁]",
    re.I,
)
_NUMBER = r"(?:\d+(?:[.-]\d+)*[a-z]?|(?-i:[A-HJ-Z])(?:[.-]?\d+)*)\b(?!['’])"
_LABEL = re.compile(
    r"\b(?P<word>fig(?:ure)?|tab(?:le)?|chart|exhibit|diagram|abb(?:ildung)?|tabelle)(?P<several>s|e?n)?\b\.?\s*"
    rf"(?P<numbers>(?P<number>{_NUMBER})(?:\s*(?:,|and|und|&|or|to|-|–)\s*{_NUMBER})*)",
    re.I,
)
# How a caption may spell the word of a label, by the first letters of the question's.
_FIGURE = ("figure", "fig", "abbildung", "abb")
_SPELLINGS = {"fig": _FIGURE, "abb": _FIGURE, "tab": ("table", "tab", "tabelle"), "dia": ("diagram", *_FIGURE)}
# Words for kinds of region. "Key figures" are numbers; "bar" and "colour" may be of anything.
_KINDS: dict[Kind, re.Pattern[str]] = {
    "table": re.compile(r"\b(tables?|tabellen?)\b(?! of contents)", re.I),
    "figure": re.compile(
        r"\b(charts?|graphs?|plots?|diagrams?|(?<!key )(?<!sales )figures?|fig\.|pictures?|images?|photo(?:graph)?s?"
        r"|illustrations?|cartoons?|drawings?|flow ?charts?|maps?|logos?|screenshots?|abb(?:ildung(?:en)?)?)\b",
        re.I,
    ),
    "list": re.compile(r"\b(bullet(?:ed)? (?:points?|lists?)|bullets|numbered lists?|aufzählung)\b", re.I),
    "title": re.compile(r"\btitle\b(?! page)", re.I),
    "heading": re.compile(r"\b(sub)?(headings?|titles?)\b(?! page)", re.I),
    "caption": re.compile(r"\bcaptions?\b", re.I),
    "footnote": re.compile(r"\bfoot-?notes?\b", re.I),
    "formula": re.compile(r"\b(formulas?|formulae|equations?)\b", re.I),
}
_PART = re.compile(
    r"\b(?:(?P<y>upper|top|lower|bottom)|(?:in|on|at|to) the (?P<side>left|right|top|bottom))"
    r"[\s-]*(?P<x>left|right)?(?:[\s-]*hand)?\s*"
    r"(?:corner|side|part|half|edge|of (?:the |this |that )?(?:page|slide)|of (?:page|slide) \d+)\b",
    re.I,
)


class Label(Value):
    """A figure or table by its number, e.g. `Figure 3`."""

    word: str
    number: str

    @property
    def spellings(self) -> tuple[str, ...]:
        """The label as captions may have it: `Fig. 3` is also `figure 3`."""
        return tuple(f"{word} {self.number}" for word in self._words)

    @property
    def _words(self) -> tuple[str, ...]:
        return _SPELLINGS.get(self.word[:3].lower(), (self.word,))

    def heads(self, text: str) -> bool:
        """Whether a line of `text`, or the last part of a section path, starts with this label."""
        word = "|".join(map(re.escape, self._words))
        label = rf"(?:^|\n| > )\W*(?:{word})\.?\s*{re.escape(self.number)}(?![\w-]|\.\d)"
        return bool(re.search(label + r"(?!\s*(?-i:[a-z]))", text, re.I))  # "Figure 3 shows" is no caption


def pages(text: str) -> list[int]:
    """Pages that `text` names, from 1; negative ones count from the end, so that -1 is the last page."""
    found: list[int] = []
    for match in _PAGES.finditer(text):
        found += _listed(match["list"] or match["zh"])
    for match in _PAGE_WORDS.finditer(text):
        words, word = (_CARDINALS, match["cardinal"]) if match["cardinal"] else (_ORDINALS, match["ordinal"])
        found.append(words.index(word.lower()) + 1)
    for match in _LAST.finditer(text):
        if match["before"]:
            found.append(-2)
        else:
            many = (match["many"] or "1").lower()
            found += range(-(int(many) if many.isdigit() else _CARDINALS.index(many) + 1), 0)
    return [page for page in found if page]


def _listed(numbers: str) -> list[int]:
    """`3 and 5` → 3, 5; `4-6` → 4, 5, 6."""
    found = [int(n) for n in re.findall(r"\d+", numbers)]
    if len(found) == 2 and re.search(r"\d\s*(to|-|–)\s*\d", numbers) and 0 < found[1] - found[0] < _LONGEST:
        return list(range(found[0], found[1] + 1))
    return found


def labels(text: str) -> Iterator[Label]:
    """Figures and tables that `text` names; of `Tables 2-4` all three, while `Table 2-4` is one."""
    for match in _LABEL.finditer(text):
        several = match["numbers"] if match["several"] else None
        numbers = re.findall(_NUMBER, several, re.I) if several else [match["number"]]
        if several and (ends := re.fullmatch(r"(\d+)\s*(?:to|-|–)\s*(\d+)", several)):
            numbers = list(map(str, _listed(several))) if 0 < int(ends[2]) - int(ends[1]) < _LONGEST else numbers
        yield from (Label(word=match["word"], number=number) for number in numbers)


def kinds(text: str) -> tuple[Kind, ...]:
    """Kinds of region that `text` speaks of."""
    return tuple(kind for kind, words in _KINDS.items() if words.search(text))


def part(text: str) -> BBox | None:
    """The half or quarter of a page that `text` speaks of, e.g. the upper right corner."""
    match = _PART.search(text)
    if match is None:
        return None
    said = {word.lower() for word in (match["y"], match["side"], match["x"]) if word}
    return BBox(
        0.5 if "right" in said else 0.0,
        0.5 if said & {"lower", "bottom"} else 0.0,
        0.5 if "left" in said else 1.0,
        0.5 if said & {"upper", "top"} else 1.0,
    )
