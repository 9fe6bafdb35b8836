"""Each kind of damage is found, told with its cure, and mended as far as that is possible."""

from __future__ import annotations

import hashlib
import logging
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from octavo.errors import LibraryLost, OctavoError, UnreadableFile
from octavo.retrievers.library import Library
from octavo.retrievers.library.chroma import graph
from octavo.retrievers.library.chroma.vectors import VectorRow
from octavo.tests.retrievers.library.material import MAKER, add, document, passage, vector, write
from octavo.tests.retrievers.library.upsets import HISTORIES, act, doc, nothing_left_over, prepare, whole

ABC = {"a.pdf": "v1", "b.pdf": "v1", "c.pdf": "v1"}
MANY = 1500  # passages, so that Chroma has written a graph
Damage = Callable[[Library], None]


def statement(sql: str) -> Damage:
    def run(library: Library) -> None:
        with library._database.writing() as connection:
            connection.execute(sql)

    return run


def _row(order: int) -> VectorRow:
    row = passage(doc("c.pdf"), order)
    return VectorRow(row.id, row.document, row.version, row.kind, row.pages[0], row.pages[-1])


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


DAMAGES: dict[str, tuple[Damage, str]] = {
    "words gone": (statement("INSERT INTO lexical (lexical) VALUES ('delete-all')"), "the lexical index holds 0"),
    "words garbled": (
        statement("UPDATE lexical_data SET block = x'0badc0de' WHERE id > 10"),
        "the lexical index cannot be read",
    ),
    "other words": (
        statement("UPDATE terms SET body = 'x' WHERE passage = (SELECT min(passage) FROM terms)"),
        "the lexical index cannot be read",
    ),
    "terms gone": (statement("DELETE FROM terms WHERE passage % 2"), "the lexical index holds other passages"),
    "row gone": (
        lambda library: library._index.opened().delete_ids([_row(3).id]),
        "the vector index lacks 1 passage, e.g.",
    ),
    "row too many": (
        lambda library: library._index.opened().upsert([_row(3)._replace(id="ghost")], vector(1)[None]),
        "the vector index has 1 row of no passage, e.g. ghost",
    ),
    "wrong vector": (
        lambda library: library._index.opened().upsert([_row(3)], vector("wrong")[None]),
        "the vector index has 1 row with other values than library.db",
    ),
    "wrong facts": (
        lambda library: library._index.opened().upsert(
            [_row(3)._replace(document="another")], library.dense_vectors([_row(3).id])[_row(3).id][None]
        ),
        "the vector index has 1 row with other values than library.db",
    ),
    "original gone": (
        lambda library: library.original(doc("c.pdf").id).unlink(),
        "the copied file of c.pdf is missing or damaged: `octavo verify --repair`",
    ),
    "shared original garbled": (
        lambda library: _written(library.original(doc("a.pdf").id), b"no"),
        "the copied file of a.pdf and 1 more is missing or damaged",
    ),
    "a stranger's rendition": (
        lambda library: _written(library.folder / "originals" / "x.docx.pdf", b"%PDF-1.7 %%EOF"),
        "has 1 file of no document, e.g. x.docx.pdf",
    ),
    "a stranger": (
        lambda library: _written(library.folder / "originals" / "x.pdf", b"x"),
        "has 1 file of no document, e.g. x.pdf",
    ),
}


@pytest.fixture
def abc(tmp_path: Path) -> Path:
    """A library with three documents."""
    folder = tmp_path / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, HISTORIES["removed"])
    return folder


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_is_told_and_mended(abc: Path, name: str) -> None:
    damage, told = DAMAGES[name]
    with Library.open(abc, maker=MAKER) as library:
        assert library.verify() == []
        damage(library)
    with Library.open(abc, maker=MAKER) as library:
        (problem,) = library.verify()
        assert told in problem
        assert "`octavo verify --repair`" in problem
        assert library.verify() == [problem]  # looking changes nothing
        assert len(library.repair()) == 1
        assert library.verify() == []
        assert library.repair() == []
        whole(library, ABC)
        nothing_left_over(library)


LOST: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "no PDF": lambda path: path.write_bytes(b"PK" + path.read_bytes()),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:-7]),
}


