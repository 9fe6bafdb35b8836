"""A table as something to look up in: which rows and columns a claim names, and what stands where they meet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from ...ingest.types import Cell, Place, Region
from .dates import dates_in
from .facts import Facts, content, without
from .headings import Labels, groups_in, named_by
from .numbers import Number, mend, numbers_in
from .prose import Piece, share
from .scales import measure, stated
from .sense import direction, role, statement
from .units import CURRENCIES

_NAMED, _HINTED = 0.6, 0.3  # shares of a label that a clause, a whole claim must hold
_COLUMN = 0.5
_LOSS = re.compile(r"\b(?:loss|lost|losing|deficit|negative|minus|verlust|defizit)", re.I)
_GAIN = re.compile(r"\b(?:profit|income|earnings|result|ebitda?|margin|cash flow|growth|change|ergebnis|gewinn)", re.I)
_CHANGE = re.compile(r"\b(?:growth|change|increase|wachstum|veränderung|zunahme)", re.I)
_COST = re.compile(
    r"\b(?:impairments?|research|depreciation|tax|taxes|costs?|expenses?|dues|steuern?|kosten|aufwand)\b", re.I
)
_UNIT = re.compile(r"units?|einheit|unité|单位", re.I)
_SHARE = re.compile(r"[%％]|\b(?:per ?cent|shares?|rates?|margins?|ratios?|prozent|anteil|quote)\b|率|比例", re.I)


_SHARE_OF = re.compile(
    r"(?:[%％]|\bper ?cent|\bProzent) (?:of|der|des|von|de)\b|\bin (?:[%％]|per ?cent|Prozent)", re.I
)


class Figure(NamedTuple):
    """A number in a cell, with what its surroundings say of it."""

    cell: Cell
    number: Number
    scale: Decimal | None
    unit: str


class Table:
    """The cells of a region by row and column, with labels, column names, and the unit of each figure."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.cells = [cell for cell in region.cells or () if cell.text.strip()]
        body = [cell for cell in self.cells if not cell.header]
        groups = groups_in(self.cells)
        self._named = named_by(body, groups)
        self.labels = {row: next((c for c in cells if c.row == row), cells[-1]) for row, cells in self._named.items()}
        self.names: dict[int, list[Cell]] = {}
        for cell in self.cells:
            if cell.header and cell.row not in groups:
                for col in range(cell.col, cell.col + cell.col_span):
                    self.names.setdefault(col, []).append(cell)
        self.above = " ".join(filter(None, (region.caption, *region.section)))
        self.about = stated(" ".join(filter(None, (region.caption, *region.section[-1:]))))
        ocr = region.source == "ocr"
        read = mend if ocr else str
        heads = {col: read(" ".join(c.text for c in cells)) for col, cells in self.names.items()}
        self._rows = Labels({row: read(" ".join(c.text for c in cells)) for row, cells in self._named.items()})
        # Columns of which each has a year of its own are one series, whatever else they say: "2023 plan".
        self._columns = Labels({col: text for col, text in heads.items() if col > 0}, loose=True)
        self.years, self.row_years = self._columns.years, self._rows.years
        self.units = [col for col, text in heads.items() if _UNIT.fullmatch(text.strip())]
        self._units = {cell.row: cell.text for cell in body if cell.col in self.units}
        self._shares = bool(_SHARE.search(self.above))
        self.figures = [
            self._figure(cell, number)
            for cell in body
            if cell != self.labels[cell.row] or not re.search(r"[^\W\d_]{2}", cell.text)
            for number in numbers_in(without(cell.text, [d for d in dates_in(cell.text) if d.clock]), ocr)[:2]
        ]
        self.dates = [(cell, found) for cell in body if (found := dates_in(read(cell.text)))]

    def rows_named(self, clause: Iterable[str], claim: Iterable[str]) -> list[int]:
        """The rows whose labels a clause names or, if it names none, the whole claim; none when no label is named."""
        return self._rows.named(clause, _NAMED, several=False) or self._rows.named(claim, _HINTED, several=True)

    def pieces(self, cell: Cell) -> tuple[Piece, ...]:
        """The cell, its row's label and its column's names, each where it stands."""
        return tuple(Piece(self.region.id, Place(self.region.page, c.bbox), c.text) for c in self.around(cell))

    def rows_about(self, words: frozenset[str]) -> list[int]:
        """The row whose cells together have the most of a claim's content words, if it has half of them."""
        shares = {row: share(words, held) for row, held in self._row_words.items()} if words else {}
        most = max(shares.values(), default=0.0)
        best = [row for row, one in shares.items() if one == most >= _COLUMN]
        return best if len(best) == 1 else []

    def stems_of_row(self, row: int) -> frozenset[str]:
        """The stems of what names a row."""
        return self._rows.tokens.get(row, frozenset())

    def stems_over(self, col: int) -> frozenset[str]:
        """The stems of what names a column, and of what stands above the table."""
        return self._columns.tokens.get(col, frozenset()) | content(self.above)

    def columns_named(self, clause: Iterable[str], claim: Iterable[str]) -> list[int]:
        """The columns likewise."""
        return self._columns.named(clause, _COLUMN, several=False) or self._columns.named(claim, _COLUMN, several=True)

    def covers(self, words: frozenset[str]) -> float:
        """The share of content words that stand in the caption, the headings or the cells."""
        return share(words, content(" ".join((self.above, *(cell.text for cell in self.cells)))))

    def in_time(self, figures: Sequence[Figure], columns: Sequence[int]) -> list[Figure]:
        """Figures of columns that differ in their years only, oldest first: of the columns named, if they are such."""
        order = self._columns.series(columns)
        return sorted((f for f in figures if f.cell.col in order), key=lambda f: order.index(f.cell.col))

    def down_in_time(self, figures: Sequence[Figure], rows: Sequence[int]) -> list[Figure]:
        """Figures of a column likewise, of rows."""
        order = self._rows.series(rows)
        return sorted((f for f in figures if f.cell.row in order), key=lambda f: order.index(f.cell.row))

    def gives_share(self, figure: Figure) -> bool:
        """Whether the table may be read to give a figure in per cent."""
        return self._shares or figure.unit == "%" or any(_SHARE.search(c.text) for c in self.around(figure.cell))

    @property
    def column_names(self) -> set[str]:
        return {cell.text for cells in self.names.values() for cell in cells}

    def is_share(self, figure: Figure) -> bool:
        """Whether a figure is given in per cent, by itself or by a caption ("% of respondents")."""
        unit = figure.number.unit or figure.unit
        return unit == "%" or (not unit and _SHARE_OF.search(self.above) is not None)

    def kinds_of(self, row: int) -> list[int]:
        """The rows whose labels are a part of this row's label: electric vehicles are vehicles."""
        labels = self._rows.tokens
        return [other for other, tokens in labels.items() if tokens and tokens < labels[row]]

    def as_named(self, pair: Sequence[Figure], words: Sequence[str]) -> list[Figure]:
        """Two figures of a row or a column in the order in which a claim names their columns or rows."""
        down = pair[0].cell.col == pair[1].cell.col
        places = [f.cell.row if down else f.cell.col for f in pair]
        return list(pair)[:: -1 if (self._rows if down else self._columns).leads(places[1], places[0], words) else 1]

    def around(self, cell: Cell) -> list[Cell]:
        """The cell itself, the cells that name its row, and its column's names."""
        return list(dict.fromkeys((cell, *self._named.get(cell.row, ()), *self.names.get(cell.col, ()))))

    def said(self, cell: Cell) -> str:
        """The row's label, the column's name and the cell, verbatim."""
        _, *rest = self.around(cell)
        return " | ".join(dict.fromkeys((*(c.text for c in rest), cell.text)))

    @cached_property
    def _row_words(self) -> dict[int, frozenset[str]]:
        texts: dict[int, list[str]] = {row: [] for row in self.labels}
        for cell in self.cells:
            if cell.row in texts:
                texts[cell.row].append(cell.text)
        return {row: content(" ".join(some)) for row, some in texts.items()}

    def _measured(self, cell: Cell) -> tuple[Decimal | None, str]:
        """Scale and unit: what a column of units, the column's names, the row's label or else the caption says."""
        names = [c.text for c in reversed(self.names.get(cell.col, ()))]
        label = self.labels[cell.row].text if cell.row in self.labels else ""
        own = [f"({self._units[cell.row]})"] if cell.row in self._units else []
        # A unit of its own ("Passengers (millions)") keeps the table's currency off.
        return next((found for text in (*own, *names, label) if (found := measure(text)) != (None, "")), self.about)

    def _figure(self, cell: Cell, number: Number) -> Figure:
        """What is no money has no scale of money: 28 % in a table in millions."""
        own = number.unit and number.unit not in CURRENCIES.values()
        return Figure(cell, number, *((None, "") if own else self._measured(cell)))


def signs_agree(said: Number, figure: Figure, claim: Facts, names: str) -> bool:
    """Whether a claim's number may have the sign of the printed one: a cost is printed as negative, a loss is one.

    `names`: what the row and the column are named.
    """
    fell = direction(statement(claim.text, said.start, said.end)) < 0 and role(claim, said) != "to"
    if said.negative == figure.number.negative:
        return said.negative or not fell or not _CHANGE.search(names)
    if said.negative:
        return bool(_LOSS.search(names) or _COST.search(names))
    # A bracket may only say that it is taken off; a minus is one.
    taken_off = "(" in figure.cell.text and not _GAIN.search(names) and claim.text[said.start - 1 : said.start] != "+"
    return bool(fell or _LOSS.search(claim.text) or _COST.search(names) or taken_off)


def values_in(figures: Sequence[Figure], rows: Sequence[int], columns: Sequence[int]) -> list[Figure]:
    """The figures of these rows and columns; no rows or columns stand for all of them."""
    some = frozenset(rows)
    return [f for f in figures if (not rows or f.cell.row in some) and (not columns or spans(f.cell, columns))]


def spans(cell: Cell, columns: Sequence[int]) -> bool:
    return any(cell.col <= col < cell.col + cell.col_span for col in columns)
