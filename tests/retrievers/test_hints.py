"""Where a question says to look, over a real library: labels, statements, the first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from octavo.ingest.types import BBox, Document, Kind, Page, Passage, Place
from octavo.retrievers.analysis import analyse
from octavo.retrievers.embedders import SentenceEmbedder
from octavo.retrievers.hints import hints, mentions
from octavo.retrievers.library import Library, Maker
from octavo.retrievers.question import understand
from octavo.retrievers.types import Filters
from octavo.tests.retrievers.test_statements import BALANCE, NOTE

HALF = len(BALANCE) // 2
CONTENTS: list[tuple[int, Kind, str, str]] = [
    (1, "text", "", "Osse Ferries, annual report 2024"),
    (2, "figure", "Energy > Figure 3: Energy per crossing", "46 euros | 52 euros"),
    (2, "text", "Energy", "Figure 3 shows that energy became cheaper."),
    (3, "figure", "Fares > Figure 30: Fares by season", "3 euros | 4 euros"),
    (4, "table", "Consolidated balance sheet", BALANCE[:HALF]),
    (4, "table", "Consolidated balance sheet", BALANCE[HALF:]),
    (5, "text", "Notes > 5 Inventories", NOTE),
]


def _add(library: Library, embedder: SentenceEmbedder, name: str) -> None:
    document = Document(
        id=name, name=f"{name}.pdf", source=f"/{name}.pdf", content="c", version=f"{name}-v", page_count=5
    )
    box = BBox(0.1, 0.1, 0.9, 0.9)
    passages = [
        Passage(
            id=f"{name}.{n}", document=name, version=document.version, order=n, kind=kind, places=(Place(page, box),),
            regions=(), context=context, text=text,
        )
        for n, (page, kind, context, text) in enumerate(CONTENTS)
    ]  # fmt: skip
    dense, tokens = embedder.embed_documents([passage.text for passage in passages])
    with library.stage(document, options={}, parser="test") as staging:
        labels = ["Cover", "i", "1", "2", "3"]
        staging.add_pages([Page(number=n, width=595, height=842, label=label) for n, label in enumerate(labels, 1)], {})
        staging.add_passages(passages, dense, [vectors.to_bytes() for vectors in tokens or ()])
        staging.commit()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, minilm: SentenceEmbedder) -> Iterator[Library]:
    maker = Maker(minilm.name, minilm.revision, minilm.dimension)
    with Library.open(tmp_path_factory.mktemp("library"), maker=maker) as library:
        for name in ("osse", "brannet"):
            _add(library, minilm, name)
        yield library


def _found(
    library: Library, question: str, hint: str, likely: tuple[str, ...] = ("osse",), **filters: Any
) -> list[str]:
    return sorted(hints(understand(question), library, Filters(**filters), likely).get(hint, {}))


def test_a_label_is_found_where_it_heads(library: Library) -> None:
    assert _found(library, "What does Figure 3 show?", "label named") == ["osse.1"]
    assert _found(library, "What does Figure 3 show?", "label named", ("osse", "brannet")) == ["brannet.1", "osse.1"]
    assert _found(library, "What does Figure 9 show?", "label named") == []
    assert _found(library, "What does energy cost?", "label named") == []


def test_a_statement_is_found_whole(library: Library) -> None:
    found = hints(understand("What is the current ratio?"), library, Filters(), ["osse"])["statement"]
    assert sorted(found) == ["osse.4", "osse.5"]
    assert found["osse.4"] == found["osse.5"] > 0.8


def test_the_first_page(library: Library) -> None:
    assert _found(library, "What is the title of the report?", "first page") == ["brannet.0", "osse.0"]
    assert _found(library, "What does energy cost?", "first page") == []


def test_filters_hold(library: Library) -> None:
    assert _found(library, "What does Figure 3 show?", "label named", first_page=3) == []
    assert _found(library, "What is the current ratio?", "statement", last_page=3) == []
    assert _found(library, "What is the title of the report?", "first page", first_page=2) == []


def test_nothing_is_looked_for_where_nothing_is_likely(library: Library) -> None:
    found = hints(understand("What is the current ratio in Table 3?"), library, Filters(), [])
    assert not any(found.values())


def test_the_last_page(library: Library) -> None:
    assert _found(library, "What is on the last page?", "page named", documents=("osse",)) == ["osse.6"]
    assert _found(library, "What is on the last two pages?", "page named", documents=("osse",)) == [
        "osse.4",
        "osse.5",
        "osse.6",
    ]
    assert library.pages_named([-6, -5]) == [("brannet", 1), ("osse", 1)]


def test_what_candidates_have_of_what_is_spoken_of() -> None:
    def passage(n: int, page: int, kind: Kind, text: str) -> Passage:
        place = Place(page, BBox(0, 0, 1, 1))
        return Passage(
            id=str(n), document="d", version="v", order=n, kind=kind, places=(place,), regions=(), context="", text=text
        )  # fmt: skip

    candidates = [
        passage(0, 1, "text", "Years ended 31 December 2022 and 2021"),
        passage(1, 1, "table", "Fares | 3 | 4"),
        passage(2, 2, "table", "Quíllmere Lines, FY'22, second quarter"),
        passage(3, 3, "text", "Season 2021/22; 120225 tickets"),
        passage(4, 4, "text", "20225"),
    ]
    question = understand("In the table, what did Quillmere Lines and the Osse Bank earn in Q2 2022?")
    assert mentions(question, candidates) == {
        "kind named": {"1": 1.0, "2": 1.0},
        "year named": {"0": 0.5, "1": 0.5, "2": 1.0, "3": 0.5},  # a page has what its candidates have
        "name given": {"2": 0.5},
    }
    assert mentions(understand("What does energy cost?"), candidates) == {}


@pytest.mark.parametrize(
    ("question", "text", "given"),
    [
        ("How is AI used here?", "She said so; paid tickets are mail.", False),
        ("How is AI used here?", "Uses of (AI).", True),
        ("How is AI used here?", "船上使用AI技术", True),
        ("What did Osse earn?", "Possessed by Ossebank", False),
        ("What did Osse earn?", "Osse's fares", True),
        ("What did X東京 earn?", "2024年のX東京は", True),
    ],
)
def test_names_are_words_of_their_own(question: str, text: str, given: bool) -> None:
    place = Place(1, BBox(0, 0, 1, 1))
    passage = Passage(
        id="0", document="d", version="v", order=0, kind="text", places=(place,), regions=(), context="", text=text
    )
    assert mentions(understand(question), [passage])["name given"] == ({"0": 1.0} if given else {})


@pytest.mark.parametrize("question", ["What does fig 3 show?", "What does Figure 3 show?", "Was zeigt Abb. 3?"])
@pytest.mark.parametrize(
    ("caption", "mention"),
    [("Figure 3: Fares", "Fig. 3"), ("Fig. 3: Fares", "Figure 3"), ("Abbildung 3: Preise", "Abb. 3")],
)
def test_a_label_is_found_however_it_is_spelt(question: str, caption: str, mention: str) -> None:
    texts = [f"See {mention}" for _ in range(100)] + [f"{caption} by season, in euros, as the company counts them"]
    assert list(hints(understand(question), _Texts(texts), Filters(), ["d"])["label named"]) == ["100"]


class _Texts:
    """An index of texts: by how many of the terms they hold, the shortest first."""

    def __init__(self, texts: list[str]) -> None:
        place = Place(1, BBox(0, 0, 1, 1))
        self._passages = {
            str(n): Passage(
                id=str(n), document="d", version="v", order=n, kind="text", places=(place,), regions=(), context="",
                text=text,
            )
            for n, text in enumerate(texts)
        }  # fmt: skip

    def lexical(self, terms: Sequence[str], k: int, filters: Filters) -> list[tuple[str, float]]:
        scores = {id: len({*terms} & {*analyse(p.text)}) + 1 / (1 + len(p.text)) for id, p in self._passages.items()}
        return sorted(scores.items(), key=lambda each: -each[1])[:k]

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        return [self._passages[id] for id in ids]

    def passage_ids(self, filters: Filters, limit: int | None = None) -> list[str]:
        return []

    def pages_named(self, names: Sequence[int], filters: Filters) -> list[tuple[str, int]]:
        return []
