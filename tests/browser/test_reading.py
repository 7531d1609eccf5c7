"""A member reads: from the contents through articles, sections and the archive."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import places
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

    tap_or_click(page.locator(".contents").get_by_role("link", name=FIGURES), size)
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
    page.locator(".contents").get_by_role("link", name=FIGURES).click()
    rail = page.get_by_role("navigation", name="本文目录")

    entry = rail.get_by_role("link", name="三、物流成本情况")
    entry.click()

    expect(page.locator(":target")).to_have_text("三、物流成本情况")
    expect(page.locator(":target")).to_be_in_viewport()
    expect(entry).to_have_attribute("aria-current", "location")
    expect(rail.locator("[aria-current]")).to_have_count(1)
    page.evaluate("scrollTo(0, 0)")
    expect(rail.locator("[aria-current]")).to_have_count(0)


def test_on_a_phone_the_contents_come_to_the_thumb_and_go_again(sit_down: SitDown) -> None:
    page = sit_down(MEMBER, size=PHONE)
    places.FIGURES.open(page)
    bar = page.locator(".dock")
    # Nothing lies upon the head of the article, nor upon the text while one reads on.
    expect(bar).not_to_be_in_viewport()
    page.get_by_role("heading", name="二、快递业务情况").evaluate("found => found.scrollIntoView()")
    expect(bar).not_to_be_in_viewport()

    page.mouse.wheel(0, -200)
    opener = bar.get_by_role("button", name="目录")
    expect(opener).to_be_in_viewport(ratio=1)
    expect(opener).to_contain_text("二、快递业务情况")
    expect(bar).to_contain_text("已读")
    opener.tap()
    contents = page.get_by_role("navigation", name="本文目录")
    expect(contents.locator("[aria-current]")).to_have_text("二、快递业务情况")
    entry = contents.get_by_role("link", name="附注")
    box = entry.bounding_box()
    assert box
    assert box["height"] >= 44
    entry.tap()

    heading = page.locator(":target")
    expect(heading).to_have_text("附注")
    expect(heading).to_be_in_viewport(ratio=1)
    expect(entry).to_be_hidden()

    page.mouse.wheel(0, -400)
    opener.tap()
    expect(entry).to_be_visible()
    page.keyboard.press("Escape")
    expect(entry).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_panel_closes_before_the_focus_goes_under_it(sit_down: SitDown) -> None:
    page = sit_down(MEMBER, size=PHONE)
    places.FIGURES.open(page)
    page.locator("summary", has_text="本文目录").press("Enter")
    contents = page.get_by_role("navigation", name="本文目录")
    last = contents.get_by_role("link").last
    last.focus()
    expect(last).to_be_visible()
    page.keyboard.press("Tab")
    expect(last).to_be_hidden()
    expect(page.locator(":focus")).to_be_in_viewport(ratio=1)


def test_a_mark_leads_to_its_note_and_the_note_back(sit_down: SitDown) -> None:
    page = sit_down(MEMBER)
    places.TABLE.open(page)
    mark = page.locator("sup a", has_text="[1]")
    mark.click()
    note = page.locator(":target")
    expect(note).to_be_in_viewport()
    expect(note).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    note.locator("[role=doc-backlink]").click()
    expect(mark).to_be_in_viewport()
    assert mark.evaluate("mark => mark.matches(':target, :target *') || !!mark.closest(':target')")


def test_a_table_keeps_its_head_and_first_column_while_it_scrolls(sit_down: SitDown) -> None:
    page = sit_down(MEMBER, size=(320, 480))
    places.TABLE.open(page)
    # As a host app enlarges text: the table is wider and longer than its frame.
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    frame = page.locator(".body .table").first
    frame.scroll_into_view_if_needed()
    outer = frame.bounding_box()
    assert outer
    assert outer["height"] <= 0.8 * 480 + 1
    frame.evaluate("frame => frame.scrollTo(120, frame.scrollHeight)")
    assert frame.evaluate("frame => frame.scrollLeft > 60 && frame.scrollTop > 60")

    corner = frame.locator("thead th").first.bounding_box()
    assert corner
    assert corner["x"] == pytest.approx(outer["x"], abs=1)
    assert corner["y"] == pytest.approx(outer["y"], abs=1)
    row = frame.locator("tbody tr").last
    name = row.locator("th").bounding_box()
    assert name
    assert name["x"] == pytest.approx(outer["x"], abs=1)
    # What stays lies above what passes under it, and leaves room to see it.
    assert name["width"] <= outer["width"] * 0.6
    assert page.evaluate("scrollX") == 0


def test_a_long_title_breaks_between_its_phrases(sit_down: SitDown, seed: Path) -> None:
    page = sit_down(MEMBER, size=PHONE)
    page.goto("/issues/2022-3/")
    page.get_by_role("link", name="科技部 财政部关于印发").tap()
    assert lines(title(page)) == [
        "科技部 财政部关于印发",
        "《企业技术创新能",
        "力提升行动方案",
        "(2022—2023年)》的通知",
    ]


def lines(heading: Locator) -> list[str]:
    """The text as it is broken on the screen."""
    found: list[str] = heading.evaluate(
        """(heading) => {
          const range = document.createRange();
          const found = [];
          let last = -Infinity;
          const texts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT);
          for (let node = texts.nextNode(); node; node = texts.nextNode()) {
            for (let at = 0; at < node.data.length; at += 1) {
              range.setStart(node, at);
              range.setEnd(node, at + 1);
              const { top, width } = range.getBoundingClientRect();
              if (width && top > last + 5) {
                found.push("");
                last = top;
              }
              found[found.length - 1] += node.data[at];
            }
          }
          return found.map((line) => line.trim());
        }"""
    )
    return found


def test_the_archive_shows_the_year_that_was_asked_for(sit_down: SitDown) -> None:
    page = sit_down(MEMBER)
    page.goto("/issues/")
    page.get_by_label("年份").select_option("2026")
    page.get_by_role("button", name="查看").click()

    page.wait_for_url("**/issues/?year=2026")
    expect(page.get_by_role("heading", level=2)).to_have_text(["2026年"])
    expect(page.locator(".cover")).to_have_count(2)
    expect(page.get_by_label("年份")).to_have_value("2026")


def test_an_article_weighs_less_than_60_kilobytes_on_the_wire(
    sit_down: SitDown, seed: Path
) -> None:
    page = sit_down(MEMBER, size=PHONE)
    page.goto("/issues/2022-3/")
    # The longest of the printed issue.
    longest = page.get_by_role("link", name="工业领域碳达峰实施方案").get_attribute("href")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    weights: dict[str, int] = {}
    network.on(
        "Network.responseReceived", lambda told: kinds.update({told["requestId"]: told["type"]})
    )
    network.on(
        "Network.loadingFinished",
        lambda told: weights.update({told["requestId"]: told["encodedDataLength"]}),
    )
    page.goto(longest or "", wait_until="networkidle")
    assert {"Document", "Stylesheet", "Script"} <= set(kinds.values())
    weight = sum(
        size for found, size in weights.items() if kinds.get(found) not in ("Image", "Other")
    )
    assert weight < 60 * 1024
