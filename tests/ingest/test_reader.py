"""Pages of digital PDFs: text layer, layout, rotation, forms, bookmarks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from octavo.ingest.options import IngestOptions
from octavo.ingest.page.layout import Block, blocks_of
from octavo.ingest.passages import build_passages
from octavo.ingest.reader import failure_of, info_of, read, read_pages
from octavo.ingest.types import FURNITURE, BBox, Document, Page

from .conftest import A4, LETTER, assert_on_ink, picture_of, read_all, text_of, typeset, words_of

Save = Callable[[str, pymupdf.Document], Path]


def test_two_columns_are_read_one_after_the_other(study: Path, study_pages: list[Page]) -> None:
    page = study_pages[0]
    body = [r for r in page.regions if r.kind not in FURNITURE]
    said = " ".join(r.text for r in body)
    assert said.index("Glow rhythms") < said.index("1 Of the") < said.index("Few organisms") < said.index("2 Of the")
    assert said.rindex("hands of a watch") < said.index("The weather of the summer")
    assert said.count("Few organisms") == said.count("The weather") == 4
    assert_on_ink(study, page)


def test_pages_know_their_size_number_and_label(study_pages: list[Page]) -> None:
    assert [(p.number, p.label, p.width, p.height, p.rotation, p.notes) for p in study_pages] == [
        (1, "A-41", 595, 842, 0, ()),
        (2, "A-42", 595, 842, 0, ()),
    ]
    assert [r.id for r in study_pages[1].regions] == [f"{'f' * 16}.2.{n}" for n in range(len(study_pages[1].regions))]


def test_headings_and_bookmarks_make_sections(study_pages: list[Page]) -> None:
    paths = {r.text[:11]: r.section for p in study_pages for r in p.regions if r.kind == "text"}
    assert paths["Few organis"][-1] == "3 Of the organisms"
    assert paths["The weather"][-1] == "4 Of the weather"
    assert all(len(path) <= 2 for path in paths.values())


def test_running_lines_stay_out_of_passages(study_pages: list[Page]) -> None:
    furniture = [r.text for p in study_pages for r in p.regions if r.kind in FURNITURE]
    assert sorted(furniture) == ["41", "42", "Littoral Notes 12 (2024)", "Littoral Notes 12 (2024)"]
    document = Document(id="d", name="study.pdf", source="/study.pdf", content="c", version="f" * 32)
    passages = list(build_passages(document, study_pages, lambda text: len(text.split()), IngestOptions(), 256))
    assert not any("Littoral" in p.text or p.text.strip() in ("41", "42") for p in passages)
    assert sum(p.text.count("Few organisms") for p in passages) == 8


def test_a_file_says_what_it_is(study: Path) -> None:
    info = info_of(study, IngestOptions())
    assert info.page_count == 2
    assert info.title == "Glow rhythms"
    assert info.outline == ((1, "Study", 1), (2, "1 Of the organisms", 1), (2, "4 Of the weather", 2))
    assert info.metadata["author"] == "I. Corvander"
    assert "producer" not in info.metadata


def test_reading_from_a_later_page_gives_the_same_page(study: Path, study_pages: list[Page]) -> None:
    assert list(read(study, IngestOptions(), version="f" * 32, first_page=2)) == study_pages[1:]


# Rotation and crop box


def turned_page(document: pymupdf.Document, rotation: int, *, upright: bool) -> None:
    """A page larger than its crop box, turned by /Rotate; its text is upright on the screen, or upright before."""
    page = document.new_page(width=700, height=900)
    page.set_cropbox(pymupdf.Rect(40, 70, 660, 860))
    if upright:
        page.set_rotation(rotation)
        typeset(page, f"Turned by {rotation} degrees\n\n{LETTER}", left=60)
    else:
        typeset(page, f"Turned by {rotation} degrees\n\n{LETTER}", left=60)
        page.set_rotation(rotation)


@pytest.fixture(scope="session")
def turned(save: Save) -> Path:
    document = pymupdf.open()
    for rotation in (90, 180, 270):
        turned_page(document, rotation, upright=True)
    for rotation in (0, 90, 180):
        turned_page(document, rotation, upright=False)
    for n in range(6):  # what lies outside the crop box is not shown
        document[n].insert_text(pymupdf.Point(-30, -40), "outside", fontsize=11)
    return save("turned.pdf", document)


@pytest.fixture(scope="session")
def turned_pages(turned: Path) -> list[Page]:
    return read_all(turned)


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_boxes_of_turned_and_cropped_pages_lie_on_the_print(
    turned: Path, turned_pages: list[Page], number: int
) -> None:
    page = turned_pages[number - 1]
    assert page.rotation == [90, 180, 270, 0, 90, 180][number - 1]
    assert (page.width, page.height) == ((790, 620) if page.rotation in (90, 270) else (620, 790))
    assert_on_ink(turned, page)
    said = text_of(page)
    assert "outside" not in said
    # Read in order, though the lines run in any of four directions.
    flat = " ".join(said.split())
    assert flat.index(f"Turned by {page.rotation}") < flat.index("blown off its course by the gale, flew through")
    assert flat.index("spare glass fitted") < flat.index("Since the fog") < flat.index("twenty fog rockets")


def test_upright_pages_are_not_turned_and_others_say_so(turned_pages: list[Page]) -> None:
    notes = [p.notes for p in turned_pages]
    assert notes[:4] == [(), (), (), ()]
    assert "turned by 270" in notes[4][0]
    assert "turned by 180" in notes[5][0]


def test_the_words_of_a_turned_page_stand_where_they_are_shown(turned_pages: list[Page]) -> None:
    first = [w for w in words_of(turned_pages[4]) if w.text in ("Turned", "degrees")]
    # /Rotate 90 turns clockwise: what began at the top left now begins at the top right and runs down.
    assert first[0].bbox.x0 > 0.8
    assert first[0].bbox.y0 < first[1].bbox.y0
    assert first[0].bbox.height * 620 > first[0].bbox.width * 790


# Forms, comments, pictures


@pytest.fixture(scope="session")
def form(save: Save) -> Path:
    text, tick = 7, 2  # PyMuPDF's PDF_WIDGET_TYPE_TEXT and _CHECKBOX
    document = pymupdf.open()
    for turn in (0, 90):
        page = document.new_page(width=A4[0], height=A4[1])
        typeset(page, "Application for the Field Club")
        for label, y, kind, value in (
            ("Name", 140, text, "Fenna Pellory"),
            ("Member before", 180, tick, True),
            ("Owns a boat", 220, tick, False),
        ):
            page.insert_text((70, y + 12), label, fontsize=11)
            widget = pymupdf.Widget()
            widget.field_type, widget.field_name, widget.field_label = kind, f"{label} {turn}", label
            widget.field_value = value
            widget.rect = pymupdf.Rect(220, y, 420 if value == "Fenna Pellory" else 236, y + 16)
            page.add_widget(widget)
        typeset(page, LETTER, top=300)
        page.add_text_annot((500, 320), "Checked by the keeper")
        page.add_freetext_annot((70, 600, 300, 630), "Free text is printed")
        note = page.add_highlight_annot(pymupdf.Rect(70, 290, 200, 305))
        note.set_info(content="Ask her about the eighth")
        note.update()
        page.set_rotation(turn)
    return save("form.pdf", document)


def test_what_is_filled_in_ticked_and_remarked_is_read(form: Path) -> None:
    upright, turned = read_all(form)
    for page in (upright, turned):
        said = text_of(page)
        for text in ("Fenna Pellory", "Checked by the keeper", "Ask her about the eighth", "Free text is printed"):
            assert said.count(text) == 1, text
        assert "Member before: Yes" in said
        assert "Owns a boat:" not in said
        assert not [w for w in words_of(page) if w.text in ("3", "4", "✓", "✔")]  # the tick itself is no text
        assert [r.text for r in page.regions if r.text.startswith("Name")] == ["Name Fenna Pellory"]
    where = {r.text: r.bbox for r in upright.regions}
    assert where["Member before: Yes"] == pytest.approx(BBox.of((220, 180, 236, 196), *A4), abs=0.01)
    # On the turned page, what was at (x, y) of the page stands at (1 - y, x).
    where = {r.text: r.bbox for r in turned.regions}
    assert where["Member before: Yes"] == pytest.approx((1 - 196 / 842, 220 / 595, 1 - 180 / 842, 236 / 595), abs=0.01)


@pytest.fixture(scope="session")
def chart(save: Save) -> tuple[Path, BBox]:
    """A digital page with a picture that has text of its own."""
    document = pymupdf.open()
    page = document.new_page(width=A4[0], height=A4[1])
    typeset(page, LETTER)
    picture, _ = picture_of("Energy cost per crossing\n\nSandpiper 41\nRedshank 118", size=(300, 200), letters=16)
    where = (120.0, 400.0, 480.0, 640.0)
    page.insert_image(where, stream=picture, keep_proportion=False)
    return save("chart.pdf", document), BBox.of(where, *A4)


def test_text_in_a_picture_on_a_digital_page_is_read(chart: tuple[Path, BBox]) -> None:
    path, where = chart
    (page,) = read_all(path)
    (figure,) = [r for r in page.regions if r.kind == "figure"]
    assert figure.source == "ocr"
    assert "Redshank 118" in figure.text
    assert figure.bbox.iou(where) > 0.9
    assert all(where.x0 < w.bbox.x0 < w.bbox.x1 < where.x1 and w.bbox.inside(where) > 0.99 for w in figure.words)
    (redshank,) = [w for w in figure.words if w.text == "Redshank"]
    assert redshank.bbox.x0 - where.x0 == pytest.approx(70 / 300 * where.width, abs=0.02)
    assert all(w.source == "text-layer" for r in page.regions if r is not figure for w in r.words)
    assert page.notes == ("ocr: text inside 1 picture(s)",)
    assert_on_ink(path, page)


def test_without_ocr_the_picture_stays_a_figure_without_words(chart: tuple[Path, BBox]) -> None:
    (page,) = read_all(chart[0], ocr="never")
    (figure,) = [r for r in page.regions if r.kind == "figure"]
    assert figure.text == ""
    assert page.notes == ()


def test_hebrew_is_read_from_right_to_left(save: Save) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_htmlbox((72, 72, 500, 200), '<p dir="rtl">קרא את הקובץ Octavo PDF היום</p>')
    (found,) = read_all(save("hebrew.pdf", document))
    assert text_of(found) == "קרא את הקובץ Octavo PDF היום"


# Pages that fail


def test_a_blank_page_has_no_regions(save: Save) -> None:
    document = pymupdf.open()
    document.new_page()
    (page,) = read_all(save("blank.pdf", document))
    assert (page.regions, page.notes) == ((), ())


def test_a_page_that_breaks_its_reader_is_marked_and_the_others_go_on(
    study: Path, study_pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaking(page: pymupdf.Page) -> list[Block]:
        if "Glow" in page.get_text():
            raise IndexError("list index out of range")
        return blocks_of(page)

    monkeypatch.setattr("octavo.ingest.reader.blocks_of", breaking)
    broken, good = read_pages(study, IngestOptions(), version="f" * 32, first=1)
    error = failure_of(broken, study)
    assert error is not None
    assert "IndexError" in error.what
    assert error.where == f"{study}, page 1"
    assert good.number == 2
    assert [r.text for r in good.regions] == [r.text for r in study_pages[1].regions]
    assert failure_of(good, study) is None
