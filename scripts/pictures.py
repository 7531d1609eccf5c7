"""make pictures: the screenshots of the secretariat's guides, anew from a portal with the demo.

Each is a function that leads a real browser to a page and says what of it is to be seen; a page
that has changed makes its picture again, one that is gone makes this fail. Nobody in them exists,
and nothing but the loopback is asked.

    PYTHONPATH=. python scripts/pictures.py [NAME …]

Without a name, all.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import (
    Browser,
    FloatRect,
    Locator,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from members.credit_code import check_character
from tests.browser.server import ROOT, Portal, serving

FOLDER = ROOT / "docs" / "images"
STAFF, CONTACT, MEMBER = "S10000001", "M10000032", "M10000037"
DESK, NARROW, PHONE = 1040, 820, 390
HEIGHT = 800
PATIENCE = 30_000  # milliseconds
# Root has no sandbox to use; the browser itself is to ask nobody anything.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MARGIN = 12
COLOURS = 48  # paper, ink and one red need no more, and the files stay small
MOST_BYTES = 60_000


@dataclass
class Studio:
    """The portal, a browser, and who has signed in already: attempts are limited.

    Attributes:
        folder: for files that are uploaded.
    """

    portal: Portal
    browser: Browser
    folder: Path
    sessions: dict[str, StorageState] = field(default_factory=dict)

    @contextmanager
    def sit_down(self, who: str, *, width: int = DESK) -> Iterator[Page]:
        context = self.browser.new_context(
            base_url=self.portal.url,
            viewport={"width": width, "height": HEIGHT},
            is_mobile=width < 600,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            storage_state=self.sessions.get(who),
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        if who not in self.sessions:
            page.goto("/accounts/login/?next=/me/")
            page.get_by_label("会员号、手机号或电子邮箱").fill(who)
            page.get_by_label("密码").fill(self.portal.password)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url("**/me/")
            self.sessions[who] = context.storage_state()
        yield page
        context.close()

    def tell(self, program: str) -> None:
        """Something that has happened before, in the portal's own words."""
        self.portal.manage("shell", "--verbosity", "0", "--command", program)


Shot = Callable[[Studio], bytes]
SHOTS: dict[str, Shot] = {}


def shot(name: str) -> Callable[[Shot], Shot]:
    def keep(taken: Shot) -> Shot:
        SHOTS[name] = taken
        return taken

    return keep


def part(page: Page, first: Locator, last: Locator | None = None) -> bytes:
    """The page's whole width, from above `first` down to below `last`."""
    page.evaluate("document.activeElement?.blur()")
    page.evaluate("scrollTo(0, 0)")
    above, below = first.bounding_box(), (last or first).bounding_box()
    assert above, first
    assert below, last
    top = max(0, above["y"] - MARGIN)
    bottom = below["y"] + below["height"] + MARGIN
    width = page.viewport_size["width"] if page.viewport_size else DESK
    clip: FloatRect = {"x": 0, "y": top, "width": width, "height": bottom - top}
    return page.screenshot(full_page=True, clip=clip)


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


# The list ------------------------------------------------------------------------------------
def roster(path: Path) -> Path:
    """A list as people keep it: a title above, headings of their own, two lines wrong."""

    def code(number: int) -> str:
        first = f"91999900MA{number:07d}"  # of no place
        return first + check_character(first)

    firms = ["样例市松风家具有限公司", "样例市海棠印刷有限公司", "样例县白鹭茶业有限公司"]
    rows: list[list[object]] = [
        ["会员单位名册"],
        ["序号", "会员企业", "税号", "联系人", "联系电话", "名额", "有效期至", "分管领导"],
    ]
    for number in range(9):
        firm = number // 3
        rows.append(
            [
                number + 1,
                firms[firm],
                code(firm + 601),
                f"样例·{'程柯段侯姚邵汪毛常'[number]}{'安远宁和清朗岚青悦'[number]}",
                f"1380000{number + 6101}",
                3,
                "2027年12月31日",
                "",
            ]
        )
    rows[3][4] = "1380000610"
    rows[6][6] = "2027年2月30日"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "会员名册"
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def upload(studio: Studio, page: Page) -> None:
    page.goto("/admin/members/listimport/add/")
    page.get_by_label("名单文件").set_input_files(roster(studio.folder / "会员名册.xlsx"))
    page.get_by_role("button", name="上传并核对").click()


