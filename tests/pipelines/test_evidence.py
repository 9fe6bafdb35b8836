"""Evidence from a library: found by search, packed, and drawn."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from octavo import DocumentQA
from octavo.errors import UnreadableFile
from octavo.generators.evidence.families import visual_tokens_of
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Budget
from octavo.ingest.types import BBox
from octavo.pipelines.evidence import LibraryEvidence
from octavo.retrievers.library import Library

from .conftest import BUILT, LIGHTHOUSE, write_pdf

AMPLE = Budget(text_tokens=2000, visual_tokens=4000, pictures=4)


def test_what_search_finds_is_packed(library: Path) -> None:
    with DocumentQA.open(library, read_only=True) as qa:
        hits = qa.search(BUILT, k=2)
    with Library.open(library, maker=None, create=False, read_only=True) as opened:
        source = LibraryEvidence(opened)
        packed = pack(hits, source, AMPLE, visual_tokens_of("Qwen3-VL"), len)
        first = packed.evidence[0]
        assert (first.name, first.page) == ("lighthouse.pdf", 1)
        assert "built in 1874" in first.text
        assert packed.left_out == ()
        assert packed.visual_tokens < packed.whole_pages_tokens
        drawn = source.picture(first.document, first.page, first.places[0].bbox, 320, 90)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert picture.size == (320, 90)
        assert sum(picture.convert("L").histogram()[:100])  # there is print on it


def test_a_file_that_is_not_the_one_that_was_read_is_not_shown(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "lighthouse.pdf", LIGHTHOUSE)
    with DocumentQA.open(tmp_path / "library", ingest={"workers": 1, "keep_originals": False}) as qa:
        qa.add(path)
    shutil.copyfile(write_pdf(tmp_path / "other.pdf", ["Something else."]), path)
    with Library.open(tmp_path / "library", maker=None, create=False, read_only=True) as opened:
        (document,) = opened.documents()
        with pytest.raises(UnreadableFile, match="has changed"):
            LibraryEvidence(opened).picture(document.id, 1, BBox(0, 0, 1, 1), 10, 10)
