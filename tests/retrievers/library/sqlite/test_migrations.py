"""A library made by an older Octavo: opened, it is brought up to date, and nothing is lost, whenever that is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from octavo.errors import LibraryBusy, LibraryMismatch, OctavoError
from octavo.retrievers.analysis import query_terms
from octavo.retrievers.library import Library, Maker, failpoints
from octavo.retrievers.library.lock import LibraryLock
from octavo.retrievers.library.search import lexical
from octavo.retrievers.library.sqlite import migrations
from octavo.retrievers.library.sqlite.schema import SCHEMA_VERSION, statements
from octavo.tests.data import keep_library
from octavo.tests.retrievers.library.material import MAKER, PROCESSES, add, document, vector

KEPT = Path(keep_library.__file__).parent
SCHEMAS = range(1, SCHEMA_VERSION)


@pytest.fixture(params=SCHEMAS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A library of an older schema."""
    with tarfile.open(KEPT / f"library-schema-{request.param}.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    return tmp_path / "library"


def schema_of(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        return migrations.version_of(connection)


def found_then(folder: Path) -> object:
    return json.loads((folder.parent / "found.json").read_text(encoding="ascii"))


def test_a_kept_library_lies_here_for_every_schema_there_was() -> None:
    assert {path.name for path in KEPT.glob("*.tar.xz")} == {f"library-schema-{n}.tar.xz" for n in SCHEMAS}
    assert set(migrations.STEPS) == set(SCHEMAS)


def test_everything_found_before_is_found_after(old: Path) -> None:
    with Library.open(old, maker=MAKER) as library:
        assert keep_library.found(library) == found_then(old)
        assert library.verify() == []
    assert schema_of(old) == SCHEMA_VERSION
    assert not list(old.glob("library.db.schema-*"))


def test_descriptions_are_kept(tmp_path: Path) -> None:
    with tarfile.open(KEPT / "library-schema-3.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    with Library.open(tmp_path / "library", maker=MAKER) as library:
        assert library.description("crop", "model", "1") == "A harbour."
        # It names no document: it goes with the last of them.
        documents = [document.id for document in library.documents()]
        for document in {*documents, *(staged.document for staged in library.staged())}:
            assert library.description("crop", "model", "1")
            library.remove(document)
        assert library.description("crop", "model", "1") is None


def test_a_description_is_no_context_any_more(tmp_path: Path) -> None:
    with tarfile.open(KEPT / "library-schema-4.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    with Library.open(tmp_path / "library", maker=MAKER) as library:
        passages = library.passages(library.passage_ids())
        (described,) = (p for p in passages if p.description)
        assert (described.context, described.text) == ("Report > Results", "")
        assert described.description == keep_library.DESCRIPTION
        found = library.lexical(["harbour"], 9)
        assert [id for id, _ in found] == [described.id]
        with library._database.writing() as connection:
            lexical.enter_anew(connection)
        assert library.lexical(["harbour"], 9) == found


def test_what_was_begun_goes_on_where_it_stopped(old: Path) -> None:
    with Library.open(old, maker=MAKER) as library:
        assert add(library, keep_library.UNFINISHED) == {"pages": 1, "passages": 4}
        assert library.dense(vector("unfinished.pdf", "v1", 5), 1)[0][1] == pytest.approx(1, abs=1e-3)
        assert library.verify() == []


def test_the_tables_are_those_of_a_new_library(old: Path, tmp_path: Path) -> None:
    Library.open(old, maker=MAKER).close()
    Library.open(tmp_path / "new", maker=MAKER).close()
    shapes = []
    for folder in (old, tmp_path / "new"):
        with closing(sqlite3.connect(folder / "library.db")) as connection:
            names = [n for (n,) in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
            shapes.append({name: connection.execute(f"PRAGMA table_xinfo({name})").fetchall() for name in names})
    assert shapes[0] == shapes[1]


def test_token_vectors_are_counted(old: Path) -> None:
    with Library.open(old, maker=MAKER) as library, library._database.latest() as connection:
        counted = "SELECT token_count, passage_count, attempt FROM documents"
        assert connection.execute(counted).fetchall() == [(6, 6, 0)] * 2
        add(library, document("without.pdf"), tokens=False)
        assert connection.execute(f"{counted} WHERE name = 'without.pdf'").fetchone() == (0, 6, 0)


def migrate_and_die(folder: Path, after: int) -> None:
    """What the child does: it is killed when `after` statements of the migration are done."""

    def fatal(script: str) -> Iterator[str]:
        yield from statements(script)[:after]
        os.kill(os.getpid(), signal.SIGKILL)

    migrations.statements = fatal  # type: ignore[assignment, attr-defined]
    Library.open(folder, maker=MAKER)


@pytest.mark.parametrize("after", range(len(statements(migrations.STEPS[1])) + 1))
def test_a_kill_in_the_middle_leaves_the_old_library(old: Path, after: int) -> None:
    child = PROCESSES.Process(target=migrate_and_die, args=(old, after))
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    child.close()
    assert schema_of(old) < SCHEMA_VERSION
    (copy,) = old.glob("library.db.schema-*")  # the copy is whole, whatever became of the original
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM passages").fetchone() == (20,)
    with Library.open(old, maker=MAKER) as library:
        assert keep_library.found(library) == found_then(old)
    assert not copy.exists()


def test_a_copy_left_by_a_kill_after_the_commit_goes(old: Path) -> None:
    Library.open(old, maker=MAKER).close()
    copy = old / "library.db.schema-1"
    copy.write_bytes(b"left")
    Library.open(old, maker=MAKER).close()
    assert not copy.exists()


def test_a_step_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = "ALTER TABLE versions ADD COLUMN another;\nDROP TABLE nothing;"
    monkeypatch.setitem(migrations.STEPS, schema_of(old), step)
    with pytest.raises(sqlite3.OperationalError):
        Library.open(old, maker=MAKER)
    monkeypatch.undo()
    with Library.open(old, maker=MAKER) as library:
        assert keep_library.found(library) == found_then(old)


def test_nobody_migrates_what_another_has(old: Path) -> None:
    before = schema_of(old)
    with LibraryLock(old).held():
        for chroma in (None, "http://127.0.0.1:9"):  # on a server the lock is not taken to open, but it is to migrate
            with pytest.raises(LibraryBusy, match="this process itself"):
                Library.open(old, maker=MAKER, chroma=chroma)
    assert schema_of(old) == before


def test_another_embedder_is_told_before_anything_is_changed(old: Path) -> None:
    before = schema_of(old)
    with pytest.raises(LibraryMismatch, match="made with the embedder"):
        Library.open(old, maker=Maker("other", "1", 16))
    assert schema_of(old) == before


def test_a_schema_no_step_leads_on_from(old: Path) -> None:
    with closing(sqlite3.connect(old / "library.db")) as connection, connection:
        connection.execute("UPDATE meta SET value = 0 WHERE key = 'schema'")
    with pytest.raises(OctavoError, match="no migration leads on from schema 0") as caught:
        Library.open(old, maker=MAKER)
    assert caught.value.cure


def test_words_are_analysed_anew_when_that_has_changed(old: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A library from before the analysis had a version, with a word that was left as it is then."""
    with closing(sqlite3.connect(old / "library.db")) as connection, connection:
        rowid, id_, context, body = connection.execute(
            "SELECT p.rowid, p.id, t.context, t.body FROM passages AS p JOIN versions AS v ON v.key = p.owner"
            " JOIN terms AS t ON t.passage = p.rowid WHERE v.state = 'live' ORDER BY p.rowid LIMIT 1"
        ).fetchone()
        leave = "INSERT INTO lexical (lexical, rowid, context, body) VALUES ('delete', ?, ?, ?)"
        connection.execute(leave, (rowid, context, body))
        connection.execute("UPDATE passages SET text = 'Smørrebrød for everyone' WHERE rowid = ?", (rowid,))
        connection.execute("UPDATE terms SET body = 'smørrebrød for everyon' WHERE passage = ?", (rowid,))
        connection.execute("DELETE FROM meta WHERE key = 'analysis'")
        enter = "INSERT INTO lexical (rowid, context, body) VALUES (?, ?, ?)"
        connection.execute(enter, (rowid, context, "smørrebrød for everyon"))
    terms = query_terms("smørrebrød")
    with Library.open(old, maker=MAKER) as library:
        assert [found for found, _ in library.lexical(terms, 9)] == [id_]
        assert "analysed" in caplog.text
        assert library.verify() == []
        caplog.clear()
    with Library.open(old, maker=MAKER) as library:
        assert "analysed" not in caplog.text


def test_readers_go_on_with_the_words_that_are_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, maker=MAKER) as library:
        add(library, document())
        with library._database.writing() as connection:
            connection.execute("UPDATE meta SET value = '1' WHERE key = 'analysis'")
    for _ in range(2):
        with Library.open(folder, maker=MAKER, read_only=True) as reader, reader._database.latest() as connection:
            assert len(reader.lexical(["everyth"], 9)) == 6
            assert lexical.outdated(connection)
    assert caplog.text.count("analysed by another Octavo") == 2  # once for each opening
    with Library.open(folder, maker=MAKER) as library, library._database.latest() as connection:
        assert not lexical.outdated(connection)


def test_no_room_to_analyse_anew_keeps_nobody_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "library"
    with Library.open(folder, maker=MAKER) as library:
        add(library, document())
        with library._database.writing() as connection:
            connection.execute("DELETE FROM meta WHERE key = 'analysis'")

    def full(step: failpoints.Step) -> None:
        if step == "committing":
            error = sqlite3.OperationalError("full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    failpoints.hook = full
    with Library.open(folder, maker=MAKER) as library:
        failpoints.hook = None
        assert "until there is room" in caplog.text
        assert len(library.lexical(["everyth"], 9)) == 6
