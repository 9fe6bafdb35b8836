"""Another embedder for a library: passages are cut and embedded anew from the pages it holds; no file is read."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from ...ingest.options import IngestOptions
from ...ingest.passages import build_passages
from ..build import build_embedder, maker_of, open_library
from ..reports import AddReport, Progress, Stage
from .embedding import embedded
from .running import Watcher, ignore

if TYPE_CHECKING:
    from ...retrievers.embedders import Embedder
    from ...retrievers.library import Rebuild, Version
    from ..settings import Settings


def rebuild(settings: Settings, *, wait: float = 0.0, progress: Watcher | None = None) -> AddReport:
    """Give a library the passages and vectors of the embedder configured, if it has those of another.

    The old ones stay in use until all new ones are there. Interrupting loses nothing: the next call goes on.

    Raises:
        LibraryBusy: Another process has the library.
        OctavoError: There is none.
    """
    begun = time.perf_counter()
    with open_library(settings, None, wait=wait, create=False) as library:
        loaded = cache(lambda: build_embedder(settings.embedder))
        maker = maker_of(settings.embedder, loaded)
        if library.maker == maker:
            return AddReport(seconds=time.perf_counter() - begun)
        embedder = loaded()
        with library.rebuilding(maker, token_vectors=settings.embedder.token_vectors) as work:
            versions = work.versions()
            passages = 0
            for number, version in enumerate(versions, start=1):
                passages += _embed(work, version, embedder, progress or ignore, number, len(versions))
            work.commit()
    with open_library(settings, maker, wait=wait) as library:
        library.repair()
    pages = sum(version.document.page_count for version in versions)
    seconds = time.perf_counter() - begun
    return AddReport(replaced=len(versions), pages=pages, passages=passages, seconds=seconds)


def _embed(work: Rebuild, version: Version, embedder: Embedder, progress: Watcher, number: int, files: int) -> int:
    """Build what is missing of a version; gives how many passages were made now."""
    document, done = version.document, work.passages_done(version)
    made = 0

    def tell(stage: Stage, page: int) -> None:
        about = Progress(source=document.source, name=document.name, stage=stage, file=number, files=files)
        progress(about.model_copy(update={"page": page, "pages": document.page_count}))

    if done is not None:
        # Cut as it was cut: `status` tells of settings that have changed since.
        known = {name: value for name, value in version.options.items() if name in IngestOptions.model_fields}
        options = IngestOptions.model_validate(known)
        passages = build_passages(document, work.pages(version), embedder.count_tokens, options, embedder.max_tokens)
        for some in embedded(passages, done, embedder):
            work.add_passages(version, *some)
            made += len(some.passages)
            tell("embedding", some.passages[-1].pages[-1])
        work.finish(version)
    tell("replaced", document.page_count)
    return made
