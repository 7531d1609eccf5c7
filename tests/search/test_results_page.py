"""What the page of results says of the search, and what can be chosen and followed on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from lxml import html

from members.models import User
from tests.search.texts import publish

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("小微企业", "“小微企业”"),
        ("小微企业 减税", "“小微企业 减税”"),
        ("“小微企业”", "“小微企业”"),
        ('"小微企业"', "“小微企业”"),
        ("「小微企业」", "“小微企业”"),
        ("“小微企业” 减税", "“小微企业” 减税"),
        ("“小微企业” “减税”", "“小微企业” “减税”"),
        ("小微企业”", "小微企业”"),
    ],
)
def test_what_was_searched_for_stands_in_one_pair_of_quotes(
    typed: str, shown: str, member: User, signed_in: SignIn
) -> None:
    for found, heading, title in (
        (False, f"没有找到{shown}", f"{shown}的检索结果，共0篇"),
        (True, f"{shown}共1篇", f"{shown}的检索结果，共1篇"),
    ):
        if found:
            publish("<p>小微企业可以减税。</p>")
        page = html.fromstring(signed_in(member).get("/search/", {"q": typed}).content)
        assert page.get_element_by_id("results").text_content() == heading
        assert page.findtext(".//title") == f"{title} · 财税动态"


def test_nothing_offers_to_narrow_where_there_is_nothing_to_choose(
    member: User, signed_in: SignIn
) -> None:
    publish("<p>一篇独一无二的文章</p>")
    client = signed_in(member)
    assert 'aria-label="限定范围"' not in client.get("/search/?q=独一无二").content.decode()

    publish("<p>又一篇独一无二的文章，在另一期</p>")
    assert 'aria-label="限定范围"' in client.get("/search/?q=独一无二").content.decode()


def test_every_link_of_a_hit_leads_to_a_place_of_its_own(member: User, signed_in: SignIn) -> None:
    [article] = publish(
        '<p id="bone1">样例统计局说了一句</p><p id="btwo2">样例统计局又说一句</p>',
        source="样例统计局",
    )
    page = html.fromstring(signed_in(member).get("/search/?q=样例统计局").content)
    [hit] = page.find_class("hit")
    url = article.get_absolute_url()
    assert hit.xpath(".//a/@href") == [url, f"{url}#bone1", f"{url}#btwo2"]
    assert [" ".join(found.text_content().split()) for found in hit.xpath(".//li/span")] == [
        "来源 样例统计局"
    ]
