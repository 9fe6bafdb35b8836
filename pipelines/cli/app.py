"""What the commands share: the global options, and output."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from ...errors import SettingsError, shown

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console

    from ..qa import DocumentQA
    from ..settings import Settings

FAILED = 1


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
                    f"{pair!r} is not SECTION.KEY=VALUE", where="--set", cure="e.g. --set relevance.k=3"
                )
            said = merged(said, nested(tuple(key.split(".")), value))
        if self.library is not None:
            said = merged(said, {"library": {"path": self.library}})
        return Settings.load(self.config, overrides=merged(said, overrides))

    def open(self, *, create: bool = False, any_embedder: bool = False, **overrides: dict[str, Any]) -> DocumentQA:
        """The library these options name; only `create` makes one that is not there.

        With `any_embedder` it may be another's than theirs: what embeds nothing needs none.
        """
        from ..qa import DocumentQA

        settings = self.load(**overrides)
        return DocumentQA.open(settings=settings, wait=self.wait, create=create, any_embedder=any_embedder)

    def reading(self, *, any_embedder: bool = False) -> DocumentQA:
        """The library, for a command that only reads: whoever writes to it meanwhile is not in its way.

        A library on a Chroma server is shared anyway, and one of an older schema has to be written to once.
        """
        from ..qa import DocumentQA

        settings = self.load()
        if settings.library.chroma is not None or DocumentQA.outdated(settings):
            return self.open(any_embedder=any_embedder)
        return DocumentQA.open(settings=settings, read_only=True, any_embedder=any_embedder)


def print_json(value: BaseModel | Sequence[BaseModel] | dict[str, Any]) -> None:
    """The only thing a command with `--json` writes to standard output."""

    def plain(item: Any) -> Any:
        return item if isinstance(item, dict) else item.model_dump(mode="json")

    from ..export import json_text

    data = [plain(item) for item in value] if isinstance(value, Sequence) else plain(value)
    typer.echo(json_text(data, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table on a terminal; tab-separated lines where the output is read by another program."""
    if not sys.stdout.isatty():
        for row in rows:
            typer.echo("\t".join(shown(str(cell)) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in columns[:-1]:
        table.add_column(name, no_wrap=True)
    table.add_column(columns[-1], overflow="fold", min_width=20)
    for row in rows:
        table.add_row(*(Text(shown(str(cell))) for cell in row))
    Console().print(table)


def hung(text: str, indent: int) -> str:
    """`text` with all lines but the first indented; on a terminal, broken between words where a line is full."""
    lines = text.split("\n")
    if sys.stdout.isatty():
        room = max(shutil.get_terminal_size().columns - indent, 20)
        broken = (textwrap.wrap(line, room, break_long_words=False, break_on_hyphens=False) for line in lines)
        lines = [piece for pieces in broken for piece in pieces]
    return ("\n" + " " * indent).join(lines)


def messages() -> Console:
    """Where progress and remarks go: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)
