"""Search primitives: what is found, in which order, and never outside the filters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.ingest.types import BBox, Passage, Place
from octavo.retrievers.analysis import analyse
from octavo.retrievers.library import Library
from octavo.retrievers.library.search import dense as dense_module
from octavo.retrievers.library.search.scan import Scanner
from octavo.retrievers.library.search.scope import matches
from octavo.retrievers.types import Filters
from octavo.tests.retrievers.library.material import MAKER, document, page, passage, stage, vector, write

BOX = BBox(0.1, 0.1, 0.2, 0.2)
KINDS = ("text", "table", "figure")
DOCUMENTS = [
    document(f"{n}.pdf", metadata={"year": 2020 + n % 3, "team": ["red", "blue"] if n % 2 else "red", "final": n == 4})
    for n in range(6)
]


def pages_of(order: int) -> tuple[int, ...]:
    """Every tenth passage stands on two pages that do not touch."""
    return (order % 7 + 1, order % 7 + 4) if order % 10 == 0 else (order % 7 + 1,)


PASSAGES = [
    passage(doc, order, kind=KINDS[order % 3], places=tuple(Place(n, BOX) for n in pages_of(order)))
    for doc in DOCUMENTS
    for order in range(40)
]
VECTORS = {p.id: vector(p.id) for p in PASSAGES}
QUERY = vector("question")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Six documents of forty passages, only read by the tests."""
    with Library.open(tmp_path_factory.mktemp("shelf"), maker=MAKER) as library:
        for doc in DOCUMENTS:
            some = [p for p in PASSAGES if p.document == doc.id]
            write(library, doc, some, np.array([VECTORS[p.id] for p in some]))
        yield library


