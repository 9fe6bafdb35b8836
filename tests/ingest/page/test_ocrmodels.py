"""Which model reads a language in pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from octavo import DocumentQA
from octavo.errors import MissingExtra, UnknownComponent, UnreadableFile
from octavo.ingest.options import IngestOptions
from octavo.ingest.page.ocr import read_picture
from octavo.ingest.page.ocrmodels import check, here, model_for, models


def test_what_comes_with_the_package_and_what_does_not() -> None:
    found = here()
    assert {"ch", "chinese_cht", "japan", "en", "de", "fr", "tr", "pl", "vi"} <= set(found)
    assert {"arabic", "cyrillic", "devanagari", "korean", "th", "el"} <= set(models()) - set(found)
    assert model_for("de") == model_for("ch")


def test_a_model_that_is_not_here_is_named_with_its_address() -> None:
    with pytest.raises(MissingExtra, match="does not come with") as error:
        model_for("cyrillic")
    assert error.value.where == "ingest.ocr_language = cyrillic"
    assert "cyrillic_PP-OCRv5_rec_mobile.onnx" in (error.value.cure or "")
    assert "https://" in (error.value.cure or "")
    check(IngestOptions(ocr_language="cyrillic", ocr="never"))  # never asked for


def test_an_unknown_language_lists_those_there_are() -> None:
    with pytest.raises(UnknownComponent, match="'klingon'") as error:
        check(IngestOptions(ocr_language="klingon"))
    assert "arabic, " in (error.value.cure or "")


def test_a_model_of_ones_own_is_used(tmp_path: Path) -> None:
    own = tmp_path / "mine.onnx"
    shutil.copy(model_for("ch"), own)
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=80)
        page.insert_text((20, 50), "Ravensholm 1874", fontsize=24)
        picture = page.get_pixmap(dpi=150)
    pixels = np.frombuffer(picture.samples, np.uint8).reshape(picture.height, picture.width, 3)
    assert " ".join(w.text for line in read_picture(pixels, "cyrillic", str(own)) for w in line) == "Ravensholm 1874"


@pytest.mark.parametrize(("content", "what"), [(None, "no such file"), (b"not a model", "not an ONNX model")])
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes | None, what: str) -> None:
    path = tmp_path / "mine.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=what):
        check(IngestOptions(ocr_model=str(path)))


def test_adding_says_so_before_it_reads(tmp_path: Path) -> None:
    with (
        DocumentQA.open(tmp_path / "library", ingest={"ocr_language": "th"}) as qa,
        pytest.raises(MissingExtra, match="does not come with"),
    ):
        qa.add(tmp_path)
