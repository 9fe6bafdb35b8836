"""Financial statements: which of them a question's figures are taken from, and which pages are such statements.

Most questions about a company's figures ("What is the quick ratio?") share no word with the page that answers them,
which is one of three kinds of page that every annual report has. What these kinds are made of is in
`configs/statements.yaml`, in English.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib import resources

from ..ingest.types import Value
from .analysis import fold

_FEWEST_ITEMS = 3  # of a passage, to be marked in the index
_FEWEST_NUMBERS = 6
_TITLE = 0.3  # what a title adds to the share of the items


class Statement(Value):
    """One kind of statement. `mark` stands in the lexical index of passages that look like a part of one."""

    name: str
    title: re.Pattern[str]
    items: tuple[re.Pattern[str], ...]
    asked: re.Pattern[str]

    @property
    def mark(self) -> str:
        """A token that no text gives: analysis parts digits from letters."""
        return "0" + re.sub(r"\W", "", self.name)

    def found(self, text: str) -> set[int]:
        """The items that `text`, folded, has."""
        return {n for n, item in enumerate(self.items) if item.search(text)}

    def degree(self, texts: Iterable[str]) -> float:
        """How much the parts of a page, each with its context, are this statement: the share of its items, and a title.

        In [0, 1.3]; pages that are the statement have .5 and more, pages about it less than .4.
        """
        folded = [fold(text).replace("’", "'") for text in texts]
        items = set[int]().union(*map(self.found, folded))
        return len(items) / len(self.items) + _TITLE * any(self.title.search(text) for text in folded)


@functools.lru_cache(maxsize=1)
def statements() -> tuple[Statement, ...]:
    import yaml

    text = resources.files("octavo.configs").joinpath("statements.yaml").read_text(encoding="utf-8")
    return tuple(
        Statement(
            name=name,
            title=_at_word(parts["title"]),
            items=tuple(map(_at_word, parts["items"])),
            asked=_at_word("|".join(parts["asked"]), r"\b"),
        )
        for name, parts in yaml.safe_load(text).items()
    )


def _at_word(pattern: str, end: str = "") -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{pattern}){end}")


def sought(question: str) -> tuple[Statement, ...]:
    """The statements from which the figures that a question names are taken; mostly none."""
    text = fold(question).replace("’", "'")
    return tuple(statement for statement in statements() if statement.asked.search(text))


def marks(text: str) -> list[str]:
    """Index tokens of a passage that looks like a part of a statement."""
    if len(re.findall(r"\d[\d,.]*", text)) < _FEWEST_NUMBERS:
        return []
    folded = fold(text).replace("’", "'")
    return [s.mark for s in statements() if len(s.found(folded)) >= _FEWEST_ITEMS]
