"""The pages that are looked at one by one: for overflow, for valid HTML, for every reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lxml import html
from playwright.sync_api import APIRequestContext, Page, expect

MEMBER, LAPSED, EDITOR, CHIEF = "M10000001", "M10000002", "E10000001", "E10000002"
# Reads by role; the journeys leave no marks in this name, so these pages know what they show.
READER = "S10000001"
ADMINISTRATOR = "A10000002"


@dataclass(frozen=True)
class Place:
    """A page, its reader, and how to get there.

    Attributes:
        title: of the article, when it is one of the issue at `address`.
        real: whether the real printed issue must be there.
        marked: whether the reader has begun an article, kept it, and written upon it.
        under: of the article with `title`, the page that belongs to it: a format with its number.
        status: of the answer.
    """

    name: str
    address: str
    who: str = MEMBER
    title: str = ""
    real: bool = False
    marked: bool = False
    under: str = ""
    status: int = 200

    def find(self, request: APIRequestContext) -> str:
        """The address of the page, once what it shows is there."""
        if self.marked:
            leave_marks(request)
        if not self.title:
            return self.address
        found = _article(request, self.address, self.title)
        return self.under.format(found) if self.under else f"/articles/{found}/"

    def open(self, page: Page) -> None:
        answer = page.goto(self.find(page.request))
        assert answer
        assert answer.status == self.status, f"{self.name}: {answer.status}"
        if self.title and not self.under:
            expect(page.get_by_role("heading", level=1)).to_have_text(self.title)


def _article(request: APIRequestContext, issue: str, title: str) -> int:
    answer = request.get(issue)
    assert answer.ok, f"{issue}: {answer.status}"
    for link in html.fromstring(answer.text()).iter("a"):
        number = re.fullmatch(r"/articles/(\d+)/", link.get("href", ""))
        if number and title in link.text_content():
            return int(number[1])
    raise AssertionError(f"{title} is not in {issue}")


def _post(request: APIRequestContext, address: str, **values: str) -> None:
    """As a form of the portal would send it."""
    page = html.fromstring(request.get("/display/").text())
    token = page.xpath("//input[@name='csrfmiddlewaretoken']/@value")[0]
    answer = request.post(
        address,
        form=values | {"csrfmiddlewaretoken": token},
        headers={"Accept": "application/json"},
    )
    assert answer.ok, f"{address}: {answer.status}"


def leave_marks(request: APIRequestContext) -> None:
    """The reader has begun an article, keeps it and has a note in it; a second call adds none."""
    number = _article(request, FIGURES.address, FIGURES.title)
    mine = f"/me/articles/{number}"
    there = request.get(f"{mine}/marks/")
    assert there.ok, f"{there.url}: {there.status}"
    if there.json()["notes"]:
        return
    page = html.fromstring(request.get(f"/articles/{number}/").text())
    block = page.xpath("//*[contains(@class, 'body')]//p[starts-with(@id, 'b')]/@id")[1]
    _post(request, f"{mine}/bookmark/", on="1")
    _post(request, f"{mine}/place/", block=block, share="41")
    _post(request, f"{mine}/notes/", block=block, text="月底前问一问样例市物流协会。")


@contextmanager
def elder_mode(page: Page) -> Iterator[None]:
    """长者模式, chosen by whoever sits there, until the block ends."""
    _post(page.request, "/display/", elder="on")
    try:
        yield
    finally:
        _post(page.request, "/display/", elder="off")


HOME = Place("home", "/")
FIGURES = Place("figures", "/issues/2026-3/", title="2026年1—9月份样例市货运物流运行情况")
TABLE = Place("table", "/issues/2026-3/", title="2025年样例市中小企业人才状况统计公报")
NOTICE = Place(
    "notice",
    "/issues/2026-3/",
    title="样例省四部门联合印发《样例省小微企业融资增信实施方案》",
)
REAL_FIGURES = Place("real-energy", "/issues/2022-3/", title="2022年8月份能源生产情况", real=True)
REAL_TABLE = Place(
    "real-table", "/issues/2022-3/", title="2021年全国科技经费投入统计公报", real=True
)
SEARCH = Place("search", "/search/?q=样例市")
NOTES = Place("notes", "/me/notes/", who=READER, marked=True)

ARTICLES = [FIGURES, TABLE, NOTICE, REAL_FIGURES, REAL_TABLE]

# Whoever may read sees these.
MEMBERS_PLACES = [
    HOME,
    Place("home-begun", "/", who=READER, marked=True),
    Place("issue", "/issues/2026-2/"),
    Place("archive", "/issues/"),
    Place("archive-year", "/issues/?year=2026"),
    Place("sections", "/sections/"),
    Place("section", "/sections/hot-topics/"),
    *ARTICLES,
    Place("marked", FIGURES.address, who=READER, title=FIGURES.title, marked=True),
    SEARCH,
    Place("search-narrowed", "/search/?q=企业&section=hot-topics&year=2026&order=newest"),
    Place("search-phrase", "/search/?q=“样例市” 企业"),
    Place("search-empty", "/search/?q=子虚乌有"),
    Place("search-nothing-asked", "/search/"),
    Place("search-too-long", "/search/?q=" + "长" * 120),
    Place("history", "/me/reading/", who=READER, marked=True),
    Place("bookmarks", "/me/bookmarks/", who=READER, marked=True),
    NOTES,
    Place("history-empty", "/me/reading/", who=CHIEF),
    Place("bookmarks-empty", "/me/bookmarks/", who=CHIEF),
    Place("notes-empty", "/me/notes/", who=CHIEF),
    Place(
        "desk",
        FIGURES.address,
        who=READER,
        title=FIGURES.title,
        marked=True,
        under="/me/articles/{}/",
    ),
    Place("me", "/me/"),
    Place("missing", "/articles/0/", status=404),
]

# Whoever may not, and whoever nobody knows yet.
OTHERS_PLACES = [
    Place("display", "/display/"),
    Place("password-change", "/accounts/password/change/"),
    Place("sign-out", "/accounts/logout/"),
    # The contacts of a firm: one whose membership is current, one whose has ended.
    Place("organization", "/organization/"),
    Place("organization-lapsed", "/organization/", who=LAPSED),
    Place("organization-propose", "/organization/propose/"),
    Place("closed", "/", who=LAPSED, status=403),
    Place("me-closed", "/me/", who=LAPSED),
    Place("sign-in", "/accounts/login/", who=""),
    Place("display-stranger", "/display/", who=""),
    Place("password-reset", "/accounts/password/reset/", who=""),
    Place("password-reset-done", "/accounts/password/reset/done/", who=""),
    Place("password-reset-stale", "/accounts/password/reset/key/1-stale/", who=""),
    Place("signup", "/accounts/signup/", who=""),
    Place("inactive", "/accounts/inactive/", who=""),
    Place("join", "/join/", who=""),
    Place("privacy", "/privacy/", who=""),
    Place("apply", "/apply/", who=""),
    Place("invitation-closed", "/join/spent-long-ago/", who="", status=404),
]

READERS_PLACES = [*MEMBERS_PLACES, *OTHERS_PLACES]

# 主编 may edit what is published: these are forms. Article 8 of the demo has figures.
EDITORS_PLACES = [
    Place("admin-issues", "/admin/newsletter/issue/", who=EDITOR),
    Place("admin-upload", "/admin/newsletter/issue/import/", who=EDITOR),
    Place("admin-issue", "/admin/newsletter/issue/1/change/", who=CHIEF),
    Place("admin-doubts", "/admin/newsletter/issue/1/doubts/", who=CHIEF),
    Place("admin-publish", "/admin/newsletter/issue/1/publish/", who=CHIEF),
    Place("admin-withdraw", "/admin/newsletter/issue/1/withdraw/", who=CHIEF),
    Place("admin-article", "/admin/newsletter/article/8/change/", who=CHIEF),
    Place("admin-applications", "/admin/members/application/", who=READER),
    Place("admin-application", "/admin/members/application/1/change/", who=READER),
    Place("admin-notices", "/admin/members/privacynotice/", who=ADMINISTRATOR),
    Place("admin-notice-new", "/admin/members/privacynotice/new/", who=ADMINISTRATOR),
    Place("admin-firms", "/admin/members/organization/", who=READER),
    Place("admin-firm", "/admin/members/organization/1/change/", who=READER),
    Place("admin-contact", "/admin/members/organization/1/contact/", who=READER),
    Place("admin-proposals", "/admin/members/proposal/", who=READER),
    Place("admin-proposal", "/admin/members/proposal/1/change/", who=READER),
]
