"""The regions that a claim cites, made ready to be looked up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...ingest.types import Region
from .charts import chart_of
from .facts import facts_of, spoken, with_lead
from .prose import Sentence, sentences_of, unmistaken
from .sense import statements
from .slots import pairs_in, subject
from .tables import Table


class Cited:
    """The regions that a claim cites, made ready to be looked up in. A model's description is no part of them.

    Nor is what is `known`: whoever asks or names a file could put anything there. It only tells what is not made up.
    """

    def __init__(self, regions: Sequence[Region], known: str = "") -> None:
        printed = [region for region in regions if region.source != "vlm"]
        self.figures = [region for region in printed if region.kind == "figure"]
        self.tables = [Table(region) for region in printed if region.cells]
        self.charts = {region.id: chart for region in self.figures if (chart := chart_of(region))}
        self.labels = {region.id: tuple(sentences_of(region)) for region in self.figures}
        text = [region for region in printed if region.kind != "figure" and not region.cells]
        self.sentences = [sentence for region in text for sentence in sentences_of(region)]
        self.ocr = any(region.source == "ocr" for region in printed)
        self.known = facts_of(known)
        printed_names = _words(name for s in self.printed for name in s.facts.names)
        self.names = printed_names | _words(self.known.names)
        self.sentences = [s._replace(facts=with_lead(s.facts, printed_names)) for s in self.sentences]
        self.pairs = frozenset(pair for s in self.sentences for pair in pairs_in(s.facts.text))
        parts: list[str] = []
        for region in printed:
            parts += [*region.section, region.caption or "", region.text, *(cell.text for cell in region.cells or ())]
        self.text = spoken("\n".join(parts))
        self.scanned = unmistaken(self.text) if self.ocr else ""
        above = (p for r in printed for p in (*r.section, r.caption or ""))
        heads = (cell.text for table in self.tables for cell in table.cells if cell.header)
        self.context = facts_of("\n".join([*above, *heads]))
        told = (subject(s.facts, part) for s in self.sentences for part in statements(s.facts.text))
        self.subjects = frozenset().union(*told)
        self.told = spoken(" ".join(s.facts.text for s in self.sentences))
        self.nothing = not regions
        self.only_descriptions = bool(regions) and not printed

    @property
    def printed(self) -> list[Sentence]:
        """The sentences and the labels of figures."""
        return [*self.sentences, *(label for some in self.labels.values() for label in some)]

    @property
    def pictures_only(self) -> bool:
        return not self.tables and not self.sentences

    def says(self, words: str) -> bool:
        """Whether these words stand somewhere in the regions; a scan may have misread letters."""
        sought = spoken(words)
        if f" {sought} " in f" {self.text} ":
            return True
        return bool(self.scanned) and f" {unmistaken(sought)} " in f" {self.scanned} "


def _words(names: Iterable[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in name.split())
