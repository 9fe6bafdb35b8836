"""What keeps a library well: is it there, is it sound, give it another embedder, back it up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..indexing.running import Watcher
from ..reports import AddReport, Checking, silent
from ..settings import Settings
from ..status import Status
from .asynchronous import AsyncDocumentQA

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from ...retrievers.library import ByteWatcher, Manifest

T = TypeVar("T")


class Upkeep:
    """The part of `DocumentQA` that is about the library as a whole; what is static needs no open one."""

    _core: AsyncDocumentQA
    _portal: BlockingPortal

    def _call(self, method: Callable[..., Awaitable[T]], *args: Any) -> T:
        """What the core answers, in its loop. Raises LibraryClosed."""
        self._core.check_open()
        running = self._portal.start_task_soon(method, *args)
        try:
            return running.result()
        finally:
            running.cancel()  # Ctrl-C comes to this thread alone

    @staticmethod
    def exists(settings: Settings) -> bool:
        """Whether there is a library where these settings say."""
        from ...retrievers.library import Library

        return Library.exists(settings.library.path)

    @staticmethod
    def outdated(settings: Settings) -> bool:
        """Whether there is a library of an older Octavo, which opening it for writing brings up to date."""
        from ...retrievers.library import Library

        return Library.outdated(settings.library.path)

    @staticmethod
    def rebuild(settings: Settings, *, wait: float = 0.0, progress: Watcher | None = None) -> AddReport:
        """Give the library these settings name the vectors of the embedder they name, if it has those of another.

        The pages it holds are cut and embedded anew; no file is read. Until all is done the library stays as it was,
        and an interrupted call is gone on with by the next.

        Raises:
            LibraryBusy: Another process has the library.
        """
        from ..indexing.rebuilding import rebuild

        return rebuild(settings, wait=wait, progress=progress)

    def status(self) -> Status:
        """What the library holds, what failed, and what waits to be finished."""
        return self._call(self._core.status)

    def verify(self, *, progress: Checking = silent) -> list[str]:
        """What is wrong with the library's database, vector index and copied files, one sentence each with the cure.

        Empty when nothing is. Everything is read: some seconds for a thousand documents.
        """
        return self._call(partial(self._core.verify, progress=progress))

    def repair(self, *, progress: Checking = silent) -> list[str]:
        """Mend what can be mended, and say what was done, one sentence each; `verify` tells what is left."""
        return self._call(partial(self._core.repair, progress=progress))

    def backup(self, file: str | Path, *, progress: ByteWatcher | None = None) -> Manifest:
        """Write the whole library to one file, as it is now, also while another process changes it.

        Args:
            file: Appears when it is whole, in place of an earlier one.
            progress: Called with the bytes done and the bytes in all.

        Raises:
            OctavoError: The disk is full, or may not be written to.
        """
        return self._call(partial(self._core.backup, file, progress=progress))

    @staticmethod
    def restore(
        file: str | Path,
        settings: Settings | None = None,
        *,
        library: str | Path | None = None,
        force: bool = False,
        wait: float = 0.0,
        progress: ByteWatcher | None = None,
        checking: Checking = silent,
    ) -> Manifest:
        """Make a library from a backup; all of it is checked before anything is replaced.

        Args:
            file: What `backup` wrote.
            settings: Where the library shall be, and its Chroma; without them those of `Settings.load()`.
            library: Another folder than theirs.
            force: Replace a library that is there already.
            wait: Seconds to wait for another process that has it.
            progress: Called with the bytes done and the bytes in all.
            checking: Called while the vector index is made and all is compared; see `verify`.

        Raises:
            OctavoError: The backup is damaged, there is a library already, or the disk is full.
            LibraryMismatch: A newer Octavo made the backup.
            LibraryBusy: Another process has the library.
        """
        from ...retrievers.library import Library

        where = (settings or Settings.load()).library
        folder = where.path if library is None else library
        return Library.restore(
            file, folder, chroma=where.chroma, force=force, wait=wait, progress=progress, tell=checking
        )
