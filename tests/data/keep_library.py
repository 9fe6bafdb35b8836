"""Writes a library as the code at hand writes it, with what is found in it, into a small archive beside this file.

Run it before the schema changes (`python tests/data/keep_library.py`), and keep the archive: the tests migrate it.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path

from octavo.errors import UnreadableFile
from octavo.ingest.descriptions import with_descriptions
from octavo.ingest.types import Passage
from octavo.retrievers.library import Library
from octavo.retrievers.library.sqlite.schema import SCHEMA_VERSION
from octavo.tests.retrievers.library.material import MAKER, add, dense, document, page, passage, stage, vector

REPORT = document("report.pdf", "new")
STRANGE = document("caf\udce9.pdf")  # a name that is no UTF-8
UNFINISHED = document("unfinished.pdf")
DESCRIPTION = "Everything is a harbour."


def fill(library: Library, folder: Path) -> None:
    """Two documents, a dead version that was not swept, an unfinished version, failures, an original, a description."""
    add(library, document("report.pdf", "old"))
    add(library, STRANGE)
    library.record_failure("/papers/broken.pdf", UnreadableFile("the file is empty", cure="copy it again"))
    library.keep_descriptions(STRANGE.id, "model", "1", {"crop": "A harbour."})
    library._sweeper.sweep = lambda document=None: None  # type: ignore[method-assign]
    with stage(library, REPORT) as staging:
        pages = [page(REPORT, number) for number in (1, 2, 3)]
        written = [with_descriptions(page, {page.regions[2].id: DESCRIPTION}, REPORT.version) for page in pages]
        staging.add_pages(written, {"at": 3})
        passages = [*(passage(REPORT, order) for order in range(5)), described(5)]
        staging.add_passages(passages, dense(REPORT, passages), [b"t%d" % p.order for p in passages])
        original = folder / "report.pdf"
        original.write_bytes(b"report.pdf new")
        staging.keep_original(original)
        blank = UnreadableFile("page 2 is blank", cure="scan it again")
        library.record_failure(REPORT.source, blank, page=2, version=REPORT.version)
        staging.commit()
    with stage(library, UNFINISHED) as staging:
        staging.add_pages([page(UNFINISHED, number) for number in (1, 2)], {"at": 2})
        passages = [passage(UNFINISHED, order) for order in (0, 1)]
        staging.add_passages(passages, dense(UNFINISHED, passages), [b"t0", b"t1"])


def described(order: int) -> Passage:
    """By which a table is found that a model described."""
    return passage(REPORT, order, kind="table", text="", context="Report > Results", description=DESCRIPTION)


def found(library: Library) -> dict[str, object]:
    """All that a reader can see, as JSON."""
    documents = library.documents()
    ids = library.passage_ids()
    seen = {
        "documents": [d.model_dump(mode="json") for d in documents],
        "pages": {d.id: [p.model_dump(mode="json") for p in library.pages(d.id)] for d in documents},
        "passages": [
            p.model_dump(mode="json", exclude={"description"}) | {"context": p.finding} for p in library.passages(ids)
        ],
        "tokens": {id: blob.decode() for id, blob in library.token_vectors(ids).items()},
        "dense": [[id, round(score, 3)] for id, score in library.dense(vector("any"), 50)],
        "lexical": [[id, round(score, 6)] for id, score in library.lexical(["everyth"], 50)],
        "original": library.original(REPORT.id).read_bytes().decode(),
        "failures": [f.model_dump(mode="json") for f in library.failures()],
        "staged": [list(one) for one in library.staged()],
    }
    return dict(json.loads(json.dumps(seen)))


def keep(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with Library.open(folder / "library", maker=MAKER) as library:
            fill(library, folder)
            (folder / "found.json").write_text(json.dumps(found(library)), encoding="ascii")
        with tarfile.open(archive, "w:xz") as tar:
            tar.add(folder / "found.json", "found.json", filter=_nobody)
            tar.add(folder / "library", "library", filter=_nobody)


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    keep(Path(__file__).with_name(f"library-schema-{SCHEMA_VERSION}.tar.xz"))
