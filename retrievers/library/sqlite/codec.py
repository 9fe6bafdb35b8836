"""How values become database columns and come back.

Boxes of regions, cells and places keep every bit; boxes of words, of which a page has hundreds, keep float32 (a
ten-thousandth of a pixel). Text that is no valid Unicode (file names, broken fonts) survives as bytes.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from ....ingest.types import BBox, Cell, Place, Source, Word

_SOURCES: tuple[Source, ...] = get_args(Source)
_LEVEL = 3  # of zlib: beyond it, much time for few bytes


def encode_text(text: str) -> str | bytes:
    """`text`, or its bytes if SQLite would refuse it for a lone surrogate. Equal texts encode equally."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def decode_text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "surrogatepass")


def encode_optional(text: str | None) -> str | bytes | None:
    return None if text is None else encode_text(text)


def decode_optional(value: str | bytes | None) -> str | None:
    return None if value is None else decode_text(value)


def encode_json(value: Any) -> str:
    """JSON in ASCII: escapes carry any text."""
    return json.dumps(value, separators=(",", ":"))


def encode_box(box: BBox) -> bytes:
    return struct.pack("<4d", *box)


def decode_box(blob: bytes) -> BBox:
    return BBox(*struct.unpack("<4d", blob))


def encode_words(words: Sequence[Word]) -> bytes:
    """zlib of: count (uint32), boxes (count × 4 float32), sources (count × uint8), texts (JSON)."""
    boxes = np.array([word.bbox for word in words], dtype="<f4").tobytes()
    sources = bytes(_SOURCES.index(word.source) for word in words)
    texts = encode_json([word.text for word in words]).encode()
    return zlib.compress(struct.pack("<I", len(words)) + boxes + sources + texts, _LEVEL)


def decode_words(blob: bytes) -> tuple[Word, ...]:
    data = zlib.decompress(blob)
    (count,) = struct.unpack_from("<I", data)
    boxes = np.frombuffer(data, "<f4", 4 * count, 4).reshape(count, 4).tolist()
    start = 4 + 16 * count
    texts = json.loads(data[start + count :])
    return tuple(
        Word(text, BBox(*box), _SOURCES[source])
        for text, box, source in zip(texts, boxes, data[start : start + count], strict=True)
    )


def encode_cells(cells: Sequence[Cell] | None) -> bytes | None:
    if cells is None:
        return None
    rows = [[c.row, c.col, c.row_span, c.col_span, c.header, *c.bbox, c.text] for c in cells]
    return zlib.compress(encode_json(rows).encode(), _LEVEL)


def decode_cells(blob: bytes | None) -> tuple[Cell, ...] | None:
    if blob is None:
        return None
    return tuple(
        Cell(row=row, col=col, row_span=row_span, col_span=col_span, header=header, bbox=BBox(*box), text=text)
        for row, col, row_span, col_span, header, *box, text in json.loads(zlib.decompress(blob))
    )


def encode_places(places: Iterable[Place]) -> str:
    return encode_json([[place.page, *place.bbox] for place in places])


def decode_places(text: str) -> tuple[Place, ...]:
    return tuple(Place(page, BBox(*box)) for page, *box in json.loads(text))


def decode_strings(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def unit_rows(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """Rows of `vectors` (n, d) as float32 of length 1; rows of zeros stay.

    Raises:
        ValueError: A number is not finite.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    if not np.isfinite(rows).all():
        raise ValueError("a vector holds a number that is not finite")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return unit


def encode_vectors(unit: NDArray[np.float32]) -> list[bytes]:
    """One float16 blob per row of `unit` (n, d)."""
    return [row.tobytes() for row in unit.astype("<f2")]


def decode_vectors(blobs: Sequence[bytes], dimension: int) -> NDArray[np.float32]:
    """Float32 (n, d), rows of length 1 again."""
    return unit_rows(np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), dimension))
