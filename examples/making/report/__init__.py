"""`annual-report.pdf`: ten pages with running heads, printed page labels, charts, statements and a long table."""

from __future__ import annotations

from ..record import Example
from .closing import fleet, governance, statement, year_in_figures
from .data import check
from .front import chair, contents, cover
from .questions import QUESTIONS
from .review import energy, routes


def make() -> Example:
    """Draw all ten pages."""
    check()
    example = Example("annual-report.pdf", "Quillmere Lines plc: Annual Report 2024", "Quillmere Lines plc")
    for draw in (cover, contents, chair, routes, energy, year_in_figures, statement, fleet, governance):
        draw(example)
    example.document.set_page_labels(
        [{"startpage": 0, "style": "r", "firstpagenum": 1}, {"startpage": 2, "style": "D", "firstpagenum": 1}]
    )
    example.questions += QUESTIONS
    return example
