"""What kills and full disks interrupt: small histories of a library, and what must hold of it afterwards."""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from octavo.ingest.types import Document, Passage
from octavo.retrievers.library import Library, Maker, failpoints
from octavo.retrievers.library.chroma import vectors as vectors_module
from octavo.tests.retrievers.library.material import MAKER, dense, document, page, passage, stage, vector

PAGES = 3
PASSAGES = 2 * PAGES
OTHER = MAKER._replace(name="contrary")
_WHOLE = {"page": PAGES, "passage": PASSAGES}
Said = Callable[[str], None]


def doc(name: str, version: str = "v1") -> Document:
    """A document with a file that has just the bytes its content is the hash of."""
    path = Path(tempfile.gettempdir()) / "octavo-upsets" / version / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(name, version))
    content = hashlib.sha256(_bytes(name, version)).hexdigest()
    metadata = {"converter": "by hand"} if name.endswith(".md") else {}
    return document(name, version=version, content=content, source=str(path), metadata=metadata)


def _bytes(name: str, version: str) -> bytes:
    """`b.pdf` has the bytes of `a.pdf`."""
    return (f"{name.replace('b.pdf', 'a.pdf')} {version} " * 500).encode()


def _rendition(wanted: Document) -> bytes:
    return b"%PDF-1.7\nof " + wanted.content.encode() + b"\n%%EOF\n"


def embedded(maker: Maker, wanted: Document, passages: Sequence[Passage]) -> NDArray[np.float32]:
    """The vectors of passages, shape (n, d): those of `OTHER` point the other way."""
    return dense(wanted, passages) * np.float32(-1 if maker == OTHER else 1)


class Writer:
    """Adds and removes documents, and says what is done as soon as it is: from then on it has to last."""

    def __init__(self, library: Library, said: Said) -> None:
        self.library = library
        self.said = said
        self.done: Counter[str] = Counter()

    def add(self, wanted: Document) -> None:
        held = self.library.find(wanted.id)
        if held is not None and held.version == wanted.version:
            return
        key = f"{wanted.name} {wanted.version}"
        with stage(self.library, wanted) as staging:
            if "converter" in wanted.metadata:
                made = self.library.folder / "made.pdf"
                made.write_bytes(_rendition(wanted))
                staging.keep_rendition(made)
                made.unlink()
            for number in range(staging.pages_done + 1, PAGES + 1):
                staging.add_pages([page(wanted, number)], {"at": number})
                self._count(f"{key} page")
            for first in range(staging.passages_done, PASSAGES, 2):
                some = [passage(wanted, order) for order in range(first, min(first + 2, PASSAGES))]
                staging.add_passages(some, dense(wanted, some))
                for _ in some:
                    self._count(f"{key} passage")
            staging.keep_original(Path(wanted.source))
            staging.commit()
        self._count(f"{key} live")

    def remove(self, gone: Document) -> None:
        if self.library.find(gone.id) is not None:
            self.library.remove(gone.id)
            self._count(f"{gone.name} gone")

    def _count(self, what: str) -> None:
        self.done[what] += 1
        self.said(what)


Step = Callable[[Writer], None]


def act(library: Library, steps: Sequence[Step], said: Said = lambda _: None) -> Counter[str]:
    """Do the steps; counts what was done."""
    writer = Writer(library, said)
    for step in steps:
        step(writer)
    return writer.done


@functools.cache
def _kept() -> Path:
    kept = Path(tempfile.mkdtemp(prefix="octavo-histories-"))
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    return kept


class History(NamedTuple):
    """What is there before, the steps that are done then, which versions each may have meanwhile, and at the end."""

    name: str
    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    allowed: Mapping[str, set[str | None]]
    after: Mapping[str, str]


def _added(name: str, version: str = "v1") -> Step:
    return lambda writer: writer.add(doc(name, version))


def _removed(name: str) -> Step:
    return lambda writer: writer.remove(doc(name))


