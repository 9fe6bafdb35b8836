"""From scores to probabilities: by hand, and order kept."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from octavo.retrievers.calibration import Calibration

PLAIN = Calibration(
    weights={"maxsim": 1.0},
    slope=0.5,
    first=1.0,
    passage=-2.0,
    question={"dense": 2.0, "covered": 1.0},
    intercept=-3.0,
    fitted_on="-",
)


def test_by_hand() -> None:
    assert PLAIN.answerable({"dense": 0.5, "covered": 1.0, "unused": 99.0}) == pytest.approx(1 / (1 + math.exp(1)))
    # The second candidate is first in rank.
    logits = [-2 + 0.5 * -2 + 1 / 2, -2 + 0.5 * 4 + 1]
    found = PLAIN.relevance(np.array([-2.0, 4.0], np.float32))
    assert found == pytest.approx([1 / (1 + math.exp(-x)) for x in logits], abs=1e-6)


@given(scores=st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=20))
def test_a_higher_score_is_never_less_probable(scores: list[float]) -> None:
    values = np.array(scores, np.float32)
    found = Calibration.bundled().relevance(values)
    order = np.argsort(-values, kind="stable")
    assert (np.diff(found[order]) <= 1e-7).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert np.isfinite(found).all()


def test_what_is_missing_makes_an_answer_less_likely() -> None:
    bundled = Calibration.bundled()
    told = dict.fromkeys(bundled.question, 0.5)
    for name in ("absent", "absent names", "absent years", "numbers elsewhere"):
        assert bundled.answerable({**told, name: 2.0}) < bundled.answerable(told)
    for name in ("dense", "tokens found", "covered"):
        assert bundled.answerable({**told, name: 0.9}) > bundled.answerable(told)


def test_the_bundled_numbers_load_and_say_where_they_come_from() -> None:
    bundled = Calibration.bundled()
    assert {"maxsim", "dense", "lexical"} <= set(bundled.weights)
    assert "questions" in bundled.fitted_on
    assert Calibration.bundled() is bundled


@pytest.mark.parametrize("wrong", [{"slope": 0.0}, {"slope": -1.0}, {"first": -0.1}, {"unknown": 1}])
def test_numbers_that_would_turn_the_order_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate(PLAIN.model_dump() | wrong)


def test_a_fit_says_what_it_was_made_from() -> None:
    from octavo.benchmarks.fit_relevance import NAMES, Asked, fitted_on

    assert tuple(Calibration.bundled().question) == NAMES
    none = np.zeros(0)
    asked = [
        Asked(document, kind, none, none, none.astype(bool))
        for document, kind in [("a", "answerable"), ("b", "elsewhere"), ("c", "elsewhere"), ("a", "unanswerable")]
    ]
    assert fitted_on(asked, Path("data/ferries.jsonl")) == (
        "1 answerable questions on 1 documents (ferries.jsonl), and the same questions asked of two other documents "
        "each; 1 questions that people wrote to be unanswerable"
    )
