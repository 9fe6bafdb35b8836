"""How an `Answer` and a `Hit` look in a notebook: words, places, and the page picture with its boxes highlighted.

The values themselves stay plain data. IPython is told how to draw them, and the pictures come from whichever open
library holds the version they were found in.
"""

from __future__ import annotations

import base64
import html
import sys
import weakref
from typing import TYPE_CHECKING

from ..errors import OctavoError
from ..generators.types import Answer, Citation
from ..retrievers.types import Hit

if TYPE_CHECKING:
    from .qa import AsyncDocumentQA

_LINES = "white-space: pre-line"  # a line for each quote, the header of a table in a line of its own
_open: weakref.WeakSet[AsyncDocumentQA] = weakref.WeakSet()


def draw_from(qa: AsyncDocumentQA) -> None:
    """Let answers and hits found in `qa` show their pictures, if this process is a notebook."""
    _open.add(qa)
    ipython = sys.modules.get("IPython")  # not imported: outside a notebook there is nobody to draw for
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        formatter.for_type(Answer, answer_html)
        formatter.for_type(Hit, hit_html)


def forget(qa: AsyncDocumentQA) -> None:
    _open.discard(qa)


def answer_html(answer: Answer) -> str:
    """An answer with the pictures of its citations."""
    parts = [f'<p style="{_LINES}">{html.escape(answer.text)}</p>']
    for citation in answer.citations:
        head = f"[{citation.marker}] {citation.name}, page {citation.page} · {citation.support}"
        quote = f'<p style="{_LINES}"><b>{html.escape(head)}</b><br><i>{html.escape(citation.quote)}</i></p>'
        parts.append(quote + _picture(citation))
    parts.append(f"<p><small>confidence {answer.confidence:.2f}</small></p>")
    return "\n".join(parts)


def hit_html(hit: Hit) -> str:
    """A hit with its page."""
    relevance = "" if hit.relevance is None else f", relevance {hit.relevance:.2f}"
    head = f"{hit.ref.kind} on page {hit.page}{relevance}"
    return f"<p><b>{html.escape(head)}</b><br>{html.escape(hit.text)}</p>{_picture(hit)}"


def _picture(found: Citation | Hit) -> str:
    reason = "its library is not open"
    for qa in list(_open):
        try:
            png = qa.picture_of(found)
        except OctavoError as error:
            reason = error.what
            continue
        data = base64.b64encode(png).decode("ascii")
        return f'<img alt="page {found.page}" style="max-width: 640px" src="data:image/png;base64,{data}">'
    return f"<p><small>no picture: {html.escape(reason)}</small></p>"