@pytest.mark.parametrize("how", LOST)
def test_a_lost_rendition_is_told_and_another_is_kept(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "of" / "library"
    folder.parent.mkdir()
    prepare(folder, HISTORIES["converted"])
    converted = doc("a.md")
    with Library.open(folder, maker=MAKER) as library:
        assert library.verify() == []
        LOST[how](library.shown(converted.id))
        (problem,) = library.verify()
        assert problem.startswith("the PDF that was made of a.md is missing or damaged: `octavo refresh`")
        assert library.renditions_lost() == {converted.id}
        assert library.rendition(converted.source, converted.content) is None  # so that another is made
        with pytest.raises(UnreadableFile, match="gone or damaged"):
            library.shown(converted.id)
        again = converted.model_copy(update={"version": "v1 again"})
        act(library, [lambda writer: writer.add(again)])
        assert library.verify() == []
        library.shown(converted.id).unlink()
        library.original(converted.id).unlink()
        Path(converted.source).rename(tmp_path / "away")
        try:
            copy, rendition = library.verify()
        finally:
            (tmp_path / "away").rename(converted.source)
        assert "so is the one it was read from" in copy
        assert "add it again" in rendition


def test_strange_files_are_set_aside_and_none_is_deleted(abc: Path) -> None:
    with Library.open(abc, maker=MAKER) as library:
        for text in (b"one", b"another"):
            (abc / "originals" / "strange.pdf").write_bytes(text)
            (abc / "originals" / "half.pdf.part").write_bytes(b"half")
            assert "2 files" in library.verify()[0]
            aside, deleted = library.repair()
            assert str(abc / "originals.stray") in aside
            assert deleted == "1 unfinished file deleted"
            assert library.verify() == []
        nothing_left_over(library)
    kept = {path.name: path.read_bytes() for path in (abc / "originals.stray").iterdir()}
    assert kept == {"strange.pdf": b"one", "strange.pdf.2": b"another"}


@pytest.mark.parametrize("how", [Path.unlink, lambda path: path.write_bytes(b"")])
@pytest.mark.parametrize("left", ["originals", "chroma"])
def test_no_library_is_made_over_the_remains_of_another(abc: Path, how: Callable[[Path], object], left: str) -> None:
    with Library.open(abc, maker=MAKER) as library:
        library.verify()  # so that there is a vector index
    shutil.rmtree(abc / {"originals": "chroma", "chroma": "originals"}[left])
    how(abc / "library.db")
    before = sorted(path.relative_to(abc) for path in abc.rglob("*"))
    for options in ({"create": True}, {"create": False}, {"read_only": True}):
        with pytest.raises(LibraryLost, match=r"library.db is gone or empty") as caught:
            Library.open(abc, maker=MAKER, **options)  # type: ignore[arg-type]
        assert "octavo restore" in str(caught.value.cure)
    with pytest.raises(LibraryLost):
        Library.exists(abc)
    assert sorted(path.relative_to(abc) for path in abc.rglob("*")) == before
    (abc / "library.db").unlink(missing_ok=True)
    shutil.rmtree(abc / left)
    Library.open(abc, maker=MAKER).close()


def test_a_folder_with_originals_of_its_own_may_hold_a_library(tmp_path: Path) -> None:
    (tmp_path / "originals").mkdir()
    (tmp_path / "originals" / "report.pdf").write_bytes(b"%PDF")
    Library.open(tmp_path, maker=MAKER).close()


def test_an_unfinished_copy_is_cleared_away_at_opening(abc: Path) -> None:
    (abc / "originals" / "0123.pdf.part").write_bytes(b"half")
    with Library.open(abc, maker=MAKER) as library:
        assert library.verify() == []
        nothing_left_over(library)


def test_what_cannot_be_mended_is_told_until_it_is(abc: Path, tmp_path: Path) -> None:
    source = tmp_path / "moved.pdf"
    source.write_bytes(b"what was read")
    moved = doc("c.pdf").model_copy(
        update={"id": "moved", "name": "moved.pdf", "source": str(source), "content": "", "version": "v1m"}
    )
    moved = moved.model_copy(update={"content": hashlib.sha256(b"what was read").hexdigest()})
    with Library.open(abc, maker=MAKER) as library:
        with library.stage(moved, options={}, parser="test") as staging:
            staging.keep_original(source)
            staging.commit()
        library.original("moved").unlink()
        source.write_bytes(b"something else")
        (problem,) = library.verify()
        assert "so is the one it was read from" in problem
        assert str(source) in problem
        assert library.repair() == []
        assert library.verify() == [problem]
        source.write_bytes(b"what was read")
        assert len(library.repair()) == 1
        assert library.verify() == []


def test_a_version_with_gaps_is_told(abc: Path) -> None:
    with Library.open(abc, maker=MAKER) as library:
        statement("DELETE FROM vectors WHERE passage = (SELECT min(rowid) FROM passages)")(library)
        statement("DELETE FROM pages WHERE number = 2 AND owner = (SELECT max(key) FROM versions)")(library)
        problems = library.verify()
        assert any("lacks pages: remove it and add it again" in problem for problem in problems)
        assert any("has passages without a vector" in problem for problem in problems)
        gone = doc("c.pdf")
        library.remove(gone.id)
        library.remove(doc("a.pdf").id)
        act(library, HISTORIES["removed"].before)
        assert library.verify() == []
        whole(library, ABC)


def test_a_damaged_database_is_told(abc: Path) -> None:
    with sqlite3.connect(abc / "library.db") as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'terms'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    data = bytearray((abc / "library.db").read_bytes())
    data[(page - 1) * size : (page - 1) * size + 200] = random.Random(0).randbytes(200)
    (abc / "library.db").write_bytes(data)
    with Library.open(abc, maker=MAKER) as library:
        (problem,) = library.verify()
        assert problem.startswith("library.db is damaged")
        assert "octavo restore" in problem
        with pytest.raises(OctavoError, match=r"library\.db is damaged"):
            library.repair()
    (abc / "library.db").write_bytes(bytes(data[:5000]))
    with pytest.raises(OctavoError, match=r"library\.db is damaged"):
        Library.open(abc, maker=MAKER)


@pytest.fixture(scope="module")
def with_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library so large that Chroma has written a graph."""
    folder = tmp_path_factory.mktemp("large") / "library"
    big = document("big.pdf")
    passages = [passage(big, n) for n in range(MANY)]
    with Library.open(folder, maker=MAKER) as library:
        write(library, big, passages, np.array([vector(big.name, big.version, n) for n in range(MANY)]))
    assert any(path.suffix == ".pickle" for path in graph.files(folder / "chroma"))
    return folder


def _garbled(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))


def _halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


BROKEN: dict[str, tuple[str, Callable[[Path], None]]] = {
    "folder gone": ("", shutil.rmtree),
    "database gone": ("chroma.sqlite3", Path.unlink),
    "database garbled": ("chroma.sqlite3", _garbled),
    "database halved": ("chroma.sqlite3", _halved),
    "graph garbled, on which hnswlib crashes": ("*/data_level0.bin", _garbled),
    "graph gone": ("*/data_level0.bin", Path.unlink),
    "ids gone, with which Chroma begins anew in silence": ("*/index_metadata.pickle", Path.unlink),
    "ids halved": ("*/index_metadata.pickle", _halved),
    "links zeroed": ("*/link_lists.bin", lambda path: _written(path, bytes(path.stat().st_size))),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_vector_index_is_made_anew(
    with_graph: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "library"
    shutil.copytree(with_graph, folder)
    pattern, damage = BROKEN[name]
    (path,) = (folder / "chroma").glob(pattern) if pattern else [folder / "chroma"]
    damage(path)
    with Library.open(folder, maker=MAKER) as library:
        problems = library.verify()
        assert len(problems) == 1
        assert "vector index" in problems[0]
        assert "`octavo verify --repair`" in problems[0]
    with caplog.at_level(logging.WARNING), Library.open(folder, maker=MAKER) as library:  # no repair is needed to go on
        for n in range(0, MANY, 100):
            assert library.dense(vector("big.pdf", "v1", n), 1)[0][0] == passage(document("big.pdf"), n).id
        assert f"{MANY} rows written" in caplog.text
        add(library, document("small.pdf"))
        assert library.verify() == []
    with caplog.at_level(logging.WARNING), Library.open(folder, maker=MAKER) as library:
        caplog.clear()
        assert library.dense(vector("big.pdf", "v1", 7), 1)[0][0] == passage(document("big.pdf"), 7).id
        assert not caplog.text  # it was closed well, and is trusted


def test_an_index_that_is_mostly_waste_is_made_anew(
    with_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chroma keeps what is deleted from its graph for ever."""
    monkeypatch.setattr(graph, "_WASTE_BYTES", 100_000)
    folder = tmp_path / "library"
    shutil.copytree(with_graph, folder)

    def size() -> int:
        return sum(path.stat().st_size for path in (folder / "chroma").rglob("*") if path.is_file())

    big = document("big.pdf", version="v2")
    with Library.open(folder, maker=MAKER) as library:
        for version in ("v2", "v3", "v4", "v5"):
            big = document("big.pdf", version=version)
            write(
                library, big, [passage(big, n) for n in range(400)], np.array([vector(version, n) for n in range(400)])
            )
    before = size()
    with Library.open(folder, maker=MAKER) as library:
        assert library.dense(vector("v5", 9), 1)[0][0] == passage(big, 9).id
        assert library.verify() == []
        nothing_left_over(library)
    assert size() < before / 1.5
