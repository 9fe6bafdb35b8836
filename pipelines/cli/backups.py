"""Commands that keep a library in one file, and bring it back: backup, restore."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from .app import Globals, messages, print_json
from .documents import Json


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Is written anew when it is there", dir_okay=False)],
    json: Json = False,
) -> None:
    """Write the whole library to one file, also while another process adds to it."""
    from .progress import BytesProgress

    globals_: Globals = ctx.obj
    with globals_.reading(any_embedder=True) as qa, BytesProgress(messages(), "writing") as progress:
        manifest = qa.backup(file, progress=progress)
    if json:
        print_json(manifest)
    else:
        typer.echo(f"{file}: {manifest.held()}")
    for name in manifest.missing:
        typer.secho(f"the library has no copy of {name} any more", err=True, fg="yellow")


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `octavo backup` wrote", dir_okay=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace a library that is there already")] = False,
    json: Json = False,
) -> None:
    """Make the library anew from a backup, after all of it was checked."""
    from ..build import embedder_named
    from ..qa import DocumentQA
    from .progress import CheckProgress

    globals_: Globals = ctx.obj
    settings = globals_.load()
    with CheckProgress(messages()) as checking:
        unpacking = partial(checking, "unpacking")
        manifest = DocumentQA.restore(
            file, settings, force=force, wait=globals_.wait, progress=unpacking, checking=checking
        )
    if json:
        print_json(manifest)
    else:
        typer.echo(f"{settings.library.path}: {manifest.held()}")
    if manifest.maker[:2] != embedder_named(settings.embedder):
        made, wanted = manifest.embedder, settings.embedder.model
        what = f"it holds the vectors of the embedder {made}, and the one configured is {wanted}: to search it, embed"
        typer.secho(f"{what} it anew (`octavo refresh`) or set embedder.model back", err=True, fg="yellow")
