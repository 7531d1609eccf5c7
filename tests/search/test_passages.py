"""What a hit quotes: the paragraphs that matched, marked, with the way to each."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.utils.html import escape
from hypothesis import given, settings
from hypothesis import strategies as st

from members.models import User
from newsletter.search import search
from newsletter.search.passages import LENGTH, excerpt, marked
from newsletter.search.results import Hit
from tests.search.texts import publish

BODY = """
<h2 id="bhead2">税收一节</h2>
<p id="bpara2">没有的一段。</p>
<p id="bpara3">第一段，<strong>税</strong>收与税收。</p>
<ul id="blist2"><li id="bitem2">条目税收</li></ul>
<table id="btabl2"><caption>表一</caption>
<tbody><tr><th>税收</th><td>1,234</td></tr></tbody></table>
<figure id="bfigu2" data-figure="abcd2345"><figcaption>图说税收</figcaption></figure>
"""


def hit(query: str, user: User) -> Hit:
    (only,) = search(query, user=user).hits
    return only


def plain(html: str) -> str:
    return unescape(re.sub("</?mark>", "", html))


@pytest.mark.django_db
def test_a_hit_quotes_three_paragraphs_and_counts_the_others(member: User) -> None:
    (article,) = publish(BODY, title="论税收")

    found = hit("税收", member)

    address = article.get_absolute_url()
    assert found.title == "论<mark>税收</mark>"
    assert [(one.kind, one.html, one.url) for one in found.passages] == [
        ("小标题", "<mark>税收</mark>一节", f"{address}#bhead2"),
        ("正文", "第一段，<mark>税收</mark>与<mark>税收</mark>。", f"{address}#bpara3"),
        ("正文", "条目<mark>税收</mark>", f"{address}#bitem2"),
    ]
    assert found.more == 2
    assert found.url == f"{address}#bhead2"
    assert found.article.issue == article.issue
    assert found.article.section.name


@pytest.mark.django_db
def test_a_row_of_a_table_is_quoted_whole_and_leads_to_the_table(member: User) -> None:
    publish(BODY)

    (row,) = hit("1234", member).passages
    assert (row.kind, row.block, row.html) == ("表", "btabl2", "税收 ｜ <mark>1,234</mark>")


@pytest.mark.django_db
def test_a_field_is_quoted_without_a_block_and_not_again_where_the_text_repeats_it(
    member: User,
) -> None:
    (article,) = publish(
        '<p class="docno" id="bdoc22">样例〔2026〕1号</p><p>x</p>',
        document_number="样例〔2026〕1号",
        source="样例局",
    )

    (number,) = hit("〔2026〕1号", member).passages
    assert (number.kind, number.block) == ("文号", "bdoc22")
    (source,) = hit("样例局", member).passages
    assert (source.kind, source.url) == ("来源", article.get_absolute_url())


@pytest.mark.django_db
def test_the_paragraph_that_holds_more_of_the_words_is_quoted_first_to_be_chosen(
    member: User,
) -> None:
    publish("".join(f'<p id="bpara{n}">减税</p>' for n in range(2, 9)) + "<p>降费又减税</p>")

    quoted = hit("减税 降费", member)
    assert quoted.passages[-1].html == "<mark>降费</mark>又<mark>减税</mark>"
    assert [one.block for one in quoted.passages[:2]] == ["bpara2", "bpara3"]
    assert quoted.more == 5


@pytest.mark.django_db
def test_the_marks_fall_on_what_is_printed_whatever_was_typed(member: User) -> None:
    publish("<p>支持５Ｇ 网络，增长9.4％，R&amp;D与<em>1,234</em>亿。</p>")

    assert hit("5g网络", member).passages[0].html.startswith("支持<mark>５Ｇ 网络</mark>，")
    assert "<mark>9.4％</mark>" in hit("9.4%", member).passages[0].html
    assert "<mark>R&amp;D</mark>" in hit("r＆d", member).passages[0].html
    assert "<mark>1,234亿</mark>" in hit("1234亿", member).passages[0].html


@pytest.mark.django_db
def test_what_looks_like_markup_in_a_text_is_shown_as_text(member: User) -> None:
    publish("<p>税收&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</p>", title="<b>税收</b>")

    found = hit("税收", member)
    assert found.title == "&lt;b&gt;<mark>税收</mark>&lt;/b&gt;"
    assert found.passages[0].html == (
        "<mark>税收</mark>&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;"
    )


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 10)).map(lambda one: (one[0], sum(one))),
    min_size=1,
)


@settings(deadline=None)
@given(st.text(min_size=1, max_size=400), SPANS)
def test_marks_change_no_character_and_never_nest(text: str, every: list[tuple[int, int]]) -> None:
    every = [(first, min(end, len(text))) for first, end in every if first < len(text)]
    html = marked(text, every)

    assert plain(html) == text
    assert re.fullmatch("(?:(?!</?mark>).)*(?:<mark>(?:(?!</?mark>).)+</mark>(?:(?!</?mark>).)*)*",
                        html, re.DOTALL)  # fmt: skip
    inside = {at for first, end in every for at in range(first, end)}
    counted = sum(len(unescape(part)) for part in re.findall("<mark>(.*?)</mark>", html, re.DOTALL))
    assert counted == len(inside)


@settings(deadline=None)
@given(st.text("税收，<&", min_size=1, max_size=600), st.data())
def test_an_excerpt_is_short_part_of_the_text_and_shows_the_mark(
    text: str, data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(text) - 1))
    span = (first, min(len(text), first + data.draw(st.integers(1, 8))))
    html = excerpt(text, [span])

    shown = plain(html).strip("…")
    assert len(shown) <= LENGTH
    assert shown in text
    assert f"<mark>{escape(text[slice(*span)])}</mark>" in html
    assert html.startswith("…") or text.startswith(shown)
    assert html.endswith("…") or text.endswith(shown)
