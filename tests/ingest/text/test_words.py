"""Words into lines and text, and text that is not what is printed."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.ingest.text.words import distrust, join, lines_of
from octavo.ingest.types import BBox, Word


def word(text: str, x: float, y: float, *, height: float = 0.015, width: float | None = None) -> Word:
    """A word whose box begins at (x, y), 0.01 wide a letter unless told."""
    return Word(text, BBox(x, y, x + (0.01 * len(text) if width is None else width), y + height))


def printed(text: str, y: float, x: float = 0.1) -> list[Word]:
    words = []
    for part in text.split():
        words.append(word(part, x, y))
        x = words[-1].bbox.x1 + 0.01
    return words


def texts(lines: list[list[Word]]) -> list[str]:
    return [" ".join(w.text for w in line) for line in lines]


def test_lines_come_from_any_order() -> None:
    words = printed("the first line", 0.10) + printed("the second", 0.12) + printed("and third", 0.14)
    random.Random(1).shuffle(words)
    assert texts(lines_of(words)) == ["the first line", "the second", "and third"]


def test_tightly_set_lines_stay_apart_though_their_boxes_overlap() -> None:
    # Boxes 0.015 high at a pitch of 0.010: a third of each box lies in the next line's.
    words = [w for n in range(5) for w in printed(f"line {n} here", 0.1 + 0.010 * n)]
    assert texts(lines_of(words)) == [f"line {n} here" for n in range(5)]


def test_superscripts_and_subscripts_stay_in_their_line() -> None:
    line = printed("grew in", 0.1)
    above = word("2", line[-1].bbox.x1, 0.0985, height=0.009)
    below = word("e", above.bbox.x1, 0.1065, height=0.009)
    end = word("2024", below.bbox.x1 + 0.01, 0.1)
    assert texts(lines_of([*printed("next line", 0.12), below, end, above, *line])) == ["grew in 2 e 2024", "next line"]


def test_a_large_initial_does_not_swallow_two_lines() -> None:
    big = word("£9.8", 0.1, 0.1, height=0.04)
    assert texts(lines_of([big, word("million", 0.2, 0.12), word("below", 0.1, 0.15)])) == ["£9.8 million", "below"]


def test_hebrew_runs_from_right_to_left_and_latin_words_in_it_do_not() -> None:
    # On paper, left to right: היום Octavo PDF הקובץ קרא
    line = [word(text, 0.1 + 0.1 * n, 0.2) for n, text in enumerate(["היום", "Octavo", "PDF", "הקובץ", "קרא"])]
    assert texts(lines_of(line)) == ["קרא הקובץ Octavo PDF היום"]


def test_upright_words_are_lines_of_their_own() -> None:
    # "Cost per trip (€)" runs up the left side of a chart with ticks beside it; PyMuPDF gives its words in order.
    axis = [
        word("Cost", 0.1, 0.50, width=0.015, height=0.035),
        word("per", 0.1, 0.47, width=0.015, height=0.025),
        word("trip", 0.1, 0.44, width=0.015, height=0.025),
        word("(€)", 0.1, 0.42, width=0.015, height=0.018),
    ]
    ticks = [word(str(n), 0.13, 0.4 + 0.02 * n) for n in range(8)]
    assert texts(lines_of([*axis, *ticks], aspect=0.7)) == [*map(str, range(8)), "Cost per trip (€)"]


def test_narrow_words_on_a_wide_page_are_not_upright() -> None:
    # 16:9: "ill" is 0.012 wide and 0.05 high in page fractions.
    line = [word("the", 0.1, 0.2, height=0.05), word("ill", 0.14, 0.2, width=0.012, height=0.05)]
    line.append(word("man", 0.16, 0.2, height=0.05))
    assert texts(lines_of(line, aspect=16 / 9)) == ["the ill man"]


@given(
    st.lists(st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.001, 0.1), st.floats(0.001, 0.1)), max_size=40)
)
def test_no_word_is_lost_or_doubled(rects: list[tuple[float, float, float, float]]) -> None:
    words = [Word(f"word{n}", BBox(x, y, x + w, y + h)) for n, (x, y, w, h) in enumerate(rects)]
    assert sorted(w.text for line in lines_of(words) for w in line) == sorted(w.text for w in words)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("the perfor-", "mance was", "the performance was"),
        ("a long-", "term loan", "a long-term loan"),  # a compound keeps its hyphen
        ("from 2023-", "24 on", "from 2023-24 on"),
        ("Anglo-", "American", "Anglo-American"),
        ("short-", "and long-term", "short- and long-term"),
        ("Ein-", "und Ausgang", "Ein- und Ausgang"),
        ("a pause -", "then", "a pause - then"),
        ("soft\u00ad", "ware", "software"),
        ("no hyphen", "here", "no hyphen here"),
        ("a -", "b", "a - b"),
    ],
)
def test_hyphens_at_line_ends(first: str, second: str, expected: str) -> None:
    assert join([*printed(first, 0.1), *printed(second, 0.12)])[0] == expected


def test_a_hyphen_inside_a_line_stays() -> None:
    assert join(printed("the perfor- mance", 0.1))[0] == "the perfor- mance"


def test_chinese_is_joined_without_spaces_and_latin_in_it_with() -> None:
    words = [*printed("奎尔米尔 航运公司", 0.1), *printed("的 Dunlin 号", 0.12)]
    assert join(words)[0] == "奎尔米尔航运公司的 Dunlin 号"


def test_spans_point_at_the_words() -> None:
    words = [*printed("its perfor-", 0.1), *printed("mance 大 阪 rose", 0.12)]
    text, spans = join(words)
    assert text == "its performance 大阪 rose"
    assert [text[s.start : s.end] for s in spans] == ["its", "perfor", "mance", "大", "阪", "rose"]


@given(st.lists(st.text(string.ascii_letters + "大阪-.", min_size=1, max_size=8), max_size=20), st.randoms())
def test_spans_cover_the_text_in_order(parts: list[str], chance: random.Random) -> None:
    words = [word(part, 0.1, 0.1 + 0.02 * n * chance.choice([0, 1])) for n, part in enumerate(parts)]
    text, spans = join(words)
    assert len(spans) == len(words)
    end = 0
    for w, span in zip(words, spans, strict=True):
        assert text[end : span.start] in ("", " ")
        assert text[span.start : span.end] in (w.text, w.text[:-1])
        end = span.end
    assert end == len(text)


ENGLISH = "Revenue grew by 8.0 per cent to 201.6 million euros, while the number of passengers rose less quickly. " * 2
GERMAN = "Die Schallschutzmaßnahmen haben sich bewährt: Am Kai sank der Geräuschpegel von 71 auf 54 Dezibel. " * 2
WELSH = (
    "Mae pob person yn cael ei eni yn rhydd ac yn gydradd â'i gilydd mewn urddas a hawliau. Fe'u cynysgaeddir â "
    "rheswm a chydwybod, a dylai pawb ymddwyn y naill at y llall mewn ysbryd cymodlon."
)
POLISH = "Przychody wzrosły o osiem procent, a liczba pasażerów zwiększyła się nieznacznie wbrew przewidywaniom. " * 2
CHINESE = "地衣的亮度随潮汐变化，高潮过后约两小时最亮。大潮期间雨夜的亮度几乎是小潮期间晴夜的四倍。" * 2
RUSSIAN = "Выручка выросла на восемь процентов, а число пассажиров увеличилось незначительно вопреки ожиданиям. " * 2
TABLE = "1,234 (567) 12.5% $ 8,901 — 2,345 67.8% $ (12) — 3,456 (78.9)% 10,111 $ 1,213 — 14.1% (1,516) " * 2
CONTENTS = (
    "1 Letter ......................... 1 2 Review ......................... 2 3 Accounts ....................... 4"
)
CODES = "TX-90210 KRX QQQ SPY BRK.B CVX XOM WMT JPM PFE MRK ABBV LLY JNJ TSLA NVDA MSFT AAPL AMZN GOOGL"
FORMULAS = "x₁ = (a² + b²)½ ∂f/∂x ≤ ∑ αᵢβᵢ ∫ f(t) dt → ∞, ∀ε > 0 ∃δ: |x − y| < δ ⇒ |f(x) − f(y)| < ε"


@pytest.mark.parametrize(
    "text",
    [ENGLISH, GERMAN, WELSH, POLISH, CHINESE, RUSSIAN, TABLE, CONTENTS, CODES, FORMULAS, "Zq xv"],
    ids=lambda t: t[:12],
)
def test_what_is_printed_is_trusted(text: str) -> None:
    assert distrust(printed(text, 0.1)) is None


def shifted(text: str, by: int) -> str:
    """Letters moved along the alphabet, as fonts with their own encoding give them."""
    lower, upper = string.ascii_lowercase, string.ascii_uppercase
    return text.translate(str.maketrans(lower + upper, lower[by:] + lower[:by] + upper[by:] + upper[:by]))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ENGLISH.replace("e", "\ufffd").replace("n", "\ufffd"), "characters without meaning"),
        ("".join(chr(0xE000 + ord(c)) if c != " " else c for c in ENGLISH), "characters without meaning"),
        ("".join(chr(ord(c) % 26 + 1) if c != " " else c for c in ENGLISH), "characters without meaning"),
        (" ".join(f"(cid:{ord(c)})" for c in ENGLISH), "glyph codes instead of characters"),
        *((shifted(ENGLISH, by), "letters that form no words") for by in (1, 3, 5, 10, 17, 25)),
        *((shifted(GERMAN, by), "letters that form no words") for by in (1, 3, 5, 9)),
        ("".join("!\"#$%&'()*+,-/"[ord(c) % 14] if c != " " else c for c in ENGLISH), "symbols instead of letters"),
    ],
)
def test_glyph_soup_is_not(text: str, reason: str) -> None:
    assert distrust(printed(text, 0.1)) == reason


def test_a_stray_replacement_character_is_forgiven() -> None:
    assert distrust(printed(ENGLISH.replace("cent", "cen\ufffd"), 0.1)) is None
