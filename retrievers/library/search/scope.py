"""Filters in SQL: which passages may be found at all. Every search asks this, so restrictions hold exactly."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...types import Filters
from ..sqlite.codec import encode_json

# A passage on pages 3 and 7 has nothing on page 5: only such straddling ones need their places read, and they are
# looked up apart (q), so that all others are told by an index that holds neither text nor places.
_ON_PAGES = """
    p.first_page <= :last AND p.last_page >= :first AND (
        p.first_page >= :first OR p.last_page <= :last OR EXISTS (
            SELECT 1 FROM passages AS q, json_each(q.places) AS place
            WHERE q.rowid = p.rowid AND json_extract(place.value, '$[0]') BETWEEN :first AND :last
        )
    )"""
_NO_LAST_PAGE = 1 << 62  # SQLite takes no number of more than 64 bits


Listed = dict[int, NDArray[np.int64] | None]
"""Keys of versions, each with ascending rowids of its passages; None stands for all of them."""


class Scope(NamedTuple):
    """Live passages that meet some filters.

    `condition` is SQL over `passages AS p` and `versions AS v` (over `v` alone if `whole_documents`); lists go in as
    one JSON parameter each, so that SQLite's limit on variables never matters.
    """

    condition: str
    parameters: dict[str, Any]
    whole_library: bool
    whole_documents: bool

    @property
    def sql(self) -> str:
        """`FROM … WHERE …` of the passages in scope."""
        return f"FROM versions AS v CROSS JOIN passages AS p ON p.owner = v.key WHERE {self.condition}"

    def within(self, versions: Iterable[int]) -> Scope:
        """This scope, of the versions with these keys only."""
        return self._replace(
            condition=f"{self.condition} AND v.key IN (SELECT value FROM json_each(:versions))",
            parameters={**self.parameters, "versions": encode_json(sorted(versions))},
            whole_library=False,
        )

    def listed(self, connection: sqlite3.Connection, at_most: int) -> Listed | None:
        """The passages in scope by version; None if there are more than `at_most`."""
        if self.whole_documents:
            counted = f"SELECT v.key, v.passage_count FROM versions AS v WHERE {self.condition}"
            versions = connection.execute(counted, self.parameters).fetchall()
            return {key: None for key, _ in versions} if sum(n for _, n in versions) <= at_most else None
        found = connection.execute(
            f"SELECT v.key, p.rowid {self.sql} LIMIT :at_most", {**self.parameters, "at_most": at_most + 1}
        ).fetchall()
        if len(found) > at_most:
            return None
        pairs = np.array(found, np.int64).reshape(-1, 2)
        pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
        keys, starts = np.unique(pairs[:, 0], return_index=True)
        return dict(zip(keys.tolist(), np.split(pairs[:, 1], starts[1:]), strict=bool(len(keys))))

    def size(self, connection: sqlite3.Connection, at_most: int) -> int:
        """How many passages are in scope; counting stops at `at_most`."""
        counted = f"SELECT count(*) FROM (SELECT 1 {self.sql} LIMIT :at_most)"
        return int(connection.execute(counted, {**self.parameters, "at_most": at_most}).fetchone()[0])

    def ids(self, connection: sqlite3.Connection, limit: int | None) -> list[str]:
        """The passages in scope, by document and order, `limit` of them at most."""
        rows = connection.execute(
            f"SELECT p.id {self.sql} ORDER BY v.name, v.key, p.ord LIMIT :limit",
            {**self.parameters, "limit": -1 if limit is None else limit},
        )
        return [row[0] for row in rows]

    def pages_named(self, connection: sqlite3.Connection, names: Iterable[int]) -> list[tuple[str, int]]:
        """Pages of documents in scope whose printed label is one of `names`, or, in documents where no page has that
        label, whose number is. Names below zero count from the end: -1 is the last page."""
        versions = f"FROM versions AS v WHERE {self.condition}" if self.whole_documents else self.sql
        rows = connection.execute(
            f"WITH scoped AS (SELECT DISTINCT v.key AS key, v.document AS document, v.page_count AS pages {versions}),"
            " named AS (SELECT value AS name FROM json_each(:names)),"
            " labelled AS (SELECT s.key, s.document, g.number, n.name FROM scoped AS s"
            " JOIN pages AS g ON g.owner = s.key JOIN named AS n ON CAST(g.label AS TEXT) = CAST(n.name AS TEXT))"
            " SELECT document, number FROM labelled UNION"
            " SELECT s.document, g.number FROM scoped AS s JOIN pages AS g ON g.owner = s.key"
            " JOIN named AS n ON g.number = CASE WHEN n.name < 0 THEN s.pages + 1 + n.name ELSE n.name END"
            " WHERE NOT EXISTS (SELECT 1 FROM labelled AS l WHERE l.key = s.key AND l.name = n.name)"
            " ORDER BY 1, 2",
            {**self.parameters, "names": encode_json(list(names))},
        )
        return [(row[0], row[1]) for row in rows]

    def among(self, connection: sqlite3.Connection, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that are in scope."""
        rows = connection.execute(
            "SELECT p.id FROM json_each(:ids) AS wanted CROSS JOIN passages AS p ON p.id = wanted.value"
            f" CROSS JOIN versions AS v ON v.key = p.owner WHERE {self.condition}",
            {**self.parameters, "ids": encode_json(list(ids))},
        )
        return {row[0] for row in rows}


def resolve(connection: sqlite3.Connection, filters: Filters) -> Scope:
    """The scope of `filters` in the state that `connection` sees."""
    conditions = ["v.state = 'live'"]
    parameters: dict[str, Any] = {}
    documents = set(filters.documents) if filters.documents else None
    if filters.metadata:
        rows = connection.execute("SELECT id, metadata FROM documents").fetchall()
        documents = {
            document
            for document, metadata in rows
            if (documents is None or document in documents) and matches(json.loads(metadata), filters.metadata)
        }
    if documents is not None:
        conditions.append("v.document IN (SELECT value FROM json_each(:documents))")
        parameters["documents"] = encode_json(sorted(documents))
    whole_documents = True
    if filters.kinds:
        conditions.append("p.kind IN (SELECT value FROM json_each(:kinds))")
        parameters["kinds"] = encode_json(sorted(set(filters.kinds)))
        whole_documents = False
    if filters.first_page is not None or filters.last_page is not None:
        conditions.append(_ON_PAGES)
        parameters["first"] = min(filters.first_page or 1, _NO_LAST_PAGE)
        parameters["last"] = min(filters.last_page or _NO_LAST_PAGE, _NO_LAST_PAGE)
        whole_documents = False
    return Scope(" AND ".join(conditions), parameters, whole_documents and documents is None, whole_documents)


def matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether `metadata` has each wanted key with that value; of a list, wanted or had, any element will do."""
    return all(
        key in metadata and any(_same(had, want) for had in _each(metadata[key]) for want in _each(value))
        for key, value in wanted.items()
    )


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _same(had: Any, want: Any) -> bool:
    if isinstance(had, bool) != isinstance(want, bool):  # True is not 1 here
        return False
    # On a command line every value is text: "2023" means a sidecar's number 2023 too.
    return bool(had == want) or (isinstance(want, str) and isinstance(had, int | float) and str(had) == want)
