"""The word with which a model says that the evidence does not answer."""

from __future__ import annotations

SENTINEL = "NOT_IN_EVIDENCE"


class SentinelStream:
    """Takes the sentinel out of a reply, piece by piece; it may be split over pieces.

    `seen` once it came, `first` if nothing was said before it.
    """

    def __init__(self) -> None:
        self.seen = False
        self.first = False
        self._said = False
        self._held = ""

    def feed(self, piece: str) -> str:
        """The text that is certain after this piece; what may yet become the sentinel is held back."""
        text = self._held + piece
        before, found, _ = text.partition(SENTINEL)
        if found:
            self.first = self.first or not (self._said or before.strip())
            self.seen, text = True, text.replace(SENTINEL, "")
        keep = next((n for n in range(len(SENTINEL) - 1, 0, -1) if text.endswith(SENTINEL[:n])), 0)
        certain, self._held = text[: len(text) - keep], text[len(text) - keep :]
        self._said = self._said or bool(certain.strip())
        return certain

    def close(self) -> str:
        """What was held back at the end."""
        rest, self._held = self._held, ""
        return rest
