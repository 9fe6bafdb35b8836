"""Answers from regions set by hand, chosen with the bundled embedder."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence

import anyio
import numpy as np
import pytest

from octavo.generators.base import answer
from octavo.generators.extractive import ExtractiveGenerator
from octavo.generators.options import GeneratorOptions
from octavo.generators.types import NOT_IN_DOCUMENTS, Answer, Event
from octavo.ingest.types import Region
from octavo.retrievers.embedders import Embedding, SentenceEmbedder
from octavo.retrievers.types import Hit
from octavo.tests.generators.material import LETTER as WIDTH
from octavo.tests.generators.material import LINE, Shelf, hit, region, set_words, table

LETTER = region(
    "The gale blew for two days. A gannet broke the window.\n"
    "The lamp was out for nineteen minutes.\n"
    "Wicks are ordered in dozens. The keeper's cat is well.",
    id="letter",
)
FIGURES = table(
    ["", "2022", "2023", "2024"],
    ["Revenue", "180.2", "190.9", "201.6"],
    ["Net debt", "78.1", "89.3", "80.5"],
    ["Harbour dues", "12.1", "12.9", "13.6"],
    id="figures",
    caption="Table 1: Five years in figures, millions of euros",
)


def _answer(minilm: SentenceEmbedder, question: str, *regions: Region, quotes: int = 3) -> Answer:
    generator = ExtractiveGenerator(minilm, Shelf(regions), GeneratorOptions(max_quotes=quotes))
    return generator.answer(question, [hit(r, relevance=0.6) for r in regions])


def _quotes(found: Answer) -> list[str]:
    return [citation.quote for citation in found.citations]


def test_the_right_sentence_comes_first_with_its_box(minilm: SentenceEmbedder) -> None:
    found = _answer(minilm, "How long was the lamp out?", FIGURES, LETTER)
    first = found.citations[0]
    assert first.quote == "The lamp was out for nineteen minutes."
    (place,) = first.places
    assert place.page == 1
    assert place.bbox == pytest.approx((0.1, 0.1 + 1.5 * LINE, 0.1 + len(first.quote) * WIDTH, 0.1 + 2.5 * LINE))
    assert (first.marker, first.document, first.name, first.version) == (1, "doc", "doc.pdf", "v1")
    assert (first.regions, first.support, first.relevance) == (("letter",), "verbatim", 0.6)
    assert found.answerable
    assert found.confidence == 0.6
    assert found.question == "How long was the lamp out?"


def test_a_row_says_the_columns_that_were_asked_for(minilm: SentenceEmbedder) -> None:
    found = _answer(minilm, "What was the net debt in 2022?", LETTER, FIGURES)
    assert found.text.splitlines()[0] == "Net debt: 2022 78.1 (millions of euros) [1]"
    assert found.citations[0].quote == "2022\nNet debt: 78.1"
    assert [place.bbox for place in found.citations[0].places] == [
        pytest.approx((0.1, 0.2, 0.5, 0.25)),  # label and value stand side by side
        pytest.approx((0.3, 0.1, 0.5, 0.15)),
    ]


def test_a_row_of_that_name_comes_before_rows_whose_names_say_more(minilm: SentenceEmbedder) -> None:
    income = table(["", "2023"], ["Other revenue", "5.0"], ["Revenue", "186.6"], id="income")
    assert _quotes(_answer(minilm, "What was the revenue in 2023?", income))[0].endswith("\nRevenue: 186.6")


def test_a_row_says_all_its_columns_when_none_was_asked_for(minilm: SentenceEmbedder) -> None:
    found = _answer(minilm, "How did net debt develop?", FIGURES)
    assert found.text.splitlines()[0] == "Net debt: 2022 78.1; 2023 89.3; 2024 80.5 (millions of euros) [1]"


def test_a_column_may_be_asked_for_by_a_small_word(minilm: SentenceEmbedder) -> None:
    noise = table(["", "Before", "After"], ["Noise on the quay, decibels", "71", "54"])
    found = _answer(minilm, "How many decibels of noise were measured on the quay after the opening?", noise)
    assert found.text == "Noise on the quay, decibels: After 54 [1]"


def test_the_quote_is_cut_to_what_was_asked_for(minilm: SentenceEmbedder) -> None:
    names = [f"quarter number {n} of the year {year}" for year in (2022, 2023) for n in (1, 2, 3, 4)]
    wide = table(["", *names], ["Net debt", *(f"{n}1.5" for n in range(8))])
    found = _answer(minilm, "What was the net debt in quarter 3 of 2023?", wide)
    assert _quotes(found) == ["quarter number 3 of the year 2023\nNet debt: 61.5"]
    assert len(found.citations[0].places) == 3  # label, value, and what the column is called


def test_questions_for_a_figure_prefer_sentences_with_one(minilm: SentenceEmbedder) -> None:
    where = region("The harbour station stores energy for many boats.\nThe harbour station stores 18 megawatt-hours.")
    assert _quotes(_answer(minilm, "How much does the harbour station store?", where))[0].endswith("18 megawatt-hours.")


def test_without_any_figure_a_question_for_one_is_not_answered(minilm: SentenceEmbedder) -> None:
    where = region("The keeper earns little. The keeper's salary is paid in spring.")
    found = _answer(minilm, "How much does the keeper earn?", where)
    assert not found.answerable
    assert found.text == NOT_IN_DOCUMENTS
    assert found.citations == ()
    assert found.trace["reason"] == "no figure found"
    assert _answer(minilm, "Who pays the keeper?", where).answerable


def test_what_holds_none_is_not_quoted_beside_what_does(minilm: SentenceEmbedder) -> None:
    pier = region(
        "The pier was opened by the harbour master.\nThe pier was opened in 1911.\nThe pier was opened to all.",
        id="pier",
    )
    assert _quotes(_answer(minilm, "When was the pier opened?", pier)) == ["The pier was opened in 1911."]


def test_beside_a_quote_of_the_year_asked_for_stand_no_others(minilm: SentenceEmbedder) -> None:
    debt = region("Net debt fell to 80.5 million euros.", id="debt")
    quotes = _quotes(_answer(minilm, "What was the net debt in 2022?", FIGURES, debt))
    assert quotes == ["2022\nNet debt: 78.1"]
    assert len(_quotes(_answer(minilm, "What was the net debt?", FIGURES, debt))) == 2


SALES = table(["", "2023", "2022"], ["Group:", "", ""], ["Net sales", "500", "400"], id="sales")


@pytest.mark.parametrize("question", ["How much were net sales in 2018?", "What were net sales in FY18?"])
def test_figures_of_other_years_are_no_answer(minilm: SentenceEmbedder, question: str) -> None:
    found = _answer(minilm, question, SALES)
    assert (found.answerable, found.citations) == (False, ())
    assert found.trace["reason"] == "no figure of 2018 found"
    text = region("Net sales were 300 million euros in 2018.", id="text")
    assert _quotes(_answer(minilm, question, SALES, text)) == ["Net sales were 300 million euros in 2018."]


@pytest.mark.parametrize(
    "rows",
    [
        (["", "FY19", "FY18"], ["Net sales", "500", "400"]),
        (["", "2018/19", "2017/18"], ["Net sales", "500", "400"]),
        (["", "2019", "Dec-18"], ["Net sales", "500", "400"]),
        (["", "Plan for 2025"], ["Net sales 2018", "500"]),
        (["", "Plan for 2025"], ["Net sales", "500, as in 2018"]),
        (["", "Plan for 2025"], ["In 2018:", ""], ["Net sales", "500"]),
        (["", "This year", "Last year"], ["Net sales", "500", "400"]),
    ],
)
def test_rows_that_may_be_of_the_year_asked_for_stay(minilm: SentenceEmbedder, rows: Sequence[Sequence[str]]) -> None:
    found = _answer(minilm, "How much were net sales in 2018?", table(*rows))
    assert found.answerable
    assert "Net sales" in found.text


def test_what_only_repeats_the_question_is_no_answer(minilm: SentenceEmbedder) -> None:
    heading = region("The net debt of Quillmere Lines", id="h", kind="heading", words=set_words("Net debt", y=0.05))
    text = region("Quillmere Lines owes its banks 80.5 million euros.", id="t")
    found = _answer(minilm, "What is the net debt of Quillmere Lines?", heading, text)
    assert found.citations[0].regions == ("t",)


def test_lists_bring_several_citations(minilm: SentenceEmbedder) -> None:
    where = region(
        "The Lapwing is a car ferry.\nThe Dunlin is a car ferry.\nThe Redshank is a car ferry.\nRain fell on the quay.",
    )
    found = _answer(minilm, "Which ships are car ferries?", where)
    assert [citation.marker for citation in found.citations] == [1, 2, 3]
    assert "Rain fell on the quay." not in _quotes(found)
    assert len(_answer(minilm, "Which ships are car ferries?", where, quotes=1).citations) == 1


def test_rows_that_differ_in_their_label_alone_are_all_quoted(minilm: SentenceEmbedder) -> None:
    ships = table(["", "Port"], ["Dabchick", "Little Tern"], ["Puffin", "Little Tern"], ["Bittern", "Brannet"])
    found = _answer(minilm, "Which vessels are in the port of Little Tern?", ships, quotes=2)
    assert {line.split(":")[0] for line in found.text.splitlines()} == {"Dabchick", "Puffin"}


def test_the_same_said_twice_is_quoted_once(minilm: SentenceEmbedder) -> None:
    once = region("The lamp was out for nineteen minutes.", id="a")
    twice = region("The lamp was out for nineteen minutes!", id="b", page=2)
    found = _answer(minilm, "How long was the lamp out?", once, twice)
    assert len(found.citations) == 1


def test_overlapping_hits_give_each_sentence_once(minilm: SentenceEmbedder) -> None:
    generator = ExtractiveGenerator(minilm, Shelf([LETTER]))
    found = generator.answer("How long was the lamp out?", [hit(LETTER, relevance=0.6), hit(LETTER, relevance=0.2)])
    assert len(set(_quotes(found))) == len(found.citations)
    assert found.citations[0].relevance == 0.6


def test_quotes_together_stay_short(minilm: SentenceEmbedder) -> None:
    long = "The lamp was out because of {} " + "and because of many other things " * 5
    where = region(
        "\n".join(f"{long.format(w)}that night.".replace(" many", "\nmany") for w in ("rain", "wind", "fog"))
    )
    found = _answer(minilm, "Why was the lamp out?", where)
    assert len(found.citations) == 1


def test_a_reading_of_a_figure_names_the_figure(minilm: SentenceEmbedder) -> None:
    words = [
        *(w for n, value in enumerate(["41", "38", "46"]) for w in set_words(value, x=0.2 + 0.25 * n, y=0.3)),
        *(
            w
            for n, ship in enumerate(["Sandpiper", "Lapwing", "Dunlin"])
            for w in set_words(ship, x=0.17 + 0.25 * n, y=0.6)
        ),
        *set_words("Euros per crossing", x=0.4, y=0.1),
    ]
    chart = region("costs", kind="figure", words=words, caption="Figure 3: Energy cost of a crossing")
    found = _answer(minilm, "What does the energy for one crossing of the Dunlin cost?", chart, quotes=1)
    assert found.text == "Dunlin: 46 (Figure 3: Energy cost of a crossing) [1]"
    assert _quotes(found) == ["Dunlin 46"]


def test_no_hits_or_nothing_quotable_is_not_in_the_documents(minilm: SentenceEmbedder) -> None:
    generator = ExtractiveGenerator(minilm, Shelf([]))
    for hits in ([], [hit(LETTER)]):  # the second: a region that is gone
        found = generator.answer("How long was the lamp out?", hits)
        assert (found.answerable, found.text, found.citations) == (False, NOT_IN_DOCUMENTS, ())


def test_a_question_of_marks_alone_does_no_harm(minilm: SentenceEmbedder) -> None:
    assert _answer(minilm, "?!", LETTER).question == "?!"


def test_instructions_about_the_form_do_not_count(minilm: SentenceEmbedder) -> None:
    where = region("The net debt fell.\nPlease round your answer to two decimal places.")
    found = _answer(minilm, "What did the net debt do? Round your answer to two decimal places.", where, quotes=1)
    assert _quotes(found) == ["The net debt fell."]


def test_without_token_vectors_the_sentence_vectors_choose() -> None:
    class Plain:
        """Counts shared letters; has no token vectors."""

        name = "plain"
        revision = "1"
        dimension = 26
        max_tokens = 99

        def count_tokens(self, text: str) -> int:
            return len(text.split())

        def embed_documents(self, texts: Sequence[str]) -> Embedding:
            rows = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], np.float32)
            return Embedding(rows / np.linalg.norm(rows, axis=1, keepdims=True), None)

        def embed_queries(self, texts: Sequence[str]) -> Embedding:
            return self.embed_documents(texts)

    where = region("Xylophones buzz. The lamp was out for hours.")
    found = ExtractiveGenerator(Plain(), Shelf([where])).answer("Was the lamp out?", [hit(where)])
    assert _quotes(found)[0] == "The lamp was out for hours."


def test_markers_match_citations_and_the_stream_folds_to_the_answer(minilm: SentenceEmbedder) -> None:
    generator = ExtractiveGenerator(minilm, Shelf([LETTER, FIGURES]))
    hits = [hit(LETTER), hit(FIGURES)]
    question = "What are the revenue, the net debt and the harbour dues in 2024?"
    whole = generator.answer(question, hits)
    assert [int(m) for m in re.findall(r"\[(\d+)\]", whole.text)] == [c.marker for c in whole.citations] == [1, 2, 3]

    async def collect() -> list[Event]:
        return [event async for event in generator.stream(question, hits)]

    events = anyio.run(collect)
    assert [event.citation for event in events[:-1]] == list(whole.citations)
    assert events[-1].answer == whole
    assert events[-1].text == whole.text
    assert anyio.run(answer, generator, question, hits) == whole


def test_a_stream_without_an_answer_is_an_error() -> None:
    class Mute:
        async def stream(self, question: str, hits: Sequence[Hit]) -> AsyncIterator[Event]:
            yield Event(text="…")

    with pytest.raises(RuntimeError, match="Mute"):
        anyio.run(answer, Mute(), "Why?", [])
