"""Lexical search: BM25 over the FTS5 index of live passages."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ...analysis import ANALYSIS_VERSION
from ..sqlite.codec import decode_text
from ..sqlite.content import index_terms
from .scope import Scope

_PASSAGES_AT_ONCE = 2000


def search(
    connection: sqlite3.Connection, scope: Scope, terms: Sequence[str], k: int, weights: tuple[float, float]
) -> list[tuple[str, float]]:
    """Up to `k` passages in scope that hold any of `terms`, with their BM25 score (positive), best first.

    `weights` are those of a passage's context and of its text. Document frequencies are the whole library's, whatever
    the scope.
    """
    match = " OR ".join(_quoted(term) for term in dict.fromkeys(terms) if term)
    if not match or k <= 0:
        return []
    parameters = {"match": match, "context": weights[0], "body": weights[1], "k": k}
    if scope.whole_library:  # the index holds nothing else; ids are looked up for the best only
        rows = connection.execute(
            "SELECT p.id, best.score FROM (SELECT rowid, -bm25(lexical, :context, :body) AS score FROM lexical"
            " WHERE lexical MATCH :match ORDER BY score DESC, rowid LIMIT :k) AS best"
            " JOIN passages AS p ON p.rowid = best.rowid ORDER BY best.score DESC, best.rowid",
            parameters,
        )
    else:
        rows = connection.execute(
            "SELECT p.id, -bm25(lexical, :context, :body) AS score FROM lexical"
            " CROSS JOIN passages AS p ON p.rowid = lexical.rowid CROSS JOIN versions AS v ON v.key = p.owner"
            f" WHERE lexical MATCH :match AND {scope.condition} ORDER BY score DESC, p.rowid LIMIT :k",
            {**parameters, **scope.parameters},
        )
    return rows.fetchall()


def document_frequency(connection: sqlite3.Connection, terms: Sequence[str]) -> dict[str, int]:
    """In how many live passages (context or text) each of `terms` stands."""
    counted = "SELECT doc FROM vocabulary WHERE term = ?"
    found = {term: connection.execute(counted, (term,)).fetchone() for term in dict.fromkeys(terms)}
    return {term: row[0] if row else 0 for term, row in found.items()}


def enter(connection: sqlite3.Connection, version: int) -> None:
    """Put a version's passages into the index."""
    connection.execute(
        "INSERT INTO lexical (rowid, context, body) SELECT t.passage, t.context, t.body"
        " FROM passages AS p JOIN terms AS t ON t.passage = p.rowid WHERE p.owner = ?",
        (version,),
    )


def leave(connection: sqlite3.Connection, version: int) -> None:
    """Take a version's passages out of the index. FTS5 wants to be shown what it was given."""
    connection.execute(
        "INSERT INTO lexical (lexical, rowid, context, body) SELECT 'delete', t.passage, t.context, t.body"
        " FROM passages AS p JOIN terms AS t ON t.passage = p.rowid WHERE p.owner = ?",
        (version,),
    )


def enter_anew(connection: sqlite3.Connection) -> None:
    """Analyse all passages again, and put the live ones into an empty index."""
    connection.execute("INSERT INTO lexical (lexical) VALUES ('delete-all')")
    connection.execute("DELETE FROM terms")
    passages = connection.execute("SELECT rowid, context, description, text FROM passages")
    while some := passages.fetchmany(_PASSAGES_AT_ONCE):
        rows = [(row, *index_terms(*map(decode_text, said))) for row, *said in some]
        connection.executemany("INSERT INTO terms VALUES (?, ?, ?)", rows)
    for (version,) in connection.execute("SELECT key FROM versions WHERE state = 'live'").fetchall():
        enter(connection, version)
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('analysis', ?)", (str(ANALYSIS_VERSION),))


def outdated(connection: sqlite3.Connection) -> bool:
    """Whether the passages were analysed otherwise than questions are now."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'analysis'").fetchone()
    return row is None or row[0] != str(ANALYSIS_VERSION)


def faults(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the index, as the end of a sentence; SQLite's own errors where it cannot be read."""
    (live,) = connection.execute(
        "SELECT count(*) FROM passages AS p JOIN versions AS v ON v.key = p.owner WHERE v.state = 'live'"
    ).fetchone()
    (entered,) = connection.execute("SELECT count(*) FROM lexical_docsize").fetchone()
    (known,) = connection.execute(
        "SELECT count(*) FROM lexical_docsize AS d JOIN terms AS t ON t.passage = d.id"
        " JOIN passages AS p ON p.rowid = d.id JOIN versions AS v ON v.key = p.owner WHERE v.state = 'live'"
    ).fetchone()
    if not live == entered == known:
        return f"holds {entered} passages instead of {live}" if entered != live else "holds other passages than it says"
    # Against its content as well, where that holds nothing else: with 1 FTS5 compares with all of `terms`.
    (terms,) = connection.execute("SELECT count(*) FROM terms").fetchone()
    connection.execute("INSERT INTO lexical (lexical, rank) VALUES ('integrity-check', ?)", (int(terms == live),))
    return None


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
