"""What adding documents tells while it runs, and when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal

from ..errors import counted, shown
from ..generators.chat.types import Usage
from ..ingest.types import Value

Outcome = Literal["added", "replaced", "removed", "unchanged"]
Stage = Literal["reading", "embedding", "failed", Outcome]

Checking = Callable[[str, int, int], None]
"""Takes what is being gone through, and how many of how many are done."""


def silent(what: str, done: int, total: int) -> None:
    """Tells nobody."""


class Progress(Value):
    """One step with one file. `page` of `pages` are done in this stage; `message` says why a file failed."""

    source: str
    name: str
    stage: Stage
    file: int
    files: int
    page: int = 0
    pages: int = 0
    message: str | None = None


class Failure(Value):
    """A file, or with `page` (1-based) one page of it, that could not be read."""

    source: str
    message: str
    cure: str | None = None
    page: int | None = None

    def __str__(self) -> str:
        where = self.source if self.page is None else f"{self.source}, page {self.page}"
        return shown(f"{where}: {self.message}") + (f"\n  → {shown(self.cure)}" if self.cure else "")


def said_once(failures: Iterable[Failure]) -> Iterator[str]:
    """What failed, as it is printed: three or more files, or pages of a file, with one complaint and one cure are said
    in one line."""
    alike: dict[tuple[str, str | None, str | None], list[Failure]] = {}
    for failure in failures:
        whole = failure.page is None
        alike.setdefault((failure.message, failure.cure, None if whole else failure.source), []).append(failure)
    for (message, cure, source), group in alike.items():
        if len(group) < 3:
            yield from map(str, group)
            continue
        some = ", ".join(str(failure.page) if source else Path(failure.source).name for failure in group[:3])
        more = f" and {len(group) - 3} more" if len(group) > 3 else ""
        where = f"{source}, pages {some}{more}" if source else f"{len(group)} files ({some}{more})"
        yield shown(f"{where}: {message}") + (f"\n  → {shown(cure)}" if cure else "")


class AddReport(Value):
    """What came of adding, refreshing or synchronising files.

    `failed_pages` are missing from documents that are there otherwise. `without_text` names the documents in which
    nothing was found that could be searched. `untried` files were left alone since they could
    not but fail as well: the disk is full, or the Chroma server does not answer.
    """

    added: int = 0
    replaced: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: tuple[Failure, ...] = ()
    failed_pages: tuple[Failure, ...] = ()
    without_text: tuple[str, ...] = ()
    untried: int = 0
    pages: int = 0
    passages: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = {"added": self.added, "replaced": self.replaced, "removed": self.removed}
        counts |= {"unchanged": self.unchanged, "failed": len(self.failed)}
        counts |= {"page left out" if len(self.failed_pages) == 1 else "pages left out": len(self.failed_pages)}
        counts["not tried"] = self.untried
        said = ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "nothing to do"
        read = f"{counted(self.pages, 'page')}, {counted(self.passages, 'passage')}, " if self.pages else ""
        return f"{said} ({read}{self.seconds:.1f} s)"


class Change(Value):
    """What was done, or would be, with the document of a source."""

    what: Literal["added", "replaced", "removed"]
    source: str


class SyncReport(AddReport):
    """What came of synchronising; with `dry_run`, what would come of it."""

    dry_run: bool = False
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"nothing was changed; to be done: {super().__str__()}" if self.dry_run else super().__str__()


class Estimate(Value):
    """What describing would cost. Regions that look the same count once; `known` ones have been described before.

    `reply_tokens` are the most that replies may take.
    """

    documents: int = 0
    regions: int = 0
    known: int = 0
    visual_tokens: int = 0
    text_tokens: int = 0
    reply_tokens: int = 0

    def __str__(self) -> str:
        tokens = self.visual_tokens + self.text_tokens
        return (
            f"{self.regions} different tables and figures of {self.documents} documents to describe ({self.known} more "
            f"are described): about {tokens} tokens of prompts, {self.visual_tokens} of them for pictures, and at most "
            f"{self.reply_tokens} of replies"
        )


class DescribeReport(Value):
    """What came of describing. `changed` documents have new descriptions; `failed` regions have none yet."""

    estimate: Estimate
    described: int = 0
    changed: int = 0
    failed: tuple[Failure, ...] = ()
    usage: Usage = Usage(prompt=0, completion=0)
    seconds: float = 0.0

    def __str__(self) -> str:
        failed = f", {len(self.failed)} failed" if self.failed else ""
        return (
            f"{self.described} described{failed}, {self.changed} documents changed ({self.usage.prompt} tokens of "
            f"prompts, {self.usage.completion} of replies, {self.seconds:.1f} s)"
        )
