"""Question answering over one library: the asynchronous core."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import partial
from pathlib import Path
from threading import Event as Flag
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, get_args

import anyio
import anyio.lowlevel
from anyio import to_thread

from ..errors import UnknownComponent, UnknownDocument, UnreadableFile
from ..generators.types import Answer, Citation, Event, not_in_documents
from ..ingest.types import BBox, Document, Kind, Page
from ..retrievers.types import Filters, Hit, Level, Query
from .build import Parts
from .reports import AddReport, Checking, SyncReport, silent
from .running import Watcher
from .settings import Settings
from .status import Status, status_of

if TYPE_CHECKING:
    from ..retrievers.library import ByteWatcher, Library, Manifest, Snapshot

T = TypeVar("T")
PageRange = tuple[int | None, int | None]


class AsyncDocumentQA:
    """Adds documents to a library and answers questions from it. Made by `open`; an asynchronous context manager.

    Methods that name a document take its name, path or id.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.settings = parts.settings

    @classmethod
    async def open(
        cls,
        library: str | Path | None = None,
        *,
        config: str | Path | None = None,
        settings: Settings | None = None,
        wait: float = 0.0,
        create: bool = True,
        read_only: bool = False,
        **overrides: Mapping[str, Any],
    ) -> Self:
        """See `DocumentQA.open`."""
        opening = partial(Parts, wait=wait, create=create, read_only=read_only)
        return cls(await to_thread.run_sync(lambda: opening(_settings(library, config, settings, overrides))))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self.aclose()

    async def aclose(self) -> None:
        """Close the library; others may have it then. A second call does nothing."""
        await to_thread.run_sync(self._parts.library.close)

    async def add(
        self, *paths: str | Path, metadata: Mapping[str, Any] | None = None, progress: Watcher | None = None
    ) -> AddReport:
        """See `DocumentQA.add`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from .adding import add

        return await _stoppable(partial(add, self._parts.indexer, paths, metadata=metadata, progress=progress))

    async def sync(
        self,
        *folders: str | Path,
        metadata: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        allow_empty: bool = False,
        progress: Watcher | None = None,
    ) -> SyncReport:
        """See `DocumentQA.sync`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from .syncing import sync

        work = partial(sync, self._parts.indexer, folders, metadata=metadata, dry_run=dry_run)
        return await _stoppable(partial(work, allow_empty=allow_empty, progress=progress))

    async def refresh(self, *names: str, failed: bool = False, progress: Watcher | None = None) -> AddReport:
        """See `DocumentQA.refresh`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from .refreshing import refresh

        tokens = self.settings.embedder.token_vectors
        work = partial(refresh, self._parts.indexer, names, token_vectors=tokens, failed=failed, progress=progress)
        return await _stoppable(work)

    async def search(
        self,
        question: str,
        *,
        level: Level = "passage",
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        k: int = 10,
        pages: PageRange | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> list[Hit]:
        """See `DocumentQA.search`."""
        with self._library.snapshot():
            query = await to_thread.run_sync(self._query, question, documents, kinds, pages, metadata)
            searcher = await to_thread.run_sync(lambda: self._parts.searcher)
            return await searcher.search(query, level=level, k=k)

    async def ask(
        self,
        question: str,
        *,
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        k: int | None = None,
        pages: PageRange | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Answer:
        """See `DocumentQA.ask`."""
        whole: Answer | None = None
        async for event in self.stream(question, documents=documents, kinds=kinds, k=k, pages=pages, metadata=metadata):
            whole = event.answer or whole
        if whole is None:
            raise RuntimeError("the generator ended without an answer")
        return whole

    async def stream(
        self,
        question: str,
        *,
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        k: int | None = None,
        pages: PageRange | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[Event]:
        """See `DocumentQA.stream`."""
        from ..retrievers.cutoff import up_to_k

        cut = self.settings.relevance
        begun = time.perf_counter()
        # One state of the library from the search to the last quote: a document replaced meanwhile stays as it was.
        with closing(self._library.hold()) as state:
            with state.active():
                hits = await self.search(
                    question,
                    documents=documents,
                    kinds=kinds,
                    k=cut.k if k is None else k,
                    pages=pages,
                    metadata=metadata,
                )
            kept = up_to_k(hits, cut.k if k is None else k, cut.threshold)
            found = time.perf_counter()
            trace: dict[str, Any] = {"evidence": [_trace(hit) for hit in hits], "kept": len(kept)}
            seconds = {"search": round(found - begun, 4)}
            if not kept:
                best = max((hit.relevance or 0.0 for hit in hits), default=0.0)
                answer = not_in_documents(question, best, **trace, seconds=seconds)
                yield Event(text=answer.text, answer=answer)
                return
            generator = await to_thread.run_sync(lambda: self._parts.generator)
            async with aclosing(_within(state, generator.stream(question, kept))) as events:
                async for event in events:
                    if event.answer is None:
                        yield event
                        continue
                    seconds["generate"] = round(time.perf_counter() - found, 4)
                    told = {**event.answer.trace, **trace, "seconds": seconds}
                    yield event.model_copy(update={"answer": event.answer.model_copy(update={"trace": told})})

    async def documents(self) -> list[Document]:
        """All documents, by name."""
        return await to_thread.run_sync(self._library.documents)

    async def document(self, name_or_id: str) -> Document:
        return await to_thread.run_sync(self._library.document, name_or_id)

    async def remove(self, name_or_id: str) -> str:
        """See `DocumentQA.remove`."""
        return await to_thread.run_sync(self._remove, name_or_id)

    async def page(self, name_or_id: str, number: int) -> Page:
        """What was read on a page, 1-based."""
        return await to_thread.run_sync(lambda: self._library.page(self._library.document(name_or_id).id, number))

    async def status(self) -> Status:
        return await to_thread.run_sync(status_of, self._library, self.settings)

    async def verify(self, *, progress: Checking = silent) -> list[str]:
        """See `DocumentQA.verify`; `progress` is called from a thread."""
        return await to_thread.run_sync(self._library.verify, progress)

    async def repair(self, *, progress: Checking = silent) -> list[str]:
        """See `DocumentQA.repair`; `progress` is called from a thread."""
        return await to_thread.run_sync(self._library.repair, progress)

    async def backup(self, file: str | Path, *, progress: ByteWatcher | None = None) -> Manifest:
        """See `DocumentQA.backup`; `progress` is called from a thread."""
        return await to_thread.run_sync(self._library.backup, file, progress)

    async def image(self, found: Citation | Hit, *, page: int | None = None, crop: bool = False) -> bytes:
        """See `DocumentQA.image`."""
        return await to_thread.run_sync(partial(self._image, found, page, crop))

    @property
    def _library(self) -> Library:
        return self._parts.library

    def _query(
        self,
        question: str,
        documents: Sequence[str],
        kinds: Sequence[Kind],
        pages: PageRange | None,
        metadata: Mapping[str, Any] | None,
    ) -> Query:
        if unknown := set(kinds) - set(get_args(Kind)):
            cure = f"use {', '.join(get_args(Kind))}"
            raise UnknownComponent(f"there is no kind {', '.join(sorted(unknown))}", where="kinds", cure=cure)
        first, last = pages or (None, None)
        filters = Filters(
            documents=tuple(self._library.document(name).id for name in documents),
            kinds=tuple(kinds),
            first_page=first,
            last_page=last,
            metadata=dict(metadata or {}),
        )
        return Query(text=question, filters=filters)

    def _remove(self, name_or_id: str) -> str:
        try:
            document = self._library.document(name_or_id)
        except UnknownDocument:
            # One that was begun and never finished can go, too.
            for begun in self._library.staged():
                if name_or_id in {begun.document, begun.name, begun.source}:
                    self._library.remove(begun.document)
                    return begun.name
            # And what never could be read need not be complained of for ever.
            for failure in self._library.failures():
                if name_or_id in {failure.file, failure.source} and failure.page is None:
                    self._library.clear_failures(failure.source)
                    return failure.file
            raise
        self._library.remove(document.id)
        return document.name

    def _image(self, found: Citation | Hit, page: int | None, crop: bool) -> bytes:
        document, version = (
            (found.ref.document, found.ref.version) if isinstance(found, Hit) else (found.document, found.version)
        )
        known = self._library.find(document)
        if known is None or known.version != version:
            what = "this version of the document is no longer in the library"
            raise UnknownDocument(what, where=document, cure="ask again")
        number = found.page if page is None else page
        boxes = [place.bbox for place in found.places if place.page == number]
        return self.picture(known, number, boxes, crop=crop)

    def picture(self, document: Document, page: int, boxes: Sequence[BBox], *, crop: bool = False) -> bytes:
        """PNG of a page with `boxes` highlighted; blocks."""
        from ..ingest.pictures import highlighted

        path = self._library.shown(document.id)
        held = self._library.stat_of(document.id)
        if path == Path(document.source) and held is not None:
            stat = path.stat()
            if (stat.st_size, stat.st_mtime_ns) != (held.size, held.mtime_ns):
                what = "the file has changed since it was read, and the library keeps no copy"
                raise UnreadableFile(what, where=str(path), cure="add it again")
        return highlighted(path, page, boxes, crop=crop, password=self.settings.ingest.password)

    def pages(self, name_or_id: str) -> Iterator[Page]:
        """The pages of a document in order, a few in memory at a time; blocks."""
        return self._library.pages(self._library.document(name_or_id).id)


def _settings(
    library: str | Path | None,
    config: str | Path | None,
    settings: Settings | None,
    overrides: Mapping[str, Mapping[str, Any]],
) -> Settings:
    from .layers import merged

    if library is not None:
        overrides = merged(overrides, {"library": {"path": str(library)}})
    if settings is None:
        return Settings.load(config, overrides=overrides)
    return Settings.checked(merged(settings.model_dump(), overrides)) if overrides else settings


async def _within(state: Snapshot, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """`events`, each made in one state of the library.

    The state is entered for each step anew: what is set in a context variable across a `yield` would be seen by whoever
    takes the events, and could not be undone by another task that closes this generator.
    """
    try:
        while True:
            with state.active():
                event = await anext(events, None)
            if event is None:
                return
            yield event
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


async def _stoppable(work: Callable[..., T]) -> T:
    """What `work` gives, on a thread; cancelling sets the flag it takes as `stopped`."""
    stopped = Flag()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_set_at_end, stopped)
        result = await to_thread.run_sync(partial(work, stopped=stopped))
        tasks.cancel_scope.cancel()
    await anyio.lowlevel.checkpoint()  # the group's own end hides a cancellation from outside
    return result


async def _set_at_end(flag: Flag) -> None:
    try:
        await anyio.sleep_forever()
    finally:
        flag.set()


def _trace(hit: Hit) -> dict[str, Any]:
    return {"id": hit.ref.id, "page": hit.page, "relevance": hit.relevance, "via": hit.via}
