"""Inside other apps: no dead button, one calm sentence, and the address to take elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.conftest import PATIENCE, PHONE, SitDown
from tests.browser.marks import MARKER, VOICE, open_fresh, said, settled
from tests.browser.places import FIGURES, NOTICE, TABLE, Place
from tests.browser.server import Portal
from tests.browser.test_layout import STICKING_OUT
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

ANDROID = (
    "Mozilla/5.0 (Linux; Android 13; V2183A Build/TP1A.220624.014; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 "
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 "
)
AGENTS = {
    "微信": ANDROID + "XWEB/1160117 MMWEBSDK/20231105 MMWEBID/5536 MicroMessenger/8.0.44.2502"
    "(0x28002C35) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64",
    "企业微信": IPHONE + "wxwork/4.1.10 MicroMessenger/7.0.1 Language/zh ColorScheme/Light",
    "钉钉": IPHONE + "AliApp(DingTalk/7.0.40) com.laiwang.DingTalk/30284107 Channel/201200",
    "QQ": ANDROID + "V1_AND_SQ_8.9.80_4614_YYB_D QQ/8.9.80.12440 NetType/WIFI WebP/0.4.1",
}


class Apps:
    def __init__(self, portal: Portal, chromium: Browser, session: StorageState) -> None:
        self._portal, self._chromium, self._session = portal, chromium, session
        self.opened: list[tuple[Page, Watch]] = []

    def open(self, app: str, *, script: bool = True, size: tuple[int, int] = PHONE) -> Page:
        """A page in the browser of an app; the reader has signed in there."""
        context = self._chromium.new_context(
            base_url=self._portal.url,
            user_agent=AGENTS[app],
            viewport={"width": size[0], "height": size[1]},
            has_touch=True,
            is_mobile=True,
            java_script_enabled=script,
            locale="zh-CN",
            storage_state=self._session,
        )
        context.set_default_timeout(PATIENCE)
        watch = Watch(context, self._portal.url, script=script)
        page = context.new_page()
        self.opened.append((page, watch))
        return page


@pytest.fixture
def apps(
    portal: Portal, chromium: Browser, sit_down: SitDown, sessions: dict[str, StorageState]
) -> Iterator[Apps]:
    open_fresh(sit_down(MARKER), TABLE)
    found = Apps(portal, chromium, sessions[MARKER])
    yield found
    for page, watch in found.opened:
        page.context.close()
        watch.check()


@pytest.mark.parametrize("app", AGENTS)
def test_inside_an_app_one_sentence_stands_where_buttons_would_be_dead(
    apps: Apps, app: str
) -> None:
    page = apps.open(app)
    page.add_init_script(path=VOICE)  # even where the app has a voice
    TABLE.open(page)
    settled(page)
    expect(page.locator(".host-app")).to_contain_text(
        f"{app}里不能下载、打印和朗读。复制链接，用手机浏览器打开即可。"
    )
    shown = [tool for tool in page.locator(".tools .tool").all() if tool.is_visible()]
    assert [tool.inner_text().strip() for tool in shown] == ["收藏", "批注", "引用"]
    for name in ["打印", "朗读"]:
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.locator("a[download], a[href*='/tables/']")).to_have_count(0)


def test_the_link_is_copied_to_be_opened_elsewhere(apps: Apps) -> None:
    page = apps.open("微信")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    TABLE.open(page)
    expect(page.get_by_label("链接")).to_have_value(page.url)
    page.get_by_role("button", name="复制链接").tap()
    expect(said(page)).to_have_text("已复制。")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


@pytest.mark.parametrize("clipboard", ["undefined", "{ writeText: () => Promise.reject() }"])
def test_where_copying_fails_the_link_is_selected(apps: Apps, clipboard: str) -> None:
    page = apps.open("微信")
    page.add_init_script(f"Object.defineProperty(navigator, 'clipboard', {{ value: {clipboard} }})")
    TABLE.open(page)
    page.get_by_role("button", name="复制链接").tap()
    expect(said(page)).to_contain_text("长按")
    assert (
        page.get_by_label("链接").evaluate(
            "field => field.value.slice(field.selectionStart, field.selectionEnd)"
        )
        == page.url
    )


def test_without_a_script_the_link_is_there_to_be_copied_by_hand(apps: Apps) -> None:
    page = apps.open("微信", script=False)
    TABLE.open(page)
    field = page.get_by_label("链接")
    expect(field).to_be_visible()
    expect(field).to_have_value(page.url)
    expect(page.get_by_role("button", name="复制链接")).to_have_count(0)


@pytest.mark.parametrize("place", [NOTICE, TABLE, FIGURES], ids=lambda place: place.name)
@pytest.mark.parametrize("width", [320, 390])
def test_text_that_the_app_enlarges_never_makes_the_page_scroll_sideways(
    apps: Apps, place: Place, width: int
) -> None:
    """WeChat's own text size, at its largest, is that of a doubled root and of `zoom` on text."""
    page = apps.open("微信", size=(width, 844))
    place.open(page)
    settled(page)
    for enlarged in [
        "document.documentElement.style.fontSize = '200%'",
        "document.body.style.webkitTextSizeAdjust = '200%'",
    ]:
        page.evaluate(enlarged)
        assert page.evaluate(STICKING_OUT) == []
        page.get_by_text("引用", exact=True).click()
        assert page.evaluate(STICKING_OUT) == []
        page.get_by_text("引用", exact=True).click()
        page.locator(".body > p").first.click(position={"x": 40, "y": 10})
        expect(page.get_by_role("region", name="这一段")).to_be_visible()
        assert page.evaluate(STICKING_OUT) == []
        page.get_by_role("region", name="这一段").get_by_role("button", name="关闭").click()
        page.evaluate("document.documentElement.removeAttribute('style')")
        page.evaluate("document.body.removeAttribute('style')")


def test_an_ordinary_browser_is_told_nothing_of_apps(sit_down: SitDown) -> None:
    page = sit_down(MARKER, size=PHONE)
    TABLE.open(page)
    expect(page.locator(".host-app")).to_have_count(0)
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    expect(page.locator("a[href*='/tables/']").first).to_be_visible()
