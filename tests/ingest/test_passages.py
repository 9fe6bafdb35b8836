"""Passages from regions: what they hold, where they stand, and that they fit."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from octavo.ingest.notes import anchored
from octavo.ingest.options import IngestOptions
from octavo.ingest.passages import build_passages
from octavo.ingest.regions.tables import cells_html
from octavo.ingest.text.numerals import is_unit
from octavo.ingest.text.windows import row_text, table_parts, windows
from octavo.ingest.text.words import join
from octavo.ingest.types import BBox, Cell, Document, Kind, Page, Passage, Place, Region, Word

DOCUMENT = Document(id="d" * 16, name="a.pdf", source="/a.pdf", content="c", version="f" * 32)


def count(text: str) -> int:
    """Tokens: words of up to four letters, longer ones by fours, and each sign."""
    return sum(-(-len(part) // 4) if part.isalnum() else 1 for part in re.findall(r"\w+|\S", text))


def test_the_count_of_these_tests() -> None:
    assert count("The revenue, 8.0 %") == 1 + 2 + 1 + 1 + 1 + 1 + 1


class Maker:
    """Regions down a page, each line of words 0.012 high and up to ten words long."""

    def __init__(self, number: int = 1, section: tuple[str, ...] = ()) -> None:
        self.number, self.section = number, section
        self.regions: list[Region] = []
        self.y = 0.05

    def add(self, kind: Kind, text: str, **fields: Any) -> Region:
        words: list[Word] = []
        parts = text.split()
        for start in range(0, len(parts), 10):
            words += [
                Word(part, BBox(0.1 + 0.08 * n, self.y, 0.17 + 0.08 * n, self.y + 0.012))
                for n, part in enumerate(parts[start : start + 10])
            ]
            self.y += 0.015
        box = BBox.union(w.bbox for w in words) if words else BBox(0.1, self.y, 0.9, self.y + 0.1)
        self.y += 0.01
        n = len(self.regions)
        said = {"text": join(words)[0] if kind not in ("table", "figure") else text, "words": tuple(words), **fields}
        region = Region(
            id=f"v.{self.number}.{n}", page=self.number, order=n, kind=kind, bbox=box, section=self.section, **said
        )
        self.regions.append(region)
        return region

    def table(self, rows: Sequence[Sequence[str]], headers: int = 1, **fields: Any) -> Region:
        cells = tuple(
            Cell(
                row=r,
                col=c,
                bbox=BBox(0.1 * c, 0.02 * r, 0.1 * c + 0.09, 0.02 * r + 0.015),
                text=text,
                header=r < headers,
            )
            for r, row in enumerate(rows)
            for c, text in enumerate(row)
        )
        text = "\n".join(" | ".join(row) for row in rows)
        return self.add("table", text, cells=cells, html=cells_html(cells), words=(), **fields)

    @property
    def page(self) -> Page:
        return Page(number=self.number, width=595, height=842, regions=tuple(self.regions))


def passages_of(*makers: Maker, title: str | None = None, max_tokens: int = 256, **options: Any) -> list[Passage]:
    document = DOCUMENT.model_copy(update={"title": title})
    found = list(
        build_passages(document, [m.page for m in makers], count, IngestOptions(**options), max_tokens=max_tokens)
    )
    assert [p.order for p in found] == list(range(len(found)))
    assert [p.id for p in found] == [f"{'d' * 16}.{'f' * 16}.{n:06d}" for n in range(len(found))]
    return found


def sentences(n: int, words: int = 10) -> str:
    return " ".join(" ".join([f"Sentence{k}", *["word"] * (words - 2), "end."]) for k in range(n))


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


def test_tables_and_figures_are_passages_of_their_own() -> None:
    page = Maker(section=("Fleet",))
    page.add("text", "Before.")
    caption = page.add("caption", "Table 1: Ships")
    table = page.table([["Name", "Built"], ["Dunlin", "2011"]], caption="Table 1: Ships")
    figure = page.add("figure", "2018\n2019", caption="Figure 1: Carbon", words=())
    page.add("text", "After.")
    before, ships, carbon, after = passages_of(page, title="Report")
    assert (before.text, after.text) == ("Before.", "After.")
    assert (ships.kind, ships.text) == ("table", "Name | Built\nDunlin: 2011")
    assert ships.context == "Report > Fleet > Table 1: Ships"
    assert ships.regions == (table.id, caption.id)
    assert (carbon.kind, carbon.text, carbon.context) == ("figure", "2018\n2019", "Report > Fleet > Figure 1: Carbon")
    assert carbon.places == (Place(1, figure.bbox),)


@pytest.mark.parametrize(
    ("before", "context"),
    [
        ("Demand grew. Net sales were as follows (in millions):", "Sales > Net sales were as follows (in millions):"),
        ("The table below lists all ships.", "Sales > The table below lists all ships."),
        ("Demand grew. Nobody knows why.", "Sales"),
        ("The following " + "very " * 40 + "long list:", "Sales"),  # it would leave no room for the section
    ],
)
def test_a_table_has_the_sentence_that_announces_it_as_context(before: str, context: str) -> None:
    first, second = Maker(1, ("Sales",)), Maker(2, ("Sales",))
    first.add("text", before)
    first.add("footer", "1")
    second.table([["", "2024"], *([f"Item {n}", str(n)] for n in range(40))])
    second.table([["", "2025"], ["Hulls", "7"]])
    _, *parts, other = passages_of(first, second, max_tokens=150)
    assert len(parts) > 1
    assert {part.context for part in parts} == {context}
    assert other.context == "Sales"  # it announced one table


def test_a_footnote_goes_with_the_text_that_holds_its_mark() -> None:
    page = Maker(section=("One",))
    first = page.add("text", "Most seniors3 say so.")
    page.section = ("Two",)
    page.add("text", "Others do not, in 3 of 10 towns.")
    note = page.add("footnote", "3 In earlier studies.")
    noted, other = passages_of(page)
    assert noted.text == "Most seniors3 say so.\n3 In earlier studies."
    assert noted.regions == (first.id, note.id)
    assert noted.places == (Place(1, first.bbox), Place(1, note.bbox))
    assert (noted.kind, noted.context) == ("text", "One")
    assert other.text == "Others do not, in 3 of 10 towns."


def test_a_footnote_that_does_not_fit_has_the_sentence_that_it_notes_as_context() -> None:
    page = Maker(section=("One",))
    page.add("text", f"{sentences(6)} Sales grew.†")
    note = page.add("footnote", f"† Without ships. {sentences(8)}")
    text, last = passages_of(page, passage_tokens=160)
    assert "grew.†" in text.text
    assert last.text == note.text
    assert (last.kind, last.context, last.regions) == ("footnote", "One > Sales grew.†", (note.id,))


def test_the_notes_below_a_table_go_with_the_part_that_holds_their_mark() -> None:
    page = Maker()
    rows = [[f"Ship number {n}", f"{n} {n} {n}"] for n in range(40)]
    rows[-1][0] = "Total of ships (1)"
    table = page.table([["Ship", "Figures (a)"], *rows])
    page.regions[0] = table = table.model_copy(update={"bbox": BBox(0.1, 0.02, 0.9, 0.5)})
    page.y = 0.51
    first, second = page.add("text", "(1) Ferries too."), page.add("list", f"(a) In tons. {sentences(10)}")
    page.add("text", "(2) What comes next is no note.")
    found = passages_of(page)
    total = next(p for p in found if "Total" in p.text)
    assert total.text.endswith("Total of ships (1): 39 39 39\n(1) Ferries too.")
    assert total.regions == (table.id, first.id)
    assert total.places[1:] == (Place(1, first.bbox),)
    apart = next(p for p in found if second.id in p.regions)
    assert (apart.text, apart.context) == (second.text, "Figures (a)")
    assert found[-1].text == "(2) What comes next is no note."
    assert found[-1].regions == ("v.1.3",)


@pytest.mark.parametrize("note", ["* Rounded.", "Note: rounded.", "Source: own count."])
@pytest.mark.parametrize("far", [False, True])
def test_only_what_stands_right_below_a_table_is_a_note_to_it(note: str, far: bool) -> None:
    page = Maker()
    page.table([["Ship", "Tons*"], ["Aurora", "12"]])
    page.y += 0.3 * far
    page.add("text", note)
    assert len(passages_of(page)) == 1 + far


def test_a_note_to_a_note_goes_with_what_that_is_a_note_to() -> None:
    page = Maker()
    page.table([["Item", "2024"], ["Revenue (1)", "12"]])
    page.add("text", "(1) Excludes Atlantis*")
    page.add("footnote", "* Sold to Zembla in 2021.")
    (passage,) = passages_of(page)
    assert passage.text.endswith("\n(1) Excludes Atlantis*\n* Sold to Zembla in 2021.")


def test_a_note_to_a_note_goes_with_the_part_that_has_that() -> None:
    page = Maker()
    table = page.table([["Ship", "Figures"], ["Aurora (1)", "7"], *([f"Ship {n}", f"{n} {n} {n}"] for n in range(60))])
    page.regions[0] = table.model_copy(update={"bbox": BBox(0.1, 0.02, 0.9, 0.5)})
    page.y = 0.51
    page.add("text", "(1) Sold*")
    page.add("footnote", "* To Zembla.")
    first, *others = passages_of(page)
    assert first.text.endswith("\n(1) Sold*\n* To Zembla.")
    assert others
    assert not any("Zembla" in other.text for other in others)


def test_a_footnote_without_an_anchor_is_text() -> None:
    page = Maker()
    page.add("text", "Nothing is noted in 2019.")
    page.add("footnote", "1 Lost.")
    (passage,) = passages_of(page)
    assert passage.text == "Nothing is noted in 2019.\n1 Lost."


@pytest.mark.parametrize(
    ("text", "mark", "anchored_there"),
    [
        ("total assets3 grew", "3", True),
        ("they grew.3 Then", "3", True),
        ("(1999)3 and", "3", True),
        ("the data:2,3 in", "3", True),
        ("the data:2,3 in", "2", True),
        ("grew by 3 percent", "3", False),
        ("assets33", "3", False),
        ("grew.3,000", "3", False),
        ("in Q3 and v3", "3", False),
        ("Tons (1)", "(1)", True),
        ("Tons", "", False),
    ],
)
def test_where_a_mark_is_an_anchor(text: str, mark: str, anchored_there: bool) -> None:
    assert (anchored(text, mark) >= 0) == anchored_there


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


def test_long_tables_are_cut_between_rows_under_a_repeated_header() -> None:
    rows = [["Vessel name", "Built", "Cars"], *([f"Ship {n}", str(1900 + n), str(n)] for n in range(90))]
    page = Maker()
    region = page.table(rows)
    found = passages_of(page, max_tokens=100)
    assert len(found) > 3
    said: list[str] = []
    for n, passage in enumerate(found):
        header, *lines = passage.text.splitlines()
        assert header == "Vessel name | Built | Cars"
        assert count(passage.text) + count(passage.context) + 2 <= 100
        numbers = [int(line.split(":")[0].split()[1]) for line in lines]
        shown = [0, *(k + 1 for k in numbers)] if n == 0 else [k + 1 for k in numbers]
        assert region.cells is not None
        assert passage.places == (Place(1, BBox.union(c.bbox for c in region.cells if c.row in shown)),)
        said += lines
    assert said == [f"Ship {n}: {1900 + n} | {n}" for n in range(90)]


def test_rows_after_a_cut_keep_the_label_that_heads_them() -> None:
    rows = [
        ["", "2024", "2023"],
        ["Current assets:", "", ""],
        *([f"Asset {n}", str(100 + n), str(200 + n)] for n in range(12)),
        ["Total current assets", "1266", "2466"],
        *([f"Other {n}", str(300 + n), str(400 + n)] for n in range(12)),
        ["Accrued liabilities and", "", ""],
        ["reserves", "5", "6"],
        *([f"Debt {n}", str(500 + n), str(600 + n)] for n in range(12)),
    ]
    page = Maker()
    page.table(rows)
    found = [p.text.splitlines() for p in passages_of(page, max_tokens=60)]
    assert len(found) > 6
    assert all(lines[0] == "2024 | 2023" for lines in found)
    for lines in found:
        # Down to its total, and half a label heads nothing.
        headed = any(line.startswith(("Asset", "Total")) for line in lines)
        assert lines.count("Current assets:") == headed
        assert not headed or lines[1] == "Current assets:"
    assert sum(line.startswith("Accrued") for lines in found for line in lines) == 1
    assert sum(line.startswith("Asset ") for lines in found for line in lines) == 12


def test_a_row_further_left_belongs_to_no_group() -> None:
    def cell(row: int, col: int, x: float, text: str) -> Cell:
        return Cell(row=row, col=col, bbox=BBox(x, 0.02 * row, x + 0.05, 0.02 * row + 0.01), text=text)

    labels = [(0.1, "Cash flows from financing:"), (0.12, "Dividends"), (0.12, "Buybacks"), (0.1, "Cash, end of year")]
    cells = [cell(r, 0, x, label) for r, (x, label) in enumerate(labels)]
    cells += [cell(r, 1, 0.6, str(r)) for r in (1, 2, 3)]
    said = [part for part, _ in table_parts(sorted(cells, key=lambda c: (c.row, c.col)), count, 15)]
    assert said == [
        "Cash flows from financing:\nDividends: 1",
        "Cash flows from financing:\nBuybacks: 2",
        "Cash, end of year: 3",
    ]


def test_rows_of_years_and_units_below_the_header_are_repeated_too() -> None:
    rows = [
        ["", "Year ended December 31,", ""],
        ["", "2024", "2023 (6)"],
        ["(in millions, except per share data)", "", ""],
        *([f"Item {n}", str(100 + n), str(200 + n)] for n in range(20)),
    ]
    page = Maker()
    page.table(rows)
    found = [p.text.splitlines() for p in passages_of(page, max_tokens=90)]
    assert len(found) > 2
    for lines in found:
        assert lines[:3] == ["Year ended December 31,", "2024 | 2023 (6)", "(in millions, except per share data)"]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("(in millions, except per share data)", True),
        ("$ in millions", True),
        ("(in thousands of EUR)", True),
        ("(in $000’s)", True),
        ("Millions of yen", True),
        ("%", True),
        ("€m", True),
        ("Number in use", False),
        ("Sales of 5 million units in 2012", False),
        ("Sales fell, in millions of homes, to a trickle.", False),
    ],
)
def test_lines_that_name_a_unit(text: str, unit: bool) -> None:
    assert is_unit(text) is unit


def test_only_a_row_that_no_window_holds_is_cut() -> None:
    rows = [["Term", "Meaning"], ["Skerry", "a rock."], ["Glow", sentences(20)], ["Slip", "a ramp."]]
    page = Maker()
    page.table(rows)
    found = passages_of(page, max_tokens=120)
    assert found[0].text == "Term | Meaning\nSkerry: a rock."
    assert found[-1].text == "Term | Meaning\nSlip: a ramp."
    assert all(p.text.startswith("Term | Meaning\n") and count(p.text) <= 120 for p in found)
    assert len({p.places for p in found[1:-1]}) == 1
    assert set(re.findall(r"Sentence\d+", " ".join(p.text for p in found))) == {f"Sentence{k}" for k in range(20)}


def test_a_table_of_headers_alone_is_a_passage() -> None:
    page = Maker()
    page.table([["Name", "Built"], ["of ship", "in"]], headers=2)
    assert [p.text for p in passages_of(page)] == ["Name | Built\nof ship | in"]


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


@example([["1??1?1"], ["1?1?1?1"]], 1, 12)  # half the room is the header's, and the row is short but for its tokens
@given(
    st.lists(st.lists(text, min_size=1, max_size=3), min_size=1, max_size=20), st.integers(0, 2), st.integers(12, 80)
)
def test_table_parts_fit_and_hold_each_row(rows: list[list[str]], headers: int, room: int) -> None:
    region = Maker().table([[" ".join(cell.split()) for cell in row] for row in rows], headers=headers)
    assert region.cells is not None
    parts = list(table_parts(region.cells, count, room))
    assert all(count(part) <= room for part, _ in parts)
    rows_kept = [line for part, _ in parts for line in part.splitlines()]
    for r in {c.row for c in region.cells}:
        row = [c for c in region.cells if c.row == r]
        if not row[0].header and 0 < count(row_text(row)) < room / 2:
            assert row_text(row) in rows_kept
