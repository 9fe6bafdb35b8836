"""The path of headings above each region."""

from __future__ import annotations

import json

from octavo.ingest.sections import Sections, letter_size
from octavo.ingest.types import BBox, Kind, Page, Region, Word


def region(kind: Kind, text: str, size: float = 0.012) -> Region:
    box = BBox(0.1, 0.1, 0.5, 0.1 + size)
    return Region(id="r", page=1, order=0, kind=kind, bbox=box, text=text, words=(Word(text, box),))


def page(*regions: Region, number: int = 1, height: float = 842) -> Page:
    return Page(number=number, width=595, height=height, regions=regions)


def paths(sections: Sections, *regions: Region, number: int = 1) -> list[tuple[str, ...]]:
    return [r.section for r in sections.apply(page(*regions, number=number)).regions]


def test_levels_by_the_size_of_letters() -> None:
    found = paths(
        Sections(),
        region("title", "Report", 0.05),
        region("text", "preface"),
        region("heading", "Review", 0.03),
        region("text", "a"),
        region("heading", "Routes", 0.02),
        region("text", "b"),
        region("heading", "Fleet", 0.0201),  # the same size but for rounding
        region("text", "c"),
        region("heading", "Accounts", 0.03),
        region("text", "d"),
    )
    assert found == [
        (),
        ("Report",),
        ("Report",),
        ("Report", "Review"),
        ("Report", "Review"),
        ("Report", "Review", "Routes"),
        ("Report", "Review"),
        ("Report", "Review", "Fleet"),
        ("Report",),
        ("Report", "Accounts"),
    ]


def test_numbers_tell_levels_though_letters_are_of_one_size() -> None:
    found = paths(
        Sections(),
        region("heading", "2 Review"),
        region("heading", "2.1 Routes"),
        region("heading", "2.1.1 North"),
        region("text", "a"),
        region("heading", "2.2 Fleet"),
        region("text", "b"),
        region("heading", "3 Accounts"),
        region("text", "c"),
    )
    assert found[3] == ("2 Review", "2.1 Routes", "2.1.1 North")
    assert found[5] == ("2 Review", "2.2 Fleet")
    assert found[7] == ("3 Accounts",)


def test_bookmarks_tell_levels_before_sizes() -> None:
    outline = ((1, "Overview", 1), (2, "Harbours", 1), (2, "Crews", 2))
    sections = Sections(outline)
    first = paths(
        sections, region("heading", "Overview", 0.02), region("heading", "HARBOURS", 0.04), region("text", "a")
    )
    second = paths(sections, region("heading", "Crews", 0.01), region("text", "b"), number=2)
    assert first[2] == ("Overview", "HARBOURS")
    assert second == [("Overview",), ("Overview", "Crews")]


def test_a_heading_that_the_bookmarks_leave_out_goes_by_its_number() -> None:
    headings = region("heading", "3 Harbours"), region("heading", "4 Crews")
    found = paths(Sections([(3, "4 Crews", 1)]), *headings, region("text", "a"))
    assert found[-1] == ("4 Crews",)


def test_subtitles_under_a_title_head_nothing() -> None:
    found = paths(
        Sections(), region("title", "Report", 0.05), region("title", "of the year", 0.03), region("text", "a")
    )
    assert found == [(), ("Report",), ("Report",)]


def test_running_lines_have_no_section() -> None:
    assert paths(Sections(), region("heading", "One", 0.03), region("header", "Report"), region("text", "a")) == [
        (),
        (),
        ("One",),
    ]


def test_sections_go_on_over_pages_and_after_a_stop() -> None:
    outline = ((1, "Part", 1), (2, "Chapter", 3))
    pages = [
        page(region("heading", "Part", 0.02), region("text", "a"), number=1),
        page(region("heading", "1.1 Sub", 0.015), region("text", "b"), number=2),
        page(region("heading", "Chapter", 0.02), region("text", "c"), number=3),
        page(region("text", "d"), number=4),
    ]
    through = Sections(outline)
    whole = [through.apply(p) for p in pages]
    assert whole[3].regions[0].section == ("Part", "Chapter")
    for stop in range(4):
        before = Sections(outline)
        for p in pages[:stop]:
            before.apply(p)
        state = json.loads(json.dumps(before.state()))
        after = Sections(outline, state)
        assert [after.apply(p) for p in pages[stop:]] == whole[stop:]


def test_paths_stay_short() -> None:
    regions = [region("heading", "long " * 100, 0.09 - 0.01 * n) for n in range(9)]
    (last,) = paths(Sections(), *regions, region("text", "a"))[-1:]
    assert len(last) <= 6
    assert all(len(heading) <= 120 for heading in last)


def test_letter_size_is_that_of_the_words_and_else_of_the_box() -> None:
    tall = region("heading", "A", 0.05)
    assert letter_size(tall) == tall.bbox.height
    assert letter_size(tall.model_copy(update={"words": ()})) == tall.bbox.height
