"""The watch over every journey would notice: each of these is one that no page of ours does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import SitDown
from tests.browser.server import Portal
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser


def ask_elsewhere(page: Page) -> None:
    page.goto(page.url.replace("//localhost:", "//127.0.0.1:"))


def be_answered_with_a_fault(page: Page) -> None:
    page.route("**/join/", lambda route: route.fulfill(status=503, body="?"))
    page.goto("/join/")


def evaluate(script: str) -> Callable[[Page], None]:
    def run(page: Page) -> None:
        page.evaluate(f"() => {{ {script} }}")

    return run


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (evaluate("console.error('oh')"), "error: oh"),
        (evaluate("console.warn('hm')"), "warning: hm"),
        (evaluate("setTimeout(() => { throw new Error('ouch') })"), "uncaught: ouch"),
        (
            evaluate("document.body.insertAdjacentHTML('beforeend', '<b style=\"top:0\">')"),
            "CSP: style-src-attr",
        ),
        (ask_elsewhere, "asked elsewhere: http://127.0.0.1:"),
        (be_answered_with_a_fault, "503: "),
    ],
    ids=["error", "warning", "uncaught", "policy", "elsewhere", "fault"],
)
def test_the_watch_notices(
    portal: Portal, chromium: Browser, act: Callable[[Page], None], complaint: str
) -> None:
    context = chromium.new_context(base_url=portal.url)
    watch = Watch(context, portal.url)
    page = context.new_page()
    page.goto("/accounts/login/")
    watch.check()
    act(page)
    page.wait_for_timeout(200)
    context.close()
    with pytest.raises(AssertionError, match=complaint):
        watch.check()


def test_an_expected_refusal_is_none_of_its_business_but_an_unexpected_one_is(
    portal: Portal, chromium: Browser, sit_down: SitDown
) -> None:
    sit_down("M10000001", may_be_refused=True).goto("/articles/0/")
    state = sit_down("M10000001").context.storage_state()
    context = chromium.new_context(base_url=portal.url, storage_state=state)
    watch = Watch(context, portal.url)
    context.new_page().goto("/articles/0/")
    context.close()
    with pytest.raises(AssertionError, match="404"):
        watch.check()
