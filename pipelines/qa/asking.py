"""From a question to what is found, and to what is said about it."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, closing
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, get_args

from anyio import to_thread

from ...errors import BadQuestion, OctavoError, SettingsError, UnknownComponent
from ...generators.types import Event, not_in_documents
from ...ingest.types import Kind
from ...retrievers.inferring import narrowed
from ...retrievers.question import understand
from ...retrievers.types import Filters, Hit, Level, Query
from ..build import Parts
from ..telemetry import export, export_failure
from .understanding import Asked, understood

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ...generators.base import Generator
    from ...generators.vision.conversation import History
    from ...generators.vision.stages import Stages
    from ...retrievers.library import Library, Snapshot

_log = logging.getLogger(__name__)

PageRange = tuple[int | None, int | None]


class Restrictions(TypedDict, total=False):
    """To what a question may be restricted; `DocumentQA.search` says what each means."""

    documents: Sequence[str]
    kinds: Sequence[Kind]
    pages: PageRange | None
    metadata: Mapping[str, Any] | None
    infer_filters: bool | None


def query_of(
    library: Library,
    question: str,
    *,
    documents: Sequence[str] = (),
    kinds: Sequence[Kind] = (),
    pages: PageRange | None = None,
    metadata: Mapping[str, Any] | None = None,
    infer_filters: bool | None = False,
) -> Query:
    """The question with its restrictions. Raises `BadQuestion`, `UnknownDocument`, `UnknownComponent`."""
    if not question.strip():
        raise BadQuestion("the question is empty", cure='ask something, e.g. "How much did revenue grow?"')
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise BadQuestion("the question is not Unicode text", where=question, cure="write it in UTF-8") from error
    if unknown := set(kinds) - set(get_args(Kind)):
        cure = f"use {', '.join(get_args(Kind))}"
        raise UnknownComponent(f"there is no kind {', '.join(sorted(unknown))}", where="kinds", cure=cure)
    first, last = pages or (None, None)
    filters = Filters(
        documents=tuple(library.document(name).id for name in documents),
        kinds=tuple(kinds),
        first_page=first,
        last_page=last,
        metadata=dict(metadata or {}),
    )
    if infer_filters:
        filters = narrowed(understand(question), filters, library)
    return Query(text=question, filters=filters)


async def search(
    parts: Parts, question: str, level: Level, k: int, restrictions: Restrictions
) -> tuple[Query, list[Hit]]:
    """What was looked for, and the best `k`, all found in one state of the library."""
    restrictions = {**restrictions, "infer_filters": _inferring(parts, restrictions)}
    with parts.library.snapshot():
        query = await to_thread.run_sync(partial(query_of, parts.library, question, **restrictions))
        searcher = await to_thread.run_sync(lambda: parts.searcher)
        hits = await searcher.search(query, level=level, k=k)
    if not hits and restrictions["infer_filters"] and query.filters != Filters():
        _log.warning("nothing is within what the question names; without infer_filters that is evidence only")
    return query, hits


def _inferring(parts: Parts, restrictions: Restrictions) -> bool:
    said = restrictions.get("infer_filters")
    return parts.settings.retrieval.infer_filters if said is None else said


async def stream(
    parts: Parts,
    question: str,
    k: int | None,
    restrictions: Restrictions,
    history: History = (),
    as_model: type[BaseModel] | None = None,
) -> AsyncGenerator[Event]:
    """The answer as it comes; the last event carries the whole `Answer`."""
    from ...generators.vision.stages import Stages

    stages = Stages()
    try:
        async with aclosing(_stream(parts, question, k, restrictions, history, as_model, stages)) as events:
            async for event in events:
                yield event
    except OctavoError as error:
        export_failure(stages.trace, error)
        raise


async def _stream(
    parts: Parts,
    question: str,
    k: int | None,
    restrictions: Restrictions,
    history: History,
    as_model: type[BaseModel] | None,
    stages: Stages,
) -> AsyncGenerator[Event]:
    from ...generators.vision.stages import spent
    from ...retrievers.cutoff import confidence, up_to_k

    if as_model is not None and parts.settings.generator.kind != "vlm":
        what = "only a model fills in a form"
        raise SettingsError(what, where="generator.kind", cure="set it to vlm, or open with llm=")
    cut = parts.settings.relevance
    k = cut.k if k is None else k
    # One state of the library from the search to the last quote: a document replaced meanwhile stays as it was.
    with closing(parts.library.hold()) as state:
        with state.active():
            asked = await understood(parts, question, history, stages)
            with stages.asking("search"):
                query, hits = await _search(parts, asked, k, restrictions)
        kept = up_to_k(hits, k, cut.least, cut.answerable)
        trace: dict[str, Any] = {"question": understand(asked.question).told(), **asked.trace}
        trace |= {"evidence": [_trace(hit) for hit in hits], "kept": len(kept)}
        trace["filters"] = query.filters.model_dump(mode="json", exclude_defaults=True)
        if _inferring(parts, restrictions) and not hits:
            trace["note"] = "nothing is within what the question names"
        if not kept:
            answer = not_in_documents(question, confidence(hits))
            answer = answer.model_copy(update={"trace": {**trace, **stages.trace}, "usage": spent(stages.trace)})
            export(answer)
            yield Event(text=answer.text, answer=answer)
            return
        last: Event | None = None
        with stages.stage("generate"):
            generator = await to_thread.run_sync(lambda: parts.generator)
            coming = generator.stream(asked.question, kept)
            if as_model is not None:
                coming = _form(generator, asked.question, kept, as_model)
            async with aclosing(_within(state, coming)) as events:
                async for event in events:
                    if event.answer is None:
                        yield event
                    else:
                        last = event
    if last is None or (said := last.answer) is None:
        return
    told = {**said.trace, **trace, **stages.over(said.trace)}
    answer = said.model_copy(update={"question": question, "trace": told, "usage": {**said.usage, **spent(told)}})
    export(answer)
    yield last.model_copy(update={"answer": answer})


async def _search(parts: Parts, asked: Asked, k: int, restrictions: Restrictions) -> tuple[Query, list[Hit]]:
    """The best hits for the question and for the questions that it was taken apart into."""
    query, hits = await search(parts, asked.question, "passage", k, restrictions)
    if not asked.parts:
        return query, hits
    from ...generators.vision.conversation import merged

    others = [(await search(parts, part, "passage", k, restrictions))[1] for part in asked.parts]
    return query, merged([hits, *others])


async def _form(
    generator: Generator, question: str, kept: Sequence[Hit], as_model: type[BaseModel]
) -> AsyncGenerator[Event]:
    from ...generators.vision import VisionGenerator

    assert isinstance(generator, VisionGenerator)
    answer = await generator.structured(question, kept, as_model)
    yield Event(text=answer.text, answer=answer)


async def _within(state: Snapshot, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
    """`events`, each made in one state of the library.

    The state is entered for each step anew: what is set in a context variable across a `yield` would be seen by whoever
    takes the events, and could not be undone by another task that closes this generator.
    """
    try:
        while True:
            with state.active():
                event = await anext(events, None)
            if event is None:
                return
            yield event
    finally:
        if isinstance(events, AsyncGenerator):
            await events.aclose()


def _trace(hit: Hit) -> dict[str, Any]:
    return {"id": hit.ref.id, "page": hit.page, "relevance": hit.relevance, "via": hit.via}
