"""Texts made ready for LibreOffice."""

from __future__ import annotations

import pytest

from octavo.ingest.office.markup import prepared


@pytest.mark.parametrize(
    "content",
    [
        "<p>Café — 5 €</p>".encode(),
        "<p>Café — 5 €</p>".encode("utf-8-sig"),
        "<p>Café — 5 €</p>".encode("utf-16"),
        "<p>Café — 5 €</p>".encode("cp1252"),
        '<meta charset="windows-1252"><p>Café — 5 €</p>'.encode("cp1252"),
    ],
)
def test_any_encoding_becomes_plain_ascii(content: bytes) -> None:
    page = prepared(content, ".html")
    assert page.content.decode("ascii").endswith("<p>Caf&#233; &#8212; 5 &#8364;</p>")
    assert page.filter == "HTML (StarWriter)"


def test_a_page_keeps_nothing_that_lies_elsewhere() -> None:
    page = prepared(
        b'<link rel=stylesheet href=http://x/a.css><script src="http://x/a.js">evil()</script>'
        b'<iframe src="http://x"></iframe><p>Words <img src="http://x/a.png" alt="a gannet"> more'
        b'<img src="data:image/png;base64,AAAA"></p>',
        ".htm",
    )
    assert page.content == b'<p>Words a gannet more<img src="data:image/png;base64,AAAA"></p>'


def test_markdown_is_rendered_and_its_front_matter_gives_the_title() -> None:
    said = "---\ntitle: Lamp & oil\ntags: [a]\n---\n# Stores\n\n| Item | Number |\n|---|---|\n| Wicks | 72 |\n"
    page = prepared(said.encode(), ".md").content.decode()
    assert "<title>Lamp &amp; oil</title>" in page
    assert "<h1>Stores</h1>" in page
    assert "<td>72</td>" in page
    assert "tags" not in page
    rule = prepared(b"One\n\n---\n\nTwo", ".md").content.decode()  # a rule in the middle is no front matter
    assert "<p>One</p>" in rule
    assert "<p>Two</p>" in rule
    assert "broken" in prepared(b"---\n: [broken\n---\nbroken text", ".md").content.decode()


@pytest.mark.parametrize(
    ("text", "suffix", "options"),
    [
        ("id;name\n007;a,b\n008;c\n", ".csv", "59,34,76,1,1/2/2/2"),
        ("id,name\n007,a\n008,c\n", ".csv", "44,34,76,1,1/2/2/2"),
        ("id\tname\n007\ta\n008\tb\n", ".tsv", "9,34,76,1,1/2/2/2"),
        ("alone\n", ".csv", "44,34,76,1,1/2"),
    ],
)
def test_values_stay_the_text_they_are(text: str, suffix: str, options: str) -> None:
    table = prepared(text.encode(), suffix)
    assert (table.content.decode(), table.suffix, table.filter_options) == (text, ".csv", options)


@pytest.mark.parametrize(
    "front",
    [
        "date: 2023-02-30",
        "title: " + "[" * 5000,
        "a: &a [x,x]\ntitle: [*a,*a]",
        "title: [one, two]",
        "x: " + "y" * 70_000,
    ],
)
def test_front_matter_that_says_no_title_is_left_out(front: str) -> None:
    page = prepared(f"---\n{front}\n---\nwords".encode(), ".md").content.decode()
    assert "<title></title>" in page
    assert "<p>words</p>" in page


def test_deep_lists_keep_their_words() -> None:
    text = "\n".join("  " * depth + f"- level {depth}" for depth in range(30))
    page = prepared(text.encode(), ".md").content.decode()
    assert "level 29" in page
