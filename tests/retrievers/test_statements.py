"""Financial statements: asked for without their name, and told from pages that are only about them."""

from __future__ import annotations

import pytest

from octavo.retrievers.analysis import analyse
from octavo.retrievers.statements import Statement, marks, sought, statements

BALANCE = """Cash and cash equivalents: 2024: 41.0 | 2023: 35.2
Trade receivables: 12.1 | 11.8
Inventories: 6.6 | 7.0
Total current assets: 59.7 | 54.0
Vessels, property and equipment: 301.0 | 280.4
Total assets: 360.7 | 334.4
Trade payables: 18.2 | 17.5
Total current liabilities: 40.1 | 39.9
Long-term debt: 121.5 | 130.0
Total liabilities: 161.6 | 169.9
Share capital: 50.0 | 50.0
Retained earnings: 149.1 | 114.5
Total equity: 199.1 | 164.5"""
NOTE = """The inventories of 6.6 million consist of fuel (4.1), spare parts (1.5) and goods for kiosks (1.0), against
7.0 million in 2023. Total assets rose by 8 percent."""


def _named(name: str) -> Statement:
    return next(statement for statement in statements() if statement.name == name)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is the quick ratio?", ["balance sheet"]),
        ("What was the company's EBITDA margin in FY2024?", ["income statement", "cash flow statement"]),
        ("How large are total current liabilities?", ["balance sheet"]),
        ("What is the inventory turnover?", ["balance sheet", "income statement"]),
        ("How much was spent on capital expenditure?", ["cash flow statement"]),
        ("What's the effective tax rate?", ["income statement"]),
        ("How much was spent on share repurchases?", ["cash flow statement"]),
        ("What is of interest to tourists?", []),
        ("What was the sales growth?", ["income statement"]),
        ("How large were net sales?", ["income statement"]),
        ("What was the turnover in 2023?", ["income statement"]),
        ("What is the asset turnover?", ["balance sheet", "income statement"]),
        ("How large is goodwill?", ["balance sheet"]),
        ("What is the inventory of finished goods?", ["balance sheet"]),
        ("What was the employee turnover rate?", []),
        ("How high is staff turnover?", []),
        ("What is the turnover of staff?", []),
        ("How many sales representatives are there?", []),
        ("Which sales region has the most ferries?", []),
        ("Who leads the sales force?", []),
        ("Who leads the sales team?", []),
        ("How many sales staff work in Osse?", []),
        ("Who is the goodwill ambassador?", []),
        ("Who made the inventory of greenhouse gases?", []),
        ("Who made the greenhouse gas inventory?", []),
        ("When did the night charging station open?", []),
        ("How many islands are there?", []),
        ("How is the glow of the lichen measured?", []),
    ],
)
def test_statements_that_a_question_needs(question: str, names: list[str]) -> None:
    assert [statement.name for statement in sought(question)] == names


def test_a_statement_is_told_from_a_note_about_it() -> None:
    balance = _named("balance sheet")
    assert balance.degree([f"Consolidated balance sheet\n{BALANCE}"]) == pytest.approx(13 / 20 + 0.3)
    assert balance.degree([f"Notes > 5 Inventories\n{NOTE}"]) == pytest.approx(2 / 20)
    for other in statements():
        assert other is balance or other.degree([BALANCE]) < 0.3


def test_parts_of_a_page_make_one_statement() -> None:
    balance, lines = _named("balance sheet"), BALANCE.splitlines()
    halves = ["\n".join(lines[:6]), "\n".join(lines[6:])]
    assert balance.degree(halves) == balance.degree([BALANCE]) > max(map(balance.degree, ([h] for h in halves)))
    assert balance.degree([]) == 0


def test_marks_stand_in_the_index_of_parts_only() -> None:
    assert marks(BALANCE) == ["0balancesheet"]
    assert marks(NOTE) == []
    assert marks("Total assets, goodwill, inventories, accounts payable and cash: see the balance sheet.") == []


def test_no_text_has_a_mark() -> None:
    for statement in statements():
        assert statement.mark not in analyse(f"{statement.mark} {statement.name} 0 {statement.name}")
