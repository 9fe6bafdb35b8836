"""Whether the cited regions say what a claim says."""

from __future__ import annotations

from collections.abc import Sequence

from ...ingest.types import Place, Region, Value
from ..types import Support
from .cited import Cited
from .dates import Date
from .derive import derived
from .facts import Facts, facts_of, spoken
from .findings import ABOUT, Finding, rank
from .numbers import Number
from .prose import Piece, alike, names_others
from .tabular import in_figure, in_table
from .textual import in_prose
from .wording import in_words


class Judged(Value):
    """What a claim came to: where its facts stand, word for word, and why it is contradicted or how it was derived."""

    support: Support
    pieces: tuple[Piece, ...] = ()
    detail: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(dict.fromkeys(piece.place for piece in self.pieces))

    @property
    def quote(self) -> str:
        """The words found, verbatim."""
        return " ".join(dict.fromkeys(piece.text for piece in self.pieces))


def judge_claim(claim: str, cited: Sequence[Region], known: str = "") -> Judged:
    """What the cited regions say of a claim, without its markers.

    Each number, year, date, name and quotation of the claim is looked up; the worst of them decides. `contradicted`:
    the row and column, or the sentence, that the claim is about holds something else. `derived`: recomputed from cited
    numbers. `unchecked`: only the picture could tell, or the facts stand there, but little of what the claim says of
    them. A claim without facts needs `WORDS` of its words in one sentence or row.

    Args:
        known: what need not be proven again: the question, the document's name and title.
    """
    if not cited:
        return Judged(support="absent", detail="nothing is cited")
    sources = Cited(cited, known)
    if all(region.source == "vlm" for region in cited):
        return Judged(support="unchecked", detail="only a model's description is cited")
    facts = facts_of(claim)
    found = {number: _number(number, facts, sources) for number in facts.numbers}
    counts = {finding.operands for finding in found.values() if finding.operands}
    # "the five years": how many numbers a sum or a mean was made of.
    findings = [
        Finding("supported")
        if f.support in ("absent", "contradicted") and not n.year and n.readings[0] in counts
        else f
        for n, f in found.items()
    ]
    findings += [_date(date, facts, sources) for date in facts.dates]
    findings += [_quote(quote, sources) for quote in facts.quotes]
    findings += [_name(name, facts, sources) for name in facts.names if not any(name in q for q in facts.quotes)]
    words = in_words(facts, sources, looked_up=bool(facts.numbers or facts.dates or facts.quotes))
    # A cell whose row the claim names, or what was recomputed, needs no further words.
    placed = any(f.support == "derived" or (f.support == "supported" and f.strength >= 1) for f in found.values())
    if words.support != "unchecked" or not placed:
        findings.append(words)
    return _verdict(findings, sources)


def _verdict(findings: Sequence[Finding], sources: Cited) -> Judged:
    worst = ("contradicted", "absent", "unchecked", "derived", "supported")
    kind = min((f.support for f in findings), key=worst.index)
    if kind == "absent" and sources.pictures_only:
        kind = "unchecked"
    of_kind = [f for f in findings if f.support == kind]
    shown = of_kind if kind == "contradicted" else findings
    pieces = tuple(dict.fromkeys(piece for f in shown for piece in f.pieces))
    return Judged(support=kind, pieces=pieces, detail="; ".join(dict.fromkeys(f.detail for f in of_kind if f.detail)))


def _number(number: Number, facts: Facts, sources: Cited) -> Finding:
    found = [in_prose(number, facts, sources.sentences)]
    found += [in_table(number, facts, table) for table in sources.tables]
    found += [in_figure(number, facts, region, sources.labels[region.id]) for region in sources.figures]
    if number.year and int(number.readings[0]) in sources.context.years:
        found.append(Finding("supported"))
    best = max(found, key=rank)
    if best.support != "supported":
        best = max(best, derived(number, facts, sources.tables, sources.sentences), key=rank)
    return best


def _date(date: Date, facts: Facts, sources: Cited) -> Finding:
    best = Finding("absent")
    for sentence in (*sources.sentences, *(s for labels in sources.labels.values() for s in labels)):
        covered = sentence.covers(facts.words)
        agreeing = [d for d in sentence.facts.dates if date.agrees(d)]
        rest = " ".join(s.facts.text for s in sources.sentences if s is not sentence)
        if agreeing and (name := names_others(sentence.facts.text, rest, facts)):
            best = max(best, Finding("contradicted", sentence.pieces, f"the text says it of {name}", covered), key=rank)
        elif agreeing:
            known = not date.year or any(d.year for d in agreeing) or str(date.year) in sources.text.split()
            best = max(best, Finding("supported" if known else "absent", sentence.pieces, "", covered), key=rank)
        elif covered >= ABOUT:
            others = [d for d in sentence.facts.dates if not any(mine.agrees(d) for mine in facts.dates)]
            if others := [d for d in others if (d.clock is None) == (date.clock is None)]:
                said = sentence.facts.text[others[0].start : others[0].end]
                best = max(best, Finding("contradicted", sentence.pieces, f"the text says {said}", covered), key=rank)
    cells = [(table, cell) for table in sources.tables for cell in table.cells]
    for table, cell in cells:
        if any(date.agrees(d) for d in facts_of(cell.text).dates):
            place = Place(table.region.page, cell.bbox)
            return Finding("supported", (Piece(table.region.id, place, cell.text),))
    if best.support == "absent" and any(date.agrees(d) for d in sources.context.dates):
        return Finding("supported")
    return best


def _quote(quote: str, sources: Cited) -> Finding:
    if sources.says(quote):
        pieces = [p for s in sources.sentences if spoken(quote) in spoken(s.facts.text) for p in s.pieces]
        return Finding("supported", tuple(pieces))
    return Finding("absent", detail=f"“{quote}” is not what the regions say")


def _name(name: str, facts: Facts, sources: Cited) -> Finding:
    """A name must stand in the regions; one that shares a word with a name there is a wrong one."""
    words = spoken(name).split()
    if sources.says(name):
        return Finding("supported")
    present = [w for w in words if any(alike(w, v) for v in sources.text.split())]
    for sentence in sources.sentences if len(words) > 1 and present else ():
        if sentence.covers(facts.words) >= ABOUT:
            for other in sentence.facts.names:
                theirs = spoken(other).split()
                if len(theirs) > 1 and set(theirs) & set(words) and not set(theirs) <= set(words):
                    return Finding("contradicted", sentence.pieces, f"the text says {other}")
    if len(present) == len(words):
        return Finding("supported")
    return Finding("absent", detail=f"{name} is not named in the regions")
