"""Pictures of pages and regions with highlights."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from octavo.errors import EncryptedFile, UnreadableFile
from octavo.ingest.pictures import highlighted, render, rendered
from octavo.ingest.types import BBox

from .conftest import AES_256


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A white sheet of 400 × 200 points with a black bar, then the same turned and cropped."""
    document = pymupdf.open()
    for turned in (False, True):
        page = document.new_page(width=400, height=200)
        page.draw_rect(pymupdf.Rect(100, 50, 200, 100), color=None, fill=(0, 0, 0))
        if turned:
            page.set_cropbox(pymupdf.Rect(100, 50, 300, 150))
            page.set_rotation(90)
    path: Path = tmp_path_factory.mktemp("pictures") / "bar.pdf"
    document.save(path)
    return path


def pixels(picture: Image.Image | bytes) -> np.ndarray:
    opened = Image.open(io.BytesIO(picture)) if isinstance(picture, bytes) else picture
    return np.asarray(opened.convert("RGB")).astype(int)


def is_yellow(found: np.ndarray) -> np.ndarray:
    return (found[..., 0] > 230) & (found[..., 1] > 180) & (found[..., 2] < 60)


def test_a_page_is_rendered_at_its_resolution(path: Path) -> None:
    found = pixels(render(path, 1, dpi=144))
    assert found.shape == (400, 800, 3)
    assert found[150, 300].tolist() == [0, 0, 0]
    assert found[150, 500].tolist() == [255, 255, 255]


def test_a_part_of_a_page_is_rendered(path: Path) -> None:
    found = pixels(render(path, 1, bbox=BBox(0.25, 0.25, 0.5, 0.5), dpi=72))
    assert found.shape == (50, 100, 3)
    assert found.max() == 0


def test_turned_and_cropped_pages_are_rendered_as_shown(path: Path) -> None:
    # Cropped to 200 × 100 with the bar at the top left, then turned clockwise: 100 × 200, the bar at the top right.
    found = pixels(render(path, 2, dpi=72))
    assert found.shape == (200, 100, 3)
    assert found[10, 90].tolist() == [0, 0, 0]
    assert found[10, 10].tolist() == [255, 255, 255]


def test_highlights_mark_the_boxes_and_keep_the_print(path: Path) -> None:
    plain = pixels(render(path, 1, dpi=72))
    found = pixels(highlighted(path, 1, [BBox(0.25, 0.25, 0.75, 0.5), BBox(0.8, 0.8, 0.9, 0.9)], dpi=72))
    assert found.shape == plain.shape
    yellow = is_yellow(found)
    assert yellow[55:95, 210:290].all()  # the white part of the first box
    assert yellow[165:175, 325:355].all()
    assert (found[55:95, 105:195] == 0).all()  # the black bar under it stays black
    outside = np.ones(yellow.shape, bool)
    outside[45:105, 95:305] = outside[155:185, 315:365] = False
    assert (found[outside] == plain[outside]).all()


def test_a_crop_shows_the_boxes_and_their_surroundings(path: Path) -> None:
    found = pixels(highlighted(path, 1, [BBox(0.5, 0.5, 0.6, 0.6)], dpi=72, crop=True))
    # 0.06 more of the width and 0.04 of the height on each side: 0.44–0.66 of 400 by 0.46–0.64 of 200.
    assert found.shape == (36, 88, 3)
    assert is_yellow(found)[12:24, 28:60].all()


def test_a_crop_at_the_edge_stays_on_the_page(path: Path) -> None:
    found = pixels(highlighted(path, 1, [BBox(0.0, 0.0, 0.1, 0.1), BBox(0.9, 0.9, 1.0, 1.0)], dpi=72, crop=True))
    assert found.shape == (200, 400, 3)


def test_without_boxes_the_page_is_shown_as_it_is(path: Path) -> None:
    assert (pixels(highlighted(path, 1, [], dpi=72, crop=True)) == pixels(render(path, 1, dpi=72))).all()


def test_a_box_without_area_is_shown(path: Path) -> None:
    assert pixels(highlighted(path, 1, [BBox(0.8, 0.8, 0.8, 0.8)], dpi=72))[160, 320].tolist() != [255, 255, 255]
    assert pixels(render(path, 1, bbox=BBox(0.8, 0.8, 0.8, 0.8))).size > 0


def test_huge_pages_come_at_a_lower_resolution(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page(width=14_000, height=14_000)
    document.save(tmp_path / "huge.pdf")
    found = render(tmp_path / "huge.pdf", 1, dpi=600)
    assert 38_000_000 < found.width * found.height <= 40_100_000


def test_no_part_of_a_page_comes_with_more_pixels_either(path: Path) -> None:
    found = pixels(rendered(path, 1, BBox(0.0, 0.0, 1.0, 1.0), (16_000, 8_000)))
    assert found.shape == (4472, 8944, 3)


@pytest.mark.parametrize("size", [(123, 77), (1001, 333)])
def test_a_picture_for_a_model_shows_just_its_part(path: Path, size: tuple[int, int]) -> None:
    # The bar stands from .25 to .5 of both sides: this part begins and ends in the middle of it.
    found = pixels(rendered(path, 1, BBox(0.375, 0.2513, 0.6251, 0.4987), size))
    assert found.shape == (size[1], size[0], 3)
    black = found.max(axis=2) < 40
    assert black[:, : size[0] // 2 - 2].all()
    assert not black[:, size[0] // 2 + 2 :].any()
    # On the turned page the bar is the right half of the upper half.
    turned = pixels(rendered(path, 2, BBox(0.6, 0.1, 0.9, 0.4), size))
    assert turned.shape == (size[1], size[0], 3)
    assert turned.max() < 40


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_is_not_there(path: Path, page: int) -> None:
    with pytest.raises(UnreadableFile, match=f"no page {page}") as caught:
        render(path, page)
    assert caught.value.cure == "1 to 2"


def test_encrypted_files(tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page(width=50, height=50)
    document.save(tmp_path / "s.pdf", encryption=AES_256, user_pw="user", owner_pw="owner")
    with pytest.raises(EncryptedFile):
        render(tmp_path / "s.pdf", 1)
    assert render(tmp_path / "s.pdf", 1, password="user", dpi=72).size == (50, 50)


def test_a_part_of_a_page_at_exactly_the_size_asked_for(path: Path) -> None:
    found = pixels(rendered(path, 1, BBox(0.25, 0.25, 0.75, 0.75), (301, 149)))
    assert found.shape[:2] == (149, 301)
    assert found[2:70, 2:148].max() < 40  # the bar: the left half of the part's upper half
    assert found[80:, :].min() > 220
    assert found[:, 155:].min() > 220


def test_no_part_of_a_page_that_is_not_there(path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no page 3"):
        rendered(path, 3, BBox(0, 0, 1, 1), (10, 10))
