"""Text of documents made harmless inside a prompt: it cannot end its fence, speak as the chat, cite, or hide.

What a model obeys nobody can rule out. So nothing rests on it: what a reply cites, and whether it stands there, is
looked at afterwards (`generators.grounding`). Here a document only loses the means to look like something else.
"""

from __future__ import annotations

import re
import unicodedata

from .sentinel import SENTINEL

# Scripts and emoji need these two between letters; other format characters are invisible or change the direction.
_JOINERS = "\u200c\u200d"
_KEPT = "\n\t"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # invisible as well: data can be hidden in them
_RUN_OF_JOINERS = re.compile(f"([{_JOINERS}])[{_JOINERS}]+")

_TABLE = r"</?(?:table|thead|tbody|tr|th|td)(?: (?:row|col)span=\"\d+\")*>"
_TAG = re.compile(rf"({_TABLE})|<(?![\s\d=.,+\-$€£]|$)")
"""Fences, chat templates and placeholders of pictures begin with `<`: of tags only those of tables stay."""

_ANGLE = "<\uff1c\ufe64\u02c2\u2039\u2329\u3008\u27e8\u276c\u276e\u1438"
_GAP = rf"[\s{_JOINERS}\u115f\u1160\u2800\u3164\uffa0]*+"  # the last five look blank, and are no white space
_EVIDENCE = f"[{_JOINERS}]*+".join(f"[{letter}{chr(ord(letter) + 0xFEE0)}]" for letter in "evidence")  # or wide letters
_FENCE = re.compile(f"[{_ANGLE}](?={_GAP}(?:[/\uff0f]{_GAP})?{_EVIDENCE})", re.I)
"""What a model may take for the fence of evidence, however it is spaced, and whichever sign it begins with."""

_OPEN, _CLOSE = r"\[［【", r"\]］】"
_BRACKET = re.compile(rf"[{_OPEN}]([^{_OPEN}{_CLOSE}]*)([{_CLOSE}]?)")
_COMMAND = re.compile(r"\s*/?[A-Z_]{2,}\s*")  # [INST], [/INST], [IMG]: Mistral's
_SENTINEL = re.compile(re.escape(SENTINEL), re.I)
_BLANKS, _BLANK_LINES = re.compile(r"[^\S\n]{5,}"), re.compile(r"\n\s*\n\s*\n")


def as_data(text: str) -> str:
    """`text` of a document as it may stand in a prompt.

    Invisible characters go, and so do long blanks. Square brackets around digits become round ones (`[12]` of a list of
    references is no marker of ours), `<` of anything like a tag becomes `‹`, tables aside, and whatever looks like `<`
    before the name of evidence's own fence becomes `(`. The sentinel is spelt out.
    """
    text = _BRACKET.sub(_rounded, without_commands(text))
    text = _SENTINEL.sub(SENTINEL.replace("_", " "), text)
    return _BLANK_LINES.sub("\n\n", _BLANKS.sub("    ", text)).strip()


def without_commands(text: str) -> str:
    """`text` without what is invisible or would speak to the chat's own machinery; for questions, too."""
    text = _RUN_OF_JOINERS.sub(r"\1", _SELECTORS.sub("", _LINE_ENDS.sub("\n", text)))
    seen = (c for c in text if c in _KEPT or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)
    return _TAG.sub(lambda tag: tag[1] or "‹", _FENCE.sub("(", "".join(seen)))


def as_attribute(text: str, longest: int = 120) -> str:
    """`text` (a file's name) in one line, to stand between quotation marks."""
    line = " ".join(as_data(text).replace('"', "'").split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def _rounded(bracket: re.Match[str]) -> str:
    inside = unicodedata.normalize("NFKC", bracket[1])
    if any(c.isdigit() for c in inside) or _COMMAND.fullmatch(inside):
        return f"({bracket[1]}{')' if bracket[2] else ''}"
    return bracket[0]
