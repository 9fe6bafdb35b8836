"""Tables as text for a model, and whether that text can be relied on."""

from __future__ import annotations

from collections.abc import Sequence

from ...ingest.regions.tables import cells_html
from ...ingest.types import Cell, Region

_EMPTY = 0.3  # of the cells in the body: more, and columns or rows were probably misread
_READ = 0.9  # of the region's letters, at least, stand in cells


def table_text(cells: Sequence[Cell]) -> str:
    """Markdown, or HTML where a cell below the header spans several rows or columns: markdown cannot say that.

    Several header rows become one, each column named from the outermost header inwards.
    """
    if any(_spans(cell) for cell in cells if not cell.header):
        return cells_html(cells)
    columns = range(min(c.col for c in cells), max(c.col + c.col_span for c in cells))
    names: dict[int, list[str]] = {col: [] for col in columns}
    rows: dict[int, dict[int, str]] = {}
    for cell in sorted(cells, key=lambda c: (c.row, c.col)):
        if cell.header:
            for col in range(cell.col, cell.col + cell.col_span):
                names[col].append(cell.text)
        else:
            rows.setdefault(cell.row, {})[cell.col] = cell.text
    head = [" ".join(dict.fromkeys(filter(None, names[col]))) for col in columns]
    body = [[row.get(col, "") for col in columns] for row in rows.values()]
    return "\n".join([_line(head), "|---" * len(head) + "|", *map(_line, body)])


def doubtful(region: Region) -> bool:
    """Whether a table's structure may be misread, so that a picture of it should be shown, too.

    So it is when it has no cells, fewer than two columns, no header row, spans below its header, words from OCR, more
    than 30 % of the cells of its body empty (rows that only head others aside), or words that stand in no cell.
    """
    cells = region.cells or ()
    body = [cell for cell in cells if not cell.header]
    if len({cell.col for cell in cells}) < 2 or len(body) == len(cells) or any(map(_spans, body)):
        return True
    if region.source == "ocr" or any(word.source == "ocr" for word in region.words):
        return True
    rows: dict[int, list[Cell]] = {}
    for cell in body:
        rows.setdefault(cell.row, []).append(cell)
    full = [cell for row in rows.values() if sum(bool(c.text) for c in row) > 1 for cell in row]
    if sum(not cell.text for cell in full) > _EMPTY * len(full):
        return True
    letters = sum(len(word.text) for word in region.words)
    return sum(len(cell.text.replace(" ", "")) for cell in cells) < _READ * letters


def _spans(cell: Cell) -> bool:
    return cell.row_span > 1 or cell.col_span > 1


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
