"""What goes into the database comes out of it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from octavo.ingest.types import BBox, Cell, Place, Source, Word
from octavo.retrievers.library.sqlite import codec

unhurried = settings(deadline=None)  # how long it takes says how busy the machine is
any_text = st.text(st.characters(codec=None), max_size=20)  # lone surrogates and all
fractions = st.floats(0, 1)
boxes = st.builds(lambda x, y: BBox(min(x), min(y), max(x), max(y)), *[st.tuples(fractions, fractions)] * 2)
single = st.floats(0, 1, width=32)
word_boxes = st.builds(lambda x, y: BBox(min(x), min(y), max(x), max(y)), *[st.tuples(single, single)] * 2)
words = st.lists(st.builds(Word, any_text, word_boxes, st.sampled_from(get_args(Source))), max_size=8)
small = st.integers(0, 500)
cells = st.lists(
    st.builds(
        Cell, row=small, col=small, bbox=boxes, text=any_text, row_span=small, col_span=small, header=st.booleans()
    ),
    max_size=5,
)


@unhurried
@given(any_text)
def test_any_text_survives_and_fits_sqlite(text: str) -> None:
    stored = codec.encode_text(text)
    assert isinstance(stored, bytes) or stored.encode() is not None
    assert codec.decode_text(stored) == text


def test_only_text_that_sqlite_refuses_becomes_bytes() -> None:
    assert codec.encode_text("naïve 漢字 \0") == "naïve 漢字 \0"
    assert codec.encode_text("caf\udce9.pdf") == b"caf\xed\xb3\xa9.pdf"
    assert codec.encode_optional(None) is None
    assert codec.decode_optional(None) is None


@unhurried
@given(words)
def test_words_survive(words: list[Word]) -> None:
    assert codec.decode_words(codec.encode_words(words)) == tuple(words)


@unhurried
@given(boxes)
def test_word_boxes_are_kept_to_a_ten_thousandth_of_a_pixel_and_stay_boxes(box: BBox) -> None:
    ((_, kept, _),) = codec.decode_words(codec.encode_words([Word("x", box)]))
    assert max(abs(a - b) for a, b in zip(box, kept, strict=True)) < 1e-7
    assert 0 <= kept.x0 <= kept.x1 <= 1
    assert 0 <= kept.y0 <= kept.y1 <= 1


def test_a_page_of_words_is_small() -> None:
    many = [Word(f"word{n % 80}", BBox(n % 7 / 7, n / 500, n % 7 / 7 + 0.1, n / 500 + 0.01)) for n in range(500)]
    assert len(codec.encode_words(many)) < 500 * 16


@unhurried
@given(boxes)
def test_region_boxes_keep_every_bit(box: BBox) -> None:
    assert codec.decode_box(codec.encode_box(box)) == box


@unhurried
@given(st.none() | cells)
def test_cells_survive(cells: list[Cell] | None) -> None:
    assert codec.decode_cells(codec.encode_cells(cells)) == (None if cells is None else tuple(cells))


@unhurried
@given(st.lists(st.builds(Place, st.integers(1, 10**6), boxes), max_size=5), st.lists(any_text, max_size=5))
def test_places_and_strings_survive(places: list[Place], strings: list[str]) -> None:
    assert codec.decode_places(codec.encode_places(places)) == tuple(places)
    assert codec.decode_strings(codec.encode_json(strings)) == tuple(strings)


@unhurried
@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.just(8)), elements=st.floats(-100, 100, width=32)))
def test_vectors_come_back_as_unit_vectors_of_the_same_direction(vectors: np.ndarray) -> None:
    unit = codec.unit_rows(vectors)
    kept = codec.decode_vectors(codec.encode_vectors(unit), 8)
    lengths = np.linalg.norm(kept, axis=1)
    for row, back, length in zip(vectors, kept, lengths, strict=True):
        if np.linalg.norm(row) > 1e-30:
            assert length == pytest.approx(1, abs=1e-6)
            assert back @ row / np.linalg.norm(row.astype(np.float64)) > 0.9999
        elif not row.any():
            assert not back.any()


def test_vectors_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        codec.unit_rows(np.array([[1.0, np.nan]]))
