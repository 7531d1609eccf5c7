"""How somebody wants to read: chosen in the article or before signing in, kept, and held to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown, sign_in
from tests.browser.places import FIGURES, NOTICE, TABLE
from tests.browser.server import Portal
from tests.browser.test_layout import sticking_out

pytestmark = pytest.mark.browser

# May read by role; no other journey minds how.
READER = "E10000001"
DEFAULTS = {"theme": "auto", "face": "serif", "size": "100", "leading": "normal", "elder": "off"}

# The block a quarter down the window, and how much of it has passed.
SPOT = """
() => {
  const line = innerHeight / 4;
  const block = [...document.querySelectorAll(".body > *")]
    .find((found) => found.getBoundingClientRect().bottom > line);
  const box = block.getBoundingClientRect();
  return [block.id, (line - box.top) / box.height];
}
"""


def choose(page: Page, group: str, choice: str) -> None:
    """Pick one in the panel that is open, and wait until it is kept."""
    with page.expect_response(lambda answer: answer.url.endswith("/display/")) as kept:
        page.get_by_role("group", name=group).get_by_role("radio", name=choice, exact=True).check(
            force=True
        )
    assert kept.value.status == 204


def open_settings(page: Page) -> None:
    page.locator("summary", has_text="阅读设置").click()


def has(page: Page, name: str, value: str | None) -> None:
    expected = page.locator("html")
    if value is None:
        expect(expected).not_to_have_attribute(f"data-{name}", re.compile("."))
    else:
        expect(expected).to_have_attribute(f"data-{name}", value)


def paper(page: Page) -> str:
    found: str = page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")
    return found


@pytest.fixture
def as_designed(sit_down: SitDown) -> Iterator[None]:
    """The reader's choices are taken back afterwards: the portal outlives the test."""
    yield
    page = sit_down(READER)
    page.goto("/display/")
    page.evaluate(
        """async (values) => {
          const data = new FormData(document.querySelector(".display-form"));
          for (const [name, value] of Object.entries(values)) data.set(name, value);
          await fetch("/display/", {
            method: "POST", body: data, headers: { Accept: "application/json" },
          });
        }""",
        DEFAULTS,
    )


@pytest.mark.usefixtures("as_designed")
def test_what_is_chosen_in_an_article_holds_at_once_and_on_the_next_device(
    sit_down: SitDown,
) -> None:
    page = sit_down(READER)
    FIGURES.open(page)
    first = page.locator(".body p").first
    size = first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    open_settings(page)

    choose(page, "字号", "特大")
    has(page, "size", "135")
    larger = first.evaluate("element => parseFloat(getComputedStyle(element).fontSize)")
    assert larger == pytest.approx(size * 1.35, abs=0.1)
    choose(page, "字体", "黑体")
    assert "Sans" in first.evaluate("element => getComputedStyle(element).fontFamily")
    height = first.evaluate("element => parseFloat(getComputedStyle(element).lineHeight)")
    choose(page, "行距", "疏朗")
    assert first.evaluate("element => parseFloat(getComputedStyle(element).lineHeight)") > height
    choose(page, "底色", "夜间")
    assert paper(page) == "rgb(23, 21, 18)"
    expect(page.get_by_text("已保存")).to_be_visible()

    # The server writes the same attributes, so nothing flashes before a script has run.
    other = sit_down(READER, size=PHONE, script=False)
    NOTICE.open(other)
    for name, value in (("theme", "dark"), ("size", "135"), ("leading", "loose"), ("face", "sans")):
        has(other, name, value)
    assert paper(other) == "rgb(23, 21, 18)"
    expect(other.locator('meta[name="color-scheme"]')).to_have_attribute("content", "dark")

    # The default again leaves no attribute behind.
    choose(page, "字号", "标准")
    has(page, "size", None)


@pytest.mark.usefixtures("as_designed")
def test_text_of_another_size_does_not_carry_the_reader_away(sit_down: SitDown) -> None:
    page = sit_down(READER, size=PHONE)
    NOTICE.open(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    page.mouse.wheel(0, -200)
    page.get_by_role("button", name="字号").click()
    block, share = page.evaluate(SPOT)
    for choice in ("双倍", "小", "大"):
        choose(page, "字号", choice)
        found, passed = page.evaluate(SPOT)
        assert found == block
        assert passed == pytest.approx(share, abs=0.02)


@pytest.mark.usefixtures("as_designed")
def test_the_browser_s_own_bars_follow_the_ground(sit_down: SitDown) -> None:
    page = sit_down(READER)
    FIGURES.open(page)
    open_settings(page)
    for choice, scheme in (("夜间", "dark"), ("纸黄", "light"), ("随系统", "light dark")):
        choose(page, "底色", choice)
        metas = page.locator('meta[name="color-scheme"]')
        expect(metas).to_have_attribute("content", scheme)
        for meta in page.locator('meta[name="theme-color"]').all():
            expect(meta).to_have_attribute("content", paper(page))


@pytest.mark.usefixtures("as_designed")
def test_without_a_script_the_settings_are_a_form_that_is_saved(sit_down: SitDown) -> None:
    page = sit_down(READER, script=False)
    TABLE.open(page)
    open_settings(page)
    page.get_by_role("radio", name="纸黄").check(force=True)
    page.get_by_role("radio", name="大", exact=True).check(force=True)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TABLE.title)
    has(page, "theme", "sepia")
    has(page, "size", "115")


