"""Lexical tokens: worked examples, and what must hold for any text."""

from __future__ import annotations

import hashlib
import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from octavo.retrievers.analysis import ANALYSIS_VERSION, analyse, fold, query_terms
from octavo.retrievers.numerals import numeral

# Numbers


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("44,538", ["44538"]),
        ("1,234,567", ["1234567"]),
        ("12,34,567", ["1234567"]),  # India
        ("1.234.567", ["1234567"]),  # Germany
        ("1'234'567", ["1234567"]),  # Switzerland
        ("1’234", ["1234"]),
        ("1,234.50", ["1234d5"]),
        ("1.234,50", ["1234d5"]),
        ("1.234.567,89", ["1234567d89"]),
        ("12.5", ["12d5"]),
        ("12,5", ["12d5"]),
        ("12.50", ["12d5"]),
        ("12.00", ["12"]),
        ("1.234", ["1d234"]),  # a single point is a decimal point
        ("0,125", ["0d125"]),  # no group of thousands begins with a nought
        ("2.3.1", ["2d3d1"]),
        ("192.168.1.1", ["192d168d1d1"]),
        ("1,2,3", ["1", "2", "3"]),
        ("1,234.5,6", ["1d234d5d6"]),
        ("007", ["007"]),
        ("2023", ["2023"]),
    ],
)
def test_one_way_of_writing_for_each_number(written: str, tokens: list[str]) -> None:
    assert numeral(written) == tokens
    assert analyse(written) == tokens


def test_years_in_a_row_stay_years() -> None:
    assert analyse("in 2022, 2023 and 2024.") == ["in", "2022", "2023", "and", "2024"]


def test_fixed_spaces_group_digits_and_plain_spaces_do_not() -> None:
    assert analyse("12\u202f345\u202f678 and 9\u00a0876") == ["12345678", "and", "9876"]
    assert analyse("12 345") == ["12", "345"]
    assert analyse("1\u00a02345") == ["1", "2345"]


@pytest.mark.parametrize("digits", ["123", "１２３", "١٢٣", "१२३", "๑๒๓"])
def test_digits_of_all_scripts_meet(digits: str) -> None:
    assert analyse(digits) == ["123"]


def test_signs_become_words() -> None:
    assert analyse("$5, €3, £2, ¥1: 50 %") == ["dollar", "5", "euro", "3", "pound", "2", "yen", "1", "50", "percent"]
    assert analyse("5 dollars, 3 euros, 2 pounds, 50 per cent") == [
        *("5", "dollar", "3", "euro", "2", "pound", "50", "percent")
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5%", "5 percent"),
        ("5 per cent", "5 pct"),
        ("What percentage?", "what %"),
        ("$1.2 billion", "$1.2bn"),
        ("1.2 billion", "1.2 bn"),
        ("€3 million", "€3m"),
        ("USD 5 thousand", "USD 5k"),
        ("£7.5 million", "£7.5 mm"),
        ("fiscal 2023", "FY2023"),
        ("fiscal 2023", "FY 23"),
        ("fiscal 2023", "FY’23"),
        ("fiscal", "FY"),
        ("fiscal 1998", "FY98"),
        ("fiscal 1970", "FY70"),
        ("fiscal 2069", "FY69"),
        ("$20 million-$30 million", "$20m-$30m"),
    ],
)
def test_short_forms_in_figures_are_what_they_stand_for(one: str, other: str) -> None:
    assert analyse(one) == analyse(other) != []


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("5 mm", ["5", "mm"]),  # millimetres
        ("12 m", ["12", "m"]),
        ("$5 mix", ["dollar", "5", "mix"]),
        ("$20 T-shirt", ["dollar", "20", "t", "shirt", "tshirt"]),
        ("FY 23.5", ["fiscal", "23d5"]),
        ("in 23", ["in", "23"]),
    ],
)
def test_what_may_mean_something_else_stays(text: str, tokens: list[str]) -> None:
    assert analyse(text) == tokens


# Words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("44,538", "44538"),
        ("naïve café", "NAIVE CAFE"),
        ("Straße", "STRASSE"),
        ("Łódź", "lodz"),
        ("Ørsted Ægir", "orsted aegir"),
        ("ışıkçı", "IŞIKÇI"),  # Turkish
        ("Işık", "ışık"),
        ("İstanbul", "istanbul"),
        ("đường", "duong"),
        ("המנורה", "הַמְּנוֹרָה"),
        ("ﺍﻟﻤﻨﺎﺭﺓ", "المنارة"),  # as fonts shape it
        ("ﬁnancial", "financial"),
        ("İstanbul", "Istanbul"),
        ("increasing", "increases"),
        ("Paris's quays", "Paris quays"),
        ("Paris’s quays", "Paris quays"),
        ("don’t", "don't"),
        ("perfor-\nmance", "performance"),
        ("Über-  \n  sicht", "Übersicht"),
        ("per\u00adfor\u00admance", "performance"),
        ("CO₂", "CO2"),
        ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
        ("ｆｕｌｌ", "full"),
        ("ﾊﾟｰｾﾝﾄ", "パーセント"),
        ("مُحَمَّد", "محمد"),
        ("كتـــاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("ёлка", "елка"),
    ],
)
def test_two_ways_of_writing_meet(one: str, other: str) -> None:
    assert analyse(one) == analyse(other) != []


