"""Question answering over one library: the asynchronous core."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, Unpack

import anyio
from anyio import to_thread

from ...errors import LibraryClosed
from ...generators.types import Answer, Citation, Event
from ...ingest.descriptions import DESCRIBABLE
from ...ingest.types import BBox, Document, Kind, Page
from ...retrievers.types import Hit, Level
from .. import notebook
from ..build import Parts
from ..indexing.running import Watcher
from ..layers import merged
from ..reports import AddReport, Checking, DescribeReport, SyncReport, silent
from ..settings import Settings
from ..status import Status, status_of
from .asking import Restrictions, search, stream
from .pictures import picture, picture_of
from .threads import stoppable

if TYPE_CHECKING:
    from llama_index.core.llms import LLM
    from pydantic import BaseModel

    from ...generators.vision.conversation import History
    from ...retrievers.library import ByteWatcher, Library, Manifest
    from ..describing import Confirm


class AsyncDocumentQA:
    """Adds documents to a library and answers questions from it. Made by `open`; an asynchronous context manager.

    Methods that name a document take its name, path or id.
    """

    def __init__(self, parts: Parts) -> None:
        self._made: Parts | None = parts
        self.settings = parts.settings

    @classmethod
    def open(
        cls,
        path: str | Path | None = None,
        /,
        *,
        library: str | Path | Mapping[str, Any] | None = None,
        config: str | Path | None = None,
        settings: Settings | None = None,
        wait: float = 0.0,
        create: bool = True,
        read_only: bool = False,
        any_embedder: bool = False,
        llm: LLM | None = None,
        **overrides: Mapping[str, Any],
    ) -> Opening[Self]:
        """See `DocumentQA.open`. Await what comes, or enter it: `async with AsyncDocumentQA.open() as qa`."""
        said = merged({"generator": {"kind": "vlm"}}, overrides) if llm is not None else overrides

        def parts() -> Parts:
            settled = Settings.settled(path, library, config, settings, said)
            return Parts(settled, wait=wait, create=create, read_only=read_only, any_embedder=any_embedder, llm=llm)

        async def opened() -> Self:
            qa = cls(await to_thread.run_sync(parts))
            notebook.draw_from(qa)
            return qa

        return Opening(opened)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await self.aclose()

    async def aclose(self) -> None:
        """Close the library; others may have it then. A second call does nothing."""
        if self._made is not None:
            notebook.forget(self)
            parts, self._made = self._made, None
            await parts.aclose_chat()
            await to_thread.run_sync(parts.library.close)

    def check_open(self) -> None:
        """Raises LibraryClosed."""
        _ = self._parts

    async def add(
        self, *paths: str | Path, metadata: Mapping[str, Any] | None = None, progress: Watcher | None = None
    ) -> AddReport:
        """See `DocumentQA.add`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from ..indexing.adding import add

        return await stoppable(partial(add, self._parts.indexer, paths, metadata=metadata, progress=progress))

    async def sync(
        self,
        *folders: str | Path,
        metadata: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        allow_empty: bool = False,
        progress: Watcher | None = None,
    ) -> SyncReport:
        """See `DocumentQA.sync`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from ..indexing.syncing import sync

        work = partial(sync, self._parts.indexer, folders, metadata=metadata, dry_run=dry_run)
        return await stoppable(partial(work, allow_empty=allow_empty, progress=progress))

    async def refresh(self, *names: str, failed: bool = False, progress: Watcher | None = None) -> AddReport:
        """See `DocumentQA.refresh`; `progress` is called from a thread. A cancelled call ends at its next step."""
        from ..indexing.refreshing import refresh

        tokens = self.settings.embedder.token_vectors
        work = partial(refresh, self._parts.indexer, names, token_vectors=tokens, failed=failed, progress=progress)
        return await stoppable(work)

    async def describe(
        self,
        *names: str,
        kinds: Sequence[Kind] = DESCRIBABLE,
        confirm: Confirm | None = None,
        progress: Checking = silent,
    ) -> DescribeReport:
        """See `DocumentQA.describe`; `confirm` is called from a thread, and so may be `progress`."""
        from ..describing import Describing

        describing = await to_thread.run_sync(lambda: Describing(self._parts, kinds))
        estimate = await describing.survey(names, progress)
        wanted = confirm is None or await to_thread.run_sync(confirm, estimate)
        return await describing.run(wanted, progress)

    async def search(
        self, question: str, *, level: Level = "passage", k: int = 10, **restrictions: Unpack[Restrictions]
    ) -> list[Hit]:
        """See `DocumentQA.search`."""
        _, hits = await search(self._parts, question, level, k, restrictions)
        return hits

    async def ask(
        self,
        question: str,
        *,
        k: int | None = None,
        history: History = (),
        as_model: type[BaseModel] | None = None,
        **restrictions: Unpack[Restrictions],
    ) -> Answer:
        """See `DocumentQA.ask`."""
        whole: Answer | None = None
        async for event in stream(self._parts, question, k, restrictions, history, as_model):
            whole = event.answer or whole
        if whole is None:
            raise RuntimeError("the generator ended without an answer")
        return whole

    def stream(
        self, question: str, *, k: int | None = None, history: History = (), **restrictions: Unpack[Restrictions]
    ) -> AsyncGenerator[Event]:
        """See `DocumentQA.stream`."""
        return stream(self._parts, question, k, restrictions, history)

    async def documents(self) -> list[Document]:
        """All documents, by name."""
        return await to_thread.run_sync(self._library.documents)

    async def document(self, name_or_id: str) -> Document:
        return await to_thread.run_sync(self._library.document, name_or_id)

    async def remove(self, name_or_id: str) -> str:
        """See `DocumentQA.remove`."""
        from ..indexing.removing import remove

        return await to_thread.run_sync(remove, self._library, name_or_id)

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
        return await to_thread.run_sync(partial(self.picture_of, found, page=page, crop=crop))

    @property
    def _parts(self) -> Parts:
        """Raises LibraryClosed."""
        if self._made is None:
            where = str(self.settings.library.path)
            raise LibraryClosed("the library was closed", where=where, cure="open it again")
        return self._made

    @property
    def _library(self) -> Library:
        return self._parts.library

    def picture_of(self, found: Citation | Hit, *, page: int | None = None, crop: bool = False) -> bytes:
        """See `DocumentQA.image`; blocks."""
        return picture_of(self._parts, found, page, crop=crop)

    def picture(self, document: Document, page: int, boxes: Sequence[BBox], *, crop: bool = False) -> bytes:
        """PNG of a page with `boxes` highlighted; blocks."""
        return picture(self._parts, document, page, boxes, crop=crop)

    def pages(self, name_or_id: str) -> Iterator[Page]:
        """The pages of a document in order, a few in memory at a time; blocks."""
        return self._library.pages(self._library.document(name_or_id).id)


Q = TypeVar("Q", bound=AsyncDocumentQA)


class Opening(Generic[Q]):
    """A library that is opened when this is awaited, or entered by `async with`, which closes it at the end."""

    def __init__(self, open_: Callable[[], Awaitable[Q]]) -> None:
        self._open = open_
        self._opened: Q | None = None

    def __await__(self) -> Generator[Any, None, Q]:
        return self._open().__await__()

    async def __aenter__(self) -> Q:
        self._opened = await self
        return self._opened

    async def __aexit__(self, *error: object) -> None:
        if self._opened is not None:
            await self._opened.__aexit__(*error)
