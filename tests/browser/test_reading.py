"""A member reads: from the contents through articles, sections and the archive."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown

pytestmark = pytest.mark.browser

MEMBER = "M10000001"
FIGURES = "2026年1—9月份样例市货运物流运行情况"
TABLE = "2025年样例市中小企业人才状况统计公报"


def title(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def tap_or_click(target: Locator, size: tuple[int, int]) -> None:
    if size == PHONE:
        target.tap()
    else:
        target.click()


@pytest.mark.smoke
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_member_reads_from_the_contents_to_an_older_issue(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MEMBER, size=size)
    page.goto("/")
    expect(title(page)).to_contain_text("2026年 第3期")

    tap_or_click(page.get_by_role("link", name=FIGURES), size)
    expect(title(page)).to_have_text(FIGURES)
    images = page.locator(".body figure img")
    expect(images).to_have_count(4)
    for image in images.all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", value=True)
        assert image.evaluate("image => image.naturalWidth") > 0
        assert image.get_attribute("alt") is not None

    tap_or_click(page.get_by_role("link", name="下一篇"), size)
    expect(title(page)).to_have_text(TABLE)
    expect(page.get_by_role("table")).to_be_visible()
    tap_or_click(page.get_by_role("link", name="上一篇"), size)
    expect(title(page)).to_have_text(FIGURES)

    tap_or_click(page.get_by_role("article").get_by_role("link", name="热点问题"), size)
    expect(title(page)).to_have_text("热点问题")
    expect(page.get_by_role("link", name=TABLE)).to_be_visible()

    tap_or_click(page.get_by_role("navigation", name="主导航").get_by_text("往期"), size)
    tap_or_click(page.get_by_role("link", name="2026年第2期，总第77期"), size)
    expect(title(page)).to_contain_text("2026年 第2期")
    tap_or_click(page.locator(".contents .entries a").first, size)
    expect(page.locator(".body p").first).to_be_visible()


def test_the_rail_of_a_wide_screen_leads_to_a_heading_and_marks_where_one_is(
    sit_down: SitDown,
) -> None:
    page = sit_down(MEMBER)
    page.goto("/")
    page.get_by_role("link", name=FIGURES).click()
    rail = page.get_by_role("navigation", name="本文目录")

    entry = rail.get_by_role("link", name="三、物流成本情况")
    entry.click()

    expect(page.locator(":target")).to_have_text("三、物流成本情况")
    expect(page.locator(":target")).to_be_in_viewport()
    expect(entry).to_have_attribute("aria-current", "location")
    expect(rail.locator("[aria-current]")).to_have_count(1)
    page.evaluate("scrollTo(0, 0)")
    expect(rail.locator("[aria-current]")).to_have_count(0)


def test_the_sheet_of_a_phone_follows_leads_to_a_heading_and_closes(sit_down: SitDown) -> None:
    page = sit_down(MEMBER, size=PHONE)
    page.goto("/")
    page.get_by_role("link", name=FIGURES).tap()
    page.locator(".body figure").nth(1).scroll_into_view_if_needed()
    sheet = page.get_by_text("本文目录").locator("visible=true")

    expect(sheet).to_be_in_viewport()
    sheet.tap()
    entry = page.get_by_role("link", name="附注")
    entry.tap()

    heading = page.locator(":target")
    expect(heading).to_have_text("附注")
    expect(heading).to_be_in_viewport()
    expect(entry).to_be_hidden()
    # The sheet stands above it, not upon it.
    bar, target = page.locator(".rail-sheet").bounding_box(), heading.bounding_box()
    assert bar
    assert target
    assert target["y"] >= bar["y"] + bar["height"]

    sheet.tap()
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()


def test_the_archive_shows_the_year_that_was_asked_for(sit_down: SitDown) -> None:
    page = sit_down(MEMBER)
    page.goto("/issues/")
    page.get_by_label("年份").select_option("2026")
    page.get_by_role("button", name="查看").click()

    page.wait_for_url("**/issues/?year=2026")
    expect(page.get_by_role("heading", level=2)).to_have_text(["2026年"])
    expect(page.locator(".cover")).to_have_count(2)
    expect(page.get_by_label("年份")).to_have_value("2026")
