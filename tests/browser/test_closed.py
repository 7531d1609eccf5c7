"""Those whom the gate lets no further learn which it is, and whom to ask."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SitDown, sign_in
from tests.browser.server import Portal

pytestmark = pytest.mark.browser

ASSOCIATION = "中小企业合作发展促进中心秘书处"


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("M10000002", "届满"),
        ("M10000003", "您的账号已暂停使用"),
        ("M10000004", "您还没有阅读席位"),
    ],
    ids=["lapsed", "suspended", "seatless"],
)
def test_who_may_not_read_is_told_why_and_whom_to_ask_and_can_see_their_account_and_leave(
    portal: Portal, sit_down: SitDown, who: str, reason: str
) -> None:
    page = sit_down(size=PHONE, may_be_refused=True)
    page.goto("/issues/2026-3/")
    sign_in(page, who, portal.password)

    expect(page.get_by_role("heading", level=1)).to_contain_text(reason)
    expect(page.get_by_role("main").get_by_text(ASSOCIATION)).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    assert "小订单里做出大市场" not in page.content()

    page.get_by_role("link", name="查看我的账号").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("我的")
    expect(page.get_by_text(who)).to_be_visible()
    expect(page.get_by_text("目前不能阅读")).to_be_visible()
    page.get_by_role("button", name="退出登录").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("会员登录")
    page.goto("/me/")
    expect(page.get_by_role("heading", level=1)).to_have_text("会员登录")
