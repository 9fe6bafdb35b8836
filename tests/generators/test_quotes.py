"""What may be quoted from a region, and where its boxes are."""

from __future__ import annotations

import pytest

from octavo.generators.quotes import Quote, quotes_of
from octavo.ingest.types import BBox, Cell, Word
from octavo.tests.generators.material import LETTER, LINE, hit, region, set_words, table


def _texts(quotes: list[Quote]) -> list[str]:
    return [quote.text for quote in quotes]


def _boxes(quote: Quote) -> list[tuple[float, ...]]:
    return [place.bbox for place in quote.places]


# Sentences


def test_boxes_hug_the_sentence_line_by_line() -> None:
    where = region("Rain fell. The ferry sails\nat night. All slept.")
    rain, ferry, slept = quotes_of(where, hit(where))
    assert _texts([rain, ferry, slept]) == ["Rain fell.", "The ferry sails at night.", "All slept."]
    assert _boxes(rain) == [pytest.approx((0.1, 0.1, 0.1 + 10 * LETTER, 0.1 + LINE))]
    below = 0.1 + 1.5 * LINE
    assert _boxes(ferry) == [
        pytest.approx((0.1 + 11 * LETTER, 0.1, 0.1 + 26 * LETTER, 0.1 + LINE)),
        pytest.approx((0.1, below, 0.1 + 9 * LETTER, below + LINE)),
    ]
    assert _boxes(slept) == [pytest.approx((0.1 + 10 * LETTER, below, 0.1 + 20 * LETTER, below + LINE))]
    assert ferry.quote == ferry.text
    assert (ferry.region, ferry.places[0].page) == (where, 1)


def test_a_word_broken_at_the_lines_end_is_quoted_whole_with_both_boxes() -> None:
    where = region("The perfor-\nmance fell.")
    (quote,) = quotes_of(where, hit(where))
    assert quote.text == "The performance fell."
    assert len(quote.places) == 2


def test_a_sentence_that_leans_on_the_one_before_comes_with_it() -> None:
    where = region("Tobin Ashgrove retires. His successor is Marit Oskendal. Ferries sail.")
    assert _texts([*quotes_of(where, hit(where))]) == [
        "Tobin Ashgrove retires.",
        "Tobin Ashgrove retires. His successor is Marit Oskendal.",
        "Ferries sail.",
    ]


def test_what_follows_a_colon_comes_with_its_lead_in() -> None:
    where = region("We ask of each service:\n• Is it safe?\n• Is it kind?")
    found = _texts([*quotes_of(where, hit(where))])
    assert found[0] == "We ask of each service:"
    assert found[1].startswith("We ask of each service:")
    assert found[1].endswith("Is it safe?")


def test_bullets_are_not_quoted() -> None:
    where = region("• A cable would have cost 31 million euros.")
    (quote,) = quotes_of(where, hit(where))
    assert quote.text == "A cable would have cost 31 million euros."
    assert quote.places[0].bbox.x0 == pytest.approx(0.1 + 2 * LETTER)


def test_long_sentences_are_quoted_in_parts_that_leave_nothing_out() -> None:
    sentence = ", ".join(f"ferry number {n} of the fleet sails at night" for n in range(30)) + "."
    where = region(sentence.replace(", ", ",\n"))
    found = _texts([*quotes_of(where, hit(where))])
    assert len(found) > 2
    assert max(map(len, found)) <= 420
    assert " ".join(found) == sentence
    assert all(text.endswith((",", ".")) for text in found)


def test_a_wall_of_letters_is_cut_too() -> None:
    where = region("…", words=[Word("x" * 1000, BBox(0.1, 0.1, 0.9, 0.2))])
    assert "".join(_texts([*quotes_of(where, hit(where))])) == "x" * 1000


def test_only_what_stands_inside_the_hit_is_quoted() -> None:
    where = region("Rain fell.\nAll slept.")
    second_line = BBox(0.1, 0.1 + 1.4 * LINE, 0.5, 0.1 + 3 * LINE)
    assert _texts([*quotes_of(where, hit(where, boxes=[second_line]))]) == ["All slept."]
    other_page = hit(region("Rain fell.", page=2))
    assert _texts([*quotes_of(where, other_page)]) == []


def test_a_models_description_is_never_quoted() -> None:
    told = region("A bar chart shows that costs fell.", kind="figure", source="vlm")
    assert list(quotes_of(told, hit(told))) == []


def test_text_without_words_is_quoted_whole_at_its_region() -> None:
    comment = region("Check this figure.", words=())
    (quote,) = quotes_of(comment, hit(comment))
    assert quote.text == "Check this figure."
    assert _boxes(quote) == [comment.bbox]


def test_chinese_sentences_end_between_words_without_a_space() -> None:
    words = [Word(c, BBox(0.1 + 0.05 * n, 0.1, 0.15 + 0.05 * n, 0.15)) for n, c in enumerate("停航。退还。")]
    where = region("停航。退还。", words=words)
    stop, refund = quotes_of(where, hit(where))
    assert (stop.text, refund.text) == ("停航。", "退还。")
    assert _boxes(stop) == [pytest.approx((0.1, 0.1, 0.25, 0.15))]
    assert _boxes(refund) == [pytest.approx((0.25, 0.1, 0.4, 0.15))]


# Tables


