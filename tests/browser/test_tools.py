"""The tools of an article: 收藏, 已读, 引用, 打印; with a script, without, in 长者模式."""

from __future__ import annotations

import gzip
from contextlib import nullcontext

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.marks import MARKER, VOICE, open_fresh, said, settled, wait_for_answer
from tests.browser.places import NOTICE, TABLE, elder_mode
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


def tools(page: Page) -> Locator:
    return page.get_by_role("group", name="阅读工具")


# 收藏 and 已读 ------------------------------------------------------------------------------


@SIZES
def test_an_article_is_kept_and_found_again_among_the_bookmarks(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, NOTICE)
    above = tools(page).get_by_role("button", name="收藏")
    below = page.get_by_role("region", name="读到这里").get_by_role("button", name="收藏")
    expect(above).to_have_attribute("aria-pressed", "false")

    above.click()
    expect(above).to_have_attribute("aria-pressed", "true")
    expect(below).to_have_attribute("aria-pressed", "true")
    expect(said(page)).to_have_text("已收藏，在“我的”里可以找到。")
    page.reload()
    expect(above).to_have_attribute("aria-pressed", "true")

    page.goto("/me/bookmarks/")
    page.get_by_role("link", name=NOTICE.title).click()
    settled(page)
    below.click()
    expect(above).to_have_attribute("aria-pressed", "false")
    expect(said(page)).to_have_text("已取消收藏。")
    page.goto("/me/bookmarks/")
    expect(page.get_by_role("link", name=NOTICE.title)).to_have_count(0)


