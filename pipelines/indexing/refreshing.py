"""Reading documents again that are stale, or of which pages failed. What is good is taken from the live version.

The new version takes the old one's place in one step, and only if it comes to anything: a document that cannot be read
again stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, groupby
from pathlib import Path, PurePosixPath
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from ...errors import OctavoError, UnreadableFile
from ...ingest.identity import region_id
from ...ingest.reader import FileInfo
from ...ingest.sources import SourceFile, discover
from ...ingest.types import Page
from ..reports import AddReport, Failure
from .adding import job_of
from .comparing import hash_of, stat_of
from .indexer import Indexer
from .jobs import Job, StillFailing, failed
from .reading import Read, ReadAhead
from .running import Run, Stopped, Watcher
from .staleness import READ_AGAIN, Stale, stale

if TYPE_CHECKING:
    from ...ingest.processes.pool import ReadingPool
    from ...retrievers.library import Held, Library


def refresh(
    indexer: Indexer,
    names: Sequence[str],
    *,
    token_vectors: bool,
    failed: bool = False,
    progress: Watcher | None = None,
    stopped: Event | None = None,
) -> AddReport:
    """Bring documents up to date with the settings.

    Args:
        names: Of documents (name, path or id); none of them means all.
        token_vectors: Whether the embedder makes them.
        failed: Also read again what could not be read: single pages, and whole files.
        progress: Called from this thread with each step.
        stopped: When set, the work ends at the next step; the next call goes on there.

    Raises:
        UnknownDocument: One of `names` is not in the library.
    """
    with indexer.library.changing():
        return _refresh(Run(indexer, progress, stopped), names, token_vectors, failed)


def _refresh(run: Run, names: Sequence[str], token_vectors: bool, failed: bool) -> AddReport:
    indexer = run.indexer
    broken = sorted(run.failing) if failed else []
    files = list(discover(source for source in broken if not names or _called(source, names)))
    known = [name for name in names if not any(_called(source, [name]) for source in broken)]
    tasks = _tasks(indexer, known, token_vectors, failed) if known or not names else []
    run.total = len(tasks) + len(files)

    def jobs(ahead: ReadAhead) -> Iterator[Job]:
        for number, task in enumerate(tasks, start=1):
            try:
                job = _job(indexer, task, number, ahead)
            except OctavoError as error:
                run.fail(error, task.held.source, number, record=False)
                continue
            if job is None:
                run.done("unchanged", task.held.source, number)
            else:
                yield job
        held = indexer.library.held()
        for number, file in enumerate(files, start=len(tasks) + 1):
            if (job := job_of(run, file, number, held, ahead)) is not None:
                yield job

    with suppress(Stopped):
        run.index(jobs)
    return AddReport(**run.facts())


class _Task(NamedTuple):
    held: Held
    stale: Stale | None
    failed_pages: Sequence[int]


def _tasks(indexer: Indexer, names: Sequence[str], token_vectors: bool, failed: bool) -> list[_Task]:
    """What there is to do; of documents that were named also where that is nothing."""
    library = indexer.library
    everything = library.held()
    broken = library.failed_pages() if failed else {}
    wanted = [library.document(name).id for name in names] if names else list(everything)
    held = {id: everything[id] for id in dict.fromkeys(wanted)}
    lost = library.renditions_lost()
    outdated = stale(held.values(), indexer.options, token_vectors=token_vectors, without_rendition=lost)
    found = {one.document: one for one in outdated}
    return [
        _Task(one, found.get(id), broken.get(id, ()))
        for id, one in held.items()
        if names or id in found or id in broken
    ]


def _called(source: str, names: Sequence[str]) -> bool:
    """Whether a file that is no document is meant by one of the names."""
    return source in names or PurePosixPath(source).name in names


def _job(indexer: Indexer, task: _Task, number: int, ahead: ReadAhead) -> Job | None:
    """The reading of one document; None when there is nothing to do."""
    from ...retrievers.library import FileStat

    held, library = task.held, indexer.library
    if task.stale is None and not task.failed_pages:
        return None
    anew = task.stale is not None and task.stale.why in READ_AGAIN
    kept = library.kept(held.document)
    path = kept or (_source(held) if anew or task.failed_pages else Path(held.source))
    version, attempt = indexer.next_version(held.content, held)
    first = 1 + library.pages_staged(held.document, version)
    rendition = library.rendition(held.source, held.content)
    if anew:
        reading = ahead.start(path, version=version, first_page=first, kept=rendition)
    else:
        reading = ahead.start_with(_partly(library, held, version, first, task.failed_pages, rendition or path))
    known = held.size is not None and held.mtime_ns is not None
    return Job(
        file=SourceFile(path=path, source=held.source, metadata=held.metadata),
        number=number,
        document=held.document,
        content=held.content,
        version=version,
        attempt=attempt,
        stat=FileStat(held.size or 0, held.mtime_ns or 0) if known else None,
        replaces=True,
        keep=kept is not None,
        again=True,
        reading=reading,
        anew=anew,
    )


def _source(held: Held) -> Path:
    """The file a document was read from, if it is still the same."""
    path = Path(held.source)
    cure = "`octavo add` reads the file as it is now; `octavo remove` takes the document out"
    try:
        same = tuple(stat_of(path)) == (held.size, held.mtime_ns) or hash_of(path) == held.content
    except UnreadableFile as error:
        what = f"it cannot be read again: {error.what}, and the library keeps no copy"
        raise UnreadableFile(what, where=held.source, cure=cure) from error
    if not same:
        what = "it cannot be read again: the file has changed since, and the library keeps no copy"
        raise UnreadableFile(what, where=held.source, cure=cure)
    return path


def _partly(library: Library, held: Held, version: str, first: int, broken: Sequence[int], path: Path) -> Read:
    """The pages of the live version, with those that are `broken` read again.

    Reading raises StillFailing when not one of these can be read.
    """
    document = library.document(held.document)
    info = FileInfo(page_count=document.page_count, title=document.title, outline=tuple(library.outline(held.document)))
    wanted = [number for number in broken if number >= first]

    def read(pool: ReadingPool) -> tuple[FileInfo, Iterator[Page]]:
        again = _read_again(pool, path, version, wanted)
        return info, pages(_with_a_good_one(again, held.source) if first == 1 and wanted else again)

    def pages(again: Iterator[Page]) -> Iterator[Page]:
        for page in library.pages(held.document, first):
            yield next(again) if page.number in wanted else of_version(page, version)

    return read


def _read_again(pool: ReadingPool, path: Path, version: str, numbers: Iterable[int]) -> Iterator[Page]:
    """Pages by their numbers (ascending), read in runs."""
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        some = [number for _, number in run]
        yield from pool.read(path, version=version, first_page=some[0], last_page=some[-1])


def _with_a_good_one(pages: Iterator[Page], source: str) -> Iterator[Page]:
    """`pages`, read up to the first good one; raises StillFailing when there is none."""
    waiting: list[Page] = []
    failures: list[Failure] = []
    for page in pages:
        waiting.append(page)
        if (failure := failed(page, source)) is None:
            break
        failures.append(failure)
    else:
        raise StillFailing(failures)
    return chain(waiting, pages)


def of_version(page: Page, version: str) -> Page:
    """A page with the ids its regions have in a version."""
    regions = (r.model_copy(update={"id": region_id(version, page.number, r.order)}) for r in page.regions)
    return page.model_copy(update={"regions": tuple(regions)})
