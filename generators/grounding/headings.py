"""The labels of rows and names of columns: which cells they are, and which a claim names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from ...ingest.text.numerals import is_number
from ...ingest.types import Cell
from ...retrievers.analysis import analyse
from .facts import content
from .scales import measure, stated

_BRACKETED = re.compile(r"[(\[][^)\]]*[)\]]")
_COUNT = re.compile(r"\W*\d{1,3}\W*")
_YEAR = re.compile(r"(?<!\d)(?:FY\s?)?((?:19|20)\d\d)(?!\d)")
_PREFIX, _MORE = 5, 3  # letters that stems share to be alike, and by which one may be longer


class Labels:
    """Labels by row or column, as something that words may name; rare words weigh more.

    `years` are those of the labels that have one. `loose`: labels of which each has another one make up a series, even
    if they differ in more.
    """

    def __init__(self, texts: Mapping[int, str], *, loose: bool = False) -> None:
        self.years = {at: int(found[0]) for at, text in texts.items() if len(found := _YEAR.findall(text)) == 1}
        loose = loose and len(set(self.years.values())) == len(self.years)
        self._series = {at: "" if loose else _YEAR.sub("", texts[at]) for at in self.years}
        self.tokens = {at: _tokens(text) for at, text in texts.items()}
        self._where: dict[str, list[int]] = {}
        for at, tokens in self.tokens.items():
            for token in tokens:
                self._where.setdefault(token, []).append(at)
        self._near: dict[str, list[str]] = {}
        for token in self._where:
            self._near.setdefault(token[:_PREFIX], []).append(token)
        self._whole = {at: sum(map(self._weight, tokens)) for at, tokens in self.tokens.items()}

    def named(self, words: Iterable[str], least: float, *, several: bool) -> list[int]:
        """The labels that are best covered by the stems of some words, if a share of `least` is.

        With `several`, all that are said in full, unless they are part of another one (revenue, other revenue).
        """
        said = {token for word in set(words) for token in self._near.get(word[:_PREFIX], ()) if _same(word, token)}
        covered: dict[int, float] = {}
        for token in said:
            for at in self._where[token]:
                covered[at] = covered.get(at, 0.0) + self._weight(token) / self._whole[at]
        if several:
            full = [at for at, share in covered.items() if share > 0.99]
            largest = {self.tokens[at] for at in full}
            largest = {one for one in largest if not any(one < other for other in largest)}
            if kept := sorted(at for at in full if self.tokens[at] in largest):
                return kept
        best = max(covered.values(), default=0.0)
        if best < least:
            return []
        found = sorted(at for at, share in covered.items() if share > best - 1e-9)
        longest = max(len(self.tokens[at] & said) for at in found)
        return [at for at in found if len(self.tokens[at] & said) == longest]

    def series(self, named: Iterable[int]) -> list[int]:
        """The labels that differ in their years only, oldest first; of several series the one that is named."""
        kinds = {self._series[at] for at in named if at in self._series} or set(self._series.values())
        dated = [at for at in self.years if self._series[at] in kinds] if len(kinds) == 1 else []
        return sorted(dated, key=lambda at: self.years[at])

    def leads(self, one: int, other: int, words: Sequence[str]) -> bool:
        """Whether words name one label before another one, by what tells the two apart."""
        mine, theirs = (self.tokens.get(at, frozenset()) for at in (one, other))
        return next((word for word in words if word in mine ^ theirs), None) in mine

    def _weight(self, token: str) -> float:
        return 1 / len(self._where[token])


def _same(one: str, other: str) -> bool:
    """Whether two stems are the same, or one goes on where the other ends (weigh, weight)."""
    longer = max(one, other, key=len)
    return longer.startswith(min(one, other, key=len)) and abs(len(one) - len(other)) <= _MORE


def _tokens(text: str) -> frozenset[str]:
    """Stems and years of a label, without its unit and, if there are others, without single letters."""
    bare = _BRACKETED.sub(" ", re.sub(r",\s+(?:in\s.{1,30}|[^\W\d]+(?:\s+[^\W\d]+)?)$", "", text))
    stems = frozenset(analyse(bare))
    kept = stems & (content(bare) | set(re.findall(r"\d+", bare)))
    return frozenset(t for t in kept if len(t) > 1 or not t.isascii() or t.isdigit()) or kept or stems


def groups_in(cells: Sequence[Cell]) -> dict[int, Cell]:
    """The lines of filled cells that have but one, in the first column, and so head the lines below.

    Above the names of the columns stands a title, and a unit heads nothing.
    """
    lines: dict[int, list[Cell]] = {}
    for cell in cells:
        lines.setdefault(cell.row, []).append(cell)
    wide = [row for row, line in lines.items() if len(line) > 1]
    alone = {
        row: line[0]
        for row, line in lines.items()
        if len(line) == 1 and line[0].col == 0 and row > min(wide, default=row)
    }
    return {row: cell for row, cell in alone.items() if measure(cell.text) == (None, "") == stated(cell.text)}


def named_by(body: Sequence[Cell], groups: Mapping[int, Cell]) -> dict[int, list[Cell]]:
    """The cells that name each row: its label, which is the first of them in the row itself.

    Where labels repeat or span rows, the line that heads the row and the words and years beside the label name it, too.
    A number before the label only counts the rows.
    """
    lines: dict[int, list[Cell]] = {row: [] for row in sorted({cell.row for cell in body})}
    for cell in sorted(body, key=lambda cell: cell.col):
        for row in (
            (cell.row,) if cell.row_span == 1 else (r for r in lines if cell.row <= r < cell.row + cell.row_span)
        ):
            lines[row].append(cell)
    leads = {row: _lead(line) for row, line in lines.items()}
    labels = Counter(lead[0].text for row, lead in leads.items() if row not in groups)
    names: dict[int, list[Cell]] = {}
    for row, lead in leads.items():
        over = [group for at, group in sorted(groups.items()) if at < row][-1:]
        several = labels[lead[0].text] > 1 or any(cell.row_span > 1 for cell in lead)
        names[row] = [*over, *lead] if several else lead[:1]
    return names


def _lead(line: Sequence[Cell]) -> list[Cell]:
    """The cells at the start of a row that hold words or a year, behind a number that only counts the rows."""
    counted = len(line) > 1 and _COUNT.fullmatch(line[0].text) and _names(line[1])
    return list(takewhile(_names, line[1:] if counted else line)) or [line[0]]


def _names(cell: Cell) -> bool:
    words = re.match(r"\W*[^\W\d_]{2}", cell.text) is not None and not is_number(cell.text)
    return words or _YEAR.fullmatch(cell.text) is not None
