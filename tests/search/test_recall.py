"""What is found: everything that holds the words, and nothing else, on either engine.

The oracle is a plain scan of the texts for the characters, or for the units, side by side.
"""

from __future__ import annotations

import itertools
from html import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import User
from newsletter.models import Article
from newsletter.search.segment import runs, tidy
from tests.search.texts import CHINESE, TEXTS, found, publish

pytestmark = pytest.mark.django_db
# The database is put back after every example by a savepoint of `_examples` alone.
of_the_database = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def as_body(text: str) -> str:
    lines = (f"<p>{escape(line)}</p>" for line in text.split("\n") if line.strip())
    return "".join(lines) or "<p>无</p>"


def holders(texts: dict[int, str], units: tuple[str, ...]) -> set[int]:
    """The articles in one of whose runs the units stand side by side."""
    wanted = "".join(units)
    return {
        pk
        for pk, text in texts.items()
        if any(wanted in "".join(run) for line in text.split("\n") for run in runs(tidy(line)))
    }


@of_the_database
@given(st.lists(TEXTS, min_size=1, max_size=4), st.data())
def test_every_string_of_a_text_is_found_there_and_nowhere_else(
    member: User, texts: list[str], data: st.DataObject
) -> None:
    articles = publish(*map(as_body, texts), title="题", source="", kicker="")
    held = {article.pk: text for article, text in zip(articles, texts, strict=True)}
    stretches = [run for text in texts for run in runs(tidy(text.replace("\n", "。")))]
    if not stretches:
        return
    run = data.draw(st.sampled_from(stretches))
    first = data.draw(st.integers(0, len(run) - 1))
    units = tuple(run[first : first + data.draw(st.integers(1, 8))])
    # A unit is typed as it is written, without the lines around a word.
    typed = "".join(units).replace("__", "-").replace("_", "")
    if tuple(itertools.chain(*runs(tidy(typed)))) != units:
        return  # a bracket without its number
    expected = holders(held, units)

    assert {article.pk for article in found(f"“{typed}”", member)} & set(held) == expected
    Article.objects.all().delete()


@of_the_database
@given(st.lists(TEXTS, min_size=1, max_size=4), CHINESE)
def test_a_plain_scan_for_the_characters_finds_the_same(
    member: User, texts: list[str], phrase: str
) -> None:
    articles = publish(*map(as_body, texts), title="题")
    expected = {
        article.pk
        for article, text in zip(articles, texts, strict=True)
        if any(tidy(phrase) in tidy(line) for line in text.split("\n"))
    }

    assert {article.pk for article in found(phrase, member)} == expected
    Article.objects.all().delete()


@pytest.mark.parametrize(
    "query",
    [
        "税",
        "财税",
        "小微企",
        "小微企业",
        "微企业减免",
        "小微企业减免政策",
        "𠮷",
        "𠮷野",
        "々",
        "カ",
    ],
)
def test_a_string_of_any_length_is_found(query: str, member: User) -> None:
    article, _ = publish("<p>财税：小微企业减免政策；𠮷野家，人々カー。</p>", "<p>别的文章</p>")

    assert found(query, member) == [article]


@pytest.mark.parametrize(
    "query",
    ["5G", "５ｇ", "r&d", "R＆D", "9.4%", "９.４％", "220号", "〔2022〕88号", "[2022]88号",
     "发〔2022〕88号", "支持5G网络", "1,234亿", "1234亿元", "GDP", "增长9.4%", "5G网"],
)  # fmt: skip
def test_words_and_numbers_are_found_however_they_are_typed(query: str, member: User) -> None:
    article, _ = publish(
        "<p>样例发〔2022〕88号。支持 ５Ｇ 网络，Ｒ＆Ｄ和gdp增长9.4％，共1,234亿元，第220号。</p>",
        "<p>15G、R和D、19.4%、1220号、〔2022〕188号、支持4G网络、GDPS、增长9.45%、11,234亿。</p>",
    )

    assert found(query, member) == [article]


@pytest.mark.parametrize("query", ["收入", "税收", "税收入", "甲乙", "乙丙", "号令"])
def test_no_phrase_crosses_punctuation_or_the_end_of_a_block_cell_or_row(
    query: str, member: User
) -> None:
    publish(
        "<p>税。收</p><p>入</p><h2>税、</h2><p>收入：</p><ul><li>税</li><li>收</li></ul>"
        "<table><tbody><tr><td>甲</td><td>乙</td></tr><tr><td>丙</td><td>88号</td></tr>"
        "</tbody></table><p>令</p>".replace("收入：", "收，入：")
    )

    assert found(query, member) == []


def test_chains_of_pairs_across_a_gap_are_no_phrase(member: User) -> None:
    publish("<p>新税。税收</p>", "<p>新税，收入。税收入。</p>")

    assert found("新税收", member) == []
    assert found("新税收入", member) == []


def test_a_phrase_crosses_the_mark_of_a_note_and_bold_type(member: User) -> None:
    (article,) = publish(
        '<p>减税<sup><a href="#note-1">[1]</a></sup>降<strong>费</strong>政策</p>'
        '<section class="notes"><ol><li id="note-1">注文</li></ol></section>'
    )

    assert found("减税降费政策", member) == [article]
    assert found("注文", member) == [article]


def test_every_text_of_an_article_is_searched(member: User) -> None:
    (article,) = publish(
        "<h2>小节甲</h2><p>正文甲</p><ul><li>条目甲</li></ul><blockquote><p>引文甲</p></blockquote>"
        "<table><caption>表题甲</caption><thead><tr><th>表头甲</th></tr></thead><tbody><tr><td>"
        '<p>格子甲</p></td></tr></tbody></table><figure data-figure="abcd2345">'
        "<figcaption>图题甲</figcaption></figure>",
        title="标题甲",
        contents_title="目录甲",
        kicker="引题甲",
        subtitle="副题甲",
        lead="导读甲\n第二段甲",
        source="来源甲",
        document_number="文号甲〔2026〕1号",
    )
    places = "小节 正文 条目 引文 表题 表头 格子 图题 标题 目录"
    fields = "引题 副题 导读 第二段 来源 文号"

    for name in f"{places} {fields}".split():
        assert found(f"{name}甲", member) == [article], name


def test_several_words_must_all_be_there_wherever_they_stand(member: User) -> None:
    both, _, _ = publish("<p>减税</p><p>降费</p>", "<p>减税</p>", "<p>降费</p>")

    assert found("减税 降费", member) == [both]
    assert found("降费　减税", member) == [both]
    assert found("减税，降费", member) == [both]
    assert found("减税降费", member) == []


@pytest.mark.parametrize("quotes", ['""', "“”", "「」", "『』", "＂＂"])
def test_quotes_make_one_phrase(quotes: str, member: User) -> None:
    phrase, apart = publish("<p>open AI lab</p>", "<p>AI and open lab</p>")

    assert set(found("open ai", member)) == {phrase, apart}
    assert found(f"{quotes[0]}open ai{quotes[1]}", member) == [phrase]
    assert found(f"lab {quotes[0]}open ai{quotes[1]}", member) == [phrase]


def test_words_of_the_index_itself_are_not_found(member: User) -> None:
    publish('<p id="bcdef234">文</p><h2>节</h2>', title="题")

    for query in ("正文", "标题", "小标题", "目录标题", "bcdef234", "p", "t", "h", "_", "|"):
        assert found(query, member) == [], query
