"""One way of writing for each number."""

from __future__ import annotations

import re

_GROUPS = re.compile(r"\d{1,3}([,.'])\d{3}(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")  # 1,234,567 and India's 12,34,567


def numeral(surface: str) -> list[str]:
    """Tokens of digits with `,`, `.` or `'` between them; `d` stands for the decimal point, which would part a token.

    1,234.50 → 1234d5; 1.234,50 → 1234d5; 12,5 → 12d5; 2.3.1 → 2d3d1; 007 → 007; 1,2,3 (an enumeration) → 1, 2, 3.
    A single point is a decimal point: 1.234 → 1d234, while 1,234 → 1234, unless a nought leads (0,125 → 0d125).
    """
    surface = surface.replace("’", "'")
    marks = re.sub(r"\d", "", surface)
    if not marks:
        return [surface]
    head, tail = re.split(rf"\{marks[-1]}(?=\d+$)", surface)
    if len(set(marks)) == 1:
        grouped = len(marks) > 1 or (marks != "." and not head.startswith("0"))
        if grouped and _GROUPS.fullmatch(surface):
            return [surface.replace(marks[0], "")]
    elif marks.count(marks[-1]) == 1 and len(set(marks)) == 2 and _GROUPS.fullmatch(head):
        return [_decimal(re.sub(r"\D", "", head), tail)]
    if len(marks) == 1:
        return [_decimal(head, tail)]
    parts = re.split(r"\D", surface)
    return parts if set(marks) == {","} else ["d".join(parts)]


def _decimal(whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return f"{whole}d{fraction}" if fraction else whole