@shot("list-columns")
def list_columns(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        upload(studio, page)
        expect(page.get_by_text("没有认出")).to_be_visible()
        return part(page, title(page), page.locator(".desk .act").last)


@shot("list-wrong")
def list_wrong(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        upload(studio, page)
        page.get_by_role("button", name="保存，看核对结果").click()
        expect(page.get_by_role("status")).to_contain_text("有误")
        return part(page, title(page), page.locator(".list-wrong section").nth(0))


# People --------------------------------------------------------------------------------------
@shot("slip")
def slip(studio: Studio) -> bytes:
    with studio.sit_down(STAFF, width=NARROW) as page:
        page.goto("/admin/members/user/?q=M10000031")
        page.get_by_role("link", name="M10000031").click()
        page.get_by_role("button", name="打印登录条").click()
        page.get_by_role("button", name="制作 1 张登录条").click()
        expect(page.get_by_role("article")).to_be_visible()
        return part(page, title(page), page.get_by_role("article"))


TWICE = """
from members.models import Organization, User
one = User.objects.create_user(
    "M10000062", name="样例·戚薇", phone="+8613800000062", email="qw@example.org"
)
one.seats.create(organization=Organization.objects.get(name="样例市新港化工有限公司"))
"""


@shot("merge")
def merge(studio: Studio) -> bytes:
    studio.tell(TWICE)
    with studio.sit_down(STAFF) as page:
        page.goto("/admin/members/user/?q=M10000037")
        page.get_by_role("link", name="M10000037").click()
        page.get_by_role("link", name="与另一人合并").click()
        page.get_by_role("link", name="M10000062").click()
        return part(page, title(page), page.get_by_role("button", name="下一步"))


# Firms ---------------------------------------------------------------------------------------
@shot("organization")
def organization(studio: Studio) -> bytes:
    with studio.sit_down(CONTACT, width=PHONE) as page:
        page.goto("/organization/")
        return part(page, page.locator(".eyebrow"), page.locator(".firm-seats").first)


@shot("proposal")
def proposal(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        page.goto("/admin/members/proposal/")
        page.get_by_role("link", name="样例·喻欣").click()
        return part(page, title(page), page.get_by_role("button", name="婉拒"))


# Debian's Chromium writes the boxes for days in English; the secretary's does in Chinese.
DAYS = """
for (const box of document.querySelectorAll("input[type=date]")) {
  const day = box.value.replaceAll("-", "/");
  box.type = "text";
  box.value = day;
}
"""


@shot("application")
def application(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        page.goto("/admin/members/application/")
        page.get_by_role("link", name="样例市柏林园艺有限公司").click()
        page.evaluate(DAYS)
        return part(page, title(page), page.get_by_role("button", name="批准并邀请"))


# 会籍延续 -------------------------------------------------------------------------------------
@shot("due")
def due(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        page.goto("/admin/members/reminder/")
        for box in page.get_by_role("checkbox").all()[:3]:
            box.check()
        return part(page, title(page), page.get_by_role("button", name="延续勾选的会籍"))


@shot("calls")
def calls(studio: Studio) -> bytes:
    with studio.sit_down(STAFF) as page:
        page.goto("/admin/members/reminder/calls/")
        return part(page, title(page), page.locator(".calls > li").nth(2))


# Own data ------------------------------------------------------------------------------------
@shot("my-data")
def my_data(studio: Studio) -> bytes:
    with studio.sit_down(MEMBER, width=PHONE) as page:
        page.goto("/me/data/")
        end = page.get_by_role("heading", name="邀请和同意")
        expect(page.get_by_text(re.compile("个人会籍："))).to_be_visible()
        return part(page, title(page), end.locator("xpath=preceding-sibling::*[1]"))


# To the files --------------------------------------------------------------------------------
def keep(name: str, picture: bytes) -> None:
    path = FOLDER / f"staff-{name}.png"
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(COLOURS).save(path, "PNG", optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}\t{size / 1000:.0f} kB")
    assert size < MOST_BYTES, "crop it to what matters"


def main(names: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="pictures-") as folder,
        serving(Path(folder)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        studio = Studio(portal, browser, Path(folder))
        for name in names or SHOTS:
            keep(name, SHOTS[name](studio))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