def _damage(writer: Writer) -> None:
    """Something of each kind that `repair` mends."""
    library = writer.library
    (library.folder / "originals" / "stranger.pdf").write_bytes(b"nobody's")
    library.original(doc("a.pdf").id).write_bytes(b"garbled")
    (library.folder / "originals" / "stranger.docx.pdf").write_bytes(b"nobody's")
    with library._database.writing() as connection:
        connection.execute("INSERT INTO lexical (lexical) VALUES ('delete-all')")
    index = library._index.opened()
    index.delete_ids([passage(doc("c.pdf"), order).id for order in (1, 2)])
    index.upsert([vectors_module.VectorRow("ghost", "nobody", "v0", "text", 1, 1)], vector(1)[None])


def _of_an_older_octavo(writer: Writer) -> None:
    """Its words are other ones, and those who made it did not say how."""
    with writer.library._database.writing() as connection:
        connection.execute("INSERT INTO lexical (lexical) VALUES ('delete-all')")
        connection.execute("UPDATE terms SET body = replace(body, 'everyth', 'everything')")
        connection.execute("INSERT INTO lexical (rowid, context, body) SELECT passage, context, body FROM terms")
        connection.execute("DELETE FROM meta WHERE key = 'analysis'")


def _broken(writer: Writer) -> None:
    index = writer.library._index
    index.close()
    (writer.library.folder / "chroma" / "chroma.sqlite3").write_bytes(b"garbage" * 1000)


def _repaired(writer: Writer) -> None:
    writer.library.repair()


_ABC = (_added("a.pdf"), _added("b.pdf"), _added("c.pdf"))
_ONLY_V1: dict[str, set[str | None]] = {name: {"v1"} for name in ("a.pdf", "b.pdf", "c.pdf")}
_AT_V1 = {name: "v1" for name in _ONLY_V1}

_HISTORIES = (
    History("first", (), (_added("a.pdf"),), {"a.pdf": {None, "v1"}}, {"a.pdf": "v1"}),
    History("replaced", _ABC[:1], (_added("a.pdf", "v2"),), {"a.pdf": {"v1", "v2"}}, {"a.pdf": "v2"}),
    History("back", _ABC[:1], (_added("a.pdf", "v2"), _ABC[0]), {"a.pdf": {"v1", "v2"}}, {"a.pdf": "v1"}),
    History("removed", _ABC, (_removed("a.pdf"),), {**_ONLY_V1, "a.pdf": {"v1", None}}, {"b.pdf": "v1", "c.pdf": "v1"}),
    History(
        "several",
        _ABC[:1],
        (_ABC[1], _removed("a.pdf"), _ABC[2], _added("b.pdf", "v2")),
        {"a.pdf": {"v1", None}, "b.pdf": {None, "v1", "v2"}, "c.pdf": {None, "v1"}},
        {"b.pdf": "v2", "c.pdf": "v1"},
    ),
    History(
        "converted",
        (_added("a.md"),),
        (_added("a.md", "v2"), _added("b.md"), _removed("b.md")),
        {"a.md": {"v1", "v2"}, "b.md": {None, "v1"}},
        {"a.md": "v2"},
    ),
    History("analysed anew", (*_ABC, _of_an_older_octavo), (), _ONLY_V1, _AT_V1),
    History("mended", (*_ABC, _damage), (_repaired,), _ONLY_V1, _AT_V1),
    History("index made anew", (*_ABC, _broken), (_repaired,), _ONLY_V1, _AT_V1),
)
HISTORIES = {history.name: history for history in _HISTORIES}
MENDING = {"mended", "index made anew"}


def prepare(folder: Path, history: History) -> None:
    """Make the library as it is before; only once, since copies are as good."""
    kept = _kept() / history.name
    if not kept.exists():
        with Library.open(kept / "library", maker=MAKER) as library:
            act(library, history.before)
    shutil.copytree(kept, folder.parent, dirs_exist_ok=True)


