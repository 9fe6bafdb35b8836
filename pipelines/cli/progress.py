"""The progress of `octavo add` on a terminal: a bar over files, one over the pages of the file being read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from ...errors import counted, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from ..reports import Progress

_LONGEST = 32  # characters of a name beside its bar


class _Drawn:
    """Bars that are drawn from the beginning of a block to its end."""

    _bars: Bars

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._bars.stop()


class AddProgress(_Drawn):
    """A callable that draws `Progress` events; where no terminal is watching it writes a line per file."""

    def __init__(self, console: Console) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        self._console = console
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._files: TaskID | None = None
        self._reading: dict[str, TaskID] = {}

    def __call__(self, event: Progress) -> None:
        if self._files is None:
            self._files = self._bars.add_task("files", total=event.files, unit="files")
        if event.stage in {"reading", "embedding"}:
            self._draw(event)
            return
        if (task := self._reading.pop(event.source, None)) is not None:
            self._bars.remove_task(task)
        self._bars.advance(self._files)
        if event.stage in {"added", "replaced", "removed"}:  # failures come at the end, with their cures
            pages = f" ({counted(event.pages, 'page')})" if event.pages else ""
            self._console.print(f"{event.stage} {shown(event.name)}{pages}", soft_wrap=True)

    def _draw(self, event: Progress) -> None:
        task = self._reading.get(event.source)
        if task is None:
            task = self._reading[event.source] = self._bars.add_task(_short(event.name), total=None, unit="pages")
        # Pages are embedded while later ones are read, so the bar shows what has gone all the way.
        if event.stage == "embedding":
            self._bars.update(task, completed=event.page, total=event.pages or None)
        else:
            self._bars.update(task, total=event.pages or None, unit=f"pages ({event.page} read)")


def _short(name: str) -> str:
    """A name that leaves room for its bar."""
    text = shown(name)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 12]}…{text[-11:]}"


class QuestionProgress(_Drawn):
    """A callable that draws how many questions are done."""

    def __init__(self, console: Console) -> None:
        from rich.progress import Progress as Bars

        self._bars = Bars(console=console, transient=True, disable=not console.is_terminal)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self  # drawn from the first question on

    def __call__(self, done: int, total: int) -> None:
        if self._task is None:
            self._bars.start()
            self._task = self._bars.add_task("questions", total=total)
        self._bars.update(self._task, completed=done)


class BytesProgress(_Drawn):
    """A callable that draws how many bytes are done."""

    def __init__(self, console: Console, what: str) -> None:
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        self._bars = Bars(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bars.add_task(what, total=None)

    def __call__(self, done: int, total: int) -> None:
        self._bars.update(self._task, completed=done, total=total)


class CheckProgress(_Drawn):
    """A callable that draws how far going through each part of the library has come."""

    def __init__(self, console: Console) -> None:
        from rich.progress import Progress as Bars

        self._bars = Bars(console=console, transient=True, disable=not console.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)
