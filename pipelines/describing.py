"""Tables and figures described by a vision-language model, so that they are found by what only their picture shows.

A description is kept the moment it comes, by the look of its crop, the model and the prompt: whoever goes on after an
interruption pays for nothing twice. Its document gets all of its descriptions in one step, as a new version of it, made
of the pages that the library has. A description finds what it describes and proves nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

import anyio
from anyio import to_thread

from ..errors import OctavoError, PromptTooLong, ReplyFailed, SettingsError, UnreadableFile
from ..generators.chat.server import estimated
from ..generators.chat.types import Usage
from ..generators.evidence.families import visual_tokens_of
from ..generators.evidence.legibility import picture_of
from ..generators.evidence.types import Evidence, Shown
from ..generators.evidence.visual_tokens import VisualTokens
from ..generators.prompts.prompt import messages_of
from ..ingest.descriptions import crop_hash, describable, descriptions_on
from ..ingest.types import BBox, Document, Kind, Page, Region
from .build import Parts
from .evidence import LibraryEvidence
from .indexing.comparing import read_as
from .indexing.describing import renew
from .indexing.running import Run, Stopped
from .qa.threads import stoppable
from .reports import Checking, DescribeReport, Estimate, Failure, silent

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage


_REPLY = 256  # tokens of a description
_READ = 1500  # characters of what was read of a region, and of the text beside it
_MARGIN = 0.01  # of the page


class _Task(NamedTuple):
    """A region to be described; `text` is what goes with its picture."""

    document: Document
    region: str
    kind: Kind
    shown: Shown
    content: str
    text: str


Confirm = Callable[[Estimate], bool]


class Describing:
    """One call that describes: a survey, the replies, the new versions."""

    def __init__(self, parts: Parts, kinds: Sequence[Kind]) -> None:
        self._parts = parts
        self._library = parts.library
        self._chat = parts.chat
        self._prompts = parts.prompts
        self._kinds = kinds
        self._source = LibraryEvidence(parts.library, parts.settings.ingest.password)
        self._version = self._prompts.version("describe")
        self._tasks: list[_Task] = []
        self._estimate = Estimate()
        self._failed: list[Failure] = []
        self._texts: dict[str, dict[str, str]] = {}  # by document, by region
        self._known: dict[str, dict[str, str]] = {}  # by document, by content
        self._usage = Usage(prompt=0, completion=0)

    async def survey(self, names: Sequence[str], progress: Checking = silent) -> Estimate:
        """What there is to describe, and what it costs."""
        self._begun = time.perf_counter()
        self._tasks, self._estimate = await stoppable(partial(self._survey, names, progress))
        return self._estimate

    async def run(self, wanted: bool, progress: Checking = silent) -> DescribeReport:
        """Describe what was surveyed, if that is `wanted`."""
        tasks, described, changed = self._tasks, 0, 0
        if wanted:
            if tasks and not (await self._chat.limits()).pictures:
                cure = "serve a vision-language model, with a picture limit above 0"
                raise SettingsError(f"{self._chat.name} takes no pictures", where="vlm.model", cure=cure)
            described = await self._ask(tasks, progress)
            changed = await stoppable(partial(self._publish, progress))
        return DescribeReport(
            estimate=self._estimate,
            described=described,
            changed=changed,
            failed=tuple(self._failed),
            usage=self._usage,
            seconds=time.perf_counter() - self._begun,
        )

    def _survey(self, names: Sequence[str], progress: Checking, stopped: Event) -> tuple[list[_Task], Estimate]:
        """What is to be described; of what is known, the descriptions. Draws every table and figure."""
        library, options = self._library, self._parts.settings
        generator = options.generator
        counter = visual_tokens_of(generator.processor or self._chat.name, generator.processor_bounds)
        documents = [library.document(name) for name in names] if names else library.documents()
        held = library.held()
        tasks: list[_Task] = []
        known = 0
        for number, document in enumerate(documents, start=1):
            if not read_as(held[document.id], options.ingest):
                message, cure = "it was read by an older Octavo or with other settings", "run `octavo refresh` first"
                self._failed.append(Failure(source=document.source, message=message, cure=cure))
                continue
            try:
                for page in library.pages(document.id):
                    if stopped.is_set():
                        return [], Estimate()
                    found, has = self._on(page, document, counter)
                    tasks += found
                    known += has
            except UnreadableFile as error:
                self._failed.append(Failure(source=document.source, message=error.what, cure=error.cure))
                self._texts.pop(document.id, None)
                tasks = [task for task in tasks if task.document.id != document.id]
            progress("looking", number, len(documents))
        prompt = estimated(f"{self._prompts.system('describe')}{self._prompts.task('describe', kind='figure')}")
        return tasks, Estimate(
            documents=len({task.document.id for task in tasks}),
            regions=len(tasks),
            known=known,
            visual_tokens=sum(task.shown.tokens for task in tasks),
            text_tokens=sum(prompt + estimated(task.text) for task in tasks),
            reply_tokens=_REPLY * len(tasks),
        )

    def _on(self, page: Page, document: Document, counter: VisualTokens) -> tuple[list[_Task], int]:
        """The tasks of one page, and how many of its regions are described already."""

        def draw(number: int, bbox: BBox, size: tuple[int, int]) -> bytes:
            return self._source.picture(document.id, number, bbox, *size)

        tasks, known = [], 0
        texts = self._texts.setdefault(document.id, {})
        texts |= descriptions_on(page)
        for region in describable(page, self._kinds):
            content = crop_hash(page, region, draw)
            text = self._library.description(content, self._chat.name, self._version)
            if text is not None:
                texts[region.id] = self._known.setdefault(document.id, {})[content] = text
                known += 1
                continue
            if shown := picture_of(region.bbox.grown(_MARGIN), page, counter):
                tasks.append(_Task(document, region.id, region.kind, shown, content, _told(region, page)))
        return tasks, known

    async def _ask(self, tasks: Sequence[_Task], progress: Checking) -> int:
        """Describe, as many at a time as the model takes; each description is kept at once."""
        drawing = anyio.Lock()  # MuPDF draws on one thread at a time
        described, done = 0, 0

        async def one(task: _Task) -> None:
            nonlocal described, done
            try:
                async with drawing:
                    messages = await to_thread.run_sync(self._messages, task)
                reply = await self._chat.complete(messages, max_tokens=_REPLY)
                text = " ".join(reply.text.split())
                if not text:
                    raise ReplyFailed("the model said nothing", where=self._chat.name)
                await to_thread.run_sync(self._keep, task.document.id, {task.content: text})
                self._texts[task.document.id][task.region] = text
                self._usage += reply.usage or Usage(prompt=0, completion=0)
                described += 1
            except (ReplyFailed, PromptTooLong, UnreadableFile) as error:
                source, page = task.document.source, task.shown.page
                self._failed.append(Failure(source=source, message=error.what, cure=error.cure, page=page))
            done += 1
            progress("describing", done, len(tasks))

        try:
            async with anyio.create_task_group() as group:
                for task in tasks:
                    group.start_soon(one, task)
        except* OctavoError as failures:
            first: BaseException = failures
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            raise first from None
        return described

    def _messages(self, task: _Task) -> list[ChatMessage]:
        shown, document = task.shown, task.document
        png = self._source.picture(document.id, shown.page, shown.bbox, shown.width, shown.height)
        one = Evidence(
            number=1,
            document=document.id,
            name=document.name,
            version=document.version,
            page=shown.page,
            kind=task.kind,
            passages=(),
            hits=(),
            regions=(),
            places=(),
            text=task.text,
            picture=shown,
        )
        return messages_of(self._prompts, "describe", [one], {1: png}, kind=task.kind)

    def _keep(self, document: str, texts: Mapping[str, str]) -> None:
        self._library.keep_descriptions(document, self._chat.name, self._version, texts)

    def _publish(self, progress: Checking, stopped: Event) -> int:
        """A new version of each document whose descriptions are not what its live version has."""
        library = self._library
        with library.changing(), suppress(Stopped):
            for document, texts in self._known.items():  # other documents may have been the first to show them
                self._keep(document, texts)
            run = Run(self._parts.indexer, None, stopped)
            for number, (document, texts) in enumerate(self._texts.items(), start=1):
                now = {id: text for page in library.pages(document) for id, text in descriptions_on(page).items()}
                if texts != now:
                    run.total += 1
                    renew(run, document, texts)
                progress("indexing", number, len(self._texts))
        facts = run.facts()
        self._failed += facts["failed"]
        return int(facts["replaced"])


def _told(region: Region, page: Page) -> str:
    """What was read of a region, and the text before and after it."""
    running = [r for r in page.regions if r.kind in ("text", "list") and r.source != "vlm"]
    before = [r.text for r in running if r.order < region.order][-1:]
    after = [r.text for r in running if r.order > region.order][:1]
    told = {
        "Section": " > ".join(region.section),
        "Caption": region.caption or "",
        "Words in it": region.text[:_READ],
        "Text around it": "\n".join([*before, *after])[:_READ],
    }
    return "\n".join(f"{name}: {text}" for name, text in told.items() if text)
