"""Who may open a library, and what is said to the others."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from octavo.errors import LibraryMismatch, OctavoError
from octavo.retrievers.library import Library, Maker
from octavo.retrievers.library.sqlite.schema import SCHEMA_VERSION
from octavo.tests.retrievers.library.material import MAKER, add, document


def test_an_empty_library_can_be_closed_and_opened(tmp_path: Path) -> None:
    for _ in range(2):
        with Library.open(tmp_path, maker=MAKER) as library:
            assert library.documents() == []
            assert library.passage_count() == 0
            assert library.maker == MAKER


def test_nothing_is_made_where_nothing_should_be(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="no library here") as caught:
        Library.open(tmp_path / "none", maker=MAKER, create=False)
    assert caught.value.cure
    assert not (tmp_path / "none").exists()
    assert not Library.exists(tmp_path / "none")


@pytest.mark.parametrize("other", [Maker("bge", "1", 16), Maker("toy", "2", 16), Maker("toy", "1", 32)])
def test_another_embedder_is_told_both_names_and_the_cure(tmp_path: Path, other: Maker) -> None:
    Library.open(tmp_path, maker=MAKER).close()
    with pytest.raises(LibraryMismatch) as caught:
        Library.open(tmp_path, maker=other)
    assert str(MAKER) in str(caught.value)
    assert str(other) in str(caught.value)
    assert "octavo refresh" in str(caught.value)
    Library.open(tmp_path, maker=MAKER).close()  # nothing was changed, and the lock is free


def test_a_newer_schema_is_refused_untouched(tmp_path: Path) -> None:
    Library.open(tmp_path, maker=MAKER).close()
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (SCHEMA_VERSION + 1,))
    with pytest.raises(LibraryMismatch, match=f"schema {SCHEMA_VERSION + 1}") as caught:
        Library.open(tmp_path, maker=MAKER)
    assert "upgrade" in (caught.value.cure or "")


def test_other_files_are_no_libraries(tmp_path: Path) -> None:
    (tmp_path / "library.db").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(LibraryMismatch, match="not an Octavo library"):
        Library.open(tmp_path, maker=MAKER)
    (tmp_path / "library.db").unlink()
    with closing(sqlite3.connect(tmp_path / "library.db")) as connection, connection:
        connection.execute("CREATE TABLE birds (name)")
        connection.execute("CREATE TABLE meta (name, said)")  # as many programs have
    with pytest.raises(LibraryMismatch, match="not an Octavo library"):
        Library.open(tmp_path, maker=MAKER, create=False)


def test_the_flip_survives_a_power_cut(library: Library) -> None:
    """Once Chroma has forgotten the old version, the commit that replaced it must be on disk."""
    with library._database.latest() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    library = Library.open(tmp_path, maker=MAKER)
    add(library, document())
    library.close()
    library.close()
    with pytest.raises(OctavoError, match="closed"):
        library.documents()
