"""What there is to describe: tables and figures by their look, and what describing them would cost.

A look is the hash of a crop. What looks the same in many places, a logo on each page, is described once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Event
from typing import NamedTuple

from ..errors import UnknownDocument, UnreadableFile
from ..generators.chat.server import estimated
from ..generators.evidence.legibility import picture_of
from ..generators.evidence.types import Shown
from ..generators.evidence.visual_tokens import VisualTokens
from ..ingest.descriptions import crop_hash, describable, descriptions_on
from ..ingest.types import BBox, Document, Kind, Page, Region
from .build import Parts
from .evidence import LibraryEvidence
from .indexing.comparing import read_as
from .reports import Checking, Estimate, Failure

REPLY = 512
"""Tokens of a description at most; it is asked to be shorter."""

_READ = 1500  # characters of what was read of a region, and of the text beside it
_MARGIN = 0.01  # of the page


class Surveyed(NamedTuple):
    """A document as it was: the descriptions it had, and the looks of what may be described, both by region."""

    document: Document
    texts: Mapping[str, str]
    looks: Mapping[str, str]


class Sight(NamedTuple):
    """A region to be described; `text` is what goes with its picture."""

    document: Document
    kind: Kind
    bbox: BBox
    shown: Shown
    text: str


class Survey:
    """Fills its lists document by document.

    `texts` are the descriptions known of what was seen, by look; `tasks` the looks that have none from this model,
    asked as now, each with one sight of every document that shows it.
    """

    def __init__(self, parts: Parts, kinds: Sequence[Kind], source: LibraryEvidence, counter: VisualTokens) -> None:
        self._parts = parts
        self._library = parts.library
        self._kinds = kinds
        self._source = source
        self._counter = counter
        self._version = parts.prompts.version("describe")
        self.documents: list[Surveyed] = []
        self.texts: dict[str, str] = {}
        self.tasks: dict[str, list[Sight]] = {}
        self.failed: list[Failure] = []

    def look(self, names: Sequence[str], progress: Checking, stopped: Event) -> None:
        """Draws every table and figure. Raises `UnknownDocument` of a name."""
        library = self._library
        named = {document.id: document for document in map(library.document, names)}
        documents = list(named.values()) if names else library.documents()
        for number, document in enumerate(documents, start=1):
            try:
                with suppress(UnknownDocument):  # it was removed meanwhile
                    self._look_at(document, stopped)
            except UnreadableFile as error:
                self.failed.append(Failure(source=document.source, message=error.what, cure=error.cure))
            if stopped.is_set():
                return
            progress("looking", number, len(documents))

    def estimate(self) -> Estimate:
        prompts = self._parts.prompts
        prompt = estimated(f"{prompts.system('describe')}{prompts.task('describe', kind='figure')}")
        first = [sights[0] for sights in self.tasks.values()]
        return Estimate(
            documents=len({sight.document.id for sights in self.tasks.values() for sight in sights}),
            regions=len(first),
            known=len(self.texts),
            visual_tokens=sum(sight.shown.tokens for sight in first),
            text_tokens=sum(prompt + estimated(sight.text) for sight in first),
            reply_tokens=REPLY * len(first),
        )

    def _look_at(self, document: Document, stopped: Event) -> None:
        """Of a document that cannot be drawn to its end nothing is described."""
        held = self._library.stat_of(document.id)
        if held is None:
            return
        if not read_as(held, self._parts.settings.ingest):
            message, cure = "it was read by an older Octavo or with other settings", "run `octavo refresh` first"
            self.failed.append(Failure(source=document.source, message=message, cure=cure))
            return

        def draw(number: int, bbox: BBox, size: tuple[int, int]) -> bytes:
            return self._source.picture(document.id, number, bbox, *size)

        texts: dict[str, str] = {}
        looks: dict[str, str] = {}
        sights: dict[str, Sight] = {}
        for page in self._library.pages(document.id):
            if stopped.is_set():
                return
            texts |= descriptions_on(page)
            for region in describable(page, self._kinds):
                look = looks[region.id] = crop_hash(page, region, draw)
                if look in sights or self._is_known(look):
                    continue
                bbox = region.bbox.grown(_MARGIN)
                if shown := picture_of(bbox, page, self._counter):
                    sights[look] = Sight(document, region.kind, bbox, shown, _told(region, page))
        self.documents.append(Surveyed(document, texts, looks))
        for look, sight in sights.items():
            self.tasks.setdefault(look, []).append(sight)

    def _is_known(self, look: str) -> bool:
        if look not in self.texts:
            text = self._library.description(look, self._parts.chat.name, self._version)
            if text is not None:
                self.texts[look] = text
        return look in self.texts


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