def test_a_choice_that_could_not_be_kept_says_so_and_holds_on_this_page(sit_down: SitDown) -> None:
    page = sit_down(READER)
    FIGURES.open(page)
    open_settings(page)
    # As when somebody has been signed out meanwhile.
    page.route("**/display/", lambda route: route.fulfill(status=200, body="登录"))
    page.get_by_role("radio", name="纸黄").check(force=True)
    expect(page.get_by_text("没有保存上，本页照用。")).to_be_visible()
    has(page, "theme", "sepia")


@pytest.mark.usefixtures("as_designed")
def test_a_stranger_who_needs_large_type_gets_it_before_signing_in(
    portal: Portal, sit_down: SitDown
) -> None:
    page = sit_down(script=False)
    page.goto("/display/?next=/accounts/login/")
    page.get_by_role("group", name="长者模式").get_by_role("radio", name="开").check(force=True)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url("**/accounts/login/")
    has(page, "elder", "on")
    sign_in(page, READER, portal.password)
    page.wait_for_url(f"{portal.url}/")
    has(page, "elder", "on")


@pytest.mark.usefixtures("as_designed")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_elder_mode_is_large_and_has_few_controls(sit_down: SitDown, size: tuple[int, int]) -> None:
    page = sit_down(READER, size=size)
    NOTICE.open(page)
    sizes = """() => [".body p", "h1", ".crumb a", ".meta dd", ".bar a"].map(
      (found) => parseFloat(getComputedStyle(document.querySelector(found)).fontSize))"""
    before = page.evaluate(sizes)
    open_settings(page)
    choose(page, "长者模式", "开")
    for now, then in zip(page.evaluate(sizes), before, strict=True):
        assert now >= then * 1.3 - 0.1
    assert page.locator("body").evaluate("body => getComputedStyle(body).color") == "rgb(0, 0, 0)"

    for choice in page.locator(".choice label").locator("visible=true").all():
        box = choice.bounding_box()
        assert box
        assert box["height"] >= 52
    expect(page.get_by_role("group", name="行距")).to_be_hidden()
    expect(page.get_by_role("group", name="字号")).to_be_visible()
    if size == PHONE:
        page.get_by_role("button", name="关闭").locator("visible=true").click()
    page.evaluate("scrollTo(0, 3000)")
    page.mouse.wheel(0, -200)
    expect(page.locator(".rail-wide")).to_be_hidden()
    expect(page.locator(".dock")).to_be_visible(visible=size == PHONE)
    assert sticking_out(page, [320, 390, 1440]) == {}


@pytest.mark.usefixtures("as_designed")
def test_the_settings_are_used_by_keyboard_alone(sit_down: SitDown) -> None:
    page = sit_down(READER)
    FIGURES.open(page)
    page.locator(".display summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    chosen = page.locator(":focus")
    expect(chosen).to_be_checked()
    name = chosen.get_attribute("name")
    with page.expect_response(lambda answer: answer.url.endswith("/display/")):
        page.keyboard.press("ArrowRight")
    expect(page.locator(":focus")).to_have_attribute("name", name or "")
    expect(page.locator(":focus")).to_be_checked()
    expect(page.locator(":focus + span")).to_have_css("outline-style", "solid")


def test_the_panel_of_a_phone_is_at_the_thumb_and_gives_the_focus_back(sit_down: SitDown) -> None:
    page = sit_down(READER, size=PHONE)
    FIGURES.open(page)
    page.evaluate("scrollTo(0, 2000)")
    page.mouse.wheel(0, -200)
    opener = page.get_by_role("button", name="字号")
    opener.tap()
    close = page.get_by_role("form", name="阅读设置").get_by_role("button", name="关闭")
    expect(close).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "true")
    panel = page.locator(".display .pull-panel").bounding_box()
    assert panel
    assert panel["y"] + panel["height"] == pytest.approx(PHONE[1], abs=1)
    for choice in page.locator(".display .choice label").all():
        box = choice.bounding_box()
        assert box
        assert box["width"] >= 44
        assert box["height"] >= 44

    page.keyboard.press("Escape")
    expect(close).to_be_hidden()
    expect(opener).to_be_focused()
    opener.tap()
    expect(close).to_be_visible()
    page.touchscreen.tap(190, 60)  # the text above it
    expect(close).to_be_hidden()
