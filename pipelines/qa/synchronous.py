"""Question answering over one library, for synchronous code: scripts, notebooks, the command line."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, Unpack

from ...generators.types import Answer, Citation, Event
from ...ingest.descriptions import DESCRIBABLE
from ...ingest.types import Document, Kind, Page
from ...retrievers.types import Hit, Level
from ..indexing.running import Watcher
from ..reports import AddReport, Checking, DescribeReport, SyncReport, silent
from ..settings import Settings
from .asking import PageRange, Restrictions
from .asynchronous import AsyncDocumentQA
from .threads import taken
from .upkeep import Upkeep

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from llama_index.core.llms import LLM
    from pydantic import BaseModel

    from ...generators.vision.conversation import History
    from ..describing import Confirm


class DocumentQA(Upkeep):
    """Adds documents to a library and answers questions from it. Made by `open`; a context manager.

    Its event loop runs on a thread of its own, so it works inside a running loop (Jupyter) as well. Methods that name a
    document take its name, path or id.
    """

    def __init__(self, core: AsyncDocumentQA, portal: BlockingPortal, at_close: ExitStack) -> None:
        self._core = core
        self._portal = portal
        # Whoever forgets to close must not find the interpreter waiting at its end for a loop that is gone.
        self._close = weakref.finalize(self, at_close.close)
        self.settings = core.settings

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
    ) -> Self:
        """Open a library.

        Args:
            path: Its folder; without one OCTAVO_LIBRARY, then what the configuration says.
            library: The same by its name; or the settings of that section.
            config: A profile's name or a YAML file; see `Settings.load`.
            settings: Settings already loaded, instead of `config`.
            wait: Seconds to wait for another process that has the library.
            create: Make the library if there is none.
            read_only: Read beside whoever writes: without waiting, without the vector index (every vector is looked
                at), and without changing anything, so that the folder may be read-only as well.
            any_embedder: Open a library that is there whatever embedder made it, for what embeds nothing: adding and
                searching raise LibraryMismatch if it was another.
            llm: Any LlamaIndex `LLM`: writes the answers (`generator.kind` is `vlm` then, unless said otherwise) in
                place of the model that `vlm` names.
            overrides: Settings by section, e.g. `relevance={"k": 3}`.

        Raises:
            SettingsError: A setting does not exist or does not fit.
            LibraryBusy: Another process has the library.
            LibraryMismatch: It was made with another embedder or a newer Octavo.

        What is asked of it after it was closed raises LibraryClosed.
        """
        from anyio.from_thread import start_blocking_portal

        with ExitStack() as undo:
            portal = undo.enter_context(start_blocking_portal())
            opening = partial(AsyncDocumentQA.open, path, library=library, config=config, settings=settings, wait=wait)
            opening = partial(opening, create=create, read_only=read_only, any_embedder=any_embedder, llm=llm)
            core = portal.call(partial(opening, **overrides))
            undo.callback(portal.call, core.aclose)
            return cls(core, portal, undo.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the library; others may have it then. A second call does nothing."""
        self._close()

    def add(
        self, *paths: str | Path, metadata: Mapping[str, Any] | None = None, progress: Watcher | None = None
    ) -> AddReport:
        """Add files, the files in folders, and what globs match. What the library has already is skipped.

        A file that cannot be read is in the report's `failed`, and the others are added all the same. Interrupting
        loses nothing: the next call goes on where this one stopped.

        Args:
            metadata: Kept with each document; searches can be restricted to it.
            progress: Called with each step.
        """
        from ..indexing.adding import add

        # In the caller's own thread, so that Ctrl-C reaches it.
        return add(self._core._parts.indexer, paths, metadata=metadata, progress=progress)

    def sync(
        self,
        *folders: str | Path,
        metadata: Mapping[str, Any] | None = None,
        dry_run: bool = False,
        allow_empty: bool = False,
        progress: Watcher | None = None,
    ) -> SyncReport:
        """Bring the library in line with folders: add what is new, replace what changed, remove what is gone.

        Documents added from elsewhere are not touched. Nothing is removed from beneath a folder that is missing, cannot
        be read or is all at once empty: the report's `failed` has it. A renamed file is added anew and its old name
        removed. Interrupting loses nothing: the next call goes on where this one stopped.

        Args:
            metadata: Kept with each document; searches can be restricted to it.
            dry_run: Only say what would be done.
            allow_empty: Remove the documents of a missing or empty folder, too.
            progress: Called with each step.

        Raises:
            SettingsError: One of `folders` is a file or a pattern.
        """
        from ..indexing.syncing import sync

        indexer = self._core._parts.indexer
        return sync(indexer, folders, metadata=metadata, dry_run=dry_run, allow_empty=allow_empty, progress=progress)

    def refresh(self, *names: str, failed: bool = False, progress: Watcher | None = None) -> AddReport:
        """Bring documents up to date that were read by an older parser, with other settings, or embedded otherwise.

        They are read from the library's copies, or from their files if these have not changed. Each new version takes
        the place of the old one in one step, and what cannot be read again stays as it is. Interrupting loses nothing.

        Args:
            names: Of documents; none of them means all.
            failed: Also read again what could not be read: the pages that failed, and whole files.
            progress: Called with each step.

        Raises:
            UnknownDocument: One of `names` is not in the library.
        """
        from ..indexing.refreshing import refresh

        tokens = self.settings.embedder.token_vectors
        return refresh(self._core._parts.indexer, names, token_vectors=tokens, failed=failed, progress=progress)

    def describe(
        self,
        *names: str,
        kinds: Sequence[Kind] = DESCRIBABLE,
        confirm: Confirm | None = None,
        progress: Checking = silent,
    ) -> DescribeReport:
        """Have the model of `vlm` describe tables and figures, so that they are found by what their pictures show.

        A description finds; it is never quoted and proves nothing. Each is kept the moment it comes, and a document
        gets all of its own in one step: interrupting loses nothing, and the next call goes on. A crop that looks as it
        did is not described again by the same model with the same prompt, also when its document was read again.

        Args:
            names: Of documents; none of them means all.
            kinds: `figure` (charts are figures) and `table`.
            confirm: Called with the estimate; nothing is asked of the model, and nothing changes, if it says False.
            progress: Called with what is being done, and how many of how many are done.

        Raises:
            UnknownDocument: One of `names` is not in the library.
            ServerUnavailable: The model does not answer.
            SettingsError: No model is set, or it takes no pictures.
        """
        from ..describing import Describing

        describing = Describing(self._core._parts, kinds)
        estimate = self._call(describing.survey, names, progress)
        wanted = confirm is None or confirm(estimate)  # here, where Ctrl-C ends waiting for the user
        return self._call(describing.run, wanted, progress)

    def search(
        self,
        question: str,
        *,
        level: Level = "passage",
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        k: int = 10,
        pages: PageRange | None = None,
        metadata: Mapping[str, Any] | None = None,
        infer_filters: bool | None = None,
    ) -> list[Hit]:
        """The `k` passages, regions, pages or documents that a question is most about, judged, best first.

        Args:
            documents: Only these; none of them means all.
            kinds: Only passages of these kinds.
            pages: First and last page, inclusive; None leaves that end open.
            metadata: Only documents that have these values; a list means any of its elements.
            infer_filters: Only what the question itself names: documents, pages, tables or figures; by default
                `retrieval.infer_filters`. What was inferred stands in the trace of an answer.

        Raises:
            UnknownDocument: One of `documents` is not in the library.
        """
        search = partial(self._core.search, question, level=level, documents=documents, kinds=kinds, k=k)
        return self._call(partial(search, pages=pages, metadata=metadata, infer_filters=infer_filters))

    def ask(
        self,
        question: str,
        *,
        documents: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        k: int | None = None,
        pages: PageRange | None = None,
        metadata: Mapping[str, Any] | None = None,
        infer_filters: bool | None = None,
        history: History = (),
        as_model: type[BaseModel] | None = None,
    ) -> Answer:
        """The answer, with a citation for each claim; `answerable` is False when the documents do not answer.

        Args are those of `search`, and:
            k: How many passages may serve as evidence (by default `relevance.k`).
            history: What was asked and answered before, as pairs of texts or as LlamaIndex's chat messages. A question
                that leans on it is rewritten by the model of `vlm` (or `llm`); the trace's `standalone` says how.
            as_model: What `Answer.value` shall be: a pydantic model of yours, filled in by the same model.
        """
        ask = partial(self._core.ask, question, documents=documents, kinds=kinds, k=k)
        ask = partial(ask, history=history, as_model=as_model)
        return self._call(partial(ask, pages=pages, metadata=metadata, infer_filters=infer_filters))

    def stream(
        self, question: str, *, k: int | None = None, history: History = (), **restrictions: Unpack[Restrictions]
    ) -> Generator[Event]:
        """The answer as it comes; takes what `ask` takes, `as_model` aside. The last event has the whole `Answer`."""
        # Not merely returned: a handle that is still streaming must not be closed by the garbage collector.
        self._core.check_open()
        yield from taken(self._portal, partial(self._core.stream, question, k=k, history=history, **restrictions))

    def documents(self) -> list[Document]:
        """All documents, by name."""
        return self._call(self._core.documents)

    def document(self, name_or_id: str) -> Document:
        """One document; UnknownDocument says which names are like it."""
        return self._call(self._core.document, name_or_id)

    def remove(self, name_or_id: str) -> str:
        """Take a document out of the library, also one whose adding was interrupted. Gives its name."""
        return self._call(self._core.remove, name_or_id)

    def page(self, name_or_id: str, number: int) -> Page:
        """What was read on a page, 1-based."""
        return self._call(self._core.page, name_or_id, number)

    def pages(self, name_or_id: str) -> Iterator[Page]:
        """The pages of a document in order, a few in memory at a time."""
        return self._core.pages(name_or_id)

    def image(self, found: Citation | Hit, *, page: int | None = None, crop: bool = False) -> bytes:
        """PNG of the page where a citation or hit stands, with its boxes highlighted.

        Args:
            page: Another of its pages than the first.
            crop: Only the surroundings of the boxes.

        Raises:
            UnknownDocument: The document was replaced or removed since.
            UnreadableFile: The library keeps no copy, and the file is gone or has changed.
        """
        return self._call(partial(self._core.image, found, page=page, crop=crop))

    def page_image(self, name_or_id: str, number: int, *, regions: bool = False) -> bytes:
        """PNG of a page; with `regions`, all that was found on it is highlighted."""
        boxes = [region.bbox for region in self.page(name_or_id, number).regions] if regions else []
        return self._core.picture(self.document(name_or_id), number, boxes)

    # What evaluation asks for besides.

    def page_size(self, document: str, page: int) -> tuple[float, float]:
        """Width and height in PDF points of a page as displayed."""
        found = self.page(document, page)
        return found.width, found.height

    def document_name(self, id: str) -> str:
        """The name of a document."""
        return self.document(id).name
