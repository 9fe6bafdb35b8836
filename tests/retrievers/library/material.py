"""What the library's tests put into libraries: small documents whose every word is known, and processes that die."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from octavo.ingest.types import BBox, Cell, Document, Page, Passage, Place, Region, Word
from octavo.retrievers.library import FileStat, Library, Maker, Staging, failpoints

MAKER = Maker("toy", "1", 16)

# Children are forked from a server that has loaded what is slow to load, and nothing else.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["chromadb", "httpx", "octavo.tests.retrievers.library.material"])


def vector(*seed: Any) -> NDArray[np.float32]:
    """A unit vector that depends on `seed` only."""
    digest = hashlib.sha256(repr(seed).encode()).digest()
    values = np.random.default_rng(int.from_bytes(digest[:8], "little")).normal(size=MAKER.dimension)
    return (values / np.linalg.norm(values)).astype(np.float32)


def document(name: str = "report.pdf", version: str = "v1", **facts: Any) -> Document:
    return Document(
        **{
            "id": _hash(f"/papers/{name}")[:16],
            "name": name,
            "source": f"/papers/{name}",
            "content": _hash(f"{name} {version}"),
            "version": version,
            "title": name.split(".")[0].title(),
            **facts,
        }
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def page(doc: Document, number: int) -> Page:
    """A page with a heading, a paragraph and a table."""
    stem = f"{doc.version[:16]}.{number}"
    third = BBox(1 / 3, 0.1, 2 / 3, 0.2)
    words = tuple(Word(text, BBox(0.125, 0.25, 0.5, 0.375)) for text in ("page", str(number)))
    cells = (Cell(row=0, col=0, bbox=third, text="Year", header=True), Cell(row=0, col=1, bbox=third, text="2023"))
    return Page(
        number=number,
        width=595.3,
        height=841.9,
        rotation=90 if number == 2 else 0,
        label=f"A-{number}",
        notes=("ocr: no text layer",) if number == 1 else (),
        regions=(
            Region(id=f"{stem}.0", page=number, order=0, kind="heading", bbox=third, text="Results", words=words),
            Region(
                id=f"{stem}.1", page=number, order=1, kind="text", bbox=third, text="So it is.", section=("Results",)
            ),
            Region(
                id=f"{stem}.2",
                page=number,
                order=2,
                kind="table",
                bbox=third,
                text="Year 2023",
                cells=cells,
                html="<table></table>",
                caption="Table 1",
                source="ocr",
            ),
        ),
    )


def passage(doc: Document, order: int, **facts: Any) -> Passage:
    """The passage `order` stands on page `order // 2 + 1`; every second one is a table."""
    number = order // 2 + 1
    return Passage(
        **{
            "id": f"{doc.id}.{doc.version[:16]}.{order:06d}",
            "document": doc.id,
            "version": doc.version,
            "order": order,
            "kind": "table" if order % 2 else "text",
            "places": (Place(number, BBox(1 / 3, 0.1, 2 / 3, 0.2)),),
            "regions": (f"{doc.version[:16]}.{number}.{1 + order % 2}",),
            "text": f"{doc.version} says word {order} of everything",
            "context": f"{doc.title} > Results",
            **facts,
        }
    )


def dense(doc: Document, passages: Sequence[Passage]) -> NDArray[np.float32]:
    return np.array([vector(doc.name, doc.version, p.order) for p in passages])


def add(library: Library, doc: Document, pages: int = 3, batch: int = 2, tokens: bool = True) -> dict[str, int]:
    """Add a document by the whole protocol, going on where it stopped; counts what it did itself."""
    done = {"pages": 0, "passages": 0}
    with stage(library, doc) as staging:
        for number in range(staging.pages_done + 1, pages + 1):
            staging.add_pages([page(doc, number)], {"at": number})
            done["pages"] += 1
        for first in range(staging.passages_done, 2 * pages, batch):
            some = [passage(doc, order) for order in range(first, min(first + batch, 2 * pages))]
            staging.add_passages(some, dense(doc, some), [b"t%d" % p.order for p in some] if tokens else None)
            done["passages"] += len(some)
        staging.commit()
    return done


def stage(library: Library, doc: Document) -> Staging:
    return library.stage(doc, options={"ocr": "auto"}, parser="test", stat=FileStat(10, 20), outline=[(1, "Intro", 1)])


def write(library: Library, doc: Document, passages: Sequence[Passage], vectors: NDArray[np.float32]) -> None:
    """Add a document that consists of these passages."""
    with stage(library, doc) as staging:
        staging.add_passages(passages, vectors)
        staging.commit()


def versions_found(library: Library, k: int = 50) -> dict[str, set[str]]:
    """Which versions each way of looking shows, by name of the way."""
    with library.snapshot():
        by_words = library.passages([i for i, _ in library.lexical(["everyth"], k)])
        by_vector = library.passages([i for i, _ in library.dense(vector("any"), k)])
        by_scan = library.passages(library.passage_ids())
        return {
            "listed": {doc.version for doc in library.documents()},
            "lexical": {p.version for p in by_words},
            "dense": {p.version for p in by_vector},
            "scope": {p.version for p in by_scan},
        }


def dies_at(step: failpoints.Step, nth: int) -> Callable[[failpoints.Step], None]:
    """A hook that kills its process the `nth` time `step` is reached."""
    left = nth

    def hook(reached: failpoints.Step) -> None:
        nonlocal left
        left -= reached == step
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def killed_add(folder: Path, doc: Document, step: failpoints.Step, nth: int) -> None:
    """What the child process does."""
    with Library.open(folder, maker=MAKER) as library:
        failpoints.hook = dies_at(step, nth)
        add(library, doc)


def killed_remove(folder: Path, document_id: str, step: failpoints.Step) -> None:
    with Library.open(folder, maker=MAKER) as library:
        failpoints.hook = dies_at(step, 1)
        library.remove(document_id)


def run_and_die(target: Callable[..., None], *args: Any) -> None:
    """Run `target` in a process of its own, which has to be killed by its failpoint."""
    child = PROCESSES.Process(target=target, args=args)
    child.start()
    child.join(60)
    with contextlib.suppress(ValueError):
        assert child.exitcode == -signal.SIGKILL, f"the process ended with {child.exitcode}"
    child.close()


def hold(folder: Path, chroma: str | None, taken: Any, let_go: Any) -> None:
    """Have a library open until told to close it."""
    with Library.open(folder, maker=MAKER, chroma=chroma) as library:
        staging = None if chroma is None else stage(library, document("held.pdf"))
        taken.set()
        let_go.wait(60)
        if staging is not None:
            staging.close()