def test_a_row_is_quoted_under_its_header() -> None:
    where = table(["", "2023", "2024"], ["Net debt", "89.3", "80.5"], ["Equity", "140.1", "151.0"])
    debt, equity = quotes_of(where, hit(where))
    assert debt.text == "Net debt: 2023 89.3; 2024 80.5"
    assert debt.quote == "2023 | 2024\nNet debt: 89.3 | 80.5"
    assert debt.row is not None
    assert [(column.name, column.value.text) for column in debt.row.columns] == [("2023", "89.3"), ("2024", "80.5")]
    row, header = _boxes(debt)
    assert row == pytest.approx((0.1, 0.15, 0.7, 0.2))
    assert header == pytest.approx((0.3, 0.1, 0.7, 0.15))
    assert _boxes(equity)[0] == pytest.approx((0.1, 0.2, 0.7, 0.25))


def test_headers_of_several_rows_are_read_from_the_outermost_inwards() -> None:
    box = BBox(0.1, 0.1, 0.2, 0.2)
    cells = [
        Cell(row=0, col=1, col_span=2, bbox=box, text="Neap tide", header=True),
        Cell(row=0, col=3, bbox=box, text="Spring tide", header=True),
        *(Cell(row=1, col=c, bbox=box, text=t, header=True) for c, t in [(1, "Dry"), (2, "Wet"), (3, "Dry")]),
        *(Cell(row=2, col=c, bbox=box, text=t) for c, t in enumerate(["Long Tern", "2.6", "4.7", "5.9"])),
    ]
    where = region("tides", kind="table", cells=cells)
    (quote,) = quotes_of(where, hit(where))
    assert quote.text == "Long Tern: Neap tide Dry 2.6; Neap tide Wet 4.7; Spring tide Dry 5.9"


def test_a_line_of_its_own_heads_the_rows_below() -> None:
    where = table(["", "2024"], ["Current assets:", ""], ["Cash", "1,874"])
    group, cash = quotes_of(where, hit(where))
    assert group.text == "Current assets"
    assert _boxes(group) == [pytest.approx((0.1, 0.15, 0.3, 0.2))]
    assert (cash.text, cash.about) == ("Cash: 2024 1,874", "Current assets:")


def test_rows_without_label_or_header() -> None:
    where = table(["", "7", "8"], ["Osse", "", "9"], headers=0)
    assert _texts([*quotes_of(where, hit(where))]) == ["7; 8", "Osse: 9"]


def test_rows_outside_the_hit_are_left_out() -> None:
    where = table(["", "2024"], ["Cash", "1"], ["Debt", "2"])
    assert _texts([*quotes_of(where, hit(where, boxes=[BBox(0.1, 0.2, 0.5, 0.25)]))]) == ["Debt: 2024 2"]


# Figures


def test_labels_of_a_figure_are_parted_at_gaps_and_joined_over_lines() -> None:
    words = [
        *set_words("mean high\nwater", x=0.1, y=0.1),
        *set_words("upper belt", x=0.5, y=0.1),
        *set_words("***", x=0.8, y=0.5),
    ]
    where = region("…", kind="figure", words=words)
    found = {quote.text: quote for quote in quotes_of(where, hit(where))}
    assert set(found) == {"mean high water", "upper belt"}
    assert len(found["mean high water"].places) == 2
    assert _boxes(found["upper belt"]) == [pytest.approx((0.5, 0.1, 0.5 + 10 * LETTER, 0.1 + LINE))]


def test_a_name_and_its_figures_stay_one_row() -> None:
    words = [*set_words("Direct", x=0.1), *set_words("62.67%", x=0.4), *set_words("40,120", x=0.7)]
    where = region("…", kind="figure", words=words)
    assert _texts([*quotes_of(where, hit(where))]) == ["Direct 62.67% 40,120"]


def test_values_over_an_axis_are_read_with_its_marks() -> None:
    words = [
        *set_words("4,000\n\n\n\n0", x=0.05, y=0.1),  # the other axis
        *set_words("3,150", x=0.2, y=0.2),
        *set_words("3,420", x=0.27, y=0.19),
        *set_words("1,250", x=0.5, y=0.3),
        *set_words("1,310", x=0.57, y=0.29),
        *set_words("690", x=0.81, y=0.4),
        *set_words("Osse", x=0.25, y=0.6),
        *set_words("Marl", x=0.54, y=0.6),
        *set_words("Night", x=0.8, y=0.6),
        *set_words("Route", x=0.54, y=0.7),
    ]
    where = region("…", kind="figure", words=words)
    found = {quote.label: quote for quote in quotes_of(where, hit(where)) if quote.label}
    assert {label: quote.text for label, quote in found.items()} == {
        "Osse": "Osse: 3,150; 3,420",
        "Marl": "Marl: 1,250; 1,310",
        "Night": "Night: 690",
    }
    night = found["Night"]
    assert night.quote == "Night 690"
    assert _boxes(night) == [
        pytest.approx((0.81, 0.4, 0.81 + 3 * LETTER, 0.4 + LINE)),
        pytest.approx((0.8, 0.6, 0.8 + 5 * LETTER, 0.6 + LINE)),
    ]
    assert "Route" in night.about


def test_an_axis_without_values_reads_nothing() -> None:
    words = [word for n in range(4) for word in set_words(str(n), x=0.2 * n + 0.1, y=0.6)]
    where = region("…", kind="figure", words=[*words, *set_words("Hours after high water", x=0.3, y=0.1)])
    assert not [quote for quote in quotes_of(where, hit(where)) if quote.label]
