"""Measures against fractions worked by hand and properties that must hold."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from octavo.eval.measures import (
    answered_at_refusal,
    auroc,
    bootstrap,
    bootstrap_mean,
    contained,
    covered_share,
    layout_recall,
    normalised,
    page_measures,
)
from octavo.ingest.types import BBox

KS = (1, 3, 5, 10)


# Pages


def test_page_measures_by_hand() -> None:
    found = page_measures({2, 3}, [1, 2, 4, 3], KS)
    ideal = 1 + 1 / math.log2(3)  # two gold pages, at ranks 1 and 2
    both = 1 / math.log2(3) + 1 / math.log2(5)  # gold pages at ranks 2 and 4
    assert found == pytest.approx(
        {"recall@1": 0, "recall@3": 1 / 2, "recall@5": 1, "recall@10": 1}
        | {"hit@1": 0, "hit@3": 1, "hit@5": 1, "hit@10": 1, "mrr@10": 1 / 2}
        | {"ndcg@1": 0, "ndcg@3": (1 / math.log2(3)) / ideal, "ndcg@5": both / ideal, "ndcg@10": both / ideal}
    )
    assert list(found)[:5] == ["recall@1", "recall@3", "recall@5", "recall@10", "hit@1"]


def test_recall_divides_by_the_gold_pages_not_by_k() -> None:
    assert page_measures({1, 2, 3, 4}, [1, 9], [1])["recall@1"] == 1 / 4


def test_a_repeated_page_counts_once_at_its_first_rank() -> None:
    assert page_measures({2}, [1, 1, 1, 2], [1, 3])["recall@3"] == 1
    assert page_measures({1}, [1, 2, 1], [1])["recall@1"] == 1


def test_nothing_found_is_zero_but_nothing_to_find_is_an_error() -> None:
    assert set(page_measures({1}, [], KS).values()) == {0.0}
    with pytest.raises(ValueError, match="gold must not be empty"):
        page_measures(set(), [1], KS)
    with pytest.raises(ValueError, match="at least 1"):
        page_measures({1}, [1], [0])


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 12), min_size=1), st.lists(st.integers(1, 12), unique=True))
def test_page_measures_follow_their_definitions(gold: set[int], ranking: list[int]) -> None:
    found = page_measures(gold, ranking, KS)
    for k in KS:
        top = gold & set(ranking[:k])
        assert found[f"recall@{k}"] == pytest.approx(len(top) / len(gold))
        assert found[f"hit@{k}"] == bool(top)
        assert 0 <= found[f"ndcg@{k}"] <= 1 + 1e-12
    ranks = [rank for rank, page in enumerate(ranking[:10], start=1) if page in gold]
    assert found["mrr@10"] == pytest.approx(1 / ranks[0] if ranks else 0)
    assert found["recall@1"] <= found["recall@3"] <= found["recall@5"] <= found["recall@10"]


# Layout

fractions = st.integers(0, 8).map(lambda n: n / 8)
boxes = st.tuples(fractions, fractions, fractions, fractions).map(
    lambda t: BBox(min(t[0], t[2]), min(t[1], t[3]), max(t[0], t[2]), max(t[1], t[3]))
)


def test_overlapping_boxes_cover_each_spot_once_and_only_inside() -> None:
    box = BBox(0.0, 0.0, 0.5, 0.5)
    upper, middle = BBox(0.0, 0.0, 0.5, 0.2), BBox(0.0, 0.1, 1.0, 0.3)
    assert covered_share(box, [upper]) == pytest.approx(0.4)
    assert covered_share(box, [upper, middle]) == pytest.approx(0.6)
    assert covered_share(box, [upper, middle, upper]) == pytest.approx(0.6)
    assert covered_share(box, []) == 0
    assert covered_share(BBox(0.2, 0.2, 0.2, 0.4), [BBox(0, 0, 1, 1)]) == 1
    assert covered_share(BBox(0.2, 0.2, 0.2, 0.4), [upper]) == 0


@given(boxes.filter(lambda b: b.area > 0), st.lists(boxes, max_size=6))
def test_the_covered_share_is_the_share_of_grid_cells_under_any_box(box: BBox, others: list[BBox]) -> None:
    def cells(of: BBox) -> set[tuple[int, int]]:
        return set(product(range(int(of.x0 * 8), int(of.x1 * 8)), range(int(of.y0 * 8), int(of.y1 * 8))))

    under = set().union(*map(cells, others)) & cells(box)
    assert covered_share(box, others) == pytest.approx(len(under) / len(cells(box)))


def test_layout_recall_by_hand() -> None:
    gold = [("p2", BBox(0.0, 0.0, 0.5, 0.5)), ("p3", BBox(0.0, 0.0, 1.0, 1.0))]
    ranking = [
        [("p2", BBox(0.0, 0.0, 0.5, 0.2))],  # .4 of the first box
        [("p9", BBox(0.0, 0.0, 1.0, 1.0))],  # all of another page
        [("p2", BBox(0.0, 0.1, 1.0, 0.3)), ("p3", BBox(0.0, 0.0, 1.0, 0.5))],  # .6 together; .5 of the second box
    ]
    assert [layout_recall(gold, ranking, k) for k in (1, 2, 3, 10)] == [0, 0, 1, 1]
    assert layout_recall(gold, ranking, 3, covered=0.55) == 1 / 2
    with pytest.raises(ValueError, match="gold must not be empty"):
        layout_recall([], ranking, 1)


# Answerability


def test_auroc_by_hand() -> None:
    # .9 and .6 win both of their pairs, .2 loses one and ties one: 4.5 of 6.
    assert auroc([0.9, 0.6, 0.2], [0.5, 0.2]) == pytest.approx(4.5 / 6)
    assert auroc([0.5], [0.5]) == 0.5


def test_refusal_trade_off_by_hand() -> None:
    # Answering from .5 keeps 2/3 of the answerable and 1/2 of the others, from .2 all of both;
    # keeping .7 lies a tenth of the way between them.
    assert answered_at_refusal([0.9, 0.6, 0.2], [0.5, 0.2], 0.3) == pytest.approx(0.5 + 0.1 * 0.5)
    # Ten answerable: refusing .30 is exact, the threshold is .4, and .4 itself is answered.
    ten = [n / 10 for n in range(1, 11)]
    assert answered_at_refusal(ten, [0.35, 0.4, 0.9, 0.05], 0.3) == 2 / 4
    assert answered_at_refusal([1.0] * 5, [0.0] * 5) == 0
    assert answered_at_refusal([0.0] * 5, [1.0] * 5) == 1
    assert answered_at_refusal([0.5] * 5, [0.5] * 9, 0.3) == pytest.approx(0.7)  # no information: chance
    assert answered_at_refusal([0.5], [0.1], 1.0) == 0


scores = st.lists(st.integers(0, 6).map(lambda n: n / 6), min_size=1, max_size=12)


@given(scores, scores)
def test_auroc_counts_pairs_and_turns_round(yes: list[float], no: list[float]) -> None:
    wins = [(a > b) + (a == b) / 2 for a in yes for b in no]
    assert auroc(yes, no) == pytest.approx(sum(wins) / len(wins))
    assert auroc(yes, no) + auroc(no, yes) == pytest.approx(1)
    assert auroc([a**3 for a in yes], [b**3 for b in no]) == pytest.approx(auroc(yes, no))


@given(scores, scores, st.integers(0, 10), st.integers(0, 10))
def test_refusing_more_answers_fewer_unanswerable(yes: list[float], no: list[float], a: int, b: int) -> None:
    less, more = sorted((a / 10, b / 10))
    assert 0 <= answered_at_refusal(yes, no, more) <= answered_at_refusal(yes, no, less) + 1e-12 <= 1 + 1e-9


def test_one_kind_of_question_is_not_enough() -> None:
    for measure in (auroc, answered_at_refusal):
        with pytest.raises(ValueError, match="both"):
            measure([], [0.1])
        with pytest.raises(ValueError, match="both"):
            measure([0.1], [])
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        answered_at_refusal([0.1], [0.1], 1.5)


# Containment


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("$1,358,000.00", ("1358000",)),
        ("1\u202f358\u202f000", ("1358000",)),
        ("1’358’000", ("1358000",)),
        ("72.30 %", ("72.3",)),
        ("(848)", ("848",)),
        ("−27.0%", ("27",)),
        (".50", ("0.5",)),
        ("0.50", ("0.5",)),
        ("007", ("7",)),
        ("0", ("0",)),
        ("1, 2, 3", ("1", "2", "3")),
        ("2016,2017", ("2016", "2017")),
        ("3.6.8 Flat surface", ("3.6.8", "flat", "surface")),
        ("2,018mn", ("2018", "mn")),
        ("CO2 in FY2017", ("co2", "in", "fy2017")),
        ("Straße Ⅳ ﬁne", ("strasse", "iv", "fine")),
        ("收入为１２％", ("收", "入", "为", "12")),
        ("person's co\u00adoperation", ("person", "s", "cooperation")),
        ("§ %", ()),
        ("12345678901234567890123456789012345", ("12345678901234567890123456789012345",)),
    ],
)
def test_normalising(text: str, tokens: tuple[str, ...]) -> None:
    assert normalised(text) == tokens


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_normalising_leaves_what_is_normal(text: str) -> None:
    once = normalised(text)
    assert normalised(" ".join(once)) == once


@pytest.mark.parametrize(
    ("answer", "quotes", "expected"),
    [
        ("72.3%", ["Licences were 72.30 of sales (%)."], True),
        ("72.3%", ["Licences were 172.3 of sales."], False),
        ("12", ["1,200 units"], False),
        ("2", ["CO2 emissions"], False),
        ("Scott Bradley.", ["It was SCOTT\nBRADLEY, who"], True),
        ("Scott Bradley", ["Scott", "Bradley"], False),  # not across two quotes
        ("Scott Bradley", ["Scott J. Bradley"], False),
        ("['red', 'dark blue']", ["dark blue", "or red"], True),
        ("['red', 'dark blue']", ["red and blue"], False),
        ("[sic] a text", ["a [sic] a text"], True),  # no list
        ("yes", [], False),
        ("%", ["anything"], None),
        ("[]", ["anything"], None),
        ("['a', '-']", ["a"], None),
    ],
)
def test_containment(answer: str, quotes: list[str], expected: bool | None) -> None:
    assert contained(answer, quotes) is expected


def test_only_the_first_sixty_words_count_over_all_quotes() -> None:
    assert contained("end", ["word " * 59 + "end"])
    assert not contained("end", ["word " * 60 + "end"])
    assert contained("end", ["word " * 30, "word " * 29, "end"])
    assert not contained("end", ["word " * 30, "word " * 30, "end"])
    assert contained("末", ["字" * 59 + "末"])  # in writing without spaces a character is a word
    assert not contained("末", ["字" * 60 + "末"])


# Bootstrap


def test_the_interval_of_equal_values_is_that_value_and_of_one_cluster_none() -> None:
    assert bootstrap_mean([0.25, 0.25, 0.25]) == (0.25, 0.25)
    assert bootstrap_mean([0.0, 1.0], ["a", "a"]) is None
    with pytest.raises(ValueError, match="no mean"):
        bootstrap_mean([])
    with pytest.raises(ValueError, match="its cluster"):
        bootstrap_mean([1.0, 2.0], ["a"])


def test_the_interval_is_about_as_wide_as_theory_says() -> None:
    # 400 coin throws: the standard error of the mean is .5 / 20 = .025, so the interval is .5 ± .049.
    low, high = bootstrap_mean([0.0, 1.0] * 200) or (0, 0)
    assert (low, high) == pytest.approx((0.451, 0.549), abs=0.006)
    # The same throws in 20 documents of 20 equal ones each: 20 throws only, ± .22.
    values = [float(n % 2) for n in range(20) for _ in range(20)]
    low, high = bootstrap_mean(values, [n for n in range(20) for _ in range(20)]) or (0, 0)
    assert (low, high) == pytest.approx((0.28, 0.72), abs=0.03)


def test_clusters_are_drawn_whole_and_the_seed_decides() -> None:
    # Three questions of document a (all 1), one of b (0): a draw is aa = 1, ab = 3/4 or bb = 0.
    drawn: list[float] = []

    def share(positions: object) -> float:
        drawn.append(sum(values[i] for i in positions) / len(positions))  # type: ignore[attr-defined, arg-type]
        return drawn[-1]

    values = [1.0, 1.0, 1.0, 0.0]
    assert bootstrap(share, ["a", "a", "a", "b"], resamples=200) == (0.0, 1.0)
    assert set(drawn) == {0.0, 0.75, 1.0}
    assert drawn.count(0.75) == pytest.approx(100, abs=25)
    uneven = [n / 7 for n in range(30)]
    assert bootstrap_mean(uneven, seed=3) == bootstrap_mean(uneven, seed=3) != bootstrap_mean(uneven, seed=4)


def test_draws_without_a_value_are_left_out() -> None:
    assert bootstrap(lambda at: 0.5 if 0 in at else None, ["a", "b"]) == (0.5, 0.5)
    assert bootstrap(lambda at: None, ["a", "b"]) is None


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_the_interval_lies_within_the_values(values: list[float]) -> None:
    low, high = bootstrap_mean(values, resamples=100) or (0.0, 0.0)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
