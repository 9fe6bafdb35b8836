"""How large a picture must be for its smallest text to be read, once the model has resized it.

Heights are those of words' boxes, which reach from above the capitals to below the baseline: capitals and digits are
about two thirds of it, in text layers as in OCR. A box of 12 pixels holds digits of 8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...ingest.types import BBox, Page, Word
from .types import Shown
from .visual_tokens import VisualTokens

PAGE = BBox(0.0, 0.0, 1.0, 1.0)
LEGIBLE, BARELY = 12.0, 8.0  # pixels: what a word's box is given, and what it is given where the budget is short
_LETTERS = 0.02  # of the letters may be smaller: a footnote's mark, a trademark sign
_SMALLEST_SCALE, _LARGEST_SCALE = 1.0, 4.0  # pixels a point, 72 and 288 dpi: fine lines stay, nothing is blown up
_WORDLESS_SCALE = 1.5  # 108 dpi
_STEP = 1.02
_SMALL = 600_000  # pixels
_STRETCHED = 1.34  # times as much one way as the other
_THINNEST = 50  # times as long as wide: processors squash thinner pictures
_TOO_THIN = 100  # times: processors refuse 200, and sides of few pixels are rounded


def smallest_height(words: Sequence[Word], page: Page) -> float | None:
    """The height in points that all but 2 % of the letters and digits reach; None where there are none.

    Single letters do not count: they are as often bullets and marks. Upright words are as high as their box is wide.
    """
    heights = sorted((_height(word, page), n) for word in words if (n := sum(map(str.isalnum, word.text))) > 1)
    few = _LETTERS * sum(n for _, n in heights)
    seen = 0
    for height, letters in heights:
        seen += letters
        if seen > few:
            return height
    return None


def words_in(box: BBox, page: Page) -> list[Word]:
    """The words of a page whose middles lie in `box`."""
    return [word for region in page.regions for word in region.words if box.contains(*word.bbox.center)]


def legible_scale(words: Sequence[Word], page: Page, target: float = LEGIBLE) -> float:
    """Pixels a point at which the smallest of `words` is `target` pixels high."""
    height = smallest_height(words, page)
    return target / height if height else _WORDLESS_SCALE


def is_large_print(page: Page) -> bool:
    """Whether a legible picture of the whole page is small, as those of most slides are."""
    scale = max(legible_scale(words_in(PAGE, page), page), _SMALLEST_SCALE)
    return page.width * page.height * scale**2 <= _SMALL


def picture_of(box: BBox, page: Page, counter: VisualTokens, target: float = LEGIBLE) -> Shown | None:
    """The cheapest picture of `box` in which the smallest text is `target` pixels high after the model's own resize.

    Less high where the model sees no more, or where it would have to be drawn at more than 288 dpi. For a model that
    puts every picture on a canvas of tiles, the picture has a canvas's shape where that is cheaper: with so much of
    what stands around `box` as fills it and, where the page ends, stretched by a third at most, as such a model does.
    No picture has more pixels than the model sees of it. None where the page is too thin for any processor.
    """
    box = _thick_enough(box, page)
    width, height = box.width * page.width, box.height * page.height
    if max(width, height) > _TOO_THIN * min(width, height):
        return None
    size, legible = _enlarged(box, page, counter, target)
    for tokens, canvas in sorted((counter.tokens(*canvas), canvas) for canvas in counter.canvases()):
        if legible and tokens >= counter.tokens(*size):
            break
        wider = _filling(box, page, canvas)
        low, high = sorted(_scales(wider, page, canvas))
        if low < _SMALLEST_SCALE or high > _STRETCHED * low:
            continue  # without a look at the words, which takes time
        if low >= min(legible_scale(words_in(wider, page), page, target), _LARGEST_SCALE):
            box, size = wider, canvas
            break
    size = min(size, counter.resize(*size), key=math.prod)
    letters = smallest_height(words_in(box, page), page)
    return Shown(
        page=page.number,
        bbox=box,
        width=size[0],
        height=size[1],
        tokens=counter.tokens(*size),
        smallest_text=letters * min(_scales(box, page, counter.resize(*size))) if letters else None,
    )


def _enlarged(box: BBox, page: Page, counter: VisualTokens, target: float) -> tuple[tuple[int, int], bool]:
    """The smallest size of a picture of `box`, in its own shape, that is legible; else the sharpest, and False."""
    needed = legible_scale(words_in(box, page), page, target)
    scale = min(max(needed, _SMALLEST_SCALE), _LARGEST_SCALE)
    best, sharpest = (1, 1), 0.0
    while True:
        size = max(round(box.width * page.width * scale), 1), max(round(box.height * page.height * scale), 1)
        sharp = min(_scales(box, page, counter.resize(*size)))
        if sharp > sharpest:
            best, sharpest = size, sharp
        if sharpest >= needed or scale >= _LARGEST_SCALE or scale > 2 * max(needed, _SMALLEST_SCALE):
            return best, sharpest >= min(needed, _LARGEST_SCALE)
        scale = min(scale * _STEP, _LARGEST_SCALE)


def _scales(box: BBox, page: Page, size: tuple[int, int]) -> tuple[float, float]:
    """Pixels a point, across and down, of a picture of `box`."""
    return size[0] / (box.width * page.width), size[1] / (box.height * page.height)


def _filling(box: BBox, page: Page, size: tuple[int, int]) -> BBox:
    """`box` with what stands around it, until it has the shape of `size` or the page ends."""
    shape = size[0] / size[1] * page.height / page.width
    (x0, x1), (y0, y1) = _longer(box.x0, box.x1, box.height * shape), _longer(box.y0, box.y1, box.width / shape)
    return BBox(x0, y0, x1, y1)


def _longer(start: float, end: float, length: float) -> tuple[float, float]:
    """From `start` to `end` and on both sides, as far as the page goes, until it is `length` long."""
    length = min(max(length, end - start), 1.0)
    at = min(max((start + end - length) / 2, 0.0), 1.0 - length)
    return min(at, start), max(at + length, end)


def _height(word: Word, page: Page) -> float:
    width, height = word.bbox.width * page.width, word.bbox.height * page.height
    upright = len(word.text) > 2 and height > 1.8 * width
    return width if upright else height


def _thick_enough(box: BBox, page: Page) -> BBox:
    """`box`, wider or higher if it is too thin for any processor."""
    least = max(box.width * page.width, box.height * page.height, 1.0) / _THINNEST
    (x0, x1), (y0, y1) = _longer(box.x0, box.x1, least / page.width), _longer(box.y0, box.y1, least / page.height)
    return BBox(x0, y0, x1, y1)
