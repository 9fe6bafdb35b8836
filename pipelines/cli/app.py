"""What the commands share: the global options, errors as messages with exit codes, and output."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperGroup

from ...errors import OctavoError, SettingsError, shown

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console

    from ..qa import DocumentQA
    from ..settings import Settings

FAILED = 1
INTERRUPTED = 130


class Globals(NamedTuple):
    """The options before the command."""

    library: str | None = None
    config: str | None = None
    settings: tuple[str, ...] = ()
    wait: float = 0
    debug: bool = False

    def load(self, **overrides: dict[str, Any]) -> Settings:
        """The settings these options ask for, with `overrides` by section on top."""
        from ..layers import merged, nested
        from ..settings import Settings

        said: dict[str, Any] = {}
        for pair in self.settings:
            key, sign, value = pair.partition("=")
            if not sign:
                raise SettingsError(
                    f"{pair!r} is not SECTION.KEY=VALUE", where="--set", cure="e.g. --set retrieval.k=5"
                )
            said = merged(said, nested(tuple(key.split(".")), value))
        if self.library is not None:
            said = merged(said, {"library": {"path": self.library}})
        return Settings.load(self.config, overrides=merged(said, overrides))

    def open(self, *, create: bool = False, **overrides: dict[str, Any]) -> DocumentQA:
        """The library these options name; only `create` makes one that is not there."""
        from ..qa import DocumentQA

        return DocumentQA.open(settings=self.load(**overrides), wait=self.wait, create=create)

    def reading(self) -> DocumentQA:
        """The library, for a command that only reads: whoever writes to it meanwhile is not in its way.

        A library on a Chroma server is shared anyway, and one of an older schema has to be written to once.
        """
        from ..qa import DocumentQA

        settings = self.load()
        if settings.library.chroma is not None or DocumentQA.outdated(settings):
            return DocumentQA.open(settings=settings, wait=self.wait, create=False)
        return DocumentQA.open(settings=settings, read_only=True)


class OctavoGroup(TyperGroup):
    """Turns Octavo's errors into a message and an exit code; a bug keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="surrogateescape")  # names of files that are no UTF-8 come out as they are
        try:
            return super().invoke(ctx)
        except OctavoError as error:
            if isinstance(ctx.obj, Globals) and ctx.obj.debug:
                raise
            typer.secho(f"octavo: {error}", err=True, fg="red")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            again = " ".join(("octavo", str(ctx.invoked_subcommand)))
            typer.secho(f"octavo: interrupted; what was finished is kept, and `{again}` goes on there", err=True)
            raise typer.Exit(INTERRUPTED) from None


@contextmanager
def writing(path: Path, library: Path) -> Iterator[Path]:
    """Around what writes a file that the user named, which may not lie in the library: gives where to write it.

    A file appears when it is whole, in place of an earlier one. Errors are in Octavo's words.
    """
    from ...retrievers.library import Library

    Library.check_outside(library, path)
    path = path.resolve()  # a link stays one
    with explained(path):
        if path.exists() and not path.is_file():  # a device or a pipe
            yield path
            return
        draft = path.with_name(path.name + ".part")
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """The errors of the file system in Octavo's words."""
    try:
        yield
    except OSError as error:
        what, cure = f"cannot be written ({error.strerror})", "check the path and its permissions"
        raise OctavoError(what, where=str(path), cure=cure) from error


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    """The only thing a command with `--json` writes to standard output."""

    def plain(item: Any) -> Any:
        return item if isinstance(item, dict) else item.model_dump(mode="json")

    data = [plain(item) for item in value] if isinstance(value, Sequence) else plain(value)
    text = json.dumps(data, ensure_ascii=False, indent=2)
    # What is no Unicode is said by JSON's own escapes.
    typer.echo(text.encode("utf-8", "backslashreplace").decode("utf-8"))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on a terminal; tab-separated lines where the output is read by another program."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(shown(str(cell)) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(shown(str(cell))) for cell in row))
    Console().print(table)


def messages() -> Console:
    """Where progress and remarks go: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)
