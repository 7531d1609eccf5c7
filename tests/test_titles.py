"""How a title is set: in phrases, with nothing added and nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html

from newsletter.templatetags.titles import phrases

pytestmark = pytest.mark.pure

PIECES = "样例市财税，。：！？《》“”（）()|｜ \u3000 0123456789年月日—–-Aa<>&\"'"


def words(title: str) -> list[str]:
    fragment = html.fragment_fromstring(phrases(title), create_parent="h1")
    return [
        phrase.text_content() for phrase in fragment if "phrase" in phrase.get("class", "").split()
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("样例市小微企业名录", ["样例市小微企业名录"]),
        (
            "样例厅 样例局关于印发《甲乙办法》的通知",
            ["样例厅", "样例局关于印发", "《甲乙办法》的通知"],
        ),
        ("《甲乙办法》解读", ["《甲乙办法》解读"]),
        ("报告显示：近十年增长9.4%", ["报告显示：", "近十年增长9.4%"]),
        ("做专一件事 | 比做大更要紧", ["做专一件事 |", "比做大更要紧"]),
        ("新登记企业“量稳质升”", ["新登记企业", "“量稳质升”"]),
        ("甲《乙（丙）》", ["甲", "《乙（丙）》"]),
        ("应收账款“早知道”让配套企业安心", ["应收账款", "“早知道”", "让配套企业安心"]),
        ("样例市“量稳质升”之路", ["样例市", "“量稳质升”之路"]),
    ],
)
def test_a_title_is_divided_between_its_phrases(title: str, expected: list[str]) -> None:
    assert words(title) == expected


def test_a_range_of_years_or_months_is_never_broken() -> None:
    whole = '<span class="whole">{}</span>'
    assert whole.format("(2022—2023年)》") in phrases("《甲乙方案(2022—2023年)》的通知")
    assert whole.format("1—9月") in phrases("2026年1—9月份运行情况")
    assert "whole" not in phrases("甲乙〔2022〕字")


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("样例局〔2022〕88号", "88号"),
        ("2022年工作要点", "2022年"),
        ("《甲乙方案(2022—2023年)》的通知", "(2022—2023年)》"),
        ("“增长9.4%”", "9.4%”"),
    ],
)
def test_a_number_keeps_its_unit_and_the_marks_that_close_after_it(title: str, kept: str) -> None:
    boxes = html.fragment_fromstring(phrases(title), create_parent="h1").iter("span")
    wholes = [box.text_content() for box in boxes if box.get("class") == "whole"]
    assert kept in wholes


@given(st.text(PIECES, max_size=60))
def test_a_closing_mark_begins_no_phrase_but_the_first(title: str) -> None:
    assert not [phrase for phrase in words(title)[1:] if phrase[:1] in set("》”）)，。：！？")]


@given(st.text(PIECES, max_size=60))
@example("<script>alert(1)</script>")
@example("&amp; 《<b>》")
def test_no_character_is_added_or_lost_and_none_becomes_markup(title: str) -> None:
    fragment = html.fragment_fromstring(phrases(title), create_parent="h1")
    assert fragment.text_content() == title
    assert {(found.tag, found.get("class")) for found in fragment.iterdescendants()} <= {
        ("span", "phrase"),
        ("span", "phrase phrase-short"),
        ("span", "whole"),
    }
