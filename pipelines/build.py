"""From settings to objects: the one place that knows which implementation a setting names."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SettingsError, UnknownComponent
from ..retrievers.options import BUNDLED, EmbedderOptions
from .evidence import LibraryEvidence

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

    from ..generators.base import Generator
    from ..generators.chat.llama import LlamaIndexChat
    from ..generators.chat.model import ChatModel
    from ..generators.prompts.templates import Prompts
    from ..generators.relevance.judged import Judge
    from ..generators.relevance.reranker import Reranker
    from ..generators.relevance.yes_no import YesNo
    from ..retrievers.embedders import Embedder
    from ..retrievers.library import Library, Maker
    from ..retrievers.relevance import Relevance
    from ..retrievers.search import Searcher
    from .indexing.indexer import Indexer
    from .settings import Settings

T = TypeVar("T")

# What a library of the bundled embedder says of its maker, so that listing documents need not load the model.
_BUNDLED_MAKER = (BUNDLED, "package", 384)


def build_embedder(options: EmbedderOptions) -> Embedder:
    """Loads the model; takes seconds."""
    # Torch's threads wait by spinning, at a third of the processor's time when the reading processes are busy as well.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Its kernels are kept, a third of a megabyte each, by the size of the batch, which is hardly ever the same twice:
    # by default 1024 of them, in two caches.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    os.environ.setdefault("LRU_CACHE_CAPACITY", "16")
    from ..retrievers.embedders import SentenceEmbedder

    return SentenceEmbedder(**options.model_dump())


def embedder_named(options: EmbedderOptions) -> tuple[str, str]:
    """Name and revision of the embedder that these settings ask for; loads nothing."""
    return _BUNDLED_MAKER[:2] if options.model == BUNDLED else (options.model, options.revision or "main")


def maker_of(options: EmbedderOptions, embedder: Callable[[], Embedder]) -> Maker:
    """Whose vectors a library of these settings holds; loads the model only when it is not the bundled one."""
    from ..retrievers.library import Maker

    if options.model == BUNDLED:
        return Maker(*_BUNDLED_MAKER)
    loaded = embedder()
    return Maker(loaded.name, loaded.revision, loaded.dimension)


def open_library(
    settings: Settings, maker: Maker | None, *, wait: float = 0.0, create: bool = True, read_only: bool = False
) -> Library:
    from ..retrievers.library import Library

    where = settings.library
    return Library.open(where.path, maker=maker, chroma=where.chroma, wait=wait, create=create, read_only=read_only)


def build_relevance(
    settings: Settings, embedder: Embedder, library: Library, chat: Callable[[], ChatModel] | None = None
) -> Relevance:
    """What judges candidates; `chat` gives the model that is asked, by default the one that `vlm` names."""

    def late_interaction() -> Relevance:
        from ..retrievers.relevance import LateInteraction

        return LateInteraction(embedder, library, fusion=settings.relevance.fusion, rrf_k=settings.retrieval.rrf_k)

    def cross_encoder() -> Relevance:
        from ..retrievers.relevance import CrossEncoderRelevance

        if settings.relevance.model is None:
            cure = "name one, e.g. `--set relevance.model=cross-encoder/ms-marco-MiniLM-L6-v2`"
            raise SettingsError("a cross-encoder needs the name of a model", where="relevance.model", cure=cure)
        return CrossEncoderRelevance(settings.relevance.model, device=settings.embedder.device)

    def judged(judge: Judge) -> Relevance:
        from ..generators.relevance.judged import JudgedRelevance

        first = late_interaction() if settings.embedder.token_vectors else None
        return JudgedRelevance(judge, first, settings.relevance.judged)

    choices: dict[str, Callable[[], Relevance]] = {
        "late-interaction": late_interaction,
        "cross-encoder": cross_encoder,
        "vlm": lambda: judged(build_yes_no(settings, library, chat() if chat is not None else build_chat(settings))),
        "rerank": lambda: judged(build_reranker(settings)),
    }
    return _chosen("relevance.kind", settings.relevance.kind, choices)()


def build_yes_no(settings: Settings, library: Library, chat: ChatModel) -> YesNo:
    """The judge that asks `chat` about each piece."""
    from ..generators.evidence.families import visual_tokens_of
    from ..generators.prompts.templates import Prompts
    from ..generators.relevance.yes_no import YesNo

    relevance, generator = settings.relevance, settings.generator
    return YesNo(
        chat,
        LibraryEvidence(library, settings.ingest.password),
        Prompts(generator.prompts),
        visual_tokens_of(generator.processor or chat.name, generator.processor_bounds),
        pictures=relevance.pictures,
        visual_tokens=relevance.visual_tokens,
    )


def build_reranker(settings: Settings) -> Reranker:
    """The reranker that `relevance` names. Asks nothing yet. SettingsError when address or name are missing."""
    from ..generators.relevance.reranker import Reranker

    options = settings.relevance
    if options.base_url is None:
        cure = "set it to that of a server, e.g. of `vllm serve BAAI/bge-reranker-v2-m3 --port 8001`"
        raise SettingsError("a reranker needs an address", where="relevance.base_url", cure=cure)
    if options.model is None:
        cure = f"set it to a name that {options.base_url}/models lists"
        raise SettingsError("the reranker has no name", where="relevance.model", cure=cure)
    key = options.api_key.get_secret_value() if options.api_key is not None else None
    return Reranker(options.base_url, options.model, endpoint=options.endpoint, api_key=key, options=settings.vlm)


def build_chat(settings: Settings, llm: LLM | None = None) -> LlamaIndexChat:
    """The chat model that `vlm` names, or `llm` with the limits and patience that it sets."""
    from ..generators.chat.llama import LlamaIndexChat
    from ..generators.chat.vllm import vllm_chat

    return vllm_chat(settings.vlm) if llm is None else LlamaIndexChat(llm, options=settings.vlm)


def build_generator(parts: Parts) -> Generator:
    settings = parts.settings
    source = LibraryEvidence(parts.library, settings.ingest.password)

    def extractive() -> Generator:
        from ..generators.extractive import ExtractiveGenerator

        return ExtractiveGenerator(parts.embedder, source, settings.generator)

    def vlm() -> Generator:
        from ..generators.vision import VisionGenerator

        return VisionGenerator(parts.chat, source, settings.generator, parts.prompts)

    return _chosen("generator.kind", settings.generator.kind, {"extractive": extractive, "vlm": vlm})()


def _chosen(setting: str, name: str, choices: Mapping[str, T]) -> T:
    """The implementation called `name`; UnknownComponent lists those there are."""
    if name not in choices:
        cure = f"use one of {', '.join(sorted(choices))}"
        raise UnknownComponent(f"there is no implementation {name!r}", where=setting, cure=cure)
    return choices[name]


class Parts:
    """What a library is searched and answered with, made at the first use: models take seconds to load.

    With `any_embedder` a library that is there is opened whatever embedder made it, and what embeds raises
    LibraryMismatch if it was another. `llm` stands in for the model that `vlm` names.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        wait: float = 0.0,
        create: bool = True,
        read_only: bool = False,
        any_embedder: bool = False,
        llm: LLM | None = None,
    ) -> None:
        self.settings = settings
        self._llm = llm
        self._guard = threading.RLock()
        self._made: dict[str, Any] = {}
        maker = None if any_embedder else self._maker()
        opening = partial(open_library, wait=wait, create=create and not any_embedder, read_only=read_only)
        self.library: Library = opening(settings, maker)

    @property
    def embedder(self) -> Embedder:
        return self._once("embedder", lambda: build_embedder(self.settings.embedder))

    @property
    def searcher(self) -> Searcher:
        from ..retrievers.search import Searcher

        def make() -> Searcher:
            self.library.check_maker(self._maker())
            relevance = build_relevance(self.settings, self.embedder, self.library, lambda: self.chat)
            return Searcher(self.library, self.embedder, relevance, self.settings.retrieval)

        return self._once("searcher", make)

    @property
    def generator(self) -> Generator:
        return self._once("generator", lambda: build_generator(self))

    @property
    def chat(self) -> LlamaIndexChat:
        return self._once("chat", lambda: build_chat(self.settings, self._llm))

    @property
    def prompts(self) -> Prompts:
        from ..generators.prompts.templates import Prompts

        return self._once("prompts", lambda: Prompts(self.settings.generator.prompts))

    async def aclose_chat(self) -> None:
        """Close the running loop's connections to the chat model, if there are any."""
        chat: LlamaIndexChat | None = self._made.get("chat")
        if chat is not None:
            await chat.aclose()

    @property
    def indexer(self) -> Indexer:
        from .indexing.indexer import Indexer

        def make() -> Indexer:
            settings = self.settings
            self.library.check_maker(self._maker())
            return Indexer(self.library, lambda: self.embedder, settings.ingest, settings.library.collection)

        return self._once("indexer", make)

    def _maker(self) -> Maker:
        return maker_of(self.settings.embedder, lambda: self.embedder)

    def _once(self, name: str, make: Callable[[], T]) -> T:
        with self._guard:
            if name not in self._made:
                self._made[name] = make()
            made: T = self._made[name]
            return made
