"""What is drawn on a page and is no region."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from octavo.errors import UnreadableFile
from octavo.generators.evidence.drawn import drawn_on
from octavo.generators.evidence.packing import pack
from octavo.generators.evidence.types import Undrawn
from octavo.ingest.pictures import render
from octavo.ingest.types import Kind
from octavo.tests.generators.evidence.material import (
    AMPLE,
    CHART,
    QWEN,
    Pages,
    figure,
    fine,
    hit_on,
    letters,
    page_of,
    paragraph,
)
from octavo.tests.generators.material import region, set_words


def test_what_is_drawn_is_seen_and_words_frames_and_rules_are_not(harbour: Path) -> None:
    (box,), extent = drawn_on(page_of(paragraph()), render(harbour, 1, dpi=54))
    assert box.iou(CHART) > 0.9
    # From the frame's upper edge to the rule, as wide as both.
    assert extent == pytest.approx((50 / 600, 70 / 800, 550 / 600, 760 / 800), abs=0.005)


@pytest.mark.filterwarnings("error")
def test_on_a_page_of_a_few_pixels_nothing_is_seen() -> None:
    assert drawn_on(page_of(width=14_400, height=60), Image.linear_gradient("L").resize((600, 3))).pictures == ()


def test_a_known_figure_is_not_seen_again(harbour: Path) -> None:
    page = page_of(paragraph(), figure("f", CHART.grown(0.01)))
    assert drawn_on(page, render(harbour, 1, dpi=54)).pictures == ()


@pytest.mark.parametrize("kind", ["text", "caption"])
def test_a_chart_taken_for_text_is_shown(harbour: Path, kind: Kind) -> None:
    label = region("Aln", id="l", kind=kind, words=set_words("Aln", 0.4, 0.7))
    page = page_of(label, region("fine", id="s", words=fine("fine")))
    result = pack([hit_on(label)], Pages(page, pdf=harbour), AMPLE, QWEN, letters)
    (one,) = result.evidence
    assert one.picture is not None
    assert CHART.inside(one.picture.bbox) > 0.99
    assert one.picture.bbox.area < 0.4


def test_a_page_whose_file_is_gone_goes_as_text_where_that_is_asked_for(tmp_path: Path) -> None:
    chart, told = figure("f", CHART, "Fog 12"), region("Aln has 14 cranes.")
    source = Pages(page_of(chart, told), page_of(figure("bare", CHART), number=2), pdf=tmp_path / "gone.pdf")
    seen = [*source.page("doc", 1).regions, *source.page("doc", 2).regions]
    hits = [hit_on(one, id=one.id, relevance=0.9 - 0.1 * n) for n, one in enumerate(seen)]
    with pytest.raises(UnreadableFile):
        pack(hits, source, AMPLE, QWEN, letters)
    undrawn: Undrawn = {}
    result = pack(hits, source, AMPLE, QWEN, letters, undrawn)
    assert [(one.text, one.picture) for one in result.evidence] == [("Fog 12", None), ("Aln has 14 cranes.", None)]
    assert result.left_out == ("bare",)
    assert list(undrawn) == [("doc", 1), ("doc", 2)]
    with pytest.raises(UnreadableFile):
        pack(hits[2:], source, AMPLE, QWEN, letters, {})


def test_a_page_that_is_known_to_be_gone_is_not_drawn(harbour: Path) -> None:
    label = region("Aln", kind="caption", words=set_words("Aln", 0.4, 0.7))
    page = page_of(label, region("fine", id="s", words=fine("fine")))
    undrawn: Undrawn = {("doc", 1): UnreadableFile("the file is gone")}
    (one,) = pack([hit_on(label)], Pages(page, pdf=harbour), AMPLE, QWEN, letters, undrawn).evidence
    assert (one.text, one.picture) == ("Aln", None)
