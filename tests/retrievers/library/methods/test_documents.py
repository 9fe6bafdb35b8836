"""Documents, pages, regions and passages as they were staged; names; failures; originals."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from octavo.errors import LibraryBusy, OctavoError, PageFailed, UnknownDocument, UnreadableFile
from octavo.ingest.types import BBox, Document, Place
from octavo.retrievers.library import FileStat, Held, Library
from octavo.tests.retrievers.library.material import (
    MAKER,
    add,
    dense,
    document,
    page,
    passage,
    stage,
    vector,
    versions_found,
    write,
)


def held(doc: Document, size: int, mtime_ns: int) -> Held:
    return Held(doc.id, doc.source, size, mtime_ns, doc.content, "v1", doc.metadata, {"ocr": "auto"}, "test", 0, 6, 6)


def test_everything_staged_is_there_after_reopening(tmp_path: Path) -> None:
    doc = document(metadata={"year": 2023, "tags": ["a", "b"]}, page_count=3)
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, doc)
    with Library.open(tmp_path, maker=MAKER) as library:
        assert library.documents() == [doc]
        assert list(library.pages(doc.id)) == [page(doc, n) for n in (1, 2, 3)]
        assert library.page(doc.id, 2) == page(doc, 2)
        passages = [passage(doc, n) for n in range(6)]
        assert library.passages([p.id for p in passages]) == passages
        assert library.stat_of(doc.id) == held(doc, 10, 20)
        assert library.held() == {doc.id: held(doc, 10, 20)}
        vectors = library.dense_vectors([p.id for p in passages])
        assert np.allclose([vectors[p.id] for p in passages], dense(doc, passages), atol=1e-3)
        assert library.token_vectors([passages[4].id]) == {passages[4].id: b"t4"}
        assert library.verify() == []


def test_what_is_asked_for_comes_in_the_order_asked(library: Library) -> None:
    doc = document()
    add(library, doc)
    ids = [passage(doc, n).id for n in (4, 0, 2)]
    assert [p.id for p in library.passages([ids[0], "unknown", *ids[1:]])] == ids
    regions = [page(doc, 3).regions[2], page(doc, 1).regions[0]]
    assert library.regions_of(doc.id, [r.id for r in regions] + ["unknown"]) == regions
    assert [p.order for p in library.neighbours(ids[0], 2)] == [2, 3, 5]
    assert [p.order for p in library.neighbours(ids[1])] == [1]
    assert library.neighbours("unknown") == []


def test_the_same_bytes_in_two_places_are_two_documents(library: Library) -> None:
    """Their regions have the same ids, which say nothing of the document."""
    one, two = document("a/report.pdf"), document("b/report.pdf")
    add(library, one)
    add(library, two)
    ids = [page(one, 1).regions[0].id]
    library.remove(one.id)
    assert [r.id for r in library.regions_of(two.id, ids)] == ids
    with pytest.raises(UnknownDocument):
        library.regions_of(one.id, ids)


def test_text_that_is_no_unicode_survives(library: Library) -> None:
    doc = document("caf\udce9.pdf", title="\ud800")
    some = [passage(doc, 0, text="broken \udfff glyphs", context="\ud800")]
    write(library, doc, some, np.array([vector(0)]))
    assert library.document("/papers/caf\udce9.pdf") == doc
    assert library.passages([some[0].id]) == some
    assert [i for i, _ in library.lexical(["glyph"], 5)] == [some[0].id]


def test_pages_that_are_not_there(library: Library) -> None:
    doc = document()
    add(library, doc)
    with pytest.raises(OctavoError, match="no page 4") as caught:
        library.page(doc.id, 4)
    assert "3 pages" in str(caught.value)
    with pytest.raises(UnknownDocument):
        library.page("nobody", 1)
    with pytest.raises(UnknownDocument):
        next(library.pages("nobody"))


def test_reading_on_in_a_replaced_document_is_an_error_not_a_mixture(library: Library) -> None:
    add(library, document(), pages=12)
    reading = library.pages(document().id)
    assert next(reading).number == 1
    add(library, document(version="v2"), pages=12)
    with pytest.raises(UnknownDocument):
        list(reading)


def test_a_document_is_found_by_what_people_call_it(library: Library, tmp_path: Path) -> None:
    docs = [document(name) for name in ("annual-report.pdf", "Annual-Results.pdf", "x/notes.pdf", "y/notes.pdf")]
    for doc in docs:
        add(library, doc.model_copy(update={"name": doc.name.split("/")[-1]}), pages=1)
    for name in (docs[0].id, "annual-report.pdf", "/papers/annual-report.pdf", "annual-report", "ANNUAL-REP"):
        assert library.document(name).id == docs[0].id
    with pytest.raises(UnknownDocument, match="fits 2 documents") as caught:
        library.document("notes.pdf")
    assert docs[2].id in str(caught.value)
    assert "/papers/y/notes.pdf" in str(caught.value)
    with pytest.raises(UnknownDocument, match="fits 2 documents"):
        library.document("annual-")
    with pytest.raises(UnknownDocument, match=r"did you mean annual-report\.pdf"):
        library.document("anual-reprot.pdf")
    with pytest.raises(UnknownDocument, match="octavo list"):
        library.document("zebra")
    assert library.document("/papers/x/notes.pdf").id == docs[2].id


def test_titles_and_metadata_can_be_changed(library: Library) -> None:
    doc = document()
    add(library, doc)
    changed = library.update_document(doc.id, title="Other", metadata={"a": 1}, stat=FileStat(1, 2))
    assert changed.title == "Other"
    assert library.find(doc.id) == changed
    assert library.stat_of(doc.id) == held(changed, 1, 2)
    assert library.update_document(doc.id) == changed
    with pytest.raises(UnknownDocument):
        library.update_document("nobody", title="x")


def test_a_removed_document_is_gone(library: Library) -> None:
    keep, drop = document("keep.pdf", version="kept"), document("drop.pdf", version="dropped")
    add(library, keep)
    add(library, drop)
    with stage(library, document("drop.pdf", version="next")) as staging:
        staging.add_pages([page(drop, 1)], {})
    library.remove(drop.id)
    assert library.documents() == [keep.model_copy(update={"page_count": 3})]
    assert all(found == {"kept"} for found in versions_found(library).values())
    assert library.staged() == []
    assert library.find(drop.id) is None
    assert library.stat_of(drop.id) is None
    assert library.document_frequency(["everyth"]) == {"everyth": 6}
    assert library.verify() == []
    with pytest.raises(UnknownDocument):
        library.remove(drop.id)
    add(library, drop)
    assert library.passage_count() == 12


def test_staging_takes_things_in_order_only(library: Library) -> None:
    doc = document(page_count=2)
    with stage(library, doc) as staging:
        with pytest.raises(ValueError, match="do not follow"):
            staging.add_pages([page(doc, 2)], {})
        staging.add_pages([page(doc, 1)], {})
        with pytest.raises(ValueError, match="another page"):
            staging.add_pages([page(doc, 1).model_copy(update={"number": 2})], {})
        with pytest.raises(ValueError, match="do not follow"):
            staging.add_passages([passage(doc, 1)], np.ones((1, 16), np.float32))
        with pytest.raises(ValueError, match="another document"):
            staging.add_passages([passage(document("b.pdf"), 0)], np.ones((1, 16), np.float32))
        with pytest.raises(ValueError, match="shape"):
            staging.add_passages([passage(doc, 0)], np.ones((1, 8), np.float32))
        with pytest.raises(ValueError, match="not finite"):
            staging.add_passages([passage(doc, 0)], np.full((1, 16), np.nan, np.float32))
        with pytest.raises(ValueError, match="1 of 2 pages"):
            staging.commit()
        with pytest.raises(LibraryBusy, match="being added already"):
            stage(library, document(version="v2"))
        staging.add_pages([page(doc, 2)], {})
        staging.commit()
    with pytest.raises(ValueError, match="closed"):
        staging.commit()
    with pytest.raises(ValueError, match="live already"):
        stage(library, doc)
    stage(library, document(version="v2")).close()  # the refused ones hold nothing back


def test_a_document_without_text_is_a_document(library: Library) -> None:
    doc = document(page_count=1)
    with stage(library, doc) as staging:
        staging.add_pages([page(doc, 1)], {})
        staging.commit()
    assert library.documents() == [doc]
    assert library.dense(vector(1), 5) == []
    assert library.lexical(["everyth"], 5) == []


def test_failures_are_kept_until_they_are_answered(library: Library) -> None:
    doc = document()
    library.record_failure(doc.source, UnreadableFile("truncated", where=doc.source, cure="fetch it again"))
    library.record_failure(doc.source, UnreadableFile("empty", cure="fetch it again"))
    library.record_failure("/papers/other.pdf", UnreadableFile("vanished"))
    first, other = sorted(library.failures(), key=lambda failure: failure.message)
    assert (first.file, first.page, first.error, first.message, first.cure) == (
        "report.pdf", None, "UnreadableFile", "empty", "fetch it again"
    )  # fmt: skip
    with stage(library, doc) as staging:
        assert library.failures() == [other]
        library.record_failure(doc.source, PageFailed("bomb"), page=3, version=doc.version)
    with stage(library, doc) as staging:  # resumed: the page is still lost
        assert [failure.page for failure in library.failures()] == [None, 3]
        staging.commit()
    assert [failure.page for failure in library.failures()] == [None, 3]
    add(library, document(version="v2"))
    assert library.failures() == [other]
    library.clear_failures(other.source)
    assert library.failures() == []


def test_originals_are_kept_as_long_as_somebody_needs_them(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "report.PDF"
    file.write_bytes(b"%PDF one")
    content = hashlib.sha256(b"%PDF one").hexdigest()
    docs = [document(name, content=content, source=str(file)) for name in ("a.pdf", "b.pdf")]
    for doc in docs:
        with stage(library, doc) as staging:
            staging.keep_original(file)
            staging.commit()
    kept = library.folder / "originals" / f"{content}.pdf"
    assert list((library.folder / "originals").iterdir()) == [kept]
    file.unlink()
    assert [library.original(doc.id) for doc in docs] == [kept, kept]
    assert kept.read_bytes() == b"%PDF one"
    library.remove(docs[0].id)
    assert kept.exists()
    kept.unlink()
    with pytest.raises(UnreadableFile, match="gone"):
        library.original(docs[1].id)
    file.write_bytes(b"%PDF one")
    assert library.original(docs[1].id) == file


def test_an_original_that_changed_meanwhile_is_not_kept(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    file.write_bytes(b"other bytes than those that were read")
    with stage(library, document()) as staging:
        with pytest.raises(UnreadableFile, match="changed"):
            staging.keep_original(file)
        with pytest.raises(UnreadableFile, match="cannot be read"):
            staging.keep_original(tmp_path / "vanished.pdf")
    assert list((library.folder / "originals").iterdir()) == []


def test_boxes_are_not_rounded(library: Library) -> None:
    doc = document()
    place = Place(7, BBox(0.1, 1 / 3, 2 / 3, 0.999999999))
    write(library, doc, [passage(doc, 0, places=(place,))], np.array([vector(0)]))
    assert library.passages([passage(doc, 0).id])[0].places == (place,)


def test_metadata_that_is_nested_without_end_keeps_no_document_from_being_shown(library: Library) -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    add(library, document(metadata={"deep": deep, "year": 2023}))
    (found,) = library.documents()
    assert json.loads(found.model_dump_json())["metadata"] == {"deep": "(nested too deeply)", "year": 2023}
