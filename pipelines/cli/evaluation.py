"""Commands that measure: eval retrieval."""

from __future__ import annotations

import contextlib
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .app import FAILED, Globals, messages, print_json
from .documents import Json

if TYPE_CHECKING:
    from ...eval.types import Report

evaluation = typer.Typer(help="Measure on questions with known answers.", no_args_is_help=True, rich_markup_mode=None)


class Scope(StrEnum):
    """Where the questions are asked."""

    document = "document"
    corpus = "corpus"


@evaluation.command()
def retrieval(
    ctx: typer.Context,
    questions: Annotated[
        Path, typer.Option(metavar="FILE.jsonl", help="Questions with labels, one JSON object a line")
    ],
    pdfs: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the documents they are about")],
    scope: Annotated[Scope, typer.Option(help="Ask within each question's own document, or of all")] = Scope.document,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Folder for run.json and rows.jsonl; resumable")
    ] = None,
    answers: Annotated[bool, typer.Option(help="Answer the questions too, not only search")] = True,
    json: Json = False,
) -> None:
    """Measure what is found, shown and refused. The documents are added to the library first; without --library to
    one beside RUN."""
    from ..evaluation import evaluate
    from .progress import AddProgress, QuestionProgress

    globals_: Globals = ctx.obj
    with contextlib.ExitStack() as stack:
        if globals_.library is None:
            folder = (
                out.with_name(f"{out.name}-library")
                if out
                else Path(stack.enter_context(tempfile.TemporaryDirectory()), "library")
            )
            globals_ = globals_._replace(library=str(folder))
        qa = stack.enter_context(globals_.open(create=True))
        reading = stack.enter_context(AddProgress(messages()))
        questions_done = stack.enter_context(QuestionProgress(messages()))

        def asking(done: int, total: int) -> None:
            reading.stop()  # a terminal draws one set of bars at a time
            questions_done(done, total)

        report = evaluate(
            qa,
            questions,
            pdfs,
            scope=scope.value,
            out=out,
            answers=answers,
            reading=reading,
            asking=asking,
        )
    print_report(report, json)
    if report.counts.errors:
        raise typer.Exit(FAILED)


def print_report(report: Report, json: bool) -> None:
    from ...eval.report import markdown

    if json:
        print_json(report.model_copy(update={"rows": ()}))
    else:
        typer.echo(markdown(report))
