"""The rows of a table as they are said and quoted: label, columns by name, and the unit of their figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..ingest.text.numerals import is_number, is_time
from ..ingest.text.windows import row_text
from ..ingest.types import BBox, Cell
from ..retrievers.analysis import analyse
from .grounding.units import CURRENCIES, ONE_THOUSAND, PREFIX, SCALES, THOUSANDS

_SCALE = rf"(?:{'|'.join((*SCALES, THOUSANDS))})"
_MONEY = rf"(?:(?:US|Canadian|Australian)?\s*[$€£¥₹]|(?<![^\W\d_])(?:{'|'.join(CURRENCIES)})(?!\w))"
_UNIT = re.compile(
    rf"(?:\b(?:amounts?|dollars|figures|numbers|values|shares|all)\s+)?(?:\b(?:are|expressed|stated|presented|shown)\s+)*"
    rf"\bin\s+(?:{_MONEY}\s*)?{_SCALE}(?!\w)(?:\s*(?:of\s+)?{_MONEY})?(?:[,;]?\s+(?:except|unless)\b[^()|]{{0,80}})?"
    rf"|\bin\s+(?:per\s?cent|percentages?|%|{_MONEY}(?:\s*{ONE_THOUSAND})?)(?!\w)|(?<!\w){PREFIX}(?:US)?(?:[$€£¥₹]|\w+)"
    rf"|{_MONEY}\s*(?:in\s+)?{_SCALE}(?!\w)|(?<![\w.]){_SCALE}\s+(?:of\s+)?{_MONEY}"
    r"|(?:单位|單位|単位)\s*[:：]\s*[^\s)）]+",
    re.I,
)
_OWN = re.compile(rf"[%‰]|(?<!\w){_SCALE}(?!\w)|\bper\s?cent", re.I)


class Column(NamedTuple):
    """A filled cell of a row, under what the header rows nearest above call it, the outermost first."""

    name: str
    value: Cell
    above: tuple[Cell, ...] = ()


class Row(NamedTuple):
    """A row of a table, whole or reduced to some columns. `group` is the line that heads it, "" if there is none.

    `head` is that line's cell where another row has the same label: only the two together name the row. `unit` is what
    the table says of its figures ("in millions"); `unit_cell` is where, if in a cell of the table.
    """

    label: Cell | None
    columns: tuple[Column, ...]
    group: str = ""
    unit: str = ""
    unit_cell: Cell | None = None
    head: Cell | None = None

    @property
    def name(self) -> str:
        return self.label.text if self.label else ""

    @property
    def text(self) -> str:
        """In words: `label: column value; column value (unit)`."""
        values = "; ".join(f"{column.name} {column.value.text}".strip() for column in self.columns)
        names = (self.head.text if self.head else "", self.name)
        label = ", ".join(name.rstrip(" :：") for name in names if name)
        said = f"{label}: {values}" if label and values else label or values
        return f"{said} ({self.unit})" if self._needs_unit else said

    @property
    def quote(self) -> str:
        """As printed: the header cells in one line, label and values in the next, between them what heads the row."""
        header = " | ".join(dict.fromkeys(cell.text for cell in self._header))
        printed = row_text([*([self.label] if self.label else []), *(column.value for column in self.columns)])
        return "\n".join(line for line in (header, self.head.text if self.head else "", printed) if line)

    @property
    def boxes(self) -> tuple[BBox, ...]:
        """Around the values, the label, what heads the row, and their header cells; neighbours share one."""
        row = [*([self.label] if self.label else []), *(column.value for column in self.columns)]
        return (*_joined(row), *_joined([self.head] if self.head else []), *_joined(self._header))

    def named(self, years: set[str], *terms: set[str]) -> Row:
        """The columns that a question names, all if it names none: those of its years, then those with most terms.

        Args:
            terms: The question's words; the first set that tells some columns from others decides.
        """
        columns = self.columns
        if dated := [column for column in columns if years & _tokens(column.name)]:
            columns = tuple(dated)
        for some in terms:
            shared = [len((some - years) & _tokens(column.name)) for column in columns]
            if shared and max(shared) > min(shared):
                columns = tuple(c for c, n in zip(columns, shared, strict=True) if n == max(shared))
                break
        return self._replace(columns=columns)

    @property
    def _header(self) -> list[Cell]:
        cells = [cell for column in self.columns for cell in column.above]
        if self.unit_cell and self._needs_unit:
            cells.insert(0, self.unit_cell)
        return list({(cell.row, cell.col): cell for cell in cells}.values())

    @property
    def _needs_unit(self) -> bool:
        """Whether a figure is shown that does not carry its unit itself, nor has it from its label or column."""
        if not self.unit or _OWN.search(self.name) or _UNIT.search(self.name):
            return False
        named = (c for c in self.columns if not _OWN.search(c.name) and not _UNIT.search(c.name))
        bare = (c for c in named if not _OWN.search(c.value.text))
        return any(is_number(c.value.text) and not is_time(c.value.text) for c in bare)


def rows_of(cells: Sequence[Cell], said: Sequence[str] = ()) -> Iterator[Row]:
    """The rows under their header rows.

    Args:
        said: What stands around the table (caption, headings), the nearest first: it may say the unit.
    """
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    around = next((found for text in said if (found := _unit(text))), "")
    header: list[Cell] = []
    labels = Counter(cell.text for cell in cells if cell.col == 0)
    over: Cell | None = None
    open_ = True
    unit: tuple[str, Cell | None] = (around, None)
    whole = unit  # the table's own, to which it returns behind a group that has another
    for row in rows.values():
        filled = [cell for cell in sorted(row, key=lambda cell: cell.col) if cell.text]
        alone = len(filled) == 1 and filled[0].col == 0 and len(row) > 1
        if not filled:
            continue
        if not alone and (all(cell.header for cell in filled) or (open_ and _heads(filled))):
            if not header:
                whole = unit  # a line above the first header row heads the whole table
            header = [*header, *filled] if open_ else filled
            open_ = True
            for cell in filled:
                # Beside other words, a unit is that of the column, whose name says it.
                if (cell.col == 0 or _is_unit(cell.text)) and (found := _unit(cell.text)):
                    unit = whole = (found, cell)
            continue
        if alone:
            over = filled[0]
            unit = (found, over) if (found := _unit(over.text)) else whole
            whole = unit if _is_unit(over.text) else whole
        if alone and filled[0].header:
            continue  # a heading inside the table, which a header row may follow
        open_ = False
        label = filled[0] if filled[0].col == 0 else None
        columns = tuple(_column(cell, header) for cell in filled if cell is not label)
        head = over if not alone and label and labels[label.text] > 1 else None
        yield Row(label, columns, over.text if over and not alone else "", *unit, head)


def _heads(filled: Sequence[Cell]) -> bool:
    """Whether a row at the top that no one marked as header is one: it has no label, and names rather than figures."""
    names = [is_time(cell.text) or not is_number(cell.text) for cell in filled]
    return filled[0].col > 0 and sum(names) * 2 >= len(names)


def _column(value: Cell, header: Sequence[Cell]) -> Column:
    above = tuple(
        cell
        for cell in header
        if cell.col > 0
        and cell.col < value.col + value.col_span
        and value.col < cell.col + cell.col_span
        and not _is_unit(cell.text)
    )
    return Column(" ".join(dict.fromkeys(cell.text for cell in above)), value, above)


def _unit(text: str) -> str:
    """What a text says of the unit of figures, as it says it; "" if it does not."""
    match = _UNIT.search(text)
    return " ".join(match.group().split()).rstrip(".,;") if match else ""


def _is_unit(text: str) -> bool:
    match = _UNIT.search(text)
    return match is not None and len(match.group()) > 0.7 * len(text.strip(" ()[]:"))


def _tokens(text: str) -> set[str]:
    return set(analyse(text))


def _joined(cells: Sequence[Cell]) -> list[BBox]:
    """One box around cells next to each other in a row."""
    boxes: list[BBox] = []
    last: Cell | None = None
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.col)):
        if last and last.row == cell.row and last.col + last.col_span == cell.col:
            boxes[-1] = BBox.union((boxes[-1], cell.bbox))
        else:
            boxes.append(cell.bbox)
        last = cell
    return boxes
