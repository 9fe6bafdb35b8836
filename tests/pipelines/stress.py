"""One library, one handle, many threads and tasks: run as a program, so that its end is tested as well.

    python stress.py LIBRARY FILE SECONDS

FILE is written again and again with one of two texts, added, replaced and removed, while others search, ask and list.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from octavo import AsyncDocumentQA, DocumentQA
from octavo.errors import UnknownDocument
from octavo.tests.pipelines.conftest import write_pdf

TEXTS = {
    "old": "The harbour master of Quillhaven is called Edda Marr, and she took office in 1911.",
    "new": "The harbour master of Quillhaven is called Odo Finch, and he took office in 1947.",
}
QUESTION = "Who is the harbour master of Quillhaven?"
WHOLE = [{"Edda Marr", "1911"}, {"Odo Finch", "1947"}, set()]

looks: dict[str, int] = {}
problems: list[object] = []


def check(way: str, text: str) -> None:
    """What is said is one of the versions, or that there is none."""
    looks[way] = looks.get(way, 0) + 1
    said = {fact for facts in WHOLE for fact in facts if fact in text}
    if said not in WHOLE:
        problems.append((way, text))


def write(file: Path, number: int) -> None:
    write_pdf(file, [TEXTS["old" if number % 2 else "new"]], "Quillhaven")


def search(qa: DocumentQA) -> None:
    check("search", " ".join(hit.text for hit in qa.search(QUESTION, k=3)))


def ask(qa: DocumentQA) -> None:
    answer = qa.ask(QUESTION)
    check("ask", " ".join(citation.quote for citation in answer.citations))
    if answer.citations:
        try:
            assert qa.image(answer.citations[0]).startswith(b"\x89PNG")
        except UnknownDocument:  # replaced or removed since
            looks["gone"] = looks.get("gone", 0) + 1


def stream(qa: DocumentQA) -> None:
    quotes = [event.citation.quote for event in qa.stream(QUESTION) if event.citation]
    check("stream", " ".join(quotes))


def look(qa: DocumentQA) -> None:
    names = [document.name for document in qa.documents()]
    if len(names) != len(set(names)) or qa.status().documents not in (2, 3):
        problems.append(names)


def threads_of(qa: DocumentQA, until: float, file: Path) -> list[threading.Thread]:
    def again(work: Callable[[DocumentQA], None]) -> None:
        try:
            while time.monotonic() < until:
                work(qa)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is a finding)
            problems.append(error)

    def change(qa: DocumentQA) -> None:
        write(file, sum(looks.values()))
        report = qa.add(file)
        looks["add"] = looks.get("add", 0) + 1
        if report.failed:
            problems.append(report)
        if looks["add"] % 3 == 0:
            qa.remove(file.name)

    works = [search, search, ask, ask, stream, stream, look, change]
    return [threading.Thread(target=again, args=(work,)) for work in works]


async def tasks_of(library: Path, file: Path, seconds: float) -> None:
    """The same with tasks of one loop, some of which are cancelled in the middle."""
    until = time.monotonic() + seconds
    async with await AsyncDocumentQA.open(library, ingest={"workers": 1}) as qa:

        async def ask() -> None:
            while time.monotonic() < until:
                answer = await qa.ask(QUESTION)
                check("task", " ".join(citation.quote for citation in answer.citations))

        async def leave() -> None:
            while time.monotonic() < until:
                async for event in qa.stream(QUESTION):
                    check("left", event.text)
                    break

        async def cancel() -> None:
            while time.monotonic() < until:
                asking = asyncio.create_task(qa.ask(QUESTION))
                await asyncio.sleep(0.01)
                asking.cancel()
                await asyncio.wait([asking])
                looks["cancelled"] = looks.get("cancelled", 0) + 1

        async def change() -> None:
            while time.monotonic() < until:
                write(file, sum(looks.values()))
                await qa.add(file)
                await qa.remove(file.name)

        await asyncio.gather(ask(), ask(), leave(), cancel(), change())


def files_open(folder: Path) -> int:
    handles = Path("/proc/self/fd")
    return sum(str(folder) in os.readlink(handle) for handle in handles.iterdir() if handle.is_symlink())


def main(library: Path, file: Path, seconds: float) -> None:
    write(file, 0)
    with DocumentQA.open(library, ingest={"workers": 1}) as qa:
        qa.add(file)
        running = threads_of(qa, time.monotonic() + seconds, file)
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        problems.extend(qa.verify())
        if (held := len([name for name in os.listdir("/proc/self/fd")])) > 200:
            problems.append(f"{held} files are open")
    asyncio.run(tasks_of(library, file, seconds))
    if left := files_open(library):
        problems.append(f"{left} files of the library are open after it was closed")
    with DocumentQA.open(library) as qa:
        problems.extend(qa.verify())
    sys.stdout.write(f"{looks}\n{problems}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