@pytest.fixture(params=["scan", "streamed scan", "index"])
def way(request: pytest.FixtureRequest, shelf: Library, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The same library, searched in each of the ways that its size may ask for."""
    if request.param == "index":
        monkeypatch.setattr(dense_module, "SCANNED_NUMBERS", 0)
    if request.param == "streamed scan":
        monkeypatch.setattr(shelf._dense, "_scanner", Scanner(MAKER.dimension, cached=0))
    return shelf


def admitted(filters: Filters) -> list[Passage]:
    """The filters, in plain Python."""
    metadata = {doc.id: doc.metadata for doc in DOCUMENTS}
    first, last = filters.first_page or 1, filters.last_page or 10**9
    return [
        p
        for p in PASSAGES
        if (not filters.documents or p.document in filters.documents)
        and (not filters.kinds or p.kind in filters.kinds)
        and any(first <= page <= last for page in p.pages)
        and matches(metadata[p.document], filters.metadata)
    ]


FILTERS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "one document": {"documents": (DOCUMENTS[2].id,)},
    "a thousand documents": {"documents": (*(f"unknown{n}" for n in range(1000)), DOCUMENTS[1].id, DOCUMENTS[3].id)},
    "kinds": {"kinds": ("table", "figure")},
    "one page": {"first_page": 5, "last_page": 5},
    "from a page on": {"first_page": 8},
    "up to a page": {"last_page": 2},
    "metadata": {"metadata": {"year": 2021}},
    "metadata, any of": {"metadata": {"year": [2020, 2022], "team": "blue"}},
    "metadata, true": {"metadata": {"final": True}},
    "metadata, one is not true": {"metadata": {"final": 1}},
    "all at once": {
        "documents": tuple(doc.id for doc in DOCUMENTS[:4]),
        "kinds": ("text",),
        "first_page": 2,
        "last_page": 5,
        "metadata": {"team": "red"},
    },
    "unknown document": {"documents": ("unknown",)},
    "unknown metadata": {"metadata": {"colour": "red"}},
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_hold_exactly_and_hide_nothing(way: Library, name: str) -> None:
    filters = Filters(**FILTERS[name])
    expected = admitted(filters)
    ranking = sorted(expected, key=lambda p: -float(VECTORS[p.id] @ QUERY))
    found = way.dense(QUERY, 500, filters)
    assert [i for i, _ in found] == [p.id for p in ranking]
    assert [score for _, score in found] == pytest.approx([float(VECTORS[p.id] @ QUERY) for p in ranking], abs=2e-3)
    assert [i for i, _ in way.dense(QUERY, 3, filters)] == [p.id for p in ranking[:3]]
    assert {i for i, _ in way.lexical(["everyth"], 500, filters)} == {p.id for p in expected}
    assert way.passage_ids(filters) == [p.id for p in expected]
    assert way.passage_ids(filters, 2) == [p.id for p in expected[:2]]


def test_the_filters_of_these_tests_are_worth_testing() -> None:
    sizes = {name: len(admitted(Filters(**filters))) for name, filters in FILTERS.items()}
    assert sizes["nothing"] == 240
    assert sizes["one page"] == 6 * 6  # and not the passages of pages 4 and 7, whose range goes over it
    assert sum(p.pages == (4, 7) for p in PASSAGES) == 6
    assert sizes["unknown document"] == sizes["unknown metadata"] == sizes["metadata, one is not true"] == 0
    assert all(0 < size < 240 for name, size in sizes.items() if "un" not in name and "not" not in name)


def test_metadata_matches() -> None:
    assert matches({"a": 1, "b": 2}, {"a": 1})
    assert matches({"a": [1, 2]}, {"a": 2})
    assert matches({"a": 1}, {"a": [3, 1]})
    assert not matches({"a": 1}, {"a": 1, "b": 2})
    assert not matches({"a": 1}, {"a": []})
    assert matches({}, {})
    assert matches({"year": 2023}, {"year": "2023"})  # as said on a command line
    assert not matches({"year": 2023}, {"year": "2023.0"})
    assert not matches({"final": True}, {"final": "True"})


def test_bm25_by_hand(library: Library) -> None:
    """FTS5's BM25: idf = ln((N - n + ½) / (n + ½)), k1 = 1.2, b = .75, lengths over both columns."""
    doc = document()
    texts = ["apple", "apple pear", "pear plum plum", "cherry fig", "grape kiwi", "lemon lime"]
    contexts = ["", "", "", "", "", "apple"]
    some = [passage(doc, n, text=t, context=c) for n, (t, c) in enumerate(zip(texts, contexts, strict=True))]
    write(library, doc, some, np.array([vector(n) for n in range(6)]))
    (term,) = analyse("plum")
    ((best, score),) = library.lexical([term], 10)
    mean = (1 + 2 + 3 + 2 + 2 + 3) / 6
    idf = np.log((6 - 1 + 0.5) / (1 + 0.5))
    assert best == some[2].id
    assert score == pytest.approx(idf * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / mean)))
    # One of the context's words counts as its column's weight says.
    apple = analyse("apple")
    assert [i for i, _ in library.lexical(apple, 10, weights=(0.1, 1.0))] == [some[n].id for n in (0, 1, 5)]
    assert [i for i, _ in library.lexical(apple, 10, weights=(9.0, 1.0))] == [some[n].id for n in (5, 0, 1)]
    pear_or_plum = library.lexical([*analyse("pear plum"), "unknown"], 2)
    assert [i for i, _ in pear_or_plum] == [some[2].id, some[1].id]
    assert all(score > 0 for _, score in pear_or_plum)


def test_terms_are_looked_up_as_they_are(library: Library) -> None:
    doc = document()
    write(library, doc, [passage(doc, 0, text="日本語 straße नमस्ते 1,234.5", context="")], np.array([vector(0)]))
    for term in analyse("日本語 straße नमस्ते 1234.5"):
        assert len(library.lexical([term], 5)) == 1, term
        assert library.document_frequency([term]) == {term: 1}
    for term in ('a"b', "NEAR(a b)", "*", '" OR "', "AND", "-x", "ctx:y", ""):
        assert library.lexical([term], 5) == []
    assert library.lexical([], 5) == []
    assert len(library.lexical([f"t{n}" for n in range(3000)] + analyse("straße"), 5)) == 1


