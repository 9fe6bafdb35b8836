"""Named places between the steps of the writing protocol, where a test may stop the process.

`reached` does nothing unless a test sets `hook`. A test walks through all names: a new one without tests fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Step = Literal[
    # Adding and replacing
    "committing",  # inside of every transaction, before its end
    "version staged",
    "rendition kept",
    "pages staged",
    "passages staged",
    "vectors upserted",
    "original named",
    "original copied",
    "original kept",
    "before flip",
    "flipped",
    # Sweeping, after replacing, removing and an opening that finds something
    "vectors swept",
    "original dropped",
    "rows swept",
    # Embedding all passages anew
    "passages rebuilt",
    "old vectors dropped",
    # Mending
    "words entered anew",
    "original put back",
    "strangers removed",
    "index set aside",
    "index rows written",
    "index rows deleted",
]

hook: Callable[[Step], None] | None = None


def reached(step: Step) -> None:
    """Call the hook, if a test has set one."""
    if hook is not None:
        hook(step)
