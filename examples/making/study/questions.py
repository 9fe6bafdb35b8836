"""What may be asked of the field study."""

from __future__ import annotations

from ..record import Question

QUESTIONS = [
    Question(
        "By how many minutes did the peak of the glow come later from night to night?",
        "49",
        "Int",
        {"rhythm.1": "text"},
        "As the tide came later from night to night, so did the peak, by 49 minutes on average.",
    ),
    Question(
        "What was the mean peak glow on Long Tern on dry nights at spring tide, in µcd/m²?",
        "5.9",
        "Float",
        {"glow table": "table"},
        "Long Tern 18 2.6 4.7 5.9 10.2",
        "corpus",
    ),
    Question(
        "Which line colour stands for Grey Maiden in the panel that shows glow against time since high water?",
        "Orange",
        "Str",
        {"glow figure": "figure"},
        "Grey Maiden",
    ),
    Question(
        "Which of the three belts of lichen lies highest on the skerry in Figure 1?",
        "the upper belt",
        "Str",
        {"skerry figure": "figure"},
        "upper belt",
    ),
    Question(
        "On what share of the nights was the upper belt the brightest, in per cent?",
        "17",
        "Int",
        {"belts chart": "chart"},
        "17",
    ),
    Question("How many plots were laid out on Little Tern?", "Not answerable", "None", {}),
]
