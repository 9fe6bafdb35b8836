"""Documents that would come out otherwise today: of an older parser, or of other settings."""

from __future__ import annotations

from collections.abc import Iterable, Set
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from ...ingest.identity import CUTTER, PARSER
from ...ingest.options import IngestOptions
from ...ingest.types import Value

if TYPE_CHECKING:
    from ...retrievers.library import Held

Why = Literal["parser", "settings", "rendition", "passages", "token vectors"]
READ_AGAIN: Set[Why] = frozenset({"parser", "settings", "rendition"})
"""Of these the pages are read again; of the others they are good."""


class Stale(Value):
    """A document that `octavo refresh` would change.

    `why`: its pages were read by another `parser`, with other `settings`, or from a `rendition` (a PDF that was made of
    the file) that is gone or damaged; they are good, but were cut into `passages` by an older Octavo or with other
    settings; or it has `token vectors` and should not, or the other way round. `settings` names which.
    """

    document: str
    name: str
    source: str
    why: Why
    settings: tuple[str, ...] = ()


def stale(
    held: Iterable[Held], options: IngestOptions, *, token_vectors: bool, without_rendition: Set[str] = frozenset()
) -> list[Stale]:
    """Those of the documents that are stale; `without_rendition` are the ids of those that have lost theirs."""
    found = (_stale(one, options, token_vectors, one.document in without_rendition) for one in held)
    return [one for one in found if one is not None]


def _stale(held: Held, options: IngestOptions, token_vectors: bool, without_rendition: bool) -> Stale | None:
    changed = options.changed_since(held.options)
    why: Why
    if held.parser != PARSER:
        why, changed = "parser", frozenset()
    elif changed - options.PASSAGES:
        why = "settings"
    elif without_rendition:
        why, changed = "rendition", frozenset()
    elif changed or held.options.get("cutter", 1) != CUTTER:
        why = "passages"
    elif held.token_count != (held.passage_count if token_vectors else 0):
        why = "token vectors"
    else:
        return None
    name = PurePosixPath(held.source).name
    return Stale(document=held.document, name=name, source=held.source, why=why, settings=tuple(sorted(changed)))
