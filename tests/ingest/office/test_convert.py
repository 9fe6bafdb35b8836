"""Office files, web pages and texts as PDF: what is read of them, and what they cannot do."""

from __future__ import annotations

import http.server
import io
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import docx
import openpyxl
import pptx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image

from octavo.errors import EncryptedFile, MissingExtra, OctavoError, UnreadableFile, WorkerFailed
from octavo.ingest.office import convert
from octavo.ingest.office.convert import as_pdf, find_libreoffice, made_ready
from octavo.ingest.options import IngestOptions
from octavo.ingest.reader import info_of, read
from octavo.ingest.types import Page, Region

SEALED = Path(__file__).parents[2] / "data" / "sealed.docx"


class Asked(http.server.BaseHTTPRequestHandler):
    requests: list[str] = []

    def do_GET(self) -> None:
        self.requests.append(f"{self.command} {self.path}")
        self.send_response(404)
        self.end_headers()

    do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a server that notes in `Asked.requests` what it is asked for."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Asked) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


NUMBERS = "كان السعر ١٬٨٧٤٫٥ دينار و ٢٥٪ منه في ١٢/٠٣/٢٠٢٤ ثم انتهى (٣٣)."


def _link(report: Any, server: str) -> None:
    """A picture and a template that lie elsewhere."""
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    picture.seek(0)
    (blip,) = report.add_picture(picture)._inline.iter(qn("a:blip"))
    del blip.attrib[qn("r:embed")]
    blip.set(qn("r:link"), report.part.relate_to(f"{server}/d.png", RELATIONSHIP_TYPE.IMAGE, is_external=True))
    template = OxmlElement("w:attachedTemplate")
    kind = RELATIONSHIP_TYPE.SETTINGS.replace("settings", "attachedTemplate")
    settings = report.part._settings_part
    template.set(qn("r:id"), settings.relate_to(f"{server}/d.dotx", kind, is_external=True))
    settings.element.insert(0, template)


