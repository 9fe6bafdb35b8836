"""Commands that answer: ask, search."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ...errors import shown
from .app import Globals, hung, print_json
from .documents import Json, box_text, pairs
from .edge import explained, writing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...generators.types import Answer, Event
    from ...ingest.types import Kind
    from ..qa import DocumentQA
    from ..qa.asking import Restrictions

Doc = Annotated[list[str] | None, typer.Option("--doc", metavar="NAME", help="Only this document; may be repeated")]
Kinds = Annotated[str | None, typer.Option("--kind", metavar="KIND,...", help="Only these, e.g. table,figure")]
K = Annotated[int | None, typer.Option("-k", metavar="N", min=1, help="At most so many")]
Metadata = Annotated[
    list[str] | None, typer.Option("--metadata", metavar="KEY=VALUE", help="Only documents that have this")
]
Infer = Annotated[
    bool | None,
    typer.Option("--infer-filters/--no-infer-filters", help="Only documents, pages and kinds that the question names"),
]


class Level(StrEnum):
    """What a search returns."""

    passage = "passage"
    region = "region"
    page = "page"
    document = "document"


def split(kinds: str | None) -> tuple[Kind, ...]:
    """`table,figure` as kinds; whether there are such is looked at where they are used."""
    return tuple(cast("Kind", part.strip()) for part in (kinds or "").split(",") if part.strip())


def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    doc: Doc = None,
    kind: Kinds = None,
    metadata: Metadata = None,
    k: K = None,
    infer_filters: Infer = None,
    show: Annotated[bool, typer.Option("--show", help="Write pictures of the cited regions, and say where")] = False,
    pictures: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the pictures")] = Path("octavo-answers"),
    json: Json = False,
) -> None:
    """Answer a question from the documents, with page, box and quote; or say that they do not answer it."""
    globals_: Globals = ctx.obj
    with globals_.reading() as qa:
        only: Restrictions = {
            "documents": doc or (),
            "kinds": split(kind),
            "metadata": pairs(metadata, "--metadata"),
            "infer_filters": infer_filters,
        }
        if json:
            answer = qa.ask(question, k=k, **only)
            print_json(answer)
        else:
            answer = printed(qa.stream(question, k=k, **only))
        if show:
            for path in write_pictures(qa, answer, pictures):
                typer.echo(str(path), err=json)


def printed(events: Iterable[Event]) -> Answer:
    """The answer, printed: its text as it comes, then what it cites."""

    def lines(text: str) -> str:
        return "\n".join(map(shown, text.split("\n")))

    said = ""
    try:
        for event in events:
            if event.answer is None and event.text:
                typer.echo(lines(event.text), nl=False)
                said += event.text
    finally:  # an error, too, begins a line
        if said:
            typer.echo()
    answer = event.answer
    assert answer is not None
    if said.strip() != answer.text:  # nothing came before the end, or a model took back what it had said
        typer.echo(hung(lines(answer.text), 0))
    print_citations(answer)
    return answer


def print_citations(answer: Answer) -> None:
    for citation in answer.citations:
        typer.echo()
        head = f"[{citation.marker}] {citation.name}, page {citation.page}"
        relevance = "" if citation.relevance is None else f", relevance {citation.relevance:.2f}"
        typer.echo(f"{shown(head)} ({citation.support}{relevance})")
        for place in citation.places:
            typer.echo(f"    box {box_text(place.bbox)}" + ("" if place.page == citation.page else f" on {place.page}"))
        quote = "\n".join(shown(" ".join(line.split())) for line in citation.quote.splitlines())
        typer.echo(f"    {hung(f'“{quote}”', 4)}")
        if citation.detail and citation.support in ("contradicted", "absent", "unchecked"):
            typer.echo(f"    {hung(shown(citation.detail), 4)}")
    typer.echo(f"\nconfidence {answer.confidence:.2f}", err=True)


def write_pictures(qa: DocumentQA, answer: Answer, folder: Path) -> list[Path]:
    """One PNG per citation: its first page with the boxes highlighted."""
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for citation in answer.citations:
        stem = "".join(c if c.isalnum() else "-" for c in Path(citation.name).stem)[:60]
        path = folder / f"{stem}-p{citation.page}-{citation.regions[0] if citation.regions else citation.marker}.png"
        picture = qa.image(citation)
        with writing(path, qa.settings.library.path) as draft:
            draft.write_bytes(picture)
        paths.append(path)
    return paths


def search(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(metavar="QUESTION")],
    level: Annotated[Level, typer.Option(help="What to return")] = Level.passage,
    doc: Doc = None,
    kind: Kinds = None,
    pages: Annotated[str | None, typer.Option(metavar="FIRST-LAST", help="Only these pages")] = None,
    metadata: Metadata = None,
    k: K = 10,
    infer_filters: Infer = None,
    json: Json = False,
) -> None:
    """Find the passages, regions, pages or documents that a question is about."""
    globals_: Globals = ctx.obj
    known = pairs(metadata, "--metadata")
    with globals_.reading() as qa:
        hits = qa.search(
            question,
            level=level.value,
            documents=doc or (),
            kinds=split(kind),
            k=k or 10,
            pages=page_range(pages),
            metadata=known,
            infer_filters=infer_filters,
        )
        names = {document.id: document.name for document in qa.documents()}
    if json:
        print_json(hits)
        return
    if not hits:
        typer.echo("nothing found", err=True)
    for rank, hit in enumerate(hits, start=1):
        relevance = "" if hit.relevance is None else f"  relevance {hit.relevance:.2f}"
        where = "" if level is Level.document else f", page {hit.page}"
        typer.echo(
            f"{rank:>2}. {shown(names.get(hit.ref.document, hit.ref.document))}{where}  {hit.kind or ''}{relevance}"
        )
        if text := " ".join(hit.text.split()):
            some = shown(text[:160]) + ("…" if len(text) > 160 else "")
            typer.echo(f"    {hung(some, 4)}")


def page_range(said: str | None) -> tuple[int | None, int | None] | None:
    """`3-7`, `3-`, `-7` or `3` as first and last page."""
    if said is None:
        return None
    match = re.fullmatch(r"([1-9]\d*)?(-)?([1-9]\d*)?", said)
    if match is None or not (match[1] or match[3]):
        raise typer.BadParameter(f"{said!r} is not a range of pages like 3-7", param_hint="--pages")
    first = int(match[1]) if match[1] else None
    last = int(match[3]) if match[3] else None if match[2] else first
    if first and last and first > last:
        raise typer.BadParameter(f"{said!r} ends before it begins", param_hint="--pages")
    return first, last