def test_words_are_stemmed_and_parted() -> None:
    assert analyse("The ferries' e-mail_list: v1.2") == ["the", "ferri", "e", "mail", "list", "v", "1d2"]


@pytest.mark.parametrize("text", ["long-term", "long\u2010term", "long\u2011term"])
def test_a_compound_is_found_by_its_parts_and_as_one_word(text: str) -> None:
    assert analyse(text) == ["long", "term", "longterm"]
    assert set(analyse("longterm")) < set(analyse(text)) > set(analyse("long term"))


def test_what_may_be_no_compound_is_only_parted() -> None:
    assert analyse("year-over-year") == ["year", "over", "year"]
    assert analyse("3-year A-7") == ["3", "year", "a", "7"]
    assert analyse("東京-京都") == ["東京", "京都"]


def test_chinese_japanese_and_korean_become_pairs() -> None:
    assert analyse("成人票28元") == ["成人", "人票", "28", "元"]
    assert analyse("人々のバス") == ["人々", "々の", "のバ", "バス"]
    assert analyse("한국어") == ["한국", "국어"]
    assert analyse("ジョン・スミス") == ["ジョ", "ョン", "スミ", "ミス"]


def test_voiced_kana_are_letters_of_their_own() -> None:
    assert analyse("バス") != analyse("ハス")


def test_unspaced_scripts_become_threes_without_tone_marks() -> None:
    assert analyse("ภาษาไทย 25 บาท") == ["ภาษ", "าษา", "ษาไ", "าไท", "ไทย", "25", "บาท"]


def test_indic_words_stay_whole_and_keep_their_vowels() -> None:
    assert len(analyse("हिन्दी में कितने लोग")) == 4
    assert analyse("लोग") != analyse("लगा")
    assert len(analyse("தமிழ் வணக்கம் বাংলা")) == 3


@pytest.mark.parametrize("text", ["Сколько лет", "كم عدد", "כמה שנים"])
def test_other_scripts_give_words(text: str) -> None:
    assert len(analyse(text)) == 2


# Questions


def test_stop_words_go_if_something_is_left() -> None:
    assert query_terms("What was the net debt in 2022?") == ["net", "debt", "2022"]
    assert query_terms("Who is it?") == ["who", "is", "it"]
    assert query_terms("debt, debts and DEBT") == ["debt"]
    assert query_terms("?!") == []


def test_german_stop_words_with_umlauts_and_contractions() -> None:
    assert query_terms("Wofür ist das für die Fähre?") == ["wofur", "fahr"]
    assert query_terms("Why doesn’t it sail?") == ["sail"]


def test_german_stop_words_are_words_in_an_english_question() -> None:
    assert query_terms("How many people die in the war?") == ["peopl", "die", "war"]


# Any text

_TEXT = st.text(max_size=60) | st.text(
    alphabet=st.sampled_from("aZ1,.'’%€-\n\u00ad\u0301 ßक्षिไทย한々ガ\u3099٣²½Ⅳİ\u0345𝟙🙂'\""), max_size=40
)


@given(_TEXT)
def test_tokens_are_word_characters(text: str) -> None:
    for token in analyse(text):
        assert re.fullmatch(r"\w+", token), token
        assert "_" not in token


@given(_TEXT)
def test_questions_and_documents_are_analysed_alike(text: str) -> None:
    assert set(query_terms(text)) <= set(analyse(text))


@given(_TEXT)
def test_folding_is_idempotent_in_effect(text: str) -> None:
    assert analyse(fold(text).replace("-", " ")) == analyse(text.replace("-", " "))


@given(_TEXT)
def test_sqlite_finds_every_token_again(text: str) -> None:
    tokens = analyse(text)
    with sqlite3.connect(":memory:") as connection:
        # The library's own tokenizer: what is no ASCII, and all but spaces, belongs to a token.
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (body, tokenize = 'ascii')")
        connection.execute("INSERT INTO words VALUES (?)", (" ".join(tokens),))
        for token in set(tokens):
            found = connection.execute("SELECT count(*) FROM words WHERE words MATCH ?", (f'"{token}"',)).fetchone()
            assert found == (1,), token
    connection.close()


@given(whole=st.integers(1000, 10**12), cents=st.integers(0, 99))
def test_separators_do_not_matter(whole: int, cents: int) -> None:
    plain, grouped = f"{whole}.{cents:02d}", f"{whole:,}.{cents:02d}"
    german = grouped.translate(str.maketrans(",.", ".,"))
    assert analyse(plain) == analyse(grouped) == analyse(german)
    assert len(analyse(plain)) == 1


SCRIPTS = """
The co-
operation's 1.234,50 € (12%) of naïve Łódź, Straße, Ørsted, ısı, œuvre. Привет, мир! Ελλάδα שָׁלוֹם مُحَمَّد ١٢٣
नमस्ते दुनिया 東京タワーへ行く 北京大学 한국어 문장 สวัสดีชาวโลก ភាសាខ្មែរ ﬁnance ½ x² 10 000 000 don’t U.S. A4
FY23 long-term debt of $1.2bn, 3 pct; FY98, a $20 T-shirt
"""


def test_whoever_changes_tokens_raises_the_version() -> None:
    """Else libraries keep the tokens they have. Both numbers change together."""
    tokens = hashlib.sha256(" ".join(analyse(SCRIPTS)).encode()).hexdigest()
    assert (ANALYSIS_VERSION, tokens[:16]) == (5, "6d8048ba3cd67cef")
