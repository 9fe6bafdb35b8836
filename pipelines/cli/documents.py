"""Commands about the documents in a library: add, sync, refresh, list, status, show, remove, export."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import SettingsError, shown
from .app import FAILED, Globals, hung, messages, print_json, print_table
from .edge import writing

if TYPE_CHECKING:
    from ..reports import AddReport

Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output")]
Metadata = Annotated[
    list[str] | None, typer.Option("--metadata", metavar="KEY=VALUE", help="Kept with the documents, for filters")
]
Link = Annotated[bool, typer.Option("--link", help="Do not copy the files into the library")]
Password = Annotated[str | None, typer.Option(metavar="TEXT", help="Opens encrypted PDFs")]
Name = Annotated[str, typer.Argument(metavar="DOC", help="Name or id of a document, as `octavo list` shows them")]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]+)?")


def pairs(said: list[str] | None, option: str) -> dict[str, Any]:
    """`["year=2023"]` as a mapping; numbers and true/false become what they look like."""
    result: dict[str, Any] = {}
    for pair in said or ():
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise SettingsError(f"{pair!r} is not key=value", where=option, cure=f"e.g. {option} year=2023")
        result[key] = _scalar(value)
    return result


def _scalar(said: str) -> bool | float | str:
    """As JSON has it: `7` and `0.5` are numbers, `true` is true; `007`, `yes` and `12:30` are text."""
    if said in {"true", "false"}:
        return said == "true"
    if not _NUMBER.fullmatch(said):
        return said
    return int(said) if said.lstrip("-").isdigit() else float(said)


def add(
    ctx: typer.Context,
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders or quoted globs")],
    metadata: Metadata = None,
    link: Link = False,
    password: Password = None,
    json: Json = False,
) -> None:
    """Read documents into the library. What it has already is skipped; a changed file replaces its old version."""
    from .progress import AddProgress

    known = pairs(metadata, "--metadata")
    reading = _reading(link, password)
    with ctx.obj.open(create=True, ingest=reading) as qa, AddProgress(messages()) as progress:
        report = qa.add(*paths, metadata=known, progress=progress)
    _print_report(report, json)


def sync(
    ctx: typer.Context,
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Folders")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Remove the documents of a missing or empty folder, too")
    ] = False,
    metadata: Metadata = None,
    link: Link = False,
    password: Password = None,
    json: Json = False,
) -> None:
    """Bring the library in line with folders: add what is new, replace what changed, remove what is gone.

    Documents from elsewhere are not touched. Nothing is removed from beneath a folder that is missing, unreadable or
    all at once empty. A renamed file is read anew.
    """
    from ..qa import DocumentQA
    from .progress import AddProgress

    known = pairs(metadata, "--metadata")
    reading = _reading(link, password)
    globals_: Globals = ctx.obj
    with ExitStack() as stack:
        if dry_run and not DocumentQA.exists(globals_.load()):  # compared with an empty one, which is not kept
            globals_ = globals_._replace(library=stack.enter_context(TemporaryDirectory()))
        qa = stack.enter_context(globals_.open(create=True, ingest=reading))
        progress = stack.enter_context(AddProgress(messages()))
        watch = None if dry_run else progress
        report = qa.sync(*folders, metadata=known, dry_run=dry_run, allow_empty=allow_empty, progress=watch)
    if dry_run and not json:
        verbs = {"added": "add", "replaced": "replace", "removed": "remove"}
        for change in report.changes:
            typer.echo(f"{verbs[change.what]:<8} {shown(change.source)}")
    _print_report(report, json)


def refresh(
    ctx: typer.Context,
    docs: Annotated[list[str] | None, typer.Argument(metavar="DOC...", help="Names or ids; without any, all")] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Also read again what could not be read: single pages, and whole files")
    ] = False,
    password: Password = None,
    json: Json = False,
) -> None:
    """Bring documents up to date with the settings, as `octavo status` tells of them.

    What was read by an older Octavo or with other settings is read again; what another embedder made is embedded
    again, from the pages in the library. Each document stays as it was until its new version is whole.
    """
    from ..qa import DocumentQA
    from .progress import AddProgress

    settings = ctx.obj.load(ingest=_reading(False, password))
    with AddProgress(messages()) as progress:
        rebuilt = DocumentQA.rebuild(settings, wait=ctx.obj.wait, progress=progress)
        if rebuilt.replaced:
            messages().print(f"embedded anew: {rebuilt}")
    with ctx.obj.open(ingest=_reading(False, password)) as qa, AddProgress(messages()) as progress:
        report = qa.refresh(*(docs or ()), failed=failed, progress=progress)
    _print_report(report, json)


def _reading(link: bool, password: str | None) -> dict[str, Any]:
    """The settings of reading that these options stand for."""
    said: dict[str, Any] = {"keep_originals": False} if link else {}
    return said if password is None else {**said, "password": password}


def _print_report(report: AddReport, json: bool) -> None:
    """What came of it; exits with 1 if anything failed."""
    from ..reports import said_once

    if json:
        print_json(report)
    else:
        typer.echo(str(report))
    for complaint in said_once(report.failed):
        typer.secho(f"failed: {complaint}", err=True, fg="red")
    for complaint in said_once(report.failed_pages):
        typer.secho(f"left out: {complaint}", err=True, fg="yellow")
    for source in report.without_text:
        typer.secho(
            f"nothing to search was found in {shown(source)}: see `octavo show DOC PAGE`", err=True, fg="yellow"
        )
    if report.failed or report.failed_pages:
        raise typer.Exit(FAILED)


def list_(ctx: typer.Context, json: Json = False) -> None:
    """List the documents in the library."""
    with ctx.obj.reading(any_embedder=True) as qa:
        documents = qa.documents()
    if json:
        print_json(documents)
    else:
        print_table(("name", "pages", "id", "source"), ((d.name, d.page_count, d.id, d.source) for d in documents))


def status(ctx: typer.Context, json: Json = False) -> None:
    """Say what the library holds, what failed, and what waits to be finished."""
    from ..status import status_at

    report = status_at(ctx.obj.load(), wait=ctx.obj.wait)
    if json:
        print_json(report)
    else:
        for name, value in report.lines():
            said = value.replace("\n  →", "\n→")
            typer.echo(f"{name:<12} {hung(said, 13)}")


def show(
    ctx: typer.Context,
    doc: Name,
    page: Annotated[int, typer.Argument(metavar="PAGE", min=1, help="Number of the page, from 1")],
    regions: Annotated[bool, typer.Option("--regions", help="List the regions with kind and box")] = False,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write a picture of the page")] = None,
    json: Json = False,
) -> None:
    """Show what was read on a page."""
    with ctx.obj.reading(any_embedder=True) as qa:
        found = qa.page(doc, page)
        picture = qa.page_image(doc, page, regions=regions) if png else b""
        library = qa.settings.library.path
    if json:
        print_json(found)
    elif regions:
        rows = ((r.order, r.kind, box_text(r.bbox), r.source, " ".join(r.text.split())[:60]) for r in found.regions)
        print_table(("order", "kind", "box", "source", "text"), rows)
    else:
        from ..export import page_markdown

        typer.echo(page_markdown(found))
    if not json:
        for note in found.notes:
            typer.secho(f"note: {note}", err=True)
    if png:
        with writing(png, library) as draft:
            draft.write_bytes(picture)
        typer.echo(str(png), err=True)


def remove(ctx: typer.Context, doc: Name) -> None:
    """Take a document out of the library. The file it was read from stays."""
    with ctx.obj.open(any_embedder=True) as qa:
        name = qa.remove(doc)
    typer.echo(f"removed {shown(name)}")


def export(
    ctx: typer.Context,
    doc: Name,
    format_: Annotated[
        str, typer.Option("--format", metavar="md|json", help="Markdown, or JSON with all boxes")
    ] = "md",
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to a file")] = None,
) -> None:
    """Write out what was read of a document."""
    from ..export import exported

    with ctx.obj.reading(any_embedder=True) as qa:
        parts = exported(qa, doc, format_)
        if out is None:
            for part in parts:
                typer.echo(part, nl=False)
        else:
            with (
                writing(out, qa.settings.library.path) as draft,
                draft.open("w", encoding="utf-8", errors="surrogateescape") as file,
            ):
                file.writelines(parts)


def box_text(bbox: tuple[float, float, float, float]) -> str:
    """A box in page fractions, as printed by the commands."""
    return "({:.3f}, {:.3f})–({:.3f}, {:.3f})".format(*bbox)
