"""Does a confidence tell questions that the documents answer from those that they do not?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """Probability that an answerable question gets the higher confidence of the two; ties count half.

    The area under the ROC curve (Hanley & McNeil, Radiology 1982). .5 is chance, 1 is perfect.

    Raises:
        ValueError: One of the lists is empty.
    """
    import numpy as np

    above, below = _checked(answerable, unanswerable)
    below = np.sort(below)
    wins = np.searchsorted(below, above, side="left") + np.searchsorted(below, above, side="right")
    return float(wins.mean() / 2 / len(below))


def answered_at_refusal(answerable: Sequence[float], unanswerable: Sequence[float], refused: float = 0.30) -> float:
    """Share of unanswerable questions answered when a share `refused` of the answerable ones is refused.

    Everything with a confidence above a threshold is answered; the threshold is the highest that answers `1 - refused`
    of the answerable. Where no threshold does so exactly, because of ties or small numbers, the two nearest are
    mixed: linear interpolation on the ROC curve (Fawcett, Pattern Recognition Letters 2006). Chance is `1 - refused`.

    Raises:
        ValueError: One of the lists is empty, or `refused` is not in [0, 1].
    """
    import numpy as np

    above, below = _checked(answerable, unanswerable)
    if not 0 <= refused <= 1:
        raise ValueError("refused must lie in [0, 1]")
    wanted = 1 - refused
    thresholds = np.unique(np.concatenate([above, below]))[::-1]
    kept, false = (
        np.concatenate([[0.0], 1 - np.searchsorted(np.sort(scores), thresholds, side="left") / len(scores)])
        for scores in (above, below)
    )
    at = int(np.argmax(kept >= wanted - 1e-12))  # the first, so the strictest; the last point keeps everything
    if at == 0 or kept[at] - wanted < 1e-12:
        return float(false[at])
    share = (wanted - kept[at - 1]) / (kept[at] - kept[at - 1])
    return float(false[at - 1] + share * (false[at] - false[at - 1]))


def _checked(
    answerable: Sequence[float], unanswerable: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    if not len(answerable) or not len(unanswerable):
        raise ValueError("both answerable and unanswerable questions are needed")
    return np.asarray(answerable, dtype=np.float64), np.asarray(unanswerable, dtype=np.float64)
