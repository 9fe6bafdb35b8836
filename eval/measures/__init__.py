"""Measures: pure functions from labels and results to numbers. None of them averages an empty list."""

from __future__ import annotations

from .answerability import answered_at_refusal, auroc
from .bootstrap import Interval, bootstrap, bootstrap_mean
from .containment import QUOTED_WORDS, contained, normalised
from .layout import COVERED, covered_share, layout_recall
from .ranking import page_measures

__all__ = [
    "COVERED",
    "QUOTED_WORDS",
    "Interval",
    "answered_at_refusal",
    "auroc",
    "bootstrap",
    "bootstrap_mean",
    "contained",
    "covered_share",
    "layout_recall",
    "normalised",
    "page_measures",
]
