"""Text files as LibreOffice reads them well: one encoding, Markdown as HTML, nothing that lies elsewhere."""

from __future__ import annotations

import contextlib
import csv
import html
import re
import unicodedata
from typing import NamedTuple

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CHARSET = re.compile(rb"<(?:meta[^>]+charset|\?xml[^>]+encoding)\s*=\s*[\"']?\s*([\w-]+)", re.I)
_ELSEWHERE = re.compile(
    r"<(script|noscript|iframe|object|embed|template)\b.*?</\1\s*>|<(?:link|base|embed)\b[^>]*>", re.I | re.S
)
_IMAGE = re.compile(r"<img\b[^>]*>", re.I)
_ATTRIBUTE = re.compile(r"\b(src|alt)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.I)
_LONGEST_FRONT = 64_000  # characters
_DEEPEST = 200  # lists and quotes in each other; the usual 20 lose text
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.S)
_MOST_COLUMNS = 1024


class Prepared(NamedTuple):
    """What LibreOffice is given: bytes, a file ending, and the filter that reads them, with its options."""

    content: bytes
    suffix: str
    filter: str
    filter_options: str = ""


def prepared(content: bytes, suffix: str) -> Prepared:
    """An HTML, Markdown, CSV or plain text file made ready."""
    text = _decoded(content)
    if suffix in (".csv", ".tsv"):
        return _table(text, suffix)
    if suffix == ".txt":
        return Prepared(text.encode(), ".txt", "Text (encoded)", "UTF8,LF,,,")
    page = _from_markdown(text) if suffix in (".md", ".markdown") else text
    page = _IMAGE.sub(_image, _ELSEWHERE.sub("", page))
    # Whatever encoding the page declares, plain ASCII is that.
    return Prepared(page.encode("ascii", "xmlcharrefreplace"), ".html", "HTML (StarWriter)")


def _decoded(content: bytes) -> str:
    """Text by its byte order mark, by what it declares, as UTF-8, or as Windows' Latin."""
    declared = _CHARSET.search(content[:4096])
    names = [name for mark, name in _BOMS if content.startswith(mark)]
    names += [declared[1].decode()] if declared else []
    for name in [*names, "utf-8"]:
        try:
            return content.decode(name).replace("\r\n", "\n").replace("\r", "\n")
        except (LookupError, UnicodeDecodeError):
            continue
    return content.decode("cp1252", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _from_markdown(text: str) -> str:
    """HTML of CommonMark with tables; a front matter gives the title and is not printed."""
    from markdown_it import MarkdownIt

    title = ""
    if front := _FRONT_MATTER.match(text):
        title = _title_in(front[1])
        text = text[front.end() :]
    markdown = MarkdownIt("commonmark", {"maxNesting": _DEEPEST}).enable(["table", "strikethrough"])
    tokens = markdown.parse(text)
    for n, token in enumerate(tokens):
        if token.type == "inline" and _from_the_right(token.content):
            # The paragraph of a short list's item is not printed as one.
            tokens[n - 2 if tokens[n - 1].hidden else n - 1].attrSet("dir", "rtl")
    body = markdown.renderer.render(tokens, markdown.options, {})
    body = body.replace("<table>", '<table border="1" cellpadding="4" cellspacing="0">')
    return f"<html><head><title>{html.escape(title)}</title></head><body>{body}</body></html>"


def _from_the_right(text: str) -> bool:
    """Whether the first letter of a paragraph is of a script that runs from right to left (UAX #9, P2)."""
    return next((d != "L" for d in map(unicodedata.bidirectional, text) if d in ("L", "R", "AL")), False)


def _title_in(front_matter: str) -> str:
    import yaml

    if len(front_matter) > _LONGEST_FRONT:
        return ""
    try:
        said = yaml.load(front_matter, yaml.BaseLoader)  # nothing but text: a date may be the 30th of February
    except (yaml.YAMLError, RecursionError):
        return ""
    title = said.get("title") if isinstance(said, dict) else None
    return title if isinstance(title, str) else ""


def _image(tag: re.Match[str]) -> str:
    """A picture that is part of the page stays; of others, the words that stand for them."""
    said = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(tag.group())}
    return tag.group() if said.get("src", "").startswith("data:image/") else said.get("alt", "")


def _table(text: str, suffix: str) -> Prepared:
    """Separated values, each taken as the text it is: 007 stays 007."""
    separator = "\t" if suffix == ".tsv" else ","
    with contextlib.suppress(csv.Error):  # one column, or none that it can tell
        separator = csv.Sniffer().sniff(text[:20_000], ",;\t|").delimiter
    columns = max((line.count(separator) + 1 for line in text.splitlines()[:200]), default=1)
    as_text = "/".join(f"{n}/2" for n in range(1, min(columns, _MOST_COLUMNS) + 1))
    options = f"{ord(separator)},34,76,1,{as_text}"
    return Prepared(text.encode(), ".csv", "Text - txt - csv (StarCalc)", options)
