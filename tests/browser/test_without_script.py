"""Everything a member does works with JavaScript off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, SitDown, sign_in
from tests.browser.server import Portal

pytestmark = pytest.mark.browser


@pytest.mark.smoke
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_member_signs_in_reads_pages_through_filters_and_signs_out_without_scripts(
    portal: Portal, sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(size=size, script=False)
    page.goto("/")
    sign_in(page, "M10000001", portal.password)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("2026年 第3期")

    page.get_by_role("link", name="2026年1—9月份样例市货运物流运行情况").click()
    expect(page.locator(".body figure img")).to_have_count(4)
    if size == PHONE:
        page.locator("summary", has_text="本文目录").click()
    page.get_by_role("link", name="三、物流成本情况").click()
    expect(page.locator(":target")).to_be_in_viewport()

    page.get_by_role("link", name="下一篇").click()
    expect(page.get_by_role("table")).to_be_visible()
    page.get_by_role("link", name="上一篇").click()
    expect(heading).to_have_text("2026年1—9月份样例市货运物流运行情况")

    page.get_by_role("link", name="往期").click()
    page.get_by_label("年份").select_option("2026")
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".cover")).to_have_count(2)
    page.get_by_role("link", name="2026年第2期，总第77期").click()
    page.get_by_role("link", name="下一期").click()
    expect(heading).to_contain_text("2026年 第3期")

    page.get_by_role("link", name="我的").click()
    page.get_by_role("link", name="账户").click()
    page.get_by_role("button", name="退出登录").click()
    expect(heading).to_have_text("会员登录")
