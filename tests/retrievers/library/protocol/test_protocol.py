"""The writing protocol: wholly there or wholly absent, replaced in one step, resumed where it stopped."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from octavo.errors import OctavoError, UnknownDocument
from octavo.retrievers.library import Library, failpoints
from octavo.retrievers.library.chroma import vectors as vectors_module
from octavo.retrievers.types import Filters
from octavo.tests.retrievers.library.material import (
    MAKER,
    add,
    dense,
    document,
    killed_add,
    killed_remove,
    page,
    passage,
    run_and_die,
    stage,
    vector,
    versions_found,
)

STEPS: tuple[failpoints.Step, ...] = (
    "version staged",
    "pages staged",
    "passages staged",
    "vectors upserted",
    "before flip",
    "flipped",
    "vectors swept",
    "rows swept",
)
AFTER_FLIP = {"flipped", "vectors swept", "rows swept"}


def test_a_version_is_seen_by_all_or_by_none_at_every_step(library: Library) -> None:
    """Whatever has been written, every way of looking shows the same single version."""
    add(library, document(version="old"))
    seen: dict[str, dict[str, set[str]]] = {}
    failpoints.hook = lambda step: seen.update({step: versions_found(library)})
    add(library, document(version="new"))
    for step in STEPS:
        expected = {"new"} if step in AFTER_FLIP else {"old"}
        assert all(versions == expected for versions in seen[step].values()), (step, seen[step])


def test_a_snapshot_keeps_the_old_version_whole_while_it_is_replaced_and_swept(library: Library) -> None:
    add(library, document(version="old"))
    with library.snapshot():
        thread = threading.Thread(target=add, args=(library, document(version="new")))
        thread.start()
        thread.join()  # flipped and swept: the vector index knows only the new version
        assert library._index.opened().count() == 6
        assert all(versions == {"old"} for versions in versions_found(library).values())
        assert len(library.dense(vector("any"), 50)) == 6
        assert library.page(document().id, 2) == page(document(version="old"), 2)
        assert set(library.token_vectors(library.passage_ids())) == {
            passage(document(version="old"), n).id for n in range(6)
        }
        with library.snapshot():  # a snapshot within one is the same one
            assert library.documents()[0].version == "old"
    assert all(versions == {"new"} for versions in versions_found(library).values())


def test_a_snapshot_ranks_what_the_index_has_forgotten(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    """There are other passages enough: what was swept must not merely fill up, it must stand where it stood."""
    old = document(version="old")
    add(library, old)
    add(library, document("other.pdf"), pages=20)
    with library.snapshot():
        before = library.dense(vector(old.name, "old", 3), 5)
        thread = threading.Thread(target=library.remove, args=(old.id,))
        thread.start()
        thread.join()
        after = library.dense(vector(old.name, "old", 3), 5)
    assert before[0][0] == passage(old, 3).id
    assert [i for i, _ in after] == [i for i, _ in before]
    assert [score for _, score in after] == pytest.approx([score for _, score in before], abs=1e-5)
    assert "lacks passages" not in caplog.text


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_replacement_is_whole_and_goes_on(tmp_path: Path, step: failpoints.Step) -> None:
    old, new = document(version="old"), document(version="new")
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, old)
    run_and_die(killed_add, tmp_path, new, step, 1)
    with Library.open(tmp_path, maker=MAKER) as library:
        flipped = step in AFTER_FLIP
        assert all(found == {"new" if flipped else "old"} for found in versions_found(library).values())
        assert library.verify() == []
        assert library.passage_count() == 6
        if flipped:
            assert library._index.opened().count() == 6  # the sweep was finished at opening
            return
        done = {"version staged": (0, 0), "pages staged": (1, 0), "passages staged": (3, 2), "vectors upserted": (3, 2)}
        pages, passages = done.get(step, (3, 6))
        (staged,) = library.staged()
        assert (staged.pages_done, staged.passages_done, staged.name) == (pages, passages, "report.pdf")
        with stage(library, new) as staging:
            assert staging.pages_done == pages
            assert staging.passages_done == passages
            assert staging.reader_state == ({"at": pages} if pages else None)
            assert list(staging.pages()) == [page(new, n) for n in range(1, pages + 1)]
        assert add(library, new) == {"pages": 3 - pages, "passages": 6 - passages}
        assert all(found == {"new"} for found in versions_found(library).values())
        assert library._index.opened().count() == 6
        assert library.verify() == []
        for n in range(6):
            assert library.dense(vector(new.name, "new", n), 1)[0][0] == passage(new, n).id


@pytest.mark.parametrize("step", ["flipped", "vectors swept", "rows swept"])
def test_a_killed_removal_is_complete(tmp_path: Path, step: failpoints.Step) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document())
        add(library, document("other.pdf", version="other"))
    run_and_die(killed_remove, tmp_path, document().id, step)
    with Library.open(tmp_path, maker=MAKER) as library:
        assert all(found == {"other"} for found in versions_found(library).values())
        assert library._index.opened().count() == 6
        assert library.verify() == []


def test_a_killed_first_add_leaves_no_trace_in_search(tmp_path: Path) -> None:
    run_and_die(killed_add, tmp_path, document(), "vectors upserted", 3)
    with Library.open(tmp_path, maker=MAKER) as library:
        assert library.documents() == []
        assert not any(versions_found(library).values())
        assert library.document_frequency(["everyth"]) == {"everyth": 0}
        assert add(library, document()) == {"pages": 0, "passages": 0}


def test_what_is_staged_can_be_had_in_no_way(library: Library) -> None:
    doc = document()
    ids = [passage(doc, n).id for n in range(2)]
    with stage(library, doc) as staging:
        staging.add_pages([page(doc, 1)], {})
        staging.add_passages(
            [passage(doc, n) for n in range(2)], dense(doc, [passage(doc, n) for n in range(2)]), [b"t"] * 2
        )
        assert library._index.opened().count() == 2
        assert not any(versions_found(library).values())
        assert library.passages(ids) == library.neighbours(ids[0], 5) == []
        assert library.passage_ids() == []
        assert library.dense_vectors(ids) == library.token_vectors(ids) == {}
        assert library.find(doc.id) is None
        assert library.stat_of(doc.id) is None
        assert library.passage_count() == 0
        with pytest.raises(UnknownDocument):
            library.page(doc.id, 1)
        with pytest.raises(UnknownDocument):
            library.regions_of(doc.id, [page(doc, 1).regions[0].id])


def test_another_version_drops_what_was_staged(library: Library) -> None:
    for version in ("v1", "v2"):
        with stage(library, document(version=version)) as staging:
            assert staging.pages_done == 0
            staging.add_pages([page(document(version=version), 1)], {})
            staging.add_passages([passage(document(version=version), 0)], dense(document(), [passage(document(), 0)]))
    assert [staged.version for staged in library.staged()] == ["v2"]
    assert list(library._index.opened().ids()) == [passage(document(version="v2"), 0).id]


def test_back_to_an_earlier_version(library: Library) -> None:
    """The ids are those of rows that were swept, or could not be swept yet."""
    for version in ("v1", "v2", "v1"):
        add(library, document(version=version))
        assert all(found == {version} for found in versions_found(library).values())
    assert library.verify() == []


def test_a_sweep_that_fails_does_not_undo_the_flip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unavailable(*_: object) -> None:
        raise OctavoError("the server is gone")

    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document(version="old"))
        with monkeypatch.context() as patch:
            patch.setattr(vectors_module.Vectors, "delete", unavailable)
            add(library, document(version="new"))
            assert "not swept yet" in caplog.text
            assert all(found == {"new"} for found in versions_found(library).values())
            # The way back is barred while rows of those ids may be about to be deleted.
            with pytest.raises(OctavoError, match="gone"):
                add(library, document(version="old"))
            with pytest.raises(OctavoError, match="gone"):
                add(library, document(version="old"))
        assert library._index.opened().count() == 12
    with Library.open(tmp_path, maker=MAKER) as library:
        assert library._index.opened().count() == 6
        add(library, document(version="old"))
        assert all(found == {"old"} for found in versions_found(library).values())


def test_vectors_that_do_not_arrive_are_written_by_the_next_try(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OctavoError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(vectors_module.Vectors, "upsert", fails)
        with pytest.raises(OctavoError, match="disk is full"):
            add(library, document())
    assert library.documents() == []
    assert add(library, document()) == {"pages": 0, "passages": 4}  # the first two were stored, and are upserted
    assert library.verify() == []


def test_a_lost_vector_index_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Library.open(tmp_path, maker=MAKER) as library:
        add(library, document())
        with stage(library, document("staged.pdf")) as staging:
            staging.add_passages([passage(document("staged.pdf"), 0)], dense(document(), [passage(document(), 0)]))
    for file in sorted((tmp_path / "chroma").rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    with caplog.at_level(logging.WARNING), Library.open(tmp_path, maker=MAKER) as library:
        assert library.dense(vector("report.pdf", "v1", 4), 1)[0][0] == passage(document(), 4).id
        assert "mended: 7 rows" in caplog.text
        assert library.verify() == []


def test_repair_takes_away_what_nobody_knows(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "_IDS_PER_GET", 4)  # ids come in several pages
    add(library, document(), pages=6)
    stranger = vectors_module.VectorRow("ghost", "nobody", "v0", "text", 1, 1)
    library._index.opened().upsert([stranger], vector(1)[None])
    assert library.verify() == [
        "the vector index has 1 row of no passage, e.g. ghost: `octavo verify --repair` mends that"
    ]
    assert "ghost" not in dict(library.dense(vector(1), 99))
    assert library.repair() == ["0 rows written to the vector index and 1 deleted"]
    assert sorted(library._index.opened().ids()) == library.passage_ids()
    assert list(library._index.opened().ids({"version": "v0"})) == []


def test_the_index_can_be_asked_with_its_own_filter(library: Library) -> None:
    add(library, document("a.pdf"))
    add(library, document("b.pdf"))
    index = library._index.opened()
    found = index.query(vector(1), 20, {"$and": [{"document": document("b.pdf").id}, {"kind": "table"}]})
    assert {i for i, _ in found} == set(
        library.passage_ids(Filters(documents=(document("b.pdf").id,), kinds=("table",)))
    )
