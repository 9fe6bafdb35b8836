"""Commands that look whether everything works: doctor, verify."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import shown
from .app import FAILED, hung, messages, print_json
from .documents import Json

MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}
COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Mend the library as `verify --repair` does")] = False,
    json: Json = False,
) -> None:
    """Check this installation, the models and the library, each by using it."""
    from ..doctor import examine

    checks = []
    for check in examine(ctx.obj.load(), repair=repair):
        checks.append(check)
        if not json:
            mark = typer.style(MARKS[check.state], fg=COLOURS[check.state])
            typer.echo(f"{mark} {check.name:<22} {hung(shown(check.detail), 25)}")
            if check.cure:
                typer.echo(f"  {'':<22} → {hung(shown(check.cure), 27)}")
    if json:
        print_json(checks)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(FAILED)


def verify(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended")] = False,
    json: Json = False,
) -> None:
    """Compare the library's database, vector index and copied files with each other.

    Exits with 1 when problems remain.
    """
    from .progress import CheckProgress

    with ctx.obj.open(any_embedder=True) as qa, CheckProgress(messages()) as progress:
        mended = qa.repair(progress=progress) if repair else []
        problems = qa.verify(progress=progress)
    if json:
        print_json({"mended": mended, "problems": problems})
    else:
        for sentence in mended:
            typer.echo(f"mended: {sentence}")
        for sentence in problems:
            typer.secho(f"problem: {sentence}", err=True, fg="red")
        if not problems:
            typer.echo("nothing is wrong")
    if problems:
        raise typer.Exit(FAILED)
