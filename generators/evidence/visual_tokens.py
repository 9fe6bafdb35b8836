"""How a vision-language model's processor resizes a picture, and how many tokens it makes of it.

Counted here as transformers' processors do, without loading them; tests compare with the real ones. Counted is what
stands in the prompt for the picture: its own tokens and those that mark its tiles.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

_LONGEST_SIDE = 4096  # Idefics3: no picture is resized to more
_THINNEST = 200  # Qwen2-VL refuses what is longer than that many times its width


class VisualTokens(Protocol):
    """What a model makes of a picture of `width` × `height` pixels."""

    def resize(self, width: int, height: int) -> tuple[int, int]:
        """Width and height at which the model sees it, in pixels; of all tiles together."""
        ...

    def tokens(self, width: int, height: int) -> int: ...

    def canvases(self) -> Sequence[tuple[int, int]]:
        """Sizes in pixels, of which a picture of another size gets one in the end; none where any size will do."""
        ...


class PatchGrid:
    """Qwen2-VL, Qwen2.5-VL and Qwen3-VL: one grid of patches, of which `merge` × `merge` become a token.

    Both sides are rounded to whole tokens; the area is kept between `min_pixels` and `max_pixels`. Raises ValueError
    for pictures more than 200 times as long as wide, as the processor does.
    """

    def __init__(self, patch: int = 14, merge: int = 2, min_pixels: int = 3136, max_pixels: int = 12_845_056) -> None:
        self.cell, self.min_pixels, self.max_pixels = patch * merge, min_pixels, max_pixels

    def resize(self, width: int, height: int) -> tuple[int, int]:
        if max(width, height) / min(width, height) > _THINNEST:
            raise ValueError(f"a picture of {width} × {height} is too thin")
        cell, area = self.cell, width * height
        w, h = (round(side / cell) * cell for side in (width, height))
        if w * h > self.max_pixels:
            shrink = math.sqrt(area / self.max_pixels)
            w, h = (max(cell, math.floor(side / shrink / cell) * cell) for side in (width, height))
        elif w * h < self.min_pixels:
            grow = math.sqrt(self.min_pixels / area)
            w, h = (math.ceil(side * grow / cell) * cell for side in (width, height))
        return w, h

    def tokens(self, width: int, height: int) -> int:
        w, h = self.resize(width, height)
        return (w // self.cell) * (h // self.cell)

    def canvases(self) -> Sequence[tuple[int, int]]:
        return ()


class RowsOfTiles:
    """Idefics3 and SmolVLM: the long side becomes `longest`, whatever it was; square tiles, and the whole as one more.

    Each tile has `per_tile` tokens and two that say which it is; each row of tiles ends with one.
    """

    def __init__(self, tile: int = 364, longest: int = 1456, per_tile: int = 169, split: bool = True) -> None:
        self.tile, self.longest, self.per_tile, self.split = tile, longest, per_tile, split

    def resize(self, width: int, height: int) -> tuple[int, int]:
        if not self.split:
            return self.tile, self.tile
        w, h = self._to_longest(width, height)
        aspect = w / h
        if w >= h:
            w = _whole(w, self.tile)
            return w, _whole(int(w / aspect), self.tile)
        h = _whole(h, self.tile)
        return _whole(int(h * aspect), self.tile), h

    def _to_longest(self, width: int, height: int) -> tuple[int, int]:
        aspect = width / height
        if width >= height:
            w, h = self.longest, int(self.longest / aspect)
            h += h % 2
        else:
            w, h = int(self.longest * aspect), self.longest
            w += w % 2
        w, h = max(w, 1), max(h, 1)
        aspect = w / h
        if w >= h and w > _LONGEST_SIDE:
            w, h = _LONGEST_SIDE, int(_LONGEST_SIDE / aspect)
        elif h > w and h > _LONGEST_SIDE:
            w, h = int(_LONGEST_SIDE * aspect), _LONGEST_SIDE
        return max(w, 1), max(h, 1)

    def tokens(self, width: int, height: int) -> int:
        w, h = self.resize(width, height)
        columns, rows = w // self.tile, h // self.tile
        whole = self.per_tile + 3
        return whole if columns == rows == 1 else rows * (columns * (self.per_tile + 2) + 1) + whole

    def canvases(self) -> Sequence[tuple[int, int]]:
        if not self.split:
            return [(self.tile, self.tile)]
        long = _whole(min(self.longest, _LONGEST_SIDE), self.tile)
        short = range(self.tile, long + 1, self.tile)
        return [*((long, side) for side in short), *((side, long) for side in short)]


class BestCanvas:
    """InternVL: the canvas of `fewest` to `most` square tiles whose shape is nearest, and the whole as one more tile.

    Each tile has `per_tile` tokens; one before and one after the picture.
    """

    def __init__(self, tile: int = 448, fewest: int = 1, most: int = 12, per_tile: int = 256) -> None:
        self.tile, self.fewest, self.most, self.per_tile = tile, fewest, most, per_tile

    def resize(self, width: int, height: int) -> tuple[int, int]:
        columns, rows = self._canvas(width, height)
        return columns * self.tile, rows * self.tile

    def _canvas(self, width: int, height: int) -> tuple[int, int]:
        best, least = (1, 1), math.inf
        for columns, rows in _canvases(self.fewest, self.most):
            off = abs(width / height - columns / rows)
            # Of two of one shape the larger, unless the picture would not fill half of it.
            if off < least or (off == least and width * height > 0.5 * self.tile**2 * columns * rows):
                best, least = (columns, rows), off
        return best

    def tokens(self, width: int, height: int) -> int:
        columns, rows = self._canvas(width, height)
        tiles = columns * rows
        return (tiles + (tiles > 1)) * self.per_tile + 2

    def canvases(self) -> Sequence[tuple[int, int]]:
        return [(columns * self.tile, rows * self.tile) for columns, rows in _canvases(self.fewest, self.most)]


class Unknown(PatchGrid):
    """For models of no known family: cautious on both sides.

    Tokens are those of a grid of 28-pixel cells and a quarter more (tiles, thumbnails, ends of rows); the model is
    taken to see no more than a million pixels.
    """

    def __init__(self) -> None:
        super().__init__(max_pixels=1_003_520)

    def tokens(self, width: int, height: int) -> int:
        return math.ceil(super().tokens(width, height) * 1.25)


@lru_cache
def _canvases(fewest: int, most: int) -> list[tuple[int, int]]:
    """Columns and rows of all canvases, fewer tiles first."""
    sides = range(1, most + 1)
    return sorted(((c, r) for c in sides for r in sides if fewest <= c * r <= most), key=lambda at: at[0] * at[1])


def _whole(side: int, tile: int) -> int:
    return math.ceil(side / tile) * tile
