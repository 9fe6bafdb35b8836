"""The words of a claim beside its facts: whether a sentence or a row is about the same, and of the same."""

from __future__ import annotations

import re

from ...ingest.types import Cell, Place
from ...retrievers.analysis import analyse
from .cited import Cited
from .facts import Facts, content, facts_of, spoken
from .findings import COVERED, Finding
from .prose import Piece, Sentence, alike, names_others, shortened
from .prose import share as share_of
from .sense import clauses, denies, direction, opposed, opposite, statements
from .slots import another_subject, instead
from .tables import Table

WORDS = 0.6  # share of a claim's words that a sentence must have to support it without a number, date or quotation
MOSTLY = 0.5  # … and more than which it must have for anybody to look further
_TIMES = re.compile(r"\b(?:twice|doubl\w*|tripl\w*|half|halved|\w+fold|verdoppelt\w*|halb\w*)\b", re.I)


def in_words(facts: Facts, sources: Cited, *, looked_up: bool, deniable: bool) -> Finding:
    """The words beside the facts: how many of them the best sentence, row or figure has.

    Args:
        looked_up: whether the claim has facts, so that its words need only be about the same.
        deniable: whether the best sentence contradicts the claim if it denies what the claim says.
    """
    covered = [(s.covers(facts.words) if looked_up else s.has(facts.words), s) for s in sources.sentences]
    share, sentence = max(covered, key=lambda one: one[0], default=(0.0, None))
    rows = [_row(facts, table) for table in sources.tables]
    best_row = max(rows, key=lambda one: one[0], default=(0.0, Finding("absent")))
    labels = [s for some in sources.labels.values() for s in some]
    everywhere = frozenset().union(*(s.facts.words | s.about for s in labels)) if labels else frozenset()
    pictured = share_of(facts.words, everywhere) if facts.words else 0.0
    if looked_up:
        best = max(share, best_row[0], pictured)
        if best_row[1].support == "contradicted" and best_row[0] >= share:
            return best_row[1]
        if deniable and sentence is not None and (denied := _denied(facts, sentence)).support == "contradicted":
            return denied
        # A table says no rise and no comparison in words: "doubled in 2023".
        numbers = facts.quotes or any(not n.year for n in facts.numbers)
        shown = numbers or share >= best_row[0] or not (direction(facts.text) or _TIMES.search(facts.text))
        return Finding("supported" if (best >= _needed(facts) and shown) or not facts.words else "unchecked")
    if best_row[0] >= max(share, COVERED):
        return best_row[1]
    if sentence is not None and share >= WORDS:
        return _said_of_another(facts, sentence, sources) or _same_sense(facts, sentence, sources)
    if max(share, best_row[0], pictured) > (COVERED if sources.pictures_only else MOSTLY):
        return Finding("unchecked", sentence.pieces if sentence is not None and share >= COVERED else ())
    return Finding("absent")


def _needed(facts: Facts) -> float:
    """The share of words that a claim needs beside its facts: a year or a date alone says when, but not what."""
    what = facts.quotes or any(not n.year for n in facts.numbers) or any(date.clock for date in facts.dates)
    return COVERED if what else WORDS


def _denied(facts: Facts, sentence: Sentence) -> Finding:
    """Whether one of the two denies what the other one says: `contradicted` if they say the same otherwise."""
    part = max(clauses(sentence.facts.text), key=lambda part: len(content(part) & facts.words))
    if denies(facts.text, part) == denies(part, facts.text):
        return Finding("supported", sentence.pieces)
    whole = sentence.covers(facts.words) == 1 and sentence.alone().covers(facts.words) >= WORDS and facts.words
    return Finding("contradicted" if whole else "unchecked", sentence.pieces, "one of the two denies it")


def _said_of_another(facts: Facts, best: Sentence, sources: Cited) -> Finding | None:
    """Whether another sentence than the best says all of it, of another one: who signed is not who refused to sign."""
    rest = facts.words - content(" ".join(facts.names))
    if not facts.names or not rest or best.alone().covers(rest) == 1:
        return None
    for sentence in sources.sentences:
        text = sentence.facts.text
        says_all = sentence.alone().covers(rest) == 1 and denies(text, facts.text) == denies(facts.text, text)
        if says_all and (name := names_others(text, sources.told, sentence.facts.names, facts)):
            return Finding("contradicted", sentence.pieces, f"the text says it of {name}")
    return None


def _same_sense(facts: Facts, sentence: Sentence, sources: Cited) -> Finding:
    """Whether a sentence with the claim's words says it of the same one, and does not deny it."""
    if (denied := _denied(facts, sentence)).support != "supported":
        return denied
    if _TIMES.search(facts.text) and not _TIMES.search(sentence.facts.text):
        return Finding("unchecked", sentence.pieces)
    parts = statements(sentence.facts.text)
    best = max(parts, key=lambda part: len(content(part) & facts.words))
    if opposed(facts.text, best) or opposite(facts.text, best):
        return Finding("contradicted", sentence.pieces, "the text says the opposite")
    rest = spoken(" ".join(part for part in parts if part != best))
    if (
        name := names_others(best, rest, sentence.facts.names, facts)
        or instead(facts, sentence, sources.pairs)
        or another_subject(facts, sentence, sources.subjects)
    ):
        return Finding("contradicted", sentence.pieces, f"the text says it of {name}")
    said = spoken(sentence.facts.text).split()
    if sentence.facts.names and any(
        not any(alike(w, v) or shortened(w, v) for w in spoken(name).split() for v in (*said, *sentence.about))
        for name in facts.names
    ):
        return Finding("contradicted", sentence.pieces, f"the text says it of {', '.join(sentence.facts.names)}")
    return Finding("supported", sentence.pieces)


def _row(facts: Facts, table: Table) -> tuple[float, Finding]:
    """The row that a claim names: its words may not be those that another row has in the same column."""
    stems = frozenset(analyse(facts.text))
    about = facts_of(" ".join((*table.region.section, table.region.caption or ""))).words
    heads = frozenset(t for names in table.names.values() for c in names for t in analyse(c.text))
    rows: dict[int, list[tuple[Cell, frozenset[str]]]] = {}
    said_of: dict[int, set[frozenset[str]]] = {}  # what the claim says that stands in a column, in whichever row
    for cell in table.cells:
        own = frozenset(analyse(cell.text))
        rows.setdefault(cell.row, []).append((cell, own))
        if own and own <= stems and not cell.header:
            said_of.setdefault(cell.col, set()).add(own)
    best = (0.0, Finding("absent"))
    for row in table.rows_named((), stems):
        held = (about | heads).union(*(own for _, own in rows[row]))
        share = share_of(facts.words, held)
        said = [cell for cell, own in rows[row] if own and own <= stems]
        pieces = tuple(Piece(table.region.id, Place(table.region.page, c.bbox), c.text) for c in said)
        finding = Finding("supported" if share >= WORDS and len(said) > 1 else "unchecked", pieces, "", share)
        for cell, own in rows[row]:
            other_kind = cell == table.labels[row] or cell.col in table.units or any(c.isdigit() for c in cell.text)
            others = {
                theirs for theirs in said_of.get(cell.col, ()) if not any(here >= theirs for _, here in rows[row])
            }
            if others and not other_kind and not own <= stems:
                piece = Piece(table.region.id, Place(table.region.page, cell.bbox), cell.text)
                finding = Finding("contradicted", (piece,), f"the table says {table.said(cell)}", share)
                share = max(share, COVERED)
        best = max(best, (share, finding), key=lambda one: one[0])
    return best
