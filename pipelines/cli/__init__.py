"""The `octavo` command. Only typer is imported here, so that `octavo --help` answers at once."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import Globals
from .asking import ask, search
from .backups import backup, restore
from .describing import describe
from .documents import add, export, list_, refresh, remove, show, status, sync
from .edge import OctavoGroup
from .evaluation import evaluation
from .health import doctor, verify
from .vlm import vlm

app = typer.Typer(
    name="octavo",
    cls=OctavoGroup,
    help="Answers questions from documents, and shows where each answer stands: page, box, picture.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for function in (
    add,
    sync,
    refresh,
    describe,
    ask,
    search,
    list_,
    status,
    show,
    remove,
    export,
    backup,
    restore,
    verify,
    doctor,
):
    app.command(name=function.__name__.rstrip("_"))(function)
app.add_typer(evaluation, name="eval")
app.add_typer(vlm, name="vlm")


def _version(wanted: bool) -> None:
    if wanted:
        from ... import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    library: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder of the library (OCTAVO_LIBRARY)  [default: octavo-library]"),
    ] = None,
    config: Annotated[
        str | None,
        typer.Option(metavar="NAME|FILE", help="Profile or YAML file (OCTAVO_CONFIG)  [default: embedded]"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="SECTION.KEY=VALUE", help="Change one setting; may be repeated"),
    ] = None,
    wait: Annotated[float, typer.Option(metavar="SECONDS", help="Wait for a library that another process uses")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version")
    ] = False,
) -> None:
    if not wait >= 0:  # what is no number is not, either
        raise typer.BadParameter(f"{wait} is no number of seconds", param_hint="--wait")
    ctx.obj = Globals(library=library, config=config, settings=tuple(settings or ()), wait=wait, debug=debug)


def main() -> None:
    app()
