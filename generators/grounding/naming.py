"""Looks the quotations, names and codes of a claim up."""

from __future__ import annotations

import re

from ...ingest.types import Cell, Place
from ...retrievers.analysis import analyse
from .cited import Cited
from .facts import Facts, content, facts_of, spoken, unquoted
from .findings import ABOUT, Finding
from .prose import POINTS_BACK, Piece, Sentence, alike, same_name, shortened
from .sense import denies
from .slots import strange_subject
from .tables import spans

_SPEAKER = r"(?<!\b(?:in|at|of|to) )(?<!\bthe )"  # "… in Lowick", "… to the Herald" are none
_CODE = re.compile(r"\d")


def in_quotes(quote: str, facts: Facts, sources: Cited) -> Finding:
    if not sources.says(quote):
        return Finding("absent", detail=f"“{quote}” is not what the regions say")
    holding = [s for s in sources.sentences if spoken(quote) in spoken(s.facts.text)]
    denied = [denies(unquoted(s.facts.text), "") for s in holding] or [False]
    pieces = tuple(piece for s in holding for piece in s.pieces)
    others = [_other_speaker(s, facts) for s in holding]
    if others and all(others):
        return Finding("contradicted", pieces, f"the text quotes {others[0]}")
    return Finding("supported", pieces, denied=denies(unquoted(facts.text), "") not in denied)


def _other_speaker(sentence: Sentence, claim: Facts) -> str:
    """Whom a sentence names beside what it quotes, if that is another one than the claim names: “…,” said Petrov."""
    beside = unquoted(sentence.facts.text)
    mine = spoken(" ".join(name for name in claim.names if name in unquoted(claim.text))).split()
    if not mine or POINTS_BACK.search(beside) or set(mine) & set(spoken(beside).split()):
        return ""
    return next((name for name in sentence.facts.names if re.search(_SPEAKER + re.escape(name), beside)), "")


def in_names(name: str, facts: Facts, sources: Cited) -> Finding:
    """A name must stand in the regions; one that shares a word with a name there is a wrong one.

    One that is only `known` may be that of what the whole document is about, if what the claim says of it is said of
    nothing else.
    """
    words = spoken(name).split()
    if _CODE.search(name) and (elsewhere := _in_another_column(name, facts, sources)):
        return elsewhere
    if sources.says(name):
        return Finding("supported")
    if f" {spoken(name)} " in f" {spoken(sources.known.text)} ":
        rest = facts.words - content(name)
        held = [s.above_only() for s in sources.printed if not strange_subject(facts, s)]
        shares = [s.covers(rest) for s in held] + [table.covers(rest) for table in sources.tables]
        about = max(shares, default=0.0) >= ABOUT
        return Finding("supported" if about else "unchecked", detail=f"{name} is not named in the regions")
    if _CODE.search(name) and (replaced := _other_code(name, facts, sources)):
        return replaced
    present = [w for w in words if any(alike(w, v) or shortened(w, v) for v in sources.text.split())]
    for sentence in sources.sentences if len(words) > 1 and present else ():
        if sentence.covers(facts.words) >= ABOUT:
            for other in sentence.facts.names:
                theirs = spoken(other).split()
                if len(theirs) > 1 and set(theirs) & set(words) and not same_name(name, other):
                    return Finding("contradicted", sentence.pieces, f"the text says {other}")
    if len(present) == len(words):
        return Finding("supported")
    return Finding("absent", detail=f"{name} is not named in the regions")


def _in_another_column(code: str, facts: Facts, sources: Cited) -> Finding | None:
    """Another code of the same make where the row and the column that a claim names meet."""
    stems = analyse(facts.text)
    for table in sources.tables:
        rows, columns = table.rows_named((), stems), table.columns_named((), stems)
        named = [cell.text for cells in (table.labels.values(), *table.names.values()) for cell in cells]
        for cell in table.cells if columns and not any(code in text for text in named) else ():
            if cell.row in rows and spans(cell, columns) and code not in cell.text and _has(cell, code):
                return Finding("contradicted", table.pieces(cell), f"the table says {table.said(cell)}")
    return None


def _has(cell: Cell, code: str) -> bool:
    """Whether a code of the same make as this one stands in a cell."""
    return any(_make(other) == _make(code) for other in facts_of(f"- {cell.text}").names)


def _other_code(code: str, facts: Facts, sources: Cited) -> Finding | None:
    """Another code of the same make (IP67 for IP54) in a sentence or a row that is about what the claim says."""
    for sentence in sources.printed:
        if sentence.covers(facts.words) >= ABOUT:
            for other in sentence.facts.names:
                if _make(other) == _make(code):
                    return Finding("contradicted", sentence.pieces, f"the text says {other}")
    for table in sources.tables:
        rows = table.rows_named((), analyse(facts.text))
        for cell in table.cells:
            if cell.row in rows and _has(cell, code):
                piece = Piece(table.region.id, Place(table.region.page, cell.bbox), cell.text)
                return Finding("contradicted", (piece,), f"the table says {table.said(cell)}")
    return None


def _make(code: str) -> str:
    return re.sub(r"[^\W\d]+", "A", re.sub(r"\d+", "0", code))
