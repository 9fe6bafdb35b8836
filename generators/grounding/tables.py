"""A table as something to look up in: which rows and columns a claim names, and what stands where they meet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from ...ingest.types import Cell, Place, Region
from ...retrievers.analysis import analyse
from .facts import content
from .numbers import Number, numbers_in
from .prose import Piece
from .units import currencies, scales, units

_NAMED, _HINTED = 0.6, 0.3  # shares of a label that a clause, a whole claim must hold
_COLUMN = 0.5
_BRACKETED = re.compile(r"[(\[][^)\]]*[)\]]")
_LOSS = re.compile(r"\b(?:loss|deficit|negative|minus|verlust|defizit)", re.I)
_GAIN = re.compile(r"\b(?:profit|income|earnings|result|ebitda?|margin|cash flow|growth|change|ergebnis|gewinn)", re.I)
_COST = re.compile(r"\b(?:tax|taxes|cost|costs|expenses?|dues|steuern?|kosten|aufwand)\b", re.I)


_SHARE = re.compile(r"[%％]|\b(?:per ?cent|shares?|rates?|margins?|ratios?|prozent|anteil|quote)\b|率|比例", re.I)


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
        self.labels: dict[int, Cell] = {}
        for cell in sorted(body, key=lambda cell: cell.col):
            self.labels.setdefault(cell.row, cell)
        self.names: dict[int, list[Cell]] = {}
        for cell in self.cells:
            if cell.header:
                for col in range(cell.col, cell.col + cell.col_span):
                    self.names.setdefault(col, []).append(cell)
        self.about = _stated(" ".join(filter(None, (region.caption, *region.section[-1:]))))
        self._rows = {row: _tokens(cell.text) for row, cell in self.labels.items()}
        self._columns = {col: _tokens(" ".join(c.text for c in cells)) for col, cells in self.names.items()}
        ocr = region.source == "ocr"
        told = " ".join((*(c.text for c in self.cells), region.caption or "", *region.section[-1:]))
        self.shares = bool(_SHARE.search(told))
        self.figures = [
            Figure(cell, number, *self._measured(cell))
            for cell in body
            if cell != self.labels[cell.row] or not re.search(r"[^\W\d_]{2}", cell.text)
            for number in numbers_in(cell.text, ocr)[:2]
        ]

    def rows_named(self, clause: Iterable[str], claim: Iterable[str]) -> list[int]:
        """The rows whose labels a clause names or, if it names none, the whole claim; none when no label is named."""
        return _named(self._rows, set(clause), _NAMED, several=False) or _named(
            self._rows, set(claim), _HINTED, several=True
        )

    def columns_named(self, clause: Iterable[str], claim: Iterable[str]) -> list[int]:
        """The columns likewise."""
        names = {col: tokens for col, tokens in self._columns.items() if col > 0}
        return _named(names, set(clause), _COLUMN, several=False) or _named(names, set(claim), _COLUMN, several=True)

    def years(self) -> dict[int, int]:
        """The year of each column that is named for one."""
        return {
            col: int(year[0])
            for col, tokens in self._columns.items()
            if len(year := [t for t in tokens if re.fullmatch(r"(?:19|20)\d\d", t)]) == 1
        }

    def around(self, cell: Cell) -> list[Cell]:
        """The cell itself, its row's label and its column's names."""
        label = self.labels.get(cell.row, cell)
        return list(dict.fromkeys((cell, label, *self.names.get(cell.col, ()))))

    def said(self, cell: Cell) -> str:
        """The row's label, the column's name and the cell, verbatim."""
        _, *rest = self.around(cell)
        return " | ".join(dict.fromkeys((*(c.text for c in rest), cell.text)))

    def _measured(self, cell: Cell) -> tuple[Decimal | None, str]:
        """Scale and unit by the column's name, the row's label or the caption: the first that says one."""
        column = _measure(" ".join(c.text for c in self.names.get(cell.col, ())))
        row = _measure(self.labels[cell.row].text if cell.row in self.labels else "")
        near = next((found for found in (column, row) if found != (None, "")), None)
        # A unit of its own ("Passengers (millions)") keeps the table's currency off.
        return near or self.about


def signs_agree(said: Number, figure: Figure, claim: str, label: str) -> bool:
    """Whether a claim's number may have the sign of the printed one: a cost is printed as negative, a loss is one."""
    if said.negative or not figure.number.negative:
        return True
    return bool(_LOSS.search(claim) or _COST.search(label) or not _GAIN.search(label))


def _measure(text: str) -> tuple[Decimal | None, str]:
    """The scale and unit that a column's name or a row's label gives: "Length (m)", "Noise, decibels"."""
    bracketed = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]", text))
    if not bracketed and (found := _stated(text)) != (None, ""):
        return found
    told = bracketed or (text.rpartition(",")[2] if "," in text else "")
    scale = next(iter(scales.anywhere(told)), None)
    unit = next(iter(currencies.anywhere(told)), "") or next(iter(units.anywhere(told)), "")
    return scale, unit


def _stated(text: str) -> tuple[Decimal | None, str]:
    """The scale and currency of "in millions of euros". Other units of a caption are those of some columns only."""
    for match in re.finditer(r"\b[Ii]n\b", text):
        scale, unit, at = None, "", match.end()
        if found := scales.at(text, at):
            scale, at = found
            at += 3 if text.startswith(" of", at) else 0
        if currency := currencies.at(text, at):
            unit = currency[0]
        if scale or unit:
            return scale, unit
    return None, ""


def _tokens(text: str) -> frozenset[str]:
    """Stems and years of a label, without its unit."""
    bare = _BRACKETED.sub(" ", re.sub(r",(?:\s+[^\W\d]+){1,2}$", "", text))
    return frozenset(analyse(bare)) & (content(bare) | set(re.findall(r"\d+", bare))) or frozenset(analyse(bare))


def _named(labels: Mapping[int, frozenset[str]], said: set[str], least: float, *, several: bool) -> list[int]:
    """The labels that are best covered by what is said; rare words weigh more.

    With `several`, all that are said in full, unless they are part of another one (revenue, other revenue).
    """
    shared = Counter(token for tokens in labels.values() for token in tokens)
    covered: dict[int, float] = {}
    for at, tokens in labels.items():
        whole = sum(1 / shared[t] for t in tokens)
        covered[at] = sum(1 / shared[t] for t in tokens & said) / whole if whole else 0.0
    if several:
        full = [at for at, share in covered.items() if share > 0.99]
        kept = [at for at in full if not any(labels[at] < labels[other] for other in full)]
        if kept:
            return kept
    best = max(covered.values(), default=0.0)
    if best < least:
        return []
    found = [at for at, share in covered.items() if share > best - 1e-9]
    longest = max(len(labels[at] & said) for at in found)
    return [at for at in found if len(labels[at] & said) == longest]


def values_in(figures: Sequence[Figure], rows: Sequence[int], columns: Sequence[int]) -> list[Figure]:
    """The figures of these rows and columns; no rows or columns stand for all of them."""
    return [f for f in figures if (not rows or f.cell.row in rows) and (not columns or _spans(f.cell, columns))]


def _spans(cell: Cell, columns: Sequence[int]) -> bool:
    return any(cell.col <= col < cell.col + cell.col_span for col in columns)


def cells_of(table: Table, figure: Figure) -> tuple[Piece, ...]:
    """The figure's cell, its row's label and its column's names, each where it stands."""
    region = table.region
    return tuple(Piece(region.id, Place(region.page, cell.bbox), cell.text) for cell in table.around(figure.cell))
