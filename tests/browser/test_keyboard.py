"""Without a mouse: the skip link, the order of stops, and always a visible focus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.places import FIGURES, MEMBER, TABLE
from tests.browser.server import Portal

pytestmark = pytest.mark.browser

STOP = """
() => {
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


def stops(page: Page, most: int = 80) -> Iterator[dict[str, Any]]:
    """Every stop of the Tab key, from where the page is to its end."""
    for _ in range(most):
        page.keyboard.press("Tab")
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
        *("跳到正文", "login", "password", "登录", "忘记密码", "如何成为会员")
    ]
    assert all(stop["outline"] >= 2 and stop["seen"] and not stop["covered"] for stop in seen), seen

    page.reload()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("会员号、手机号或电子邮箱")).to_be_focused()
    page.keyboard.type("m10000001")
    page.keyboard.press("Tab")
    page.keyboard.type(portal.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/issues/")


@pytest.mark.parametrize("place", [FIGURES, TABLE], ids=lambda place: place.name)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_stop_of_an_article_is_seen_and_shows_its_focus(
    sit_down: SitDown, place: Any, size: tuple[int, int]
) -> None:
    page = sit_down(MEMBER, size=size)
    place.open(page)
    page.reload()  # the place has clicked; Tab starts at the top again
    seen = list(stops(page))

    names = [stop["name"].split("\n")[0] for stop in seen]
    assert names[:6] == ["跳到正文", "财税动态", "本期", "往期", "栏目", "我的"]
    assert names[6].endswith("热点问题")
    assert names[-1] in ("上一篇", "下一篇")
    # WCAG 2.4.7 and 2.4.11: it shows, and nothing lies upon it.
    assert [stop for stop in seen if stop["outline"] < 2] == []
    assert [stop for stop in seen if not stop["seen"] or stop["covered"]] == []


def test_the_skip_link_shows_itself_and_leads_past_the_bar(sit_down: SitDown) -> None:
    page = sit_down(MEMBER)
    FIGURES.open(page)
    page.reload()
    skip = page.get_by_role("link", name="跳到正文")
    expect(skip).not_to_be_in_viewport()

    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("article").get_by_role("link", name="热点问题")).to_be_focused()
