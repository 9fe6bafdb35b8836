"""`octavo describe`: what tables and figures show, in a model's words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import UnknownComponent
from .app import FAILED, messages, print_json

if TYPE_CHECKING:
    from ...ingest.types import Kind
    from ..reports import Estimate

_KINDS: dict[str, Kind] = {"figure": "figure", "chart": "figure", "table": "table"}


def describe(
    ctx: typer.Context,
    docs: Annotated[list[str] | None, typer.Argument(metavar="DOC...", help="Names or ids; without any, all")] = None,
    kind: Annotated[str, typer.Option(metavar="LIST", help="Some of figure, table, chart")] = "figure,table",
    dry_run: Annotated[bool, typer.Option("--dry-run", "--estimate", help="Only say what it would cost")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to go on")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output")] = False,
) -> None:
    """Have the vision-language model describe tables and figures, so that questions find them.

    Descriptions are never quoted: what is shown and cited is the table or figure itself. What it costs is said first.
    An interrupted call loses nothing; a figure that looks as it did is not described again.
    """
    from ..reports import said_once
    from .progress import CheckProgress

    kinds = _kinds(kind)
    with ctx.obj.open() as qa, CheckProgress(messages()) as progress:

        def confirm(estimate: Estimate) -> bool:
            progress.stop()
            if not json or not dry_run:
                typer.echo(str(estimate), err=not dry_run)
            if dry_run or not estimate.regions or yes or not sys.stdin.isatty():
                return not dry_run
            return typer.confirm("Go on?", err=True)

        report = qa.describe(*(docs or ()), kinds=kinds, confirm=confirm, progress=progress)
    if json:
        print_json(report)
    elif not dry_run:
        typer.echo(str(report))
    for complaint in said_once(report.failed):
        typer.secho(f"not described: {complaint}", err=True, fg="red")
    if report.failed:
        raise typer.Exit(FAILED)


def _kinds(said: str) -> tuple[Kind, ...]:
    names = [name.strip() for name in said.split(",") if name.strip()]
    if unknown := [name for name in names if name not in _KINDS] or ([said] if not names else []):
        cure = f"use some of {', '.join(_KINDS)}"
        raise UnknownComponent(f"nothing is described of kind {', '.join(unknown)}", where="--kind", cure=cure)
    return tuple(dict.fromkeys(_KINDS[name] for name in names))
