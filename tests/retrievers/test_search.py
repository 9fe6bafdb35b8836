"""Search over a real library (SQLite, Chroma) with the bundled model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest

from octavo.ingest.types import BBox, Document, Kind, Page, Passage, Place, Region
from octavo.retrievers.embedders import SentenceEmbedder
from octavo.retrievers.inferring import narrowed
from octavo.retrievers.library import Library, Maker
from octavo.retrievers.options import Fusion, RetrievalOptions
from octavo.retrievers.question import understand
from octavo.retrievers.relevance import LateInteraction
from octavo.retrievers.search import Searcher
from octavo.retrievers.types import Filters, Hit, Level, Query

# Two reports that say the same of different ships, on like pages.
PAGES = {
    1: [("text", "The {ship} sails from Osse to Brannet at night."), ("text", "Lichen glows on wet rocks.")],
    2: [("table", "Passengers of the {ship}: 3,420 thousand"), ("text", "Fares did not change.")],
    3: [("text", "The kitchen serves soup."), ("figure", "Energy cost of a crossing of the {ship}: 46 euros")],
}


def _document(ship: str, year: int) -> Document:
    name = f"{ship.lower()}.pdf"
    return Document(
        id=ship.lower(), name=name, source=f"/{name}", content="c", version=f"{ship}-v1", page_count=3,
        metadata={"year": year},
    )  # fmt: skip


def _box(order: int) -> BBox:
    return BBox(0.1, 0.1 + 0.3 * order, 0.9, 0.3 + 0.3 * order)


def _add(library: Library, embedder: SentenceEmbedder, document: Document, ship: str) -> None:
    pages: list[Page] = []
    passages: list[Passage] = []
    for number, contents in PAGES.items():
        regions: list[Region] = []
        for order, (kind, text) in enumerate(contents):
            said = text.format(ship=ship)
            facts: dict[str, Any] = {"kind": kind, "text": said}
            regions.append(
                Region(id=f"{document.version}.{number}.{order}", page=number, order=order, bbox=_box(order), **facts)
            )
            passages.append(
                Passage(
                    id=f"{document.id}.{len(passages)}",
                    document=document.id,
                    version=document.version,
                    order=len(passages),
                    places=(Place(number, _box(order)),),
                    regions=(regions[-1].id,),
                    **facts,
                )
            )
        pages.append(Page(number=number, width=595, height=842, label=f"{number + 10}", regions=tuple(regions)))
    dense, tokens = embedder.embed_documents([passage.text for passage in passages])
    with library.stage(document, options={}, parser="test") as staging:
        staging.add_pages(pages, {})
        staging.add_passages(passages, dense, [vectors.to_bytes() for vectors in tokens or ()])
        staging.commit()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, minilm: SentenceEmbedder) -> Iterator[Library]:
    maker = Maker(minilm.name, minilm.revision, minilm.dimension)
    with Library.open(tmp_path_factory.mktemp("library"), maker=maker) as library:
        _add(library, minilm, _document("Dunlin", 2023), "Dunlin")
        _add(library, minilm, _document("Curlew", 2024), "Curlew")
        yield library


@pytest.fixture(scope="module")
def searcher(library: Library, minilm: SentenceEmbedder) -> Searcher:
    return Searcher(library, minilm, LateInteraction(minilm, library))


def _search(
    searcher: Searcher, text: str, level: Level = "passage", k: int = 10, filters: Filters | None = None
) -> list[Hit]:
    async def run() -> list[Hit]:
        return await searcher.search(Query(text=text, filters=filters or Filters()), level=level, k=k)

    return anyio.run(run)


def test_the_best_passage_comes_first_and_is_judged(searcher: Searcher) -> None:
    hits = _search(searcher, "How many passengers had the Dunlin?")
    first = hits[0]
    assert first.text == "Passengers of the Dunlin: 3,420 thousand"
    assert (first.ref.kind, first.ref.document, first.ref.version) == ("passage", "dunlin", "Dunlin-v1")
    assert (first.kind, first.places, first.regions) == ("table", (Place(2, _box(0)),), ("Dunlin-v1.2.0",))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.relevance is not None for hit in hits)
    assert first.via["dense"] > 0.5
    assert first.via["bm25"] > 0
    assert len({hit.ref.id for hit in hits}) == len(hits)


def test_either_channel_alone_suffices(searcher: Searcher) -> None:
    meaning = {hit.text for hit in _search(searcher, "meal", k=2)}  # no passage has the word
    assert meaning == {"The kitchen serves soup."}
    number = _search(searcher, "3420", k=2)
    assert {hit.text.split(":")[-1] for hit in number} == {" 3,420 thousand"}
    assert all("bm25" in hit.via for hit in number)


def test_k_is_kept(searcher: Searcher) -> None:
    assert len(_search(searcher, "the ferry", k=3)) == 3
    assert len(_search(searcher, "the ferry", k=100)) == 12  # all there are
    assert _search(searcher, "the ferry", k=0) == []


def test_a_candidate_limit_holds_over_both_channels(library: Library, minilm: SentenceEmbedder) -> None:
    few = Searcher(library, minilm, LateInteraction(minilm, library), RetrievalOptions(candidates=2))
    assert len(_search(few, "Dunlin passengers", k=10)) == 2


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_question_finds_nothing(searcher: Searcher, text: str) -> None:
    assert _search(searcher, text) == []


def test_a_question_of_marks_alone_does_no_harm(searcher: Searcher) -> None:
    assert len(_search(searcher, "?!", k=2)) == 2


# Restrictions hold exactly


@pytest.mark.parametrize("document", ["dunlin", "curlew"])
def test_scope_to_a_document(searcher: Searcher, document: str) -> None:
    hits = _search(searcher, "passengers of the Dunlin", k=100, filters=Filters(documents=(document,)))
    assert {hit.ref.document for hit in hits} == {document}
    assert len(hits) == 6  # narrowed before the search, not after it


def test_scope_to_an_unknown_document_is_empty(searcher: Searcher) -> None:
    assert _search(searcher, "passengers", filters=Filters(documents=("nobody",))) == []


@pytest.mark.parametrize("kinds", [("table",), ("figure",), ("table", "figure")])
def test_scope_to_kinds(searcher: Searcher, kinds: tuple[Kind, ...]) -> None:
    hits = _search(searcher, "soup in the kitchen", k=100, filters=Filters(kinds=kinds))
    assert {hit.kind for hit in hits} == set(kinds)
    assert len(hits) == 2 * len(kinds)


def test_scope_to_pages_and_metadata(searcher: Searcher) -> None:
    hits = _search(searcher, "soup", k=100, filters=Filters(first_page=2, last_page=2, metadata={"year": 2024}))
    assert {(hit.ref.document, hit.page) for hit in hits} == {("curlew", 2)}
    assert len(hits) == 2


# Levels


def test_regions_have_their_own_box_kind_and_text(searcher: Searcher) -> None:
    first = _search(searcher, "What does a crossing of the Curlew cost in energy?", "region", k=3)[0]
    assert (first.ref.kind, first.ref.id) == ("region", "Curlew-v1.3.1")
    assert (first.kind, first.places, first.regions) == ("figure", (Place(3, _box(1)),), ("Curlew-v1.3.1",))
    assert first.text == "Energy cost of a crossing of the Curlew: 46 euros"


def test_pages_and_documents(searcher: Searcher) -> None:
    question = "How many passengers had the Dunlin?"
    pages = _search(searcher, question, "page")
    assert (pages[0].ref.document, pages[0].ref.id, pages[0].page) == ("dunlin", "2", 2)
    assert len(pages) == len({(hit.ref.document, hit.ref.id) for hit in pages}) == 6
    documents = _search(searcher, question, "document")
    assert [hit.ref.id for hit in documents] == ["dunlin", "curlew"]
    assert documents[0].relevance == pages[0].relevance


# Pages that the question names


def test_a_named_page_is_searched_and_lifted(searcher: Searcher) -> None:
    hits = _search(searcher, "What is said on page 13?")  # the label printed on page 3
    assert hits[0].page == 3
    assert {hit.ref.id for hit in hits if "page named" in hit.via} == {"dunlin.4", "dunlin.5", "curlew.4", "curlew.5"}


def test_a_page_of_many_documents_says_nothing(searcher: Searcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("octavo.retrievers.hints._FEW_DOCUMENTS", 1)
    assert not [hit for hit in _search(searcher, "What is said on page 13?") if "page named" in hit.via]
    one = _search(searcher, "What is said on page 13?", filters=Filters(documents=("curlew",)))
    assert {hit.ref.id for hit in one if "page named" in hit.via} == {"curlew.4", "curlew.5"}


def test_a_named_page_outside_the_scope_stays_outside(searcher: Searcher) -> None:
    hits = _search(searcher, "What is said on page 13?", k=100, filters=Filters(first_page=1, last_page=2))
    assert {hit.page for hit in hits} == {1, 2}
    assert len(hits) == 8


def test_instructions_about_the_answer_do_not_steer_the_search(searcher: Searcher) -> None:
    def ranking(text: str) -> list[tuple[str, float | None]]:
        return [(hit.ref.id, hit.relevance) for hit in _search(searcher, text)]

    question = "What does a crossing of the Curlew cost?"
    assert ranking(f"{question} Round your answer to two decimal places.") == ranking(question)


# What the question speaks of


def test_the_ship_and_the_year_that_are_named_are_evidence(searcher: Searcher) -> None:
    hits = _search(searcher, "In the table, how many passengers had the Dunlin in 2023?")
    best = hits[0]
    assert (best.ref.id, best.via["name given"], best.via["kind named"]) == ("dunlin.2", 1.0, 1.0)
    assert all("name given" not in hit.via for hit in hits if "Dunlin" not in hit.text)
    assert all("year named" not in hit.via for hit in hits)  # no page says the year


def test_regions_by_hand(searcher: Searcher) -> None:
    def regions(text: str) -> list[tuple[str, float]]:
        hits = _search(searcher, text, "region", k=4, filters=Filters(documents=("curlew",), first_page=3))
        return [(hit.ref.id, hit.score) for hit in hits]

    plain = dict(regions("What does the kitchen serve?"))
    passages = _search(searcher, "What does the kitchen serve?", filters=Filters(documents=("curlew",), first_page=3))
    # Both boxes have .8 × .2 of the page: .16 / .3 of the two points for size.
    assert plain == {hit.regions[0]: pytest.approx(hit.score + 2 * 0.16 / 0.3) for hit in passages}
    assert [id for id, _ in regions("What does the kitchen serve?")] == ["Curlew-v1.3.0", "Curlew-v1.3.1"]
    # The upper half has .1–.3 whole, the lower one of .4–.6 a half.
    gained = {half: dict(regions(f"What does the kitchen serve in the {half} half?")) for half in ("upper", "lower")}
    assert gained["upper"]["Curlew-v1.3.0"] - gained["upper"]["Curlew-v1.3.1"] > 1.0
    assert gained["upper"]["Curlew-v1.3.0"] > gained["lower"]["Curlew-v1.3.0"] + 1.0


@pytest.mark.parametrize("fusion", ["evidence", "reciprocal-rank", "z-scores"])
def test_every_fusion_finds_and_judges(library: Library, minilm: SentenceEmbedder, fusion: Fusion) -> None:
    searcher = Searcher(library, minilm, LateInteraction(minilm, library, fusion=fusion))
    hits = _search(searcher, "How many passengers had the Dunlin?")
    assert hits[0].text == "Passengers of the Dunlin: 3,420 thousand"
    relevance = [hit.relevance or 0.0 for hit in hits]
    assert relevance == sorted(relevance, reverse=True)
    plain = _search(Searcher(library, minilm, LateInteraction(minilm, library)), "How many passengers had the Dunlin?")
    assert sorted(relevance) == pytest.approx(sorted(hit.relevance or 0.0 for hit in plain))


# Filters that the question names


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("How many passengers had it, in dunlin.pdf?", Filters(documents=("dunlin",))),
        (
            "How many passengers are on page 12 of curlew.pdf?",
            Filters(documents=("curlew",), first_page=2, last_page=2),
        ),
        ("What is on the last page of curlew.pdf?", Filters(documents=("curlew",), first_page=3, last_page=3)),
        ("What is on page 99 of curlew.pdf?", Filters(documents=("curlew",), first_page=99)),
        ("How many passengers does the table of the 2023 Dunlin report have?", Filters(kinds=("table",))),
        ("How many passengers are on page 12?", Filters()),  # of either
        ("What were the figures for borrowings?", Filters()),  # numbers
        ("What does the figure say?", Filters(kinds=("figure",))),
        ("What do Figures 2 and 3 say?", Filters(kinds=("figure",))),
        ("Where does the Dunlin sail?", Filters()),  # a name alone says nothing of documents
    ],
)
def test_filters_inferred(library: Library, text: str, filters: Filters) -> None:
    assert narrowed(understand(text), Filters(), library) == filters


def test_documents_are_meant_by_all_words_of_a_reference() -> None:
    class Shelf:
        def documents(self) -> list[Document]:
            return [
                _document("Dunlin", 2023).model_copy(update={"title": "Annual report of Osse Lines"}),
                _document("Curlew", 2024).model_copy(update={"title": "Annual report of Osse Lines"}),
                _document("Night_Ferries", 2024),
            ]

        def pages_named(self, names: Sequence[int], filters: Filters) -> list[tuple[str, int]]:
            raise AssertionError("no page is named")

    def meant(text: str, *scope: str) -> tuple[str, ...]:
        return narrowed(understand(text), Filters(documents=scope), Shelf()).documents

    assert meant("What were fares in the 2023 annual report of Osse?") == ("dunlin",)
    assert meant("According to Osse Lines' annual report, what were fares?") == ("dunlin", "curlew")
    assert meant("What were fares in the 2022 annual report of Osse?") == ()
    assert meant("What were fares in this report?") == ()
    assert meant("How do night ferries sail?") == ("night_ferries",)
    assert meant("According to Osse's annual report?", "curlew") == ("curlew",)


# What fusion hands on


def test_candidates_are_fused_and_unjudged(searcher: Searcher) -> None:
    found: Sequence[Hit] = searcher.candidates(Query(text="passengers of the Dunlin"))
    assert found[0].text == "Passengers of the Dunlin: 3,420 thousand"
    assert found[0].score == pytest.approx(1 / 61 + 1 / 61)  # first in both channels
    assert all(hit.relevance is None for hit in found)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_an_empty_library_finds_nothing(tmp_path: Path, minilm: SentenceEmbedder) -> None:
    maker = Maker(minilm.name, minilm.revision, minilm.dimension)
    with Library.open(tmp_path / "empty", maker=maker) as empty:
        assert _search(Searcher(empty, minilm, LateInteraction(minilm, empty)), "anything") == []
