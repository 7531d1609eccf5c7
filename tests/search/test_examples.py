"""Searches to begin with, and what is shown when the words stand apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import html

from members.models import User
from newsletter import publishing
from newsletter.importing import receive
from newsletter.search import Examples, examples, search
from portal.demo import SAMPLES
from tests import factories
from tests.search.texts import publish

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def test_every_example_finds_something(member: User) -> None:
    issue = receive.keep(receive.from_path(SAMPLES / "2026-3.txt"), by=factories.create_user())
    publishing.publish(issue, by=factories.create_user())

    found = examples(member)

    asked = [found.words, found.phrase, found.document_number]
    assert all(search(query, user=member).total for query in asked), asked
    assert " " in found.words
    assert found.phrase[0] + found.phrase[-1] == "“”"
    assert found.document_number.startswith("〔")


def test_examples_are_of_what_one_may_read_and_take_one_query(member: User, lapsed: User) -> None:
    factories.create_article(factories.create_issue(published=False), title="尚未发行的，一篇文章")
    assert examples(member) == Examples()
    for number in range(40):
        publish("<p>正文</p>", title=f"第{number}号文件，解读其要点")

    with CaptureQueriesContext(connection) as captured:
        assert examples(User.objects.with_access().get(pk=member.pk)) != Examples()

    assert len(captured.captured_queries) == 2, "the person and the titles"
    assert examples(lapsed) == Examples()


def test_the_search_page_links_its_examples(member: User, signed_in: SignIn) -> None:
    publish("<p>正文</p>", title="增值税新政，十问十答", document_number="财税〔2026〕7号")

    for address in ("/search/", "/search/?q=无处可寻&year=2001", "/search/?q=。"):
        page = html.fromstring(signed_in(member).get(address).content)
        linked = page.xpath("//dl[@class='hints']//a")
        assert [link.text for link in linked] == [
            "增值税新政 十问十答",
            "“增值税新政”",
            "〔2026〕7号",
        ]
        for link in linked:
            assert "共1篇" in signed_in(member).get(link.get("href")).content.decode()


def test_words_that_stand_apart_are_shown_at_once_when_none_stand_side_by_side(
    member: User, signed_in: SignIn
) -> None:
    publish("<p>小微企业可以申请减税</p>", "<p>小微企业</p>")

    page = html.fromstring(signed_in(member).get("/search/?q=小微企业减税").content)

    assert "没有找到“小微企业减税”" in page.text_content()
    hits = page.xpath("//ol[@class='hits']/li")
    assert len(hits) == 1
    assert [mark.text for mark in hits[0].xpath(".//mark")] == ["小微企业", "减税"]
    (apart,) = page.xpath("//p[@class='lede']/a")
    assert apart.text == "小微企业 减税"
    others = page.xpath("//ul[@class='suggestions']//a")
    assert [other.text for other in others] == ["小微企业", "减税"]
    assert "共1篇" in signed_in(member).get(f"/search/{apart.get('href')}").content.decode()


def test_part_of_the_words_is_not_shown_as_if_it_were_all(member: User, signed_in: SignIn) -> None:
    publish("<p>小微企业可以申请减税</p>")

    page = html.fromstring(signed_in(member).get("/search/?q=小微企业减税大礼包").content)

    assert not page.xpath("//ol[@class='hits']")
    assert page.xpath("//ul[@class='suggestions']//a")
