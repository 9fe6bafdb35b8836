"""The labelled claims of benchmarks/grounding.py: on the example documents, made from their tables, on invented ones.

The invented documents are split into `seen` and `blind` by the hashes of their names, so that nobody chose which is
which; the verdicts on single claims of `test` and `blind` are not looked at.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from octavo.ingest.reader import read
from octavo.ingest.types import BBox, Cell, Region, Word

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
SETS = ("development", "test", "seen", "blind", "daily")
LOOKED_AT = ("development", "seen", "daily")
EACH = 8  # claims of each style from each table

Regions = Mapping[str, Sequence[Region]]
TITLES = {"annual-report.pdf": "Quillmere Lines plc: Annual Report 2024"}  # what a reader knows who opens the file


class Labelled(NamedTuple):
    """A claim, what it cites, and the verdict it should get."""

    set: str
    style: str
    verdict: str
    text: str
    cited: tuple[Region, ...]
    title: str = ""
    made: bool = False


class Source(NamedTuple):
    """A table that claims are made from: unit and a wrong unit for all its figures ("" where columns differ)."""

    half: str
    document: str
    cite: str
    unit: str
    wrong: str


SOURCES = (
    Source("development", "annual-report.pdf", "p6 table", "", ""),
    Source("development", "annual-report.pdf", "p7 table", " million euros", " million pounds"),
    Source("development", "annual-report.pdf", "p9 table 2", "", ""),
    Source("development", "slides.pdf", "p5 table", "", ""),
    Source("test", "field-study.pdf", "p3 table", "", ""),
    Source("test", "field-study.pdf", "p3 table 2", "", ""),
    Source("development", "scanned-letter.pdf", "p1 table", "", ""),
    Source("development", "sprachen.pdf", "p2 table", "", ""),
)
PATTERNS = {
    "development": ("In the column {column}, the value for {row} is {value}.", "{row} ({column}): {value}."),
    "test": ("{column} for {row} stands at {value}.", "According to the table, {row} has {value} as {column}."),
}


def read_examples() -> Regions:
    return {
        path.name: [region for page in read(path, version=path.stem) for region in page.regions]
        for path in sorted(EXAMPLES.glob("*.pdf"))
    }


def cited(regions: Sequence[Region], what: str) -> Region:
    """The region that "p6 table", "p3 table 2" or "p6 Revenue grew by" means."""
    page, name = re.fullmatch(r"p(\d+) (.*)", what).groups()  # type: ignore[union-attr]
    here = [region for region in regions if region.page == int(page)]
    if kind := re.fullmatch(r"(table|figure)(?: (\d))?", name):
        return [region for region in here if region.kind == kind[1]][int(kind[2] or 1) - 1]
    return next(region for region in here if region.text.startswith(name))


def written(regions: Regions) -> Iterator[Labelled]:
    """The claims on the example documents."""
    sets = yaml.safe_load((HERE / "grounding_claims.yaml").read_text(encoding="utf-8"))
    for name, entries in sets.items():
        for entry in entries:
            shown = tuple(cited(regions[entry["document"]], what) for what in entry["cite"])
            for style, verdict, text in entry["claims"]:
                yield Labelled(name, style, verdict, text, shown, TITLES.get(entry["document"], ""))


def invented() -> Iterator[Labelled]:
    """The claims on invented documents; every second one, in the order of their names' hashes, is blind."""
    documents = yaml.safe_load((HERE / "grounding_documents.yaml").read_text(encoding="utf-8"))
    order = sorted(documents, key=lambda document: sha256(document["document"].encode()).hexdigest())
    for n, document in enumerate(order):
        yield from _labelled(SETS[2 + n % 2], document)


def daily() -> Iterator[Labelled]:
    """The claims that somebody else wrote, on documents of daily life."""
    for document in yaml.safe_load((HERE / "grounding_daily.yaml").read_text(encoding="utf-8")):
        yield from _labelled("daily", document)


def _labelled(name: str, document: Mapping[str, Any]) -> Iterator[Labelled]:
    regions = {part: set_region(part, **region) for part, region in document["regions"].items()}
    for parts, claims in document["claims"].items():
        shown = tuple(regions[part] for part in parts.split())
        for style, verdict, text in claims:
            yield Labelled(name, style, verdict, text, shown, document.get("title", ""))


