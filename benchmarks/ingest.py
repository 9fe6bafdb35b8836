"""How fast, and in how much memory, documents become a library.

    python benchmarks/ingest.py parts [FILE ...]    pages/s beside the bare parts and a plain LlamaIndex pipeline
    python benchmarks/ingest.py growth [PAGES ...]  pages/s and peak memory by the length of a file
    python benchmarks/ingest.py again [COUNT]       a folder of COUNT files, added and added again

Needs `pip install "octavo[bench]"`. Without FILEs the pages of `examples/` are repeated. Every measured run is a
process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parents[1] / "examples"
DIGITAL = ("annual-report.pdf", "field-study.pdf", "slides.pdf")  # no page of these needs OCR
ALL = (*DIGITAL, "scanned-letter.pdf", "sprachen.pdf")
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# Files


def repeated(path: Path, pages: int, names: Sequence[str]) -> Path:
    """A PDF of `pages` pages: those of the examples `names` over and over, each with its number."""
    import pymupdf

    sources = [pymupdf.open(EXAMPLES / name) for name in names]
    made = pymupdf.open()
    while made.page_count < pages:
        for source in sources:
            made.insert_pdf(source, to_page=min(source.page_count, pages - made.page_count) - 1, final=False)
            if made.page_count == pages:
                break
    for number in range(made.page_count):
        made[number].insert_text((36, 24), f"copy {number + 1}", fontsize=8)
    made.save(path, garbage=3, deflate=True)
    return path


def small_files(folder: Path, count: int) -> Path:
    import pymupdf

    for number in range(count):
        document = pymupdf.open()
        document.new_page().insert_text((72, 120), f"Note {number}: the {number}th lamp was lit at dusk.")
        document.save(folder / f"note-{number:05}.pdf")
    return folder


# What is measured


def octavo(files: list[Path], library: Path) -> dict[str, float]:
    """The whole pipeline, reading processes started and everything on disk."""
    from octavo import DocumentQA

    with DocumentQA.open(library) as qa:
        qa._core._parts.embedder.embed_queries(["warm"])
        report, seconds = timed(lambda: qa.add(*files))
    assert not report.failed, report.failed
    return {"pages": report.pages, "passages": report.passages, "seconds": seconds}


def bare_reading(files: list[Path], library: Path) -> dict[str, float]:
    """PyMuPDF's words, layout and tables of every page, in as many processes of one thread as there are cores."""
    import pymupdf

    runs = [(f, n, n + 8) for f in files for n in range(0, pymupdf.open(f).page_count, 8)]

    def read() -> None:
        with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn"), one_thread) as pool:
            list(pool.map(_layout, runs))

    return {"seconds": timed(read)[1]}


def _layout(run: tuple[Path, int, int]) -> None:
    import pymupdf
    import pymupdf.layout

    path, first, end = run
    with pymupdf.open(path) as document:
        for number in range(first, min(end, document.page_count)):
            document[number].get_text("words")
            document[number].get_layout(return_raw=True)


def bare_ocr(files: list[Path], library: Path) -> dict[str, float]:
    """RapidOCR of the pages and pictures that the pipeline read so, at the same resolution, likewise."""
    from octavo import DocumentQA

    clips: list[tuple[Path, int, tuple[float, ...]]] = []
    with DocumentQA.open(library) as qa:
        for document in qa.documents():
            for page in qa.pages(document.id):
                if any(note.startswith("ocr: ") and "inside" not in note for note in page.notes):
                    clips.append((Path(document.source), page.number, (0.0, 0.0, 1.0, 1.0)))
                else:
                    read = [r for r in page.regions if r.kind == "figure" and any(w.source == "ocr" for w in r.words)]
                    clips += [(Path(document.source), page.number, r.bbox) for r in read]

    def run() -> None:
        with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn"), one_thread) as pool:
            list(pool.map(_recognise, clips))

    return {"seconds": timed(run)[1] if clips else 0.0, "pictures": len(clips)}


