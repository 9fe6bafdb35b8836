"""Precision and recall of the verdicts on claims about the example documents.

    python benchmarks/grounding.py [--misjudged]

The examples are read as `octavo add` reads them; the claims are those of `grounding_claims.yaml`, and as many more made
from the cells of their tables by sentence patterns that differ between the halves. The halves have no document in
common; rules were adjusted on `development` only, and `--misjudged` lists what goes wrong there.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from octavo.generators.grounding.support import judge_claim
from octavo.ingest.reader import read
from octavo.ingest.types import Cell, Region

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
VERDICTS = ("supported", "derived", "contradicted", "absent", "unchecked")
HALVES = ("development", "test")
EACH = 8  # claims of each style from each table

Regions = Mapping[str, Sequence[Region]]
TITLES = {"annual-report.pdf": "Quillmere Lines plc: Annual Report 2024"}  # what a reader knows who opens the file


class Labelled(NamedTuple):
    """A claim, what it cites, and the verdict it should get."""

    half: str
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
    """The claims of the file."""
    halves = yaml.safe_load((HERE / "grounding_claims.yaml").read_text(encoding="utf-8"))
    for half in HALVES:
        for entry in halves[half]:
            shown = tuple(cited(regions[entry["document"]], what) for what in entry["cite"])
            for style, verdict, text in entry["claims"]:
                yield Labelled(half, style, verdict, text, shown, TITLES.get(entry["document"], ""))


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


def table_of(judged: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Precision and recall of each verdict, from pairs of what it should be and what it was."""
    should, was = Counter(s for s, _ in judged), Counter(w for _, w in judged)
    right = Counter(s for s, w in judged if s == w)
    for verdict in VERDICTS:
        precision = f"{right[verdict] / was[verdict]:.2f}" if was[verdict] else ""
        recall = f"{right[verdict] / should[verdict]:.2f}" if should[verdict] else ""
        yield f"| {verdict} | {should[verdict]} | {precision} | {recall} |"
    yield f"| all | {len(judged)} | {sum(right.values()) / len(judged):.2f} | |"


def report(claims: Sequence[Labelled], misjudged: bool) -> None:
    verdicts = [judge_claim(claim.text, claim.cited, claim.title).support for claim in claims]
    for half in HALVES:
        for by_program in (False, True):
            chosen = [(c, v) for c, v in zip(claims, verdicts, strict=True) if (c.half, c.made) == (half, by_program)]
            print(f"\n{half}, {'made from tables' if by_program else 'written'}\n\n| | claims | precision | recall |")
            print("|---|---|---|---|")
            print("\n".join(table_of([(c.verdict, v) for c, v in chosen])))
            # A claim that is wrong must not pass as proven: this is what grounding is for.
            wrong = [(c, v) for c, v in chosen if c.verdict in ("contradicted", "absent")]
            passed = sum(v in ("supported", "derived") for _, v in wrong)
            print(f"\nwrong or unsaid claims that pass as supported or derived: {passed} of {len(wrong)}")
            if misjudged and half == "development":
                for claim, verdict in chosen:
                    if claim.verdict != verdict:
                        print(f"  {claim.verdict} → {verdict} [{claim.style}] {claim.text}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misjudged", action="store_true", help="list the misjudged claims of the development half")
    arguments = parser.parse_args()
    examples = read_examples()
    report([*written(examples), *made(examples)], arguments.misjudged)
