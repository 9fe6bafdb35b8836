"""Whether the cited regions say what a claim says."""

from __future__ import annotations

from collections.abc import Sequence

from ...ingest.types import Place, Region, Value
from ...retrievers.analysis import analyse
from ..types import Support
from .amounts import amounts_in, in_amounts
from .cited import Cited
from .counts import counted
from .dated import in_dates
from .derive import derived
from .facts import Facts, facts_of, with_lead
from .findings import Finding, rank
from .naming import in_names, in_quotes
from .numbers import Number
from .prose import Piece
from .reckoning import CHANGE, compared
from .sense import in_itself
from .tables import Table
from .tabular import in_figure, in_table
from .tabulated import either
from .textual import in_prose
from .wording import in_words

LONGEST = 2_000  # characters of a claim; what is longer is no sentence
MOST = 40  # numbers of a claim
DENIED = Finding("unchecked", detail="one of the two denies it")


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

    Args:
        known: what the claim need not have made up, though it proves nothing: the question, the document's name.
    """
    return judge(claim, Cited(cited, known))


def judge(claim: str, sources: Cited) -> Judged:
    """What `sources` say of a claim.

    Each number, year, date, name and quotation of the claim is looked up; the worst of them decides. `contradicted`:
    the row and column, or the sentence, that the claim is about holds something else. `derived`: recomputed from cited
    numbers. `unchecked`: only the picture could tell, or the facts stand there, but little of what the claim says of
    them. A claim without facts needs `WORDS` of its words in one sentence or row.
    """
    if sources.only_descriptions:
        return Judged(support="unchecked", detail="only a model's description is cited")
    if sources.nothing:
        return Judged(support="absent", detail="nothing is cited")
    if len(claim) > LONGEST:
        return Judged(support="unchecked", detail=f"longer than {LONGEST} characters")
    facts = _facts(claim, sources)
    if len(facts.numbers) > MOST:
        return Judged(support="unchecked", detail=f"more than {MOST} numbers")
    if against := in_itself(facts):
        return Judged(support="contradicted", detail=against)
    found = counted(facts, sources.tables)
    found |= {number: _number(number, facts, sources) for number in facts.numbers if number not in found}
    counts = {finding.operands for finding in found.values() if finding.operands}
    # "the five years": how many numbers a sum or a mean was made of.
    # "Trip 101": a number that is the name of a column which was reckoned with.
    heads = {cell.text.strip() for table in sources.tables for cells in table.names.values() for cell in cells}
    heads &= {piece.text.strip() for f in found.values() if f.support == "derived" for piece in f.pieces}
    findings = [
        Finding("supported")
        if (f.support in ("absent", "contradicted") and not n.year and n.readings[0] in counts)
        or (f.support == "absent" and claim[n.start : n.end] in heads)
        else f
        for n, f in found.items()
    ]
    findings += [in_amounts(amount, facts, sources) for amount in amounts_in(claim)]
    findings += [in_dates(date, facts, sources) for date in facts.dates]
    findings += [in_quotes(quote, facts, sources) for quote in facts.quotes]
    findings += [in_names(name, facts, sources) for name in facts.names if not any(name in q for q in facts.quotes)]
    # "Not full on 27 days" is what the full ones leave.
    reckoned = any(f.support == "derived" for f in found.values())
    if not reckoned:
        findings = [DENIED if f.denied and f.support == "supported" else f for f in findings]
    looked_up = bool(facts.numbers or facts.dates or facts.quotes)
    # What is quoted is looked up as a whole.
    words = in_words(facts, sources, looked_up=looked_up, deniable=not (reckoned or facts.quotes))
    # A cell whose row the claim names, or what was recomputed, needs no further words.
    placed = reckoned or any(f.support == "supported" and f.strength >= 1 for f in found.values())
    if words.support != "unchecked" or not placed:
        findings.append(words)
    return _verdict(findings, sources)


def _facts(claim: str, sources: Cited) -> Facts:
    """The facts of a claim. What it quotes is looked up as a whole; its first word may be a name that is cited."""
    facts = facts_of(claim)
    starts = [(claim.find(quote), len(quote)) for quote in facts.quotes]
    numbers = tuple(n for n in facts.numbers if not any(at <= n.start < at + size for at, size in starts))
    return with_lead(facts._replace(numbers=numbers), sources.names)


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
    found = [in_prose(number, facts, sources)]
    found += [_cell(number, facts, table) for table in sources.tables]
    for region in sources.figures:
        chart = sources.charts.get(region.id)
        if chart and chart.rows_named((), analyse(facts.text)):
            found.append(in_table(number, facts, chart))
        else:
            found.append(in_figure(number, facts, region, sources.labels[region.id]))
    context = sources.context
    if number.year and int(number.readings[0]) in context.years:
        found.append(Finding("supported"))
    if number.year and int(number.readings[0]) in sources.known.years:
        found.append(Finding("unchecked", detail="the regions do not name the year"))
    # "the three months": what a heading says of all that stands under it.
    if number.unit and any(n.unit == number.unit and n.value == number.value for n in context.numbers):
        found.append(Finding("supported"))
    best = max(found, key=rank)
    if best.support != "supported":
        best = max(best, derived(number, facts, sources), key=rank)
    return best


def _cell(number: Number, facts: Facts, table: Table) -> Finding:
    """A number in a table; "9 points ahead of" is in no cell but one that is named for a difference.

    Nor is what a claim says of one column or another.
    """
    if number.unit == "%" and either(facts, table):
        return Finding("absent")
    found = in_table(number, facts, table)
    if compared(facts.text, number) and not any(CHANGE.search(piece.text) for piece in found.pieces[1:]):
        return Finding("absent")
    return found
