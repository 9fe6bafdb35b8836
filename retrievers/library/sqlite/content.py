"""Pages, regions and passages as rows, and back. All functions run in their caller's transaction."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....ingest.types import Page, Passage, Region
from ...analysis import analyse
from ...statements import marks
from . import codec

_REGION = "id, page, ord, kind, box, source, section, text, caption, html, cells, words"
_PASSAGE = "p.id, v.document, v.version, p.ord, p.kind, p.places, p.regions, p.text, p.context, p.description"


# CROSS JOIN keeps SQLite from walking through all live passages to find a few.
_LIVE_OF_THESE = (
    "FROM json_each(?) AS wanted CROSS JOIN passages AS p ON p.id = wanted.value"
    " CROSS JOIN versions AS v ON v.key = p.owner AND v.state = 'live'"
)


def store_pages(connection: sqlite3.Connection, owner: int, pages: Sequence[Page]) -> None:
    connection.executemany(
        "INSERT INTO pages VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                owner,
                p.number,
                p.width,
                p.height,
                p.rotation,
                codec.encode_optional(p.label),
                codec.encode_json(p.notes),
            )
            for p in pages
        ],
    )
    connection.executemany(
        f"INSERT INTO regions (owner, {_REGION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(owner, *_region_row(region)) for page in pages for region in page.regions],
    )


def load_pages(connection: sqlite3.Connection, owner: int, first: int, last: int) -> list[Page]:
    """The pages `first` to `last` of a version, in order; those it does not have are left out."""
    regions: dict[int, list[Region]] = {}
    for row in connection.execute(
        f"SELECT {_REGION} FROM regions WHERE owner = ? AND page BETWEEN ? AND ? ORDER BY page, ord",
        (owner, first, last),
    ):
        regions.setdefault(row[1], []).append(_region(row))
    rows = connection.execute(
        "SELECT number, width, height, rotation, label, notes FROM pages WHERE owner = ? AND number BETWEEN ? AND ?"
        " ORDER BY number",
        (owner, first, last),
    ).fetchall()
    return [
        Page(
            number=number,
            width=width,
            height=height,
            rotation=rotation,
            label=codec.decode_optional(label),
            regions=tuple(regions.get(number, ())),
            notes=codec.decode_strings(notes),
        )
        for number, width, height, rotation, label, notes in rows
    ]


def load_regions(connection: sqlite3.Connection, owner: int, ids: Sequence[str]) -> list[Region]:
    """Regions of a version in the order of `ids`; unknown ids are left out."""
    rows = connection.execute(
        # +owner: by the ids' index, not by a walk through all regions of the version.
        f"SELECT {_REGION} FROM regions WHERE id IN (SELECT value FROM json_each(?)) AND +owner = ?",
        (codec.encode_json(list(ids)), owner),
    )
    found = {row[0]: _region(row) for row in rows}
    return [found[region] for region in ids if region in found]


def index_terms(context: str, description: str, text: str) -> tuple[str, str]:
    """What the index gets of a passage: tokens of what helps to find it and of its text, joined by spaces."""
    return " ".join(analyse(f"{context}\n{description}")), " ".join([*analyse(text), *marks(text)])


def analysed(passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """What the lexical index gets of each passage."""
    return [index_terms(p.context, p.description, p.text) for p in passages]


def store_passages(
    connection: sqlite3.Connection,
    owner: int,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    tokens: Sequence[bytes | None],
    terms: Sequence[tuple[str, str]],
) -> None:
    """Passages with their unit `vectors` (n, d), token vectors and terms (see `analysed`)."""
    blobs = codec.encode_vectors(vectors)
    for passage, vector, token, term in zip(passages, blobs, tokens, terms, strict=True):
        row = connection.execute(
            "INSERT INTO passages (id, owner, ord, kind, first_page, last_page, places, regions, text, context,"
            " description) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                passage.id,
                owner,
                passage.order,
                passage.kind,
                min(passage.pages),
                max(passage.pages),
                codec.encode_places(passage.places),
                codec.encode_json(passage.regions),
                codec.encode_text(passage.text),
                codec.encode_text(passage.context),
                codec.encode_text(passage.description),
            ),
        ).lastrowid
        connection.execute("INSERT INTO vectors VALUES (?, ?)", (row, vector))
        connection.execute("INSERT INTO terms VALUES (?, ?, ?)", (row, *term))
        if token is not None:
            connection.execute("INSERT INTO token_vectors VALUES (?, ?)", (row, token))


def load_passages(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Passage]:
    """Live passages in the order of `ids`; others are left out."""
    rows = connection.execute(
        f"SELECT {_PASSAGE} {_LIVE_OF_THESE}",
        (codec.encode_json(list(ids)),),
    )
    found = {row[0]: _passage(row) for row in rows}
    return [found[passage] for passage in ids if passage in found]


def load_neighbours(connection: sqlite3.Connection, passage: str, n: int) -> list[Passage]:
    """Up to `n` passages before and after a live one, in reading order, without itself."""
    rows = connection.execute(
        f"SELECT {_PASSAGE} FROM passages AS here JOIN versions AS v ON v.key = here.owner AND v.state = 'live'"
        " JOIN passages AS p ON p.owner = here.owner AND p.ord BETWEEN here.ord - :n AND here.ord + :n"
        " AND p.ord <> here.ord WHERE here.id = :id ORDER BY p.ord",
        {"id": passage, "n": n},
    )
    return [_passage(row) for row in rows]


def load_terms(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[list[str], list[str]]]:
    """The index tokens of live passages: of the context and of the text."""
    rows = connection.execute(
        f"SELECT p.id, t.context, t.body {_LIVE_OF_THESE} CROSS JOIN terms AS t ON t.passage = p.rowid",
        (codec.encode_json(list(ids)),),
    )
    return {passage: (context.split(), body.split()) for passage, context, body in rows}


def load_blobs(connection: sqlite3.Connection, table: str, column: str, ids: Iterable[str]) -> dict[str, bytes]:
    """A blob per live passage, from `vectors` or `token_vectors`; passages without one are left out."""
    rows = connection.execute(
        f"SELECT p.id, b.{column} {_LIVE_OF_THESE} CROSS JOIN {table} AS b ON b.passage = p.rowid",
        (codec.encode_json(list(ids)),),
    )
    return dict(rows.fetchall())


def _region_row(r: Region) -> tuple[Any, ...]:
    return (
        r.id,
        r.page,
        r.order,
        r.kind,
        codec.encode_box(r.bbox),
        r.source,
        codec.encode_json(r.section),
        codec.encode_text(r.text),
        codec.encode_optional(r.caption),
        codec.encode_optional(r.html),
        codec.encode_cells(r.cells),
        codec.encode_words(r.words),
    )


def _region(row: Sequence[Any]) -> Region:
    region, page, order, kind, box, source, section, text, caption, html, cells, words = row
    return Region(
        id=region,
        page=page,
        order=order,
        kind=kind,
        bbox=codec.decode_box(box),
        source=source,
        section=codec.decode_strings(section),
        text=codec.decode_text(text),
        caption=codec.decode_optional(caption),
        html=codec.decode_optional(html),
        cells=codec.decode_cells(cells),
        words=codec.decode_words(words),
    )


def _passage(row: Sequence[Any]) -> Passage:
    passage, document, version, order, kind, places, regions, text, context, description = row
    return Passage(
        id=passage,
        document=document,
        version=version,
        order=order,
        kind=kind,
        places=codec.decode_places(places),
        regions=tuple(json.loads(regions)),
        text=codec.decode_text(text),
        context=codec.decode_text(context),
        description=codec.decode_text(description),
    )
