"""A stranger comes to a locked door, and leaves it locked behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM_ARGUMENTS, PHONE, SitDown, executable, sign_in
from tests.browser.server import Portal

pytestmark = pytest.mark.browser

ARTICLE = "小订单里做出大市场"
SENTENCE = "一次三百件、五百件，交期二十天"


@pytest.fixture
def remembering_chromium(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that keeps left pages alive for Back, as people's do and Playwright's does not."""
    browser = playwright.chromium.launch(
        executable_path=executable(),
        args=CHROMIUM_ARGUMENTS,
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield browser
    browser.close()


def address_of_the_article(page: Page) -> str:
    page.goto("/issues/2026-3/")
    address = page.get_by_role("link", name=ARTICLE).get_attribute("href")
    assert address
    return address


@pytest.mark.smoke
def test_a_stranger_signs_in_by_phone_lands_on_the_article_and_back_shows_nothing_after_sign_out(
    portal: Portal, sit_down: SitDown, remembering_chromium: Browser
) -> None:
    address = address_of_the_article(sit_down("M10000001"))
    page = sit_down(size=PHONE, browser=remembering_chromium)

    page.goto(address)
    expect(page.get_by_role("heading", name="会员登录")).to_be_visible()
    expect(page.get_by_text("内部刊物，仅供会员使用")).to_be_visible()
    assert ARTICLE not in page.content()
    sign_in(page, "138 0000 0001", portal.password)

    page.wait_for_url(f"**{address}")
    expect(page.get_by_role("heading", level=1)).to_have_text(ARTICLE)
    expect(page.get_by_text(SENTENCE)).to_be_visible()

    page.get_by_role("link", name="我的").click()
    page.get_by_role("link", name="账户").click()
    expect(page.get_by_text("M10000001")).to_be_visible()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("heading", name="会员登录")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("已退出登录。")

    for step in [page.go_back, page.go_back, page.go_back, page.go_forward, page.go_forward]:
        step()
        expect(page.get_by_role("heading", name="会员登录")).to_be_visible()
        assert SENTENCE not in page.content()
        assert "M10000001" not in page.content()


def test_a_wrong_password_keeps_what_was_typed_and_says_what_to_do(sit_down: SitDown) -> None:
    page = sit_down(size=PHONE)
    page.goto("/accounts/login/?next=/issues/")
    sign_in(page, "M10000001", "not-the-password")

    summary = page.get_by_role("alert")
    expect(summary.get_by_role("listitem")).to_have_count(1)
    expect(summary.get_by_role("listitem")).to_contain_text("账号或密码不正确。")
    expect(page).to_have_title("有误：会员登录 · 财税动态")
    expect(page.get_by_label("会员号、手机号或电子邮箱")).to_have_value("M10000001")
    expect(page.get_by_label("密码")).to_have_value("")


def test_empty_boxes_are_each_named_and_the_summary_leads_to_them(
    portal: Portal, sit_down: SitDown
) -> None:
    page = sit_down(size=PHONE)
    page.goto("/accounts/login/?next=/issues/")
    page.get_by_role("button", name="登录").click()

    login, password = page.get_by_label("会员号、手机号或电子邮箱"), page.get_by_label("密码")
    for box, sentence in [(login, "请填写会员号、手机号或电子邮箱。"), (password, "请填写密码。")]:
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(box).to_have_accessible_description(sentence)
    page.get_by_role("alert").get_by_role("link", name="请填写密码。").click()
    expect(password).to_be_focused()

    # Mended, it goes on to where they wanted to go.
    sign_in(page, "M10000001", portal.password)
    page.wait_for_url("**/issues/")
