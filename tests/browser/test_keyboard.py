"""Without a mouse: the skip link, the order of stops, and always a visible focus."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.places import CHIEF, FIGURES, HOME, MEMBER, NOTES, SEARCH, TABLE, Place
from tests.browser.server import Portal

pytestmark = pytest.mark.browser

# What slides in has arrived before it is judged.
STOP = """
async () => {
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const middle = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return {
    name: (at.innerText || at.getAttribute("aria-label") || at.name || "").trim(),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    covered: !(middle && (at.contains(middle) || middle.contains(at))),
  };
}
"""


PHONE_BAR = ["跳到正文", "财税动态", "本期", "往期", "栏目", "检索", "我的"]
DESK_BAR = ["跳到正文", "财税动态", "本期", "往期", "栏目", "我的", "q", "检索"]
FOOT = ["个人信息处理说明", "长者模式"]
SEARCH_BAR = ["跳到正文", "财税动态", "本期", "往期", "栏目", "检索", "我的", "q", "检索"]


def stops(page: Page, most: int = 120, key: str = "Tab") -> Iterator[dict[str, Any]]:
    """Every stop of the Tab key, from where the page is to its end."""
    for _ in range(most):
        page.keyboard.press(key)
        stop = page.evaluate(STOP)
        if stop is None:
            return
        yield stop
    raise AssertionError(f"more than {most} stops")


def test_one_signs_in_by_keyboard_alone(portal: Portal, sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/accounts/login/?next=/issues/")
    seen = list(stops(page))
    assert [stop["name"] for stop in seen] == [
        *("跳到正文", "长者模式", "login", "password", "登录", "忘记密码", "如何成为会员"),
        "个人信息处理说明",
    ]
    assert all(stop["outline"] >= 2 and stop["seen"] and not stop["covered"] for stop in seen), seen

    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("会员号、手机号或电子邮箱"), most=2)
    expect(page.get_by_label("会员号、手机号或电子邮箱")).to_be_focused()
    page.keyboard.type("m10000001")
    page.keyboard.press("Tab")
    page.keyboard.type(portal.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/")


@pytest.mark.parametrize(
    ("place", "size", "first", "last"),
    [
        pytest.param(FIGURES, PHONE, PHONE_BAR, "下一篇", id="figures-phone"),
        pytest.param(FIGURES, DESK, DESK_BAR, "下一篇", id="figures-desk"),
        pytest.param(TABLE, PHONE, PHONE_BAR, "上一篇", id="table-phone"),
        pytest.param(TABLE, DESK, DESK_BAR, "上一篇", id="table-desk"),
        pytest.param(SEARCH, PHONE, [*PHONE_BAR, "q", "检索"], "下一页", id="search-phone"),
        pytest.param(SEARCH, DESK, SEARCH_BAR, "下一页", id="search-desk"),
        pytest.param(NOTES, PHONE, [*PHONE_BAR, "后台", "在读与读过"], "", id="notes-phone"),
        pytest.param(HOME, PHONE, PHONE_BAR[:1] + PHONE_BAR[2:], "", id="home-phone"),
        pytest.param(HOME, DESK, DESK_BAR[:1] + DESK_BAR[2:], "", id="home-desk"),
    ],
)
def test_every_stop_of_a_page_is_seen_and_shows_its_focus(
    sit_down: SitDown, place: Place, size: tuple[int, int], first: list[str], last: str
) -> None:
    page = sit_down(place.who, size=size)
    place.open(page)
    page.wait_for_load_state("networkidle")  # what comes after the text is there
    seen = list(stops(page))

    names = [stop["name"].split("\n")[0] for stop in seen]
    assert names[: len(first)] == first
    assert not last or names[-3:] == [last, *FOOT], names
    # WCAG 2.4.7 and 2.4.11: it shows, and nothing lies upon it.
    assert [stop for stop in seen if stop["outline"] < 2] == []
    assert [stop for stop in seen if not stop["seen"] or stop["covered"]] == []
    # And back again, where another edge of the window is near.
    back = list(islice(stops(page, key="Shift+Tab"), len(seen)))
    assert [stop for stop in back if not stop["seen"] or stop["covered"]] == []


def test_the_skip_link_shows_itself_and_leads_past_the_bar(sit_down: SitDown) -> None:
    page = sit_down(MEMBER)
    FIGURES.open(page)
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).not_to_be_in_viewport()

    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("article").get_by_role("link", name="热点问题")).to_be_focused()


def tab_to(page: Page, target: Locator, most: int = 60) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.evaluate("target => target === document.activeElement"):
            return
    raise AssertionError(f"{most} stops and not there")


def test_one_searches_narrows_and_reaches_the_paragraph_by_keyboard_alone(
    sit_down: SitDown,
) -> None:
    page = sit_down(MEMBER)
    page.goto("/")
    tab_to(page, page.get_by_role("search").get_by_role("searchbox"))
    page.keyboard.type("物流")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    heading = page.get_by_role("main").locator("mark").first
    expect(heading).to_have_text("物流")

    narrower = page.get_by_role("main").get_by_role("link", name="热点问题").first
    tab_to(page, narrower)
    page.keyboard.press("Enter")
    page.wait_for_url("**section=hot-topics*")

    paragraph = page.locator("main a[href*='#b']").first
    tab_to(page, paragraph)
    block = (paragraph.get_attribute("href") or "").partition("#")[2]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**#{block}")
    expect(page.locator(f"#{block}")).to_be_in_viewport()
    expect(page.locator(f"#{block}")).to_contain_text("物流")


def test_one_writes_finds_and_takes_away_a_note_by_keyboard_alone(sit_down: SitDown) -> None:
    page = sit_down(CHIEF)
    TABLE.open(page)
    page.wait_for_load_state("networkidle")
    words = "只用键盘写下的一句话。"

    tab_to(page, page.get_by_role("button", name="批注", exact=True))
    page.keyboard.press("Enter")
    # The hand is on the first paragraph that is seen; the arrow moves it on.
    write = page.get_by_role("region", name="这一段").get_by_role("button", name="批注")
    expect(write).to_be_focused()
    before = write.get_attribute("aria-label")
    page.keyboard.press("ArrowDown")
    expect(write).not_to_have_attribute("aria-label", before or "")
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="批注")
    expect(box).to_be_focused()
    page.keyboard.type(words)
    tab_to(page, page.get_by_role("button", name="保存"), most=2)
    page.keyboard.press("Enter")
    mark = page.get_by_role("button", name="批注1条")
    expect(mark).to_be_focused()

    page.goto("/me/notes/")
    tab_to(page, page.get_by_role("main").get_by_role("link", name=TABLE.title))
    page.keyboard.press("Enter")
    page.wait_for_url("**/articles/**")
    tab_to(page, mark)
    page.keyboard.press("Enter")
    panel = page.locator(".note-panel")
    expect(panel.get_by_text(words)).to_be_visible()
    tab_to(page, panel.get_by_role("button", name="删除"), most=5)
    page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="撤销")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(mark).to_have_count(0)