def steps_of(folder: Path, history: History) -> Counter[failpoints.Step]:
    """How often each step is reached, from opening to closing."""
    prepare(folder, history)
    steps: Counter[failpoints.Step] = Counter()
    failpoints.hook = lambda step: steps.update([step])
    with Library.open(folder, maker=MAKER) as library:
        act(library, history.steps)
    failpoints.hook = None
    return steps


def check(folder: Path, history: History, lasting: Counter[str], *, mending: bool = False) -> None:
    """Open the library, look that every document is whole or absent, finish what was begun, look again.

    Args:
        lasting: What was said to be done before the interruption.
        mending: The library was damaged, and need not be well before it is mended.
    """
    with Library.open(folder, maker=MAKER) as library:
        if not mending:
            live = {document.name: document.version for document in library.documents()}
            assert all(live.get(name) in versions for name, versions in history.allowed.items()), live
            assert set(live) <= set(history.allowed)
            whole(library, live)
            assert library.verify() == []
        over = sum(count for what, count in lasting.items() if what.endswith((" live", " gone")))
        redone = act(library, history.steps[over : over + 1])
        for what, count in redone.items():
            # Finished pages are not read again, nor stored passages embedded.
            assert lasting[what] + count <= _WHOLE.get(what.split()[-1], 1), what
        act(library, history.steps[over + 1 :])
        whole(library, history.after)
        assert library.verify() == []
        nothing_left_over(library)
    with Library.open(folder, maker=MAKER) as library:
        assert library.verify() == []


def whole(library: Library, live: Mapping[str, str]) -> None:
    """These versions are there with all that belongs to them, however one looks, and nothing else is."""
    expected = {}
    for name, version in live.items():
        wanted = doc(name, version)
        assert library.find(wanted.id) is not None, name
        assert list(library.pages(wanted.id)) == [page(wanted, number) for number in range(1, PAGES + 1)]
        passages = [passage(wanted, order) for order in range(PASSAGES)]
        assert library.passages([p.id for p in passages]) == passages
        assert library.original(wanted.id).read_bytes() == _bytes(name, version)
        assert library.original(wanted.id).parent == library.folder / "originals"
        if "converter" in wanted.metadata:
            assert library.shown(wanted.id).read_bytes() == _rendition(wanted)
        for p, values in zip(passages, embedded(library.maker, wanted, passages), strict=True):
            expected[p.id] = values
            assert library.dense(values, 1)[0][0] == p.id
    assert dict(library.dense(vector("any"), 99)).keys() == expected.keys()
    assert dict(library.lexical(["everyth"], 99)).keys() == expected.keys()
    assert set(library.passage_ids()) == expected.keys()
    assert library.document_frequency(["everyth"]) == {"everyth": len(expected)}
    for row, values in library.dense_vectors(list(expected)).items():
        assert values == pytest.approx(expected[row], abs=1e-3)


def nothing_left_over(library: Library) -> None:
    """No rows of dead or unfinished versions, no rows in Chroma and no files that belong to nothing."""
    live = set(library.passage_ids())
    assert set(library._index.opened().ids()) == live
    with sqlite3.connect(library.folder / "library.db") as connection:
        assert connection.execute("SELECT DISTINCT state FROM versions").fetchall() in ([], [("live",)])
        for table, column in (("vectors", "passage"), ("terms", "passage"), ("passages", "rowid")):
            assert connection.execute(f"SELECT count({column}) FROM {table}").fetchone() == (len(live),)
        names = {row[0] for row in connection.execute("SELECT original FROM versions WHERE original IS NOT NULL")}
    names |= {f"{name}.pdf" for name in names if name.endswith(".md")}
    connection.close()
    originals = library.folder / "originals"
    assert {path.name for path in originals.iterdir()} == names if originals.exists() else not names
    assert not list(library.folder.glob("*.old"))


def sayer(path: Path) -> Said:
    """Writes what is said to a file at once, so that it outlives its process."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    return lambda what: [os.write(file, f"{what}\n".encode()), None][1]  # type: ignore[return-value]


def said_in(path: Path) -> Counter[str]:
    return Counter(path.read_text().splitlines()) if path.exists() else Counter()