def _recognise(clip: tuple[Path, int, tuple[float, ...]]) -> None:
    import numpy as np
    import pymupdf
    from rapidocr import RapidOCR

    from octavo.ingest.page.ocr import _native_dpi

    if not _engines:
        _engines.append(RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"}))
    path, number, box = clip
    with pymupdf.open(path) as document:
        page = document[number - 1]
        width, height = page.rect.width, page.rect.height
        area = pymupdf.Rect(box[0] * width, box[1] * height, box[2] * width, box[3] * height)
        pixels = page.get_pixmap(clip=area, dpi=int(min(150, _native_dpi(page, 150))))
        _engines[0](np.frombuffer(pixels.samples, np.uint8).reshape(pixels.height, pixels.width, pixels.n)[..., :3])


_engines: list[Any] = []


def one_thread() -> None:
    from octavo.ingest.processes.serving import one_thread_per_session

    os.environ["OMP_NUM_THREADS"] = "1"
    one_thread_per_session()


def bare_embedding(files: list[Path], library: Path) -> dict[str, float]:
    """MiniLM by sentence-transformers on the same passages, in the numeric type that is fastest here."""
    import sqlite3

    from octavo.retrievers.embedders import SentenceEmbedder

    model = SentenceEmbedder()._model
    with sqlite3.connect(library / "library.db") as connection:
        texts = [f"{c}\n{t}" for c, t in connection.execute("SELECT context, text FROM passages")]
    model.encode(texts[:8])
    return {"seconds": timed(lambda: model.encode(texts, batch_size=32, output_value=None))[1]}


def bare_storing(files: list[Path], library: Path) -> dict[str, float]:
    """The library's rows inserted into empty SQLite tables (one transaction), and its vectors into Chroma."""
    import sqlite3

    import chromadb
    import numpy as np

    tables = ("versions", "pages", "regions", "passages", "vectors", "token_vectors", "terms")
    with sqlite3.connect(library / "library.db") as old, tempfile.TemporaryDirectory() as folder:
        rows = {table: old.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
        schema = [
            s for (s,) in old.execute("SELECT sql FROM sqlite_schema WHERE name NOT LIKE '%sqlite%' AND sql > ''")
        ]
        ids = [i for (i,) in old.execute("SELECT id FROM passages ORDER BY rowid")]
        vectors = np.array([np.frombuffer(v[1], "<f2") for v in sorted(rows["vectors"])], np.float32)
        new = sqlite3.connect(Path(folder) / "library.db", isolation_level=None)
        new.execute("PRAGMA journal_mode = WAL")
        for statement in schema:
            if not any(f"'lexical_{part}'" in statement for part in ("data", "idx", "docsize", "config")):
                new.execute(statement)
        chroma = chromadb.PersistentClient(folder).create_collection("bare", embedding_function=None)

        def store() -> None:
            new.execute("BEGIN")
            for table in tables:
                marks = ", ".join("?" * len(rows[table][0]))
                new.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
            new.execute("INSERT INTO lexical (rowid, context, body) SELECT passage, context, body FROM terms")
            new.execute("COMMIT")
            for start in range(0, len(ids), 1000):
                chroma.upsert(ids[start : start + 1000], embeddings=vectors[start : start + 1000])

        return {"seconds": timed(store)[1]}


def llama_index(files: list[Path], library: Path) -> dict[str, float]:
    """PyMuPDF4LLM (which uses the same layout) → sentence splitter → the same MiniLM → Chroma, by LlamaIndex."""
    import chromadb
    import pymupdf4llm
    from llama_index.core import Document, StorageContext, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.vector_stores.chroma import ChromaVectorStore

    from octavo.retrievers.embedders import SentenceEmbedder

    model = SentenceEmbedder()._model
    model.encode(["warm"])

    class MiniLM(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = model.encode(texts).tolist()
            return vectors

        def _get_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_text_embedding(query)

    def run() -> int:
        pages = 0
        documents = []
        for file in files:
            for chunk in pymupdf4llm.to_markdown(file, page_chunks=True, show_progress=False):
                documents.append(Document(text=chunk["text"], metadata={"file": file.name}))
                pages += 1
        store = ChromaVectorStore(chroma_collection=chromadb.PersistentClient(str(library)).create_collection("plain"))
        VectorStoreIndex.from_documents(
            documents,
            storage_context=StorageContext.from_defaults(vector_store=store),
            transformations=[SentenceSplitter(chunk_size=256, chunk_overlap=24)],
            embed_model=MiniLM(embed_batch_size=32),
        )
        return pages

    pages, seconds = timed(run)
    return {"pages": pages, "seconds": seconds}


def add(files: list[Path], library: Path) -> dict[str, float]:
    """`octavo add`, as a user would."""
    command = [
        str(Path(sys.executable).with_name("octavo")),
        "--library",
        str(library),
        "add",
        "--json",
        *map(str, files),
    ]
    done, seconds = timed(lambda: subprocess.run(command, check=True, capture_output=True, text=True))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    counts = {name: report[name] for name in ("pages", "passages", "added", "unchanged")}
    return {**counts, "seconds": seconds, "processor_s": used.ru_utime + used.ru_stime}


RUNS = {f.__name__: f for f in (octavo, bare_reading, bare_ocr, bare_embedding, bare_storing, llama_index, add)}


# Measuring


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    begun = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begun


def measured(name: str, files: Sequence[Path], library: Path) -> dict[str, float]:
    """`RUNS[name]` in a process of its own, with the peak memory (MB) of it and its children."""
    command = [sys.executable, __file__, "run", name, str(library), *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, watched(process.pid) as peak:
        assert process.stdout is not None
        said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"{name} failed")
    return {**json.loads(said.splitlines()[-1]), "peak_mb": round(peak[0] / 1e6)}


@contextmanager
def watched(pid: int) -> Iterator[list[float]]:
    """The peak of the memory of a process and its children, shared pages counted once, looked at twice a second."""
    import psutil

    peak, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(0.5):
            total = 0
            try:
                root = psutil.Process(pid)
                for process in (root, *root.children(recursive=True)):
                    total += process.memory_full_info().pss
            except psutil.Error:  # one of them ended meanwhile
                continue
            peak[0] = max(peak[0], total)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def parts(given: list[Path], folder: Path) -> None:
    files = given or [repeated(folder / "digital.pdf", 160, DIGITAL), repeated(folder / "all.pdf", 40, ALL)]
    library = folder / "library"
    whole = measured("octavo", files, library)
    print(f"{whole['pages']} pages, {whole['passages']} passages, {CORES} cores")
    bare = 0.0
    for name in ("bare_reading", "bare_ocr", "bare_embedding", "bare_storing"):
        seconds = measured(name, files, library)["seconds"]
        bare += seconds
        print(f"  {name:<16} {seconds:8.1f} s")
    plain = measured("llama_index", files, folder / "plain")
    for name, seconds in (("sum of the parts", bare), ("octavo", whole["seconds"]), ("LlamaIndex", plain["seconds"])):
        print(f"{name:<18} {seconds:8.1f} s {whole['pages'] / seconds:8.2f} pages/s")
    print(f"octavo / parts      {bare / whole['seconds']:.2f}")
    print(f"octavo / LlamaIndex {plain['seconds'] / whole['seconds']:.2f}")


def growth(lengths: list[int], folder: Path) -> None:
    print("pages  passages  seconds  pages/s  processor s/page  peak MB")
    for length in lengths or [100, 1000, 5000]:
        file = repeated(folder / f"{length}.pdf", length, DIGITAL)
        found = measured("add", [file], folder / f"library-{length}")
        rate = found["pages"] / found["seconds"]
        line = f"{length:5} {found['passages']:9} {found['seconds']:8.1f} {rate:8.2f}"
        print(f"{line} {found['processor_s'] / length:17.3f} {found['peak_mb']:8}", flush=True)


def again(count: int, folder: Path) -> None:
    files = small_files(folder, count)
    for word in ("added", "added again"):
        found = measured("add", [files], folder / "library")
        print(f"{word}: {found['seconds']:.1f} s ({found['added']} added, {found['unchanged']} unchanged)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("parts").add_argument("files", nargs="*", type=Path)
    commands.add_parser("growth").add_argument("pages", nargs="*", type=int)
    commands.add_parser("again").add_argument("count", nargs="?", type=int, default=1000)
    one = commands.add_parser("run", help="one measurement in this process; prints JSON")
    one.add_argument("name", choices=RUNS)
    one.add_argument("library", type=Path)
    one.add_argument("files", nargs="*", type=Path)
    said = parser.parse_args()
    if said.command == "run":
        print(json.dumps(RUNS[said.name](said.files, said.library)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if said.command == "parts":
            parts([file.absolute() for file in said.files], folder)
        elif said.command == "growth":
            growth(said.pages, folder)
        else:
            again(said.count, folder)


if __name__ == "__main__":
    main()
