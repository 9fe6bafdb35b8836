"""The command that looks whether everything works: doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from .app import FAILED, print_json
from .documents import Json

MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}
COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}


def doctor(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Mend the library's vector index from library.db")] = False,
    json: Json = False,
) -> None:
    """Check this installation, the models and the library, each by using it."""
    from ..doctor import examine

    checks = []
    for check in examine(ctx.obj.load(), repair=repair):
        checks.append(check)
        if not json:
            mark = typer.style(MARKS[check.state], fg=COLOURS[check.state])
            typer.echo(f"{mark} {check.name:<22} {check.detail}")
            if check.cure:
                typer.echo(f"  {'':<22} → {check.cure}")
    if json:
        print_json(checks)
    if any(check.state == "failed" for check in checks):
        raise typer.Exit(FAILED)
