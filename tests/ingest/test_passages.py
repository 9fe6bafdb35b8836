"""Passages from regions: what they hold, where they stand, and that they fit."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.text.windows import windows
from octavo.ingest.types import BBox, Kind, Place
from octavo.tests.ingest.material import Maker, count, passages_of, sentences


def test_the_count_of_these_tests() -> None:
    assert count("The revenue, 8.0 %") == 1 + 2 + 1 + 1 + 1 + 1 + 1


def test_short_paragraphs_of_a_section_are_gathered() -> None:
    page = Maker(section=("One",))
    first, second = page.add("text", "The first."), page.add("text", "The second.")
    (passage,) = passages_of(page, title="Report")
    assert passage.text == "The first.\nThe second."
    assert passage.context == "Report > One"
    assert passage.regions == (first.id, second.id)
    assert passage.places == (Place(1, BBox.union((first.bbox, second.bbox))),)


def test_passages_follow_section_borders() -> None:
    page = Maker(section=("One",))
    page.add("text", "Of the first.")
    page.section = ("Two",)
    page.add("text", "Of the second.")
    assert [(p.text, p.context) for p in passages_of(page)] == [("Of the first.", "One"), ("Of the second.", "Two")]


def test_a_heading_stands_before_its_text() -> None:
    page = Maker()
    page.add("list", "An earlier list.")
    heading = page.add("heading", "Fleet and energy")
    page.section = ("Fleet and energy",)
    text = page.add("text", "Nine ships sail on batteries.")
    _, passage = passages_of(page)
    assert passage.text == "Fleet and energy\nNine ships sail on batteries."
    assert passage.kind == "text"
    assert passage.regions == (heading.id, text.id)


def test_a_heading_is_not_parted_from_a_paragraph_that_just_fits() -> None:
    page = Maker()
    page.add("heading", "Fleet and energy of the year")
    page.section = ("Fleet",)
    page.add("text", sentences(12))  # of 13 tokens each: 156 of 160
    (passage,) = passages_of(page)
    assert passage.text.startswith("Fleet and energy of the year\nSentence0")
    assert passage.text.endswith("end.")


def test_the_title_is_the_first_title_region_when_the_file_names_none() -> None:
    page = Maker()
    page.add("title", "Annual Report")
    page.section = ("Annual Report", "Review")
    page.add("text", "It was a good year.")
    assert passages_of(page)[0].context == "Annual Report > Review"


@pytest.mark.parametrize(
    ("regions", "kind", "text"),
    [
        ([("header", "Quillmere Lines plc"), ("text", "The text."), ("footer", "42")], "text", "The text."),
        ([("title", "Part two"), ("heading", "What comes next")], "heading", "Part two\nWhat comes next"),
        ([("caption", "Photograph by F. Pellory")], "caption", "Photograph by F. Pellory"),
    ],
    ids=["running lines are left out", "headings alone are found", "a caption of nothing is text"],
)
def test_a_page_of_one_passage(regions: list[tuple[Kind, str]], kind: Kind, text: str) -> None:
    page = Maker()
    for region in regions:
        page.add(*region)
    (passage,) = passages_of(page)
    assert (passage.kind, passage.text) == (kind, text)


def test_a_long_paragraph_becomes_windows_of_whole_sentences_that_overlap() -> None:
    page = Maker()
    region = page.add("text", sentences(40))
    found = passages_of(page, passage_tokens=60, overlap_tokens=24)
    assert len(found) > 5
    said = [p.text.split(". ") for p in found]
    for before, after in itertools.pairwise(said):
        assert after[0].rstrip(".") in [s.rstrip(".") for s in before]  # a sentence stands in both
        assert len(after) > 1
    assert {s for p in found for s in re.findall(r"Sentence\d+", p.text)} == {f"Sentence{k}" for k in range(40)}
    assert all(p.text in region.text and count(p.text) <= 60 for p in found)


def test_the_box_of_a_window_is_that_of_its_words() -> None:
    page = Maker()
    region = page.add("text", sentences(40))
    for passage in passages_of(page, passage_tokens=60, overlap_tokens=0):
        numbers = [int(n) for n in re.findall(r"Sentence(\d+)", passage.text)]
        # One sentence fills one line.
        expected = BBox.union(w.bbox for n in numbers for w in region.words[10 * n : 10 * n + 10])
        assert passage.places == (Place(1, expected),)


def test_a_short_sentence_before_one_that_fills_the_window_is_not_repeated() -> None:
    # Windows that repeated "Short." before each long sentence never got past it.
    lengths = 30, 1, 37, 1, 37, 36
    said = " ".join("Short." if n == 1 else sentences(1, n) for n in lengths)
    found = [said[a:b] for a, b, _ in windows(said, count, 40, 20)]
    assert [re.findall(r"Sentence|Short", part) for part in found] == [
        ["Sentence", "Short"],
        ["Sentence"],
        ["Short"],
        ["Sentence"],
        ["Sentence"],
    ]


def test_a_paragraph_runs_on_to_the_next_page() -> None:
    first, second = Maker(1, ("One",)), Maker(2, ("One",))
    first.add("text", "The ship left on the")
    first.add("footer", "1")
    second.add("header", "Report")
    second.add("text", "fourteenth of March.")
    (passage,) = passages_of(first, second)
    assert passage.text == "The ship left on the\nfourteenth of March."
    assert passage.pages == (1, 2)


@pytest.mark.parametrize(
    ("before", "after", "section"),
    [
        ("It ended.", "and went on", ("One",)),
        ("It did not end", "New begin", ("One",)),
        ("It did not end", "and went on", ("Two",)),
    ],
)
def test_other_paragraphs_end_with_their_page(before: str, after: str, section: tuple[str, ...]) -> None:
    first, second = Maker(1, ("One",)), Maker(2, section)
    first.add("text", before)
    second.add("text", after)
    assert [p.text for p in passages_of(first, second)] == [before, after]


def test_later_parts_of_a_cut_list_keep_what_leads_to_it() -> None:
    page = Maker(section=("One",))
    page.add("text", "Long before. The ships carry the following:")
    for n in range(5):
        page.add("list", f"Item{n} {sentences(1, words=12)}")
    page.add("text", sentences(3))
    first, *later, last = passages_of(page, passage_tokens=40)
    assert first.text.startswith("Long before.")
    assert first.context == last.context == "One"
    assert later
    assert {p.context for p in later} == {"One > The ships carry the following:"}


def test_a_figure_without_words_says_its_caption() -> None:
    page = Maker()
    page.add("figure", "", caption="Figure 1: A ship")
    (passage,) = passages_of(page)
    assert passage.text == "Figure 1: A ship"


def test_context_keeps_the_innermost_when_it_is_long() -> None:
    page = Maker(section=tuple(f"Heading number {n} of a rather deep document" for n in range(6)))
    page.add("text", "The text.")
    (passage,) = passages_of(page, title="A very long title " * 20, max_tokens=64)
    assert count(passage.context) <= 19
    assert "number 5" in passage.context


text = st.text("abcdefgh ijkl. 12,地衣。!?\n", max_size=400)
kinds: list[Kind] = ["title", "heading", "text", "list", "caption", "figure", "footnote", "header", "footer"]
pieces = st.one_of(
    st.tuples(st.sampled_from(kinds), text, st.sampled_from([(), ("A",), ("A", "B b " * 30)])),
    st.tuples(
        st.just("table"), st.lists(st.lists(text, min_size=2, max_size=2), min_size=1, max_size=8), st.integers(0, 2)
    ),
)


@given(
    st.lists(st.lists(pieces, max_size=6), max_size=3), st.integers(24, 120), st.integers(16, 200), st.integers(0, 40)
)
def test_any_passage_fits_the_window_and_stands_on_its_page(
    pages: list[list[tuple[Any, ...]]], max_tokens: int, aim: int, overlap: int
) -> None:
    makers: list[Maker] = []
    for number, parts in enumerate(pages, 1):
        maker = Maker(number)
        for kind, said, more in parts:
            if kind == "table":
                maker.table(said, headers=more, caption="Table of things " * 9)
            else:
                maker.section = more
                maker.add(kind, said)
        makers.append(maker)
    options = {"passage_tokens": aim, "overlap_tokens": overlap, "max_tokens": max_tokens}
    found = passages_of(*makers, title="The title", **options)
    assert found == passages_of(*makers, title="The title", **options)
    known = {r.id: r for m in makers for r in m.regions}
    for passage in found:
        assert count(passage.text) + count(passage.context) + 2 <= max_tokens
        around = [known[region].bbox for region in passage.regions]
        around += [c.bbox for region in passage.regions for c in known[region].cells or ()]
        for place in passage.places:
            whole = BBox.union(around)
            assert BBox.union((whole, place.bbox)) == whole
    # Nothing that is searched is lost: each word of the running text stands in some passage.
    kept = "\n".join(p.text for p in found)
    for region in known.values():
        if region.kind in ("text", "list", "footnote"):
            assert set(region.text.split()) <= set(kept.split()) or count(region.text) > aim or max_tokens < aim * 2


@given(text, st.integers(8, 60), st.integers(0, 30))
def test_windows_cover_the_text_in_order(said: str, room: int, overlap: int) -> None:
    found = list(windows(said, count, room, overlap))
    covered = {i for a, b, _ in found for i in range(a, b)}
    assert all(i in covered or c.isspace() for i, c in enumerate(said))
    starts, ends = [a for a, _, _ in found], [b for _, b, _ in found]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))
    assert all(count(said[a:b]) <= room for a, b, _ in found)
