"""申请入会 from a stranger's phone to a firm of the portal; a notice that is asked about anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.places import ADMINISTRATOR, MEMBER, READER
from tests.browser.server import Portal
from tests.browser.test_accessibility import EVERYTHING, THEME, at_each_size
from tests.browser.test_html import checker, complaints, save

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser

FIRM = "样例市新芽科技有限公司"
# The journeys of others go on as if nothing had been published.
EVERYBODY_AGREES = """
from members import privacy_notices
from members.models import User
for person in User.objects.filter(consents__notice=1):
    notice = privacy_notices.in_force()
    privacy_notices.agree(person, notice, occasion=privacy_notices.Occasion.READING)
"""


def fits(page: Page) -> None:
    """No page is scrolled sideways."""
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


def barriers(page: Page, name: str) -> list[str]:
    found = []
    for theme in ("light", "dark"):
        page.evaluate(THEME, theme)
        page.emulate_media(color_scheme=theme)
        found += at_each_size(page, EVERYTHING, name=f"{name} {theme}")
    return found


def fill_in(page: Page, **more: str) -> None:
    values = {
        "单位名称": FIRM,
        "所在地区": "样例省样例市",
        "您的姓名": "样例·甄申请",
        "手机号码": "139 0000 8642",
    }
    for label, value in (values | more).items():
        page.get_by_label(label).fill(value)


def test_a_firm_applies_on_a_phone_and_is_approved_at_the_desk(
    sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    phone = sit_down(size=PHONE, script=False)
    phone.goto("/join/")
    phone.get_by_role("link", name="在网上申请入会").click()
    fill_in(phone, 手机号码="12")
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_label("手机号码")).to_have_accessible_description(
        re.compile("不是有效的电话号码")
    )
    expect(phone.get_by_label("单位名称")).to_have_value(FIRM)
    expect(phone.get_by_role("alert")).to_contain_text("同意的请勾选")
    fits(phone)
    save(tmp_path, "apply-wrong", phone.content())
    fill_in(phone)
    phone.get_by_label("我已阅读并同意").check()
    phone.get_by_role("button", name="提交申请").click()
    expect(phone.get_by_role("heading", name="申请已收到")).to_be_visible()
    reference = phone.locator(".lede b").inner_text()
    assert re.fullmatch(r"SQ\d{8}", reference)
    fits(phone)
    save(tmp_path, "apply-sent", phone.content())

    desk = sit_down(READER)
    desk.goto("/admin/")
    desk.get_by_role("link", name="入会申请", exact=True).click()
    row = desk.get_by_role("row").filter(has_text=reference)
    expect(row).to_contain_text("待办")
    row.get_by_role("link").click()
    expect(desk.get_by_label("席位数")).to_be_visible()  # the page of it is there
    objections = barriers(desk, "application")
    desk.get_by_label("席位数").fill("2")
    desk.get_by_role("button", name="批准并邀请").click()
    # No e-mail: the slip is there at once.
    slip = desk.get_by_role("article")
    expect(slip).to_contain_text("样例·甄申请")

    desk.goto("/admin/members/organization/")
    expect(desk.get_by_role("row").filter(has_text=FIRM)).to_contain_text("1 / 2")
    desk.get_by_role("link", name=FIRM).click()
    expect(desk.get_by_role("textbox", name=re.compile("^名称"))).to_have_value(FIRM)
    desk.goto("/admin/members/application/")
    desk.get_by_role("row").filter(has_text=reference).get_by_role("link").click()
    expect(desk.get_by_text("已批准")).to_be_visible()
    expect(desk.get_by_role("button", name="批准并邀请")).to_have_count(0)
    objections += barriers(desk, "application-approved")
    objections += complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)


def test_a_declined_firm_without_an_email_is_called(sit_down: SitDown) -> None:
    phone = sit_down(size=PHONE)
    phone.goto("/apply/")
    fill_in(phone, 单位名称="样例市远方公司")
    phone.get_by_label("我已阅读并同意").check()
    phone.get_by_role("button", name="提交申请").click()
    phone.get_by_role("heading", name="申请已收到").wait_for()

    desk = sit_down(READER, size=PHONE)
    desk.goto("/admin/members/application/?q=样例市远方公司")
    desk.get_by_role("link", name="样例市远方公司").click()
    expect(desk.get_by_label("由我们电话告知")).to_be_checked()
    fits(desk)
    desk.get_by_role("button", name="不通过").click()
    expect(desk.get_by_role("alert")).to_contain_text("请填写原因")
    desk.get_by_label("没有通过的原因").fill("不在本中心的服务范围。")
    desk.get_by_role("button", name="不通过").click()
    expect(desk.get_by_text("请打 +8613900008642")).to_be_visible()
    desk.get_by_role("button", name="已电话告知").click()
    expect(desk.get_by_text("已记下：电话告知了申请人")).to_be_visible()
    fits(desk)


def test_a_new_notice_is_published_and_agreed_to_before_reading_on(
    portal: Portal, sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    admin = sit_down(ADMINISTRATOR)
    admin.goto("/admin/members/privacynotice/")
    admin.get_by_role("link", name="发布新的一版").click()
    text = admin.get_by_label("内容")
    text.fill(text.input_value() + "\n八、补充说明\n这一段是新加的。")
    admin.get_by_role("button", name="预览").click()
    expect(admin.get_by_text("这一段是新加的。")).to_be_visible()
    fits(admin)
    objections = barriers(admin, "notice-look")
    admin.get_by_role("button", name=re.compile("发布第 2 版")).click()
    expect(admin.get_by_text("第 2 版已发布")).to_be_visible()

    try:
        reader = sit_down(MEMBER, size=PHONE, may_be_refused=True)
        reader.goto("/issues/?year=2026")
        expect(reader.get_by_role("heading", name="个人信息处理说明更新了")).to_be_visible()
        expect(
            reader.get_by_role("listitem")
            .or_(reader.get_by_role("paragraph"))
            .filter(has_text="有改动")
            .last
        ).to_contain_text("这一段是新加的。")
        fits(reader)
        save(tmp_path, "privacy-due", reader.content())
        objections += barriers(reader, "privacy-due")
        reader.get_by_role("button", name="我已阅读并同意，接着读").click()
        reader.wait_for_url("**/issues/?year=2026")
        expect(reader.get_by_role("heading", level=1)).to_have_text("往期")
    finally:
        portal.manage("shell", "--command", EVERYBODY_AGREES, "--verbosity", "0")
    objections += complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)