def test_pages_are_found_by_what_readers_call_them(library: Library) -> None:
    """A printed label where a page has it, else the page's place in the file."""
    labelled, plain = document("labelled.pdf"), document("plain.pdf")
    for doc, labels in ((labelled, ["i", "ii", "1", "2"]), (plain, [None, None, None, None])):
        with stage(library, doc) as staging:
            pages = [page(doc, n).model_copy(update={"label": label}) for n, label in enumerate(labels, 1)]
            staging.add_pages(pages, {})
            staging.commit()
    found = library.pages_named([1, 4])
    assert sorted(found) == sorted([(labelled.id, 3), (labelled.id, 4), (plain.id, 1), (plain.id, 4)])
    assert library.pages_named([1], Filters(documents=(plain.id,))) == [(plain.id, 1)]
    assert library.pages_named([9]) == library.pages_named([]) == []


def test_frequencies_count_live_passages(shelf: Library) -> None:
    assert shelf.document_frequency(["everyth", "12", "nowher"]) == {"everyth": 240, "12": 6, "nowher": 0}
    assert shelf.passage_count() == 240


def test_nothing_asked_nothing_found(shelf: Library) -> None:
    assert shelf.dense(QUERY, 0) == []
    assert shelf.lexical(["everyth"], 0) == []
    assert shelf.passages([]) == []
    with pytest.raises(ValueError, match="shape"):
        shelf.dense(QUERY[:8], 3)


def test_no_scope_is_lost_behind_a_crowd(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is asked for ever more neighbours, then `library.db` itself, until enough lie in scope."""
    monkeypatch.setattr(dense_module, "SCANNED_NUMBERS", 0)
    monkeypatch.setattr(dense_module, "_FEWEST", 4)
    monkeypatch.setattr(dense_module, "_OVERSAMPLED", 1)
    monkeypatch.setattr(dense_module, "_OVERSAMPLED_IN_SCOPE", 1)
    near, far = document("near.pdf"), document("far.pdf")
    crowd = np.array([QUERY + 0.01 * vector(n) for n in range(300)], np.float32)
    write(library, near, [passage(near, n) for n in range(300)], crowd)
    write(library, far, [passage(far, n) for n in range(300)], -crowd)
    scope = Filters(documents=(far.id,))
    assert len(library.dense(QUERY, 7, scope)) == 7
    monkeypatch.setattr(dense_module, "_MOST", 8)  # the index gives up
    assert {i.split(".")[0] for i, _ in library.dense(QUERY, 7, scope)} == {far.id}


def test_an_index_that_lost_rows_does_not_lose_answers(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    doc = document()
    write(library, doc, [passage(doc, n) for n in range(9)], np.array([vector(n) for n in range(9)]))
    library._index.opened().delete_ids([passage(doc, 3).id])
    (problem,) = library.verify()
    assert problem.startswith(f"the vector index lacks 1 passage, e.g. {passage(doc, 3).id}")
    for k in (9, 1):  # the index could give one, only not the nearest
        caplog.clear()
        assert library.dense(vector(3), k)[0][0] == passage(doc, 3).id
        assert "does not give every vector" in caplog.text
    assert library.repair() == ["1 row written to the vector index and 0 deleted"]
    assert library.verify() == []
    caplog.clear()
    assert library.dense(vector(3), 1)[0][0] == passage(doc, 3).id
    assert not caplog.text


def test_the_cache_of_matrices_is_bounded(tmp_path: Path, shelf: Library) -> None:
    scanner = Scanner(MAKER.dimension, cached=100 * MAKER.dimension)
    shelf_dense = dense_module.Dense(shelf._database, shelf._index, scanner)
    for doc in DOCUMENTS:
        assert len(shelf_dense.search(QUERY, 99, Filters(documents=(doc.id,)))) == 40
        assert scanner._numbers == sum(m.vectors.size for m in scanner._matrices.values()) <= 100 * MAKER.dimension
    assert len(scanner._matrices) == 2
