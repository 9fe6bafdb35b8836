"""Scripts of the world, from a PDF through the library to lexical search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pymupdf
import pytest

from octavo import DocumentQA
from octavo.ingest.types import Passage
from octavo.retrievers.analysis import query_terms
from octavo.retrievers.types import Filters


class Said(NamedTuple):
    """A sentence, and a question's words that shall find it: other case, other forms of the same letters."""

    sentence: str
    asked: str


SAID = {
    "German": Said("Die Wärter zählten größere Schiffe während der Dämmerung.", "GROSSERE WAERTER WÄRTER"),
    "French": Said("Le gardien a compté dix-neuf navires égarés avant l'été.", "navires egares"),
    "Turkish": Said("Işıkçı kıyıda on dokuz gemi saydı, çünkü deniz soğuktu.", "ışıkçı"),
    "Polish": Said("Latarnik zliczył dziewiętnaście żaglowców przed świtem.", "żaglowców zliczyl"),
    "Vietnamese": Said("Người gác đèn đếm được mười chín con tàu trước bình minh.", "bình minh"),
    "Greek": Said("Ο φύλακας του φάρου μέτρησε δεκαεννέα πλοία πριν την αυγή.", "ΔΕΚΑΕΝΝΕΑ ΠΛΟΙΑ"),
    "Russian": Said("Смотритель маяка насчитал девятнадцать кораблей до рассвета.", "КОРАБЛЕЙ"),
    "Chinese": Said("灯塔看守人在黎明前数了十九艘船。", "看守人"),
    "Japanese": Said("灯台守は夜明け前に十九隻の船を数えました。", "夜明け前"),
    "Korean": Said("등대지기는 새벽 전에 열아홉 척의 배를 세었다.", "열아홉"),
    "Arabic": Said("عد حارس المنارة تسع عشرة سفينة قبل الفجر", "سَفِينَة حارس"),  # with vowel signs
    "Hebrew": Said("שומר המגדלור ספר תשע עשרה ספינות לפני השחר", "המגדלור סְפִינוֹת"),
    "Hindi": Said("नाविक भोर से पहले जहाज के पास गए।", "जहाज"),
    "Thai": Said("คนนับเรือได้สิบเก้าลำก่อนรุ่งสาง", "สิบเก้า"),
}


@pytest.fixture(scope="module")
def passages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DocumentQA, list[Passage]]]:
    """A library of one document, a page for each script, and its passages."""
    folder = tmp_path_factory.mktemp("scripts")
    document = pymupdf.open()
    for name, said in SAID.items():
        direction = "rtl" if name in ("Arabic", "Hebrew") else "ltr"
        page = document.new_page(width=595, height=300)
        page.insert_htmlbox((50, 90, 545, 250), f'<p dir="{direction}" style="font-size:16px">{said.sentence}</p>')
    document.save(folder / "scripts.pdf")
    document.close()
    with DocumentQA.open(folder / "library", ingest={"workers": 1, "ocr": "never"}) as qa:
        report = qa.add(folder / "scripts.pdf")
        assert (report.pages, report.failed_pages) == (len(SAID), ())
        library = qa._core._library
        yield qa, library.passages(library.passage_ids(Filters()))


@pytest.mark.parametrize("script", SAID)
def test_each_script_is_found_by_its_words(script: str, passages: tuple[DocumentQA, list[Passage]]) -> None:
    qa, known = passages
    found = qa._core._library.lexical(query_terms(SAID[script].asked), 5)
    assert found, SAID[script]
    (best,) = [passage for passage in known if passage.id == found[0][0]]
    assert best.pages == (list(SAID).index(script) + 1,)


def test_the_text_is_as_it_was_written(passages: tuple[DocumentQA, list[Passage]]) -> None:
    text = {name: "" for name in SAID}
    for passage in passages[1]:
        text[list(SAID)[passage.pages[0] - 1]] += passage.text
    # MuPDF writes ligatures of Arabic, and some of Thai's and Devanagari's letters, without saying what they stand for.
    for name in SAID.keys() - {"Arabic", "Hindi", "Thai"}:
        assert text[name] == SAID[name].sentence, name
    assert text["Arabic"].startswith("عد حارس")  # in the order it is read in, and of plain letters
