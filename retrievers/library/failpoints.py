"""Named places between the steps of the writing protocol, where a test may stop the process.

`reached` does nothing unless a test sets `hook`. The names are the steps of the protocol in order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Step = Literal[
    "version staged",
    "pages staged",
    "passages staged",
    "vectors upserted",
    "before flip",
    "flipped",
    "vectors swept",
    "rows swept",
    "passages rebuilt",
]

hook: Callable[[Step], None] | None = None


def reached(step: Step) -> None:
    """Call the hook, if a test has set one."""
    if hook is not None:
        hook(step)