def test_a_mark_that_could_not_be_kept_is_undone_and_said_in_a_sentence(
    sit_down: SitDown,
) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    kept = page.context.cookies()
    page.context.clear_cookies()
    button = tools(page).get_by_role("button", name="收藏")
    button.click()

    expect(said(page)).to_have_text("没有保存：网络不通，或登录已过期。请稍后再试。")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert "/articles/" in page.url, "nobody is sent away from the text"

    page.context.add_cookies([dict(cookie) for cookie in kept])  # type: ignore[misc]
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_an_article_is_marked_as_read_and_as_unread(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    button = page.locator("button.tool-finished")
    kept = page.locator(".finish .tool-bookmark")
    expect(button).to_have_accessible_name("标为已读")
    kept.scroll_into_view_if_needed()
    before = kept.bounding_box()
    button.click()
    expect(said(page)).to_have_text("已标为已读。")
    expect(button).to_have_accessible_name("已读")
    assert kept.bounding_box() == before, "nothing beside it moves"
    page.goto("/issues/2026-3/")
    entry = page.locator(".entries li", has=page.get_by_role("link", name=NOTICE.title))
    expect(entry).to_contain_text("已读")

    page.go_back()
    settled(page)
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(said(page)).to_have_text("已标为未读。")
    page.goto("/issues/2026-3/")
    expect(entry).not_to_contain_text("已读")


# 引用 and 打印 ------------------------------------------------------------------------------

CITATION = f"《{TABLE.title}》，《财税动态》2026年第3期，总第78期，第37页"


@SIZES
def test_a_citation_is_copied_as_offices_write_it(sit_down: SitDown, size: tuple[int, int]) -> None:
    page = sit_down(MARKER, size=size)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    TABLE.open(page)
    page.get_by_text("引用", exact=True).click()
    page.get_by_role("button", name="复制引用").click()
    expect(said(page)).to_have_text("已复制。")
    assert page.evaluate("navigator.clipboard.readText()") == CITATION

    page.get_by_role("button", name="复制链接").click()
    wait_for_answer(
        page, "url => navigator.clipboard.readText().then((text) => text === url)", page.url
    )


def test_a_browser_without_a_clipboard_selects_and_says_what_to_do(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    TABLE.open(page)
    page.get_by_text("引用", exact=True).click()
    for name, text in [("复制引用", CITATION), ("复制链接", page.url)]:
        page.get_by_role("button", name=name).click()
        expect(said(page)).to_contain_text("长按或用Ctrl+C复制")
        assert page.evaluate("getSelection().toString()") == text


def test_the_panel_of_a_citation_opens_and_closes_by_keyboard_and_by_a_press_elsewhere(
    sit_down: SitDown,
) -> None:
    page = sit_down(MARKER)
    TABLE.open(page)
    opener, panel = page.locator(".cite summary"), page.locator(".cite-panel")
    opener.focus()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="复制引用")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()

    opener.click()
    expect(panel).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(panel).to_be_hidden()


def test_the_page_is_printed_by_its_button(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    page.add_init_script("window.print = () => { window.printed = true; }")
    TABLE.open(page)
    tools(page).get_by_role("button", name="打印").click()
    assert page.evaluate("window.printed")


# Without a script, and with few controls --------------------------------------------------------


@SIZES
def test_without_a_script_forms_and_links_do_the_same_and_no_button_is_dead(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, NOTICE)
    address = page.url
    plain = sit_down(MARKER, size=size, script=False)
    plain.goto(address)
    shown = [tool for tool in tools(plain).locator(".tool").all() if tool.is_visible()]
    assert [tool.inner_text().strip() for tool in shown] == ["收藏", "批注", "引用"]

    plain.get_by_text("引用", exact=True).click()
    expect(plain.locator("#citation")).to_be_visible()
    expect(plain.get_by_label("链接")).to_have_value(address)
    expect(plain.get_by_role("button", name="复制")).to_have_count(0)

    tools(plain).get_by_role("button", name="收藏").click()
    expect(plain.get_by_role("heading", level=1)).to_contain_text(NOTICE.title)
    expect(plain.get_by_text("已收藏", exact=True)).to_be_visible()
    plain.goto(address)
    tools(plain).get_by_role("link", name="批注").click()
    plain.get_by_label("写在哪一段旁").select_option(index=3)
    plain.get_by_label("批注", exact=True).fill("没有脚本也能写。")
    plain.get_by_role("button", name="保存批注").click()
    expect(plain.get_by_text("没有脚本也能写。").first).to_be_visible()

    page.reload()
    settled(page)
    expect(page.get_by_role("button", name="批注1条")).to_have_count(1)


@SIZES
def test_elder_mode_leaves_few_and_large_controls(sit_down: SitDown, size: tuple[int, int]) -> None:
    page = sit_down(MARKER, size=size)
    page.add_init_script(path=VOICE)
    open_fresh(page, NOTICE)
    page.evaluate("document.documentElement.dataset.elder = 'on'")
    shown = [tool for tool in tools(page).locator(".tool").all() if tool.is_visible()]
    assert [tool.inner_text().strip() for tool in shown] == ["收藏", "朗读"]
    for tool in shown:
        box = tool.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 52, "3.25rem of 16 px at the least"
    page.locator(".body > p").nth(2).click()
    expect(page.get_by_role("region", name="这一段")).to_be_hidden()


@pytest.mark.parametrize(("size", "least"), [(PHONE, 44), (DESK, 24)], ids=["phone", "desk"])
def test_every_control_is_large_enough_for_its_pointer(
    sit_down: SitDown, size: tuple[int, int], least: int
) -> None:
    """WCAG 2.2, 2.5.8: 24 CSS pixels; on phones the 44 of 2.5.5."""
    page = sit_down(MARKER, size=size)
    page.add_init_script(path=VOICE)
    open_fresh(page, NOTICE)
    page.get_by_text("引用", exact=True).click()
    found = small(page, least)
    page.keyboard.press("Escape")
    tools(page).get_by_role("button", name="朗读").click()
    found += small(page, least)
    tools(page).get_by_role("button", name="批注").click()
    found += small(page, least)
    page.get_by_role("region", name="这一段").get_by_role("button", name="批注").click()
    found += small(page, least)
    assert found == []


def small(page: Page, least: int) -> list[str]:
    controls = page.locator(
        ":is(.tools, .strips, .note-panel, .finish) :is(button, summary, select, a)"
    )
    boxes = [(control, control.bounding_box()) for control in controls.all()]
    assert len(boxes) > 5
    return [
        f"{control.inner_text()}: {box['width']} × {box['height']}"
        for control, box in boxes
        if box and min(box["width"], box["height"]) < least - 0.5
    ]


# What they weigh, and that nothing moves --------------------------------------------------------

SHIFT = """
() => new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 500);
})
"""


@SIZES
@pytest.mark.parametrize("elder", [False, True], ids=["", "elder"])
def test_nothing_moves_when_the_tools_and_marks_come(
    sit_down: SitDown, size: tuple[int, int], elder: bool
) -> None:
    page = sit_down(MARKER, size=size)
    page.add_init_script(path=VOICE)
    open_fresh(page, NOTICE)
    block = page.evaluate("tools.blocks[3].id")
    last = page.evaluate("tools.blocks.at(-3).id")
    for values in [{"block": block, "text": "一条批注"}, {"block": last, "text": "又一条"}]:
        page.evaluate("values => tools.send(tools.urls.notes, values)", values)
    page.evaluate("tools.send(tools.urls.place, { block: tools.blocks[20].id, share: 41 })")
    with elder_mode(page) if elder else nullcontext():
        page.goto(page.url)
        settled(page)
        expect(page.get_by_role("region", name="接着读")).to_be_visible()
        assert page.evaluate(SHIFT) == 0


def test_the_scripts_of_the_tools_weigh_little() -> None:
    names = ["tools", "marks", "copy", "place", "notes", "aloud"]
    files = [(ROOT / "static" / "js" / f"{name}.js").read_bytes() for name in names]
    assert sum(len(gzip.compress(file)) for file in files) < 13 * 1024, (
        "compressed, of the 60 KB that a page may take"
    )
