"""Chinese text → units: what is whole, what is alike, and where a gap is."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.search.postgres import LOWEST, number_of
from newsletter.search.segment import (
    bigrams,
    fold,
    is_plain,
    placed_runs,
    runs,
    spans,
    tidy,
)
from tests.search.texts import CHINESE, TEXTS

pytestmark = pytest.mark.pure


def written(text: str) -> str:
    """The runs of a text, a bar between them."""
    return "|".join("".join(run) for run in runs(tidy(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("减税降费", "减税降费"),
        ("支持5G网络", "支持_5g_网络"),
        ("研发（R&D）经费", "研发|_r&d_|经费"),
        ("增长9.4%", "增长_9.4_%"),
        ("第220号公告", "第_220_号公告"),
        ("财税〔2022〕88号", "财税〔_2022_〕_88_号"),
        ("1,234.5亿元", "_1234.5_亿元"),
        ("2021，2022", "_2021_|_2022_"),
        ("COVID-19疫情", "_covid__19_疫情"),
        ("2020—2022年", "_2020__2022_年"),
        ("①加强10①", "①加强_10_①"),
        ("100㎡、36℃", "_100_㎡|_36_℃"),
        ("www.example.org", "_www__example__org_"),
        ("10³、10³⁴个", "_10³_|_10³⁴_个"),
        ("减税²，①²", "减税_²_|①_²_"),
        ("SO₄²", "_so4²_"),
    ],
)
def test_words_numbers_and_document_numbers_are_wholes(text: str, expected: str) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("５Ｇ", "5g"),
        ("ＧＤＰ", "gdp"),
        ("9.4％", "9.4%"),
        ("〔2022〕88号", "[2022]88号"),
        ("〔2022〕88号", "（２０２２）８８号"),
        ("〔2022〕88号", "【2022】 88 号"),
        ("１，２３４", "1234"),
        ("1,234,567", "1234567"),
        ("Ｒ＆Ｄ", "r&d"),
        ("5G 网络", "5G网络"),
        ("COVID–19", "covid 19"),
        ("ｶﾞｲﾄﾞ", "ガイド"),
        ("\uf900", "豈"),
        ("\u2f00", "一"),
        ("\U0002f81a", "\u51ac"),
        ("税\u200b收", "税收"),
        ("cafe\u0301", "CAFÉ"),
        ("İstanbul", "istanbul"),
        ("PM₂.₅浓度", "PM2.5浓度"),
        ("ＣＯ₂", "co2"),
        ("H₂SO₄", "h2so4"),
        ("log₁₀", "log10"),
        ("500m²", "500m2"),
        ("x²³＋é²", "x23+é2"),
    ],
)
def test_what_is_written_differently_is_alike(one: str, other: str) -> None:
    assert written(one) == written(other)


@pytest.mark.parametrize(
    "text",
    [
        "税。收",
        "税 收",
        "税\n收",
        "税　收",
        "税、收",
        "“税”收",
        "税-收",
        "税·收",
        "税😀收",
        "税\0收",
    ],
)
def test_whatever_stands_between_two_characters_leaves_a_gap(text: str) -> None:
    assert written(text) == "税|收"


@pytest.mark.parametrize("text", ["15G", "5Gs", "19.4%", "9.45%", "1220", "22⁰", "A&R&D"])
def test_no_part_of_a_whole_is_a_unit(text: str) -> None:
    units = {unit for run in runs(tidy(text)) for unit in run}

    assert not units & {"_5g_", "_9.4_", "_220_", "_r&d_"}


@pytest.mark.parametrize("text", ["", " ", "。，！", "😀", "\0", "-", "%", "〔〕", "\ud7ff\u0300"])
def test_punctuation_has_no_units(text: str) -> None:
    assert not written(text).strip("\u0300")


@settings(deadline=None)
@given(st.text())
def test_any_text_is_segmented_and_its_places_are_in_it(text: str) -> None:
    tidied = tidy(text)

    assert tidy(tidied) == tidied
    assert len(fold(tidied)) == len(tidied)
    for run in placed_runs(tidied):
        assert run
        for unit, first, end in run:
            assert 0 <= first < end <= len(tidied)
            assert len(unit) == 1 or unit[0] == unit[-1] == "_"
        assert all(before[2] <= after[1] for before, after in pairwise(run))


@settings(deadline=None)
@given(TEXTS)
def test_the_runs_without_places_are_the_same(text: str) -> None:
    placed = [[unit for unit, _, _ in run] for run in placed_runs(tidy(text))]

    assert list(runs(tidy(text))) == placed


@settings(deadline=None)
@given(TEXTS, CHINESE)
def test_a_phrase_is_found_wherever_its_characters_stand_side_by_side(
    text: str, phrase: str
) -> None:
    text, phrase = tidy(text), unicodedata.normalize("NFC", phrase)
    assert is_plain(tuple(phrase))
    expected = [found.start() for found in re.finditer(f"(?={phrase})", text)]

    assert [first for first, _ in spans(text, [tuple(phrase)])[0]] == expected


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_a_phrase_stands_in_a_run_exactly_when_its_text_does(text: str, other: str) -> None:
    for phrase in runs(tidy(other)):
        in_text = any("".join(phrase) in "".join(run) for run in runs(tidy(text)))

        assert bool(spans(tidy(text), [tuple(phrase)])[0]) == in_text


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1))
def test_no_two_pairs_of_common_characters_have_one_number(texts: list[str]) -> None:
    terms = {term for text in texts for run in runs(tidy(text)) for term in [*run, *bigrams(run)]}
    plain = {
        term for term in terms if len(term) <= 2 and all(LOWEST <= ord(c) < 65536 for c in term)
    }
    numbers = {number_of(term) for term in plain}

    assert len(numbers) == len(plain)
    assert not numbers & {number_of(term) for term in terms - plain}
    assert all(-(2**31) <= number < 2**31 for number in map(number_of, terms))
