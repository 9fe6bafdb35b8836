"""Tables and figures described by a vision-language model, so that they are found by what only their picture shows.

A description is kept the moment it comes, by the look of its crop, the model and the prompt: whoever goes on after an
interruption pays for nothing twice, and what looks the same in many places is asked about once. A document gets its
descriptions in one step, as a new version of it, made of the pages that the library has. A description finds what it
describes and proves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

from ..errors import OctavoError, PromptTooLong, ReplyFailed, ReplyLate, SettingsError, UnknownDocument, UnreadableFile
from ..generators.chat.loops import at_once
from ..generators.chat.spending import spending
from ..generators.chat.types import Limits, Usage
from ..generators.evidence.families import visual_tokens_of
from ..generators.evidence.legibility import BARELY, picture_of
from ..generators.evidence.types import Evidence, Shown
from ..generators.prompts.prompt import messages_of
from ..ingest.types import Document, Kind
from .build import Parts
from .evidence import LibraryEvidence
from .indexing.describing import renew
from .indexing.running import Run, Stopped
from .qa.threads import stoppable
from .reports import Checking, DescribeReport, Estimate, Failure, silent
from .surveying import REPLY, Sight, Survey, Surveyed

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


_SHARE = 0.5  # of the context, at most, goes to the picture
_DRAWN_AHEAD = 4  # pictures


Confirm = Callable[[Estimate], bool]


class Describing:
    """One call that describes: a survey, the replies, the new versions."""

    def __init__(self, parts: Parts, kinds: Sequence[Kind]) -> None:
        self._parts = parts
        self._library = parts.library
        self._chat = parts.chat
        self._prompts = parts.prompts
        self._source = LibraryEvidence(parts.library, parts.settings.ingest.password)
        generator = parts.settings.generator
        self._counter = visual_tokens_of(generator.processor or parts.chat.name, generator.processor_bounds)
        self._survey = Survey(parts, kinds, self._source, self._counter)
        self._version = parts.prompts.version("describe")
        self._estimate = Estimate()
        self._failed: list[Failure] = []
        self._usage = Usage(prompt=0, completion=0)

    async def survey(self, names: Sequence[str], progress: Checking = silent) -> Estimate:
        """What there is to describe, and what it costs."""
        self._begun = time.perf_counter()
        await stoppable(partial(self._survey.look, names, progress))
        self._estimate = self._survey.estimate()
        return self._estimate

    async def run(self, wanted: bool, progress: Checking = silent) -> DescribeReport:
        """Describe what was surveyed, if that is `wanted`. What came is given to its documents, whatever ends it."""
        described, changed, ended = 0, 0, None
        known = len(self._survey.texts)
        if wanted:
            try:
                await self._ask(progress)
            except OctavoError as error:
                ended = error
            described = len(self._survey.texts) - known
            changed = await stoppable(partial(self._publish, progress))
        if ended is not None:
            raise ended
        return DescribeReport(
            estimate=self._estimate,
            described=described,
            changed=changed,
            failed=(*self._survey.failed, *self._failed),
            usage=self._usage,
            seconds=time.perf_counter() - self._begun,
        )

    async def _ask(self, progress: Checking) -> None:
        """Describe, as many at a time as the model takes; each description is kept at once."""
        if not self._survey.tasks:
            return
        limits = await self._chat.limits()
        if not limits.pictures:
            cure = "serve a vision-language model, with a picture limit above 0"
            raise SettingsError(f"{self._chat.name} takes no pictures", where="vlm.model", cure=cure)
        drawing = anyio.Lock()  # MuPDF draws on one thread at a time
        # What is drawn and waits for the model is kept in memory: not much more than the model takes.
        places = anyio.Semaphore(self._parts.settings.vlm.concurrency + _DRAWN_AHEAD)
        done = 0

        async def one(_: int, task: tuple[str, list[Sight]]) -> None:
            nonlocal done
            look, sights = task
            try:
                async with places:
                    async with drawing:
                        messages = await to_thread.run_sync(self._messages, sights, limits)
                    if messages is not None:
                        self._survey.texts[look] = await self._described(messages)
                for sight in sights if messages is not None else ():
                    await to_thread.run_sync(self._keep, sight.document, [look])
            except (ReplyFailed, ReplyLate, PromptTooLong, UnreadableFile) as error:
                source, page = sights[0].document.source, sights[0].shown.page
                self._failed.append(Failure(source=source, message=error.what, cure=error.cure, page=page))
            done += 1
            progress("describing", done, len(self._survey.tasks))

        await at_once(one, list(self._survey.tasks.items()))

    async def _described(self, messages: Sequence[ChatMessage]) -> str:
        """What the model writes. Cut off, it would be its thoughts, or half of a description for good."""
        with spending() as spent:
            try:
                reply = await self._chat.complete(messages, max_tokens=REPLY)
            finally:  # what broke off cost as much
                self._usage = sum(spent, start=self._usage)
        if reply.finish == "length":
            cure = "let it reply without thinking aloud (vlm.extra_body), or ask for less (generator.prompts)"
            raise ReplyFailed(f"the description was cut off at {REPLY} tokens", where=self._chat.name, cure=cure)
        text = " ".join(reply.text.split())
        if not text:
            raise ReplyFailed("the model said nothing", where=self._chat.name)
        return text

    def _messages(self, sights: Sequence[Sight], limits: Limits) -> list[ChatMessage] | None:
        """Blocks: it draws. None where no document is as it was surveyed."""
        for sight in sights:
            document = sight.document
            if not self._is_as_it_was(document):
                continue
            with suppress(UnknownDocument):
                shown = self._fitted(sight, int(limits.context * _SHARE))
                picture = self._source.picture(document.id, shown.page, shown.bbox, shown.width, shown.height)
                if self._is_as_it_was(document):  # and so was what was drawn
                    evidence = _evidence(sight, shown)
                    return messages_of(self._prompts, "describe", [evidence], {1: picture}, kind=sight.kind)
        return None

    def _is_as_it_was(self, document: Document) -> bool:
        live = self._library.find(document.id)
        return live is not None and live.version == document.version

    def _fitted(self, sight: Sight, most: int) -> Shown:
        """The picture of a region: legible, or barely so where that would take too much of the model's context."""
        if sight.shown.tokens <= most:
            return sight.shown
        page = self._source.page(sight.document.id, sight.shown.page)
        shown = picture_of(sight.bbox, page, self._counter, BARELY)
        if shown is None or shown.tokens > most:
            what = f"its picture, to be legible, takes more than half of the model's context ({most} tokens)"
            raise PromptTooLong(what, where=self._chat.name, cure="serve the model with a longer context")
        return shown

    def _keep(self, document: Document, looks: Sequence[str]) -> None:
        if not looks:
            return
        texts = {look: self._survey.texts[look] for look in looks}
        self._library.keep_descriptions(document.id, self._chat.name, self._version, texts)

    def _publish(self, progress: Checking, stopped: Event) -> int:
        """A new version of each document whose descriptions are not what its live version has."""
        with self._library.changing(), suppress(Stopped):
            run = Run(self._parts.indexer, None, stopped)
            for number, surveyed in enumerate(self._survey.documents, start=1):
                self._give(surveyed, run)
                progress("indexing", number, len(self._survey.documents))
        facts = run.facts()
        self._failed += facts["failed"]
        return int(facts["replaced"])

    def _give(self, surveyed: Surveyed, run: Run) -> None:
        """Its descriptions to a document, unless it has them, or is another by now."""
        document = surveyed.document
        if not self._is_as_it_was(document):
            if surveyed.looks and self._library.find(document.id) is not None:
                what, cure = "the document changed meanwhile", "run `octavo describe` again: what was described is kept"
                self._failed.append(Failure(source=document.source, message=what, cure=cure))
            return
        known = {region: look for region, look in surveyed.looks.items() if look in self._survey.texts}
        # Other documents may have been the first to show it.
        self._keep(document, list(known.values()))
        texts = {**surveyed.texts, **{region: self._survey.texts[look] for region, look in known.items()}}
        if texts != surveyed.texts:
            run.total += 1
            renew(run, document.id, texts)


def _evidence(sight: Sight, shown: Shown) -> Evidence:
    return Evidence(
        number=1,
        document=sight.document.id,
        name=sight.document.name,
        version=sight.document.version,
        page=shown.page,
        kind=sight.kind,
        passages=(),
        hits=(),
        regions=(),
        places=(),
        text=sight.text,
        picture=shown,
    )