def set_region(name: str, *, text: str = "", lines: str = "", table: str = "", headers: int = 1, **of: Any) -> Region:
    """A region of a document that was never printed: lines and cells are as wide and high as their text."""
    words = [
        Word(word.group(), BBox(0.01 * word.start(), 0.03 * n, 0.01 * word.end(), 0.03 * n + 0.02), "text-layer")
        for n, line in enumerate(lines.splitlines())
        for word in re.finditer(r"\S+", line)
    ]
    cells: list[Cell] = []
    for row, line in enumerate(table.splitlines()):
        for col, said in enumerate(part.strip() for part in line.split("|")):
            if said == "<":
                cells[-1] = cells[-1].model_copy(update={"col_span": cells[-1].col_span + 1})
                continue
            box = BBox(0.1 * col, 0.04 * row, 0.1 * (col + 1), 0.04 * (row + 1))
            cells.append(Cell(row=row, col=col, bbox=box, text=said, header=row < headers))
    return Region(
        id=name,
        page=1,
        order=0,
        bbox=BBox(0, 0, 1, 1),
        text=text or " ".join(lines.split()) or table,
        words=tuple(words),
        cells=tuple(cells) or None,
        **of,
    )


def made(regions: Regions) -> Iterator[Labelled]:
    """Claims made from cells with a number: right, with a digit changed, of another row or column, of another unit."""
    chance = random.Random(7)
    for source in SOURCES:
        table = cited(regions[source.document], source.cite)
        cells = [c for c in table.cells or () if c.text.strip()]
        label = {c.row: c.text for c in cells if c.col == 0 and not c.header}
        names = {col: _name(cells, col) for col in {c.col for c in cells} if col}
        grid = {
            (c.row, c.col): c for c in cells if not c.header and re.fullmatch(r"\(?[\d,.]+\)?(?:[^\d]{0,2})", c.text)
        }
        usable = [c for c in grid.values() if c.row in label and names.get(c.col) and c.col and names[c.col] != "Note"]
        for style in ("right", "wrong number", "wrong row", "wrong column", "wrong unit"):
            shares = ("wrong unit", "per cent")
            cells = [c for c in usable if style != shares[0] or _bare(c, shares[1] in label[c.row] + names[c.col])]
            for cell in chance.sample(cells, min(EACH, len(cells))):
                value = _changed(style, cell, grid, source, chance)
                if value is None:
                    continue
                pattern = chance.choice(PATTERNS[source.half])
                text = pattern.format(column=names[cell.col], row=label[cell.row], value=value)
                verdict = "supported" if style == "right" else "contradicted"
                yield Labelled(source.half, style, verdict, text, (table,), made=True)


def _bare(cell: Cell, share: bool) -> bool:
    """Whether a wrong unit may be put behind a cell's number: it has none of its own, and is no share."""
    return not share and re.fullmatch(r"\(?[\d,.]+\)?", cell.text) is not None


def _name(cells: Sequence[Cell], col: int) -> str:
    """A column's name without its unit."""
    heads = [c.text for c in cells if c.header and c.col <= col < c.col + c.col_span and c.text]
    return re.sub(r"\s*\([^)]*\)", "", " ".join(dict.fromkeys(heads)))


def _changed(
    style: str, cell: Cell, grid: Mapping[tuple[int, int], Cell], source: Source, chance: random.Random
) -> str | None:
    """What a claim of this style says instead of the cell's own number; None where it would say nothing wrong."""
    own = cell.text.strip("()")
    if style == "right":
        return own + source.unit
    if style == "wrong unit":
        return own + (source.wrong or " per cent")
    if style == "wrong number":
        digits = [i for i, c in enumerate(own) if c.isdigit()]
        at = chance.choice(digits)
        other = str((int(own[at]) + chance.randrange(1, 9)) % 10)
        changed = own[:at] + other + own[at + 1 :]
        return changed + source.unit if not changed.startswith("0") or own.startswith("0") else None
    same = [
        c.text.strip("()")
        for (row, col), c in grid.items()
        if (col == cell.col and row != cell.row if style == "wrong row" else row == cell.row and col != cell.col)
    ]
    same = [text for text in same if text != own]
    return chance.choice(same) + source.unit if same else None