def write_report(path: Path, server: str) -> None:
    """Headings, a table, a page break, a picture and a template that lie elsewhere."""
    report = docx.Document()
    report.core_properties.title = "Harbour report 2023"
    report.add_heading("Dues", 1)
    report.add_paragraph("Harbour dues rose by 12.5 percent in 2023, since the ferry began its winter service.")
    table = report.add_table(rows=4, cols=3, style="Table Grid")
    rows = [("Month", "Ships", "Dues"), ("January", "14", "1,240"), ("February", "11", "980"), ("March", "25", "2,315")]
    for row, values in zip(table.rows, rows, strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = value
    report.add_heading("Repairs", 1)
    report.add_heading("The north mole", 2)
    report.add_paragraph("The north mole was mended with 340 tonnes of granite, brought by sea from Quillmere.")
    report.add_page_break()  # type: ignore[no-untyped-call]
    report.add_heading("Outlook", 1)
    report.add_paragraph("In 2024 a new crane will be bought for 410,000 euro.")
    _link(report, server)
    report.save(str(path))


def write_book(path: Path) -> None:
    """Two sheets, one of them long and with a long comment in a narrow column, and a hidden one."""
    book = openpyxl.Workbook()
    ferries = book.active
    ferries.title = "Ferries"
    ferries.append(["Ferry", "Built", "Passengers", "Comment"])
    for n in range(80):
        ferries.append([f"Ship {n}", 1900 + n, n * 37, f"laid up from October on in dock {n}"])
    ferries["A1048576"].fill = openpyxl.styles.PatternFill("solid", "FFFF00")  # nothing but colour at the last row
    fares = book.create_sheet("Fares")
    for row in (("Route", "Adult", "Child"), ("Ravensholm", 14.5, 7.25), ("Quillmere", 19, 9.5), ("Brannet", 8, 4)):
        fares.append(row)
    hidden = book.create_sheet("Drafts")
    hidden.append(["secret", "figures"])
    hidden.sheet_state = "hidden"
    book.save(path)


def write_deck(path: Path) -> None:
    deck = pptx.Presentation()
    for title, body in (
        ("Ferry strategy", "A winter line\nTwo ships are sold"),
        ("Costs", "3.9 million"),
        ("No", "no"),
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, body
    slide._element.set("show", "0")
    deck.save(str(path))


@pytest.fixture(scope="session")
def converted(tmp_path_factory: pytest.TempPathFactory, server: str) -> dict[str, list[Page]]:
    """The pages of one file of each kind, all converted at the same time."""
    folder = tmp_path_factory.mktemp("office")
    write_report(folder / "report.docx", server)
    write_book(folder / "book.xlsx")
    write_deck(folder / "deck.pptx")
    (folder / "page.html").write_text(
        f'<html><head><title>Café</title><link rel="stylesheet" href="{server}/a.css"></head><body background="{server}'
        f'/b.png"><h1>Prices</h1><p>A <img src="{server}/a.png" alt="cup"> costs 2.80.</p><h2>Cakes</h2>'
        "<p>Käsekuchen costs 3.50.</p></body></html>",
        encoding="latin-1",
    )
    (folder / "notes.md").write_text("# Lamp\n\nIt burns nine pints.\n\n## Stores\n\nWe have 72 wicks.\n")
    (folder / "right.html").write_text(
        "<style>p { font-family: 'DejaVu Sans' }</style>"
        "<p dir=rtl>عد حارس المنارة 19 سفينة قبل الفجر. كان البحر هادئا.</p>"
        f"<p>Words between the two.</p><p dir=rtl>{NUMBERS}</p>"
        "<p dir=rtl>שומר המגדלור של Quillmere Lines ספר 3.5 אחוז.</p>"
    )
    (folder / "right.md").write_text(f"# السلام\n\n{NUMBERS}\n\n- {NUMBERS}\n", encoding="utf-8")
    (folder / "values.csv").write_text("code;name\n007;Ångström\n008;Ørsted\n009;Bjørn\n")

    made = tmp_path_factory.mktemp("made")

    def convert_one(path: Path) -> Path:
        with as_pdf(path, IngestOptions()) as pdf:
            return Path(shutil.copy(pdf, made / f"{path.name}.pdf"))

    with ThreadPoolExecutor(3) as pool:
        pdfs = list(pool.map(convert_one, sorted(folder.iterdir())))
    # Not by the threads: MuPDF is for one at a time.
    found = {pdf.stem: list(read(pdf, IngestOptions(), version="f" * 32)) for pdf in pdfs}
    assert sorted(path.name for path in folder.iterdir()) == sorted(found)  # no locks, no leavings
    return found


def regions(pages: list[Page]) -> list[Region]:
    return [region for page in pages for region in page.regions]


def the(pages: list[Page], text: str) -> Region:
    (found,) = [region for region in regions(pages) if text in region.text]
    return found


@pytest.mark.libreoffice
def test_a_report_has_its_sections_and_table(converted: Mapping[str, list[Page]]) -> None:
    pages = converted["report.docx"]
    assert len(pages) == 2
    assert the(pages, "340 tonnes").section == ("Repairs", "The north mole")
    assert the(pages, "new crane").section == ("Outlook",)
    table = the(pages, "January")
    assert table.kind == "table"
    assert table.text == "Month | Ships | Dues\nJanuary | 14 | 1,240\nFebruary | 11 | 980\nMarch | 25 | 2,315"


@pytest.mark.libreoffice
def test_sheets_are_tables_under_their_names(converted: Mapping[str, list[Page]]) -> None:
    pages = converted["book.xlsx"]
    assert len(pages) == 3  # not the million rows that are but coloured
    tables = [region for region in regions(pages) if region.kind == "table"]
    assert {table.section for table in tables} == {("Ferries",), ("Fares",)}
    ferries = [table for table in tables if table.section == ("Ferries",)]
    assert all("Ferry | Built | Passengers | Comment" in table.text for table in ferries)  # on each page
    rows = "\n".join(table.text for table in ferries)
    for n in range(80):  # no text is cut off, no figure runs into its neighbour
        assert f"Ship {n} | {1900 + n} | {n * 37} | laid up from October on in dock {n}" in rows
    assert "Quillmere | 19 | 9.5" in tables[-1].text
    assert "secret" not in str(pages)


@pytest.mark.libreoffice
def test_each_slide_shown_is_a_page(converted: Mapping[str, list[Page]]) -> None:
    pages = converted["deck.pptx"]
    assert [page.regions[0].text for page in pages] == ["Ferry strategy", "Costs"]
    assert the(pages, "Two ships").section == ("Ferry strategy",)


@pytest.mark.libreoffice
def test_pages_and_texts(converted: Mapping[str, list[Page]]) -> None:
    assert the(converted["page.html"], "Käsekuchen").section == ("Prices", "Cakes")
    assert "A cup costs 2.80." in the(converted["page.html"], "2.80").text
    assert the(converted["notes.md"], "72 wicks").section == ("Lamp", "Stores")
    values = " ".join(region.text for region in regions(converted["values.csv"])).replace(" | ", " ")
    assert "007 Ångström" in values


@pytest.mark.libreoffice
def test_text_from_right_to_left_is_in_reading_order(converted: Mapping[str, list[Page]]) -> None:
    text = " ".join(region.text for region in regions(converted["right.html"]))
    assert "عد حارس المنارة 19 سفينة قبل الفجر. كان البحر هادئا." in text
    assert "שומר המגדלור של Quillmere Lines ספר 3.5 אחוז." in text
    assert NUMBERS in text
    markdown = " ".join(region.text for region in regions(converted["right.md"]))
    assert "السلام" in markdown
    assert markdown.count(NUMBERS) == 2


@pytest.mark.libreoffice
def test_nothing_is_asked_of_the_network(
    converted: Mapping[str, list[Page]], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert converted
    # What our own cleaning would take out, seen by LibreOffice: its settings have to hold alone.
    monkeypatch.setattr(convert, "TEXTS", frozenset())
    page = tmp_path / "page.html"
    page.write_text(f'<link rel="stylesheet" href="{server}/c.css"><p>Words</p><img src="{server}/c.png">')
    with as_pdf(page, IngestOptions()) as pdf:
        assert info_of(pdf, IngestOptions()).page_count == 1
    assert Asked.requests == []


@pytest.mark.libreoffice
def test_passwords_open_what_is_sealed() -> None:
    with pytest.raises(EncryptedFile, match="the file is encrypted"):
        list(read(SEALED))
    with pytest.raises(EncryptedFile, match="password is wrong"):
        list(read(SEALED, IngestOptions(password="land bird")))
    (page,) = read(SEALED, IngestOptions(password="sea bird"))
    assert "gannet" in page.regions[0].text


@pytest.mark.libreoffice
def test_what_libreoffice_cannot_open_is_named(tmp_path: Path) -> None:
    path = tmp_path / "torn.docx"
    write_report(path, "http://127.0.0.1:9")
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "odd.docx", "w") as odd:
        for name in whole.namelist():
            odd.writestr(name, b"<w:document" if name == "word/document.xml" else whole.read(name))
    with pytest.raises(OctavoError) as error:
        list(read(tmp_path / "odd.docx"))
    assert isinstance(error.value, (UnreadableFile, WorkerFailed))
    assert error.value.where == str(tmp_path / "odd.docx")
    assert error.value.cure


@pytest.fixture
def sleepy(tmp_path: Path) -> str:
    """A LibreOffice that hangs."""
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 600\n")
    program.chmod(0o755)
    return str(program)


def test_a_hang_is_stopped(tmp_path: Path, sleepy: str) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    hasty = IngestOptions(libreoffice=sleepy, convert_timeout_s=0.5)
    with pytest.raises(WorkerFailed, match=r"longer than 0\.5 s") as error, as_pdf(page, hasty):
        pass
    assert "convert_timeout_s" in (error.value.cure or "")
    stopped = Event()
    stopped.set()
    ready = made_ready(page, hasty, tmp_path)
    assert ready is not None
    with pytest.raises(WorkerFailed, match="stopped"):
        convert.converted(ready, page, IngestOptions(libreoffice=sleepy), stopped)


@pytest.mark.libreoffice
def test_a_libreoffice_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    page, folder, stopped = tmp_path / "page.md", tmp_path / "work", Event()
    page.write_text("# Page\n\n" + "word " * 400_000)
    ready = convert.made_ready(page, IngestOptions(), folder)
    assert ready is not None
    socket = convert._socket_of((folder / "profile").as_uri())
    with ThreadPoolExecutor(1) as pool:
        converting = pool.submit(convert.converted, ready, page, IngestOptions(), stopped)
        while not socket.exists() and not converting.done():
            time.sleep(0.02)
        assert socket.exists()
        stopped.set()
        assert isinstance(converting.exception(), WorkerFailed)
    assert not socket.exists()


def test_a_missing_libreoffice_is_named_with_its_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(convert, "_PLACES", ())
    with pytest.raises(MissingExtra, match="not installed") as error:
        find_libreoffice()
    assert "apt install libreoffice" in (error.value.cure or "")
    with pytest.raises(MissingExtra) as error:
        find_libreoffice("/nowhere/soffice")
    assert error.value.where == "ingest.libreoffice = /nowhere/soffice"
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    with as_pdf(pdf, IngestOptions()) as path:  # needs none
        assert path == pdf
