"""The pages that are looked at one by one: for overflow, and for who reads by other means."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page, expect

MEMBER, LAPSED, EDITOR, CHIEF = "M10000001", "M10000002", "E10000001", "E10000002"


@dataclass(frozen=True)
class Place:
    """A page, its reader, and how to get there.

    Attributes:
        title: of the article, when it is one of the issue at `address`.
        real: whether the real printed issue must be there.
    """

    name: str
    address: str
    who: str = MEMBER
    title: str = ""
    real: bool = False

    def open(self, page: Page) -> None:
        page.goto(self.address)
        if self.title:
            page.get_by_role("link", name=self.title).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(self.title)


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

READERS_PLACES = [
    HOME,
    Place("issue", "/issues/2026-2/"),
    Place("archive", "/issues/"),
    Place("sections", "/sections/"),
    Place("section", "/sections/hot-topics/"),
    FIGURES,
    TABLE,
    NOTICE,
    REAL_FIGURES,
    REAL_TABLE,
    Place("me", "/me/"),
    Place("missing", "/articles/0/"),
    Place("closed", "/", who=LAPSED),
    Place("sign-in", "/accounts/login/", who=""),
    Place("join", "/join/", who=""),
]

# 主编 may edit what is published: these are forms. Article 8 of the demo has figures.
EDITORS_PLACES = [
    Place("admin-issues", "/admin/newsletter/issue/", who=EDITOR),
    Place("admin-upload", "/admin/newsletter/issue/import/", who=EDITOR),
    Place("admin-issue", "/admin/newsletter/issue/1/change/", who=CHIEF),
    Place("admin-doubts", "/admin/newsletter/issue/1/doubts/", who=CHIEF),
    Place("admin-publish", "/admin/newsletter/issue/1/publish/", who=CHIEF),
    Place("admin-withdraw", "/admin/newsletter/issue/1/withdraw/", who=CHIEF),
    Place("admin-article", "/admin/newsletter/article/8/change/", who=CHIEF),
]
