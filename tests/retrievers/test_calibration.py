"""From scores to probabilities: by hand, and order kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from octavo.retrievers.calibration import Calibration

PLAIN = Calibration(
    weights={"maxsim": 1.0}, slope=0.5, first=1.0, query={"dense": 2.0, "coverage": 1.0}, intercept=-3.0, fitted_on="-"
)


def _evidence(*best: tuple[str, float]) -> dict[str, np.ndarray]:
    return {name: np.array([0.0, value], np.float32) for name, value in best}


def test_by_hand() -> None:
    evidence = _evidence(("dense", 0.5), ("coverage", 1.0), ("unused", 99.0))
    found = PLAIN.probability(np.array([-2.0, 4.0], np.float32), evidence)
    # -3 + 2 · 0.5 + 1 = -1 for the question; the second candidate is first in rank.
    logits = [-1 + 0.5 * -2 + 1 / 2, -1 + 0.5 * 4 + 1]
    assert found == pytest.approx([1 / (1 + math.exp(-x)) for x in logits], abs=1e-6)


@given(
    scores=st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=20),
    best=st.floats(-1, 1, width=32),
)
def test_a_higher_score_is_never_less_probable(scores: list[float], best: float) -> None:
    values = np.array(scores, np.float32)
    found = Calibration.bundled().probability(values, _evidence(("dense", best), ("coverage", abs(best))))
    order = np.argsort(-values, kind="stable")
    assert (np.diff(found[order]) <= 1e-7).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert np.isfinite(found).all()


@given(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32))
def test_a_question_with_nearer_evidence_is_likelier_answered(one: float, other: float) -> None:
    near, far = max(one, other), min(one, other)
    scores = np.array([1.0, 0.0], np.float32)

    def first(best: float) -> float:
        evidence = {name: np.array([best, -1.0], np.float32) for name in ("dense", "coverage")}
        return float(Calibration.bundled().probability(scores, evidence)[0])

    assert first(near) >= first(far)


def test_the_bundled_numbers_load_and_say_where_they_come_from() -> None:
    bundled = Calibration.bundled()
    assert {"maxsim", "dense", "lexical"} <= set(bundled.weights)
    assert "questions" in bundled.fitted_on
    assert Calibration.bundled() is bundled


@pytest.mark.parametrize("wrong", [{"slope": 0.0}, {"slope": -1.0}, {"first": -0.1}, {"unknown": 1}])
def test_numbers_that_would_turn_the_order_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate(PLAIN.model_dump() | wrong)
