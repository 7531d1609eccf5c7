"""One wording on every page: names, dates, who publishes, and where one is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from lxml import html

from members.models import User
from newsletter import reading
from newsletter.importing import receive
from portal.demo import SAMPLES
from tests import factories

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def test_the_day_of_a_note_is_written_as_every_other_date(member: User, signed_in: SignIn) -> None:
    article = factories.create_article(
        factories.create_issue(), body='<p id="bfirst">一段正文。</p>'
    )
    with time_machine.travel("2026-02-08T20:00:00Z", tick=False):
        reading.add_note(article, reader=member, block="bfirst", text="记一笔。")
    client = signed_in(member)

    data = client.get(f"/me{article.get_absolute_url()}marks/").json()
    assert [note["written"] for note in data["notes"]] == ["2026年2月9日"]
    for path in (f"/me{article.get_absolute_url()}", "/me/notes/"):
        assert "2026年2月9日写" in client.get(path).content.decode(), path


def test_a_title_in_a_title_has_the_inner_marks(member: User, signed_in: SignIn) -> None:
    """GB/T 15834-2011, 4.15.3.6."""
    article = factories.create_article(factories.create_issue(), title="关于《样例办法》的通知")
    reading.set_bookmark(article, reader=member, on=True)

    page = html.fromstring(signed_in(member).get("/me/bookmarks/").content)

    [button] = page.xpath("//button[@name='on']")
    assert button.text_content() == "取消收藏《关于〈样例办法〉的通知》"


@pytest.mark.parametrize("elder", ["off", "on"])
def test_the_bar_leads_to_the_sections_and_says_when_one_is_there(
    elder: str, member: User, signed_in: SignIn
) -> None:
    section = factories.create_article(factories.create_issue()).section
    client = signed_in(member)
    client.post("/display/", {"elder": elder})

    places = {"/": "本期", "/sections/": "栏目", section.get_absolute_url(): "栏目"}
    for path, current in places.items():
        page = html.fromstring(client.get(path).content)
        [bar] = page.xpath("//nav[@aria-label='主导航']")
        assert bar.xpath(".//a[@href='/sections/']"), path
        marked = [found.text_content() for found in bar.xpath(".//a[@aria-current='page']")]
        assert marked == [current], path


def test_the_pages_of_an_issue_say_on_paper_which_it_is(member: User, signed_in: SignIn) -> None:
    issue = factories.create_issue(year=2026, number=3, serial=78)
    factories.create_article(issue)

    for path in ("/", issue.get_absolute_url()):
        page = html.fromstring(signed_in(member).get(path).content)
        [named] = page.xpath("//*[@data-running]")
        said = (named.get("data-issue"), named.get("data-running"))
        assert said == ("《财税动态》2026年第3期", "总第78期")
        assert page.xpath("//script[contains(@src, 'js/paper')]"), path


def test_the_samples_are_published_by_whom_the_pages_name() -> None:
    for path in SAMPLES.glob("*.txt"):
        issue = receive.keep(receive.from_path(path), by=factories.create_user())
        assert issue.publisher == settings.ASSOCIATION
        assert issue.recipients.removesuffix("会员单位") + "秘书处" == settings.ASSOCIATION
    assert settings.CONTACT.startswith("样例"), "nobody's number"
