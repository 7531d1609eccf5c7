"""A started portal and a real Chromium, and how somebody sits down before them.

Both are of the package, not of the session: while Playwright runs there is an event loop in the
main thread, in which Django would refuse the database to the tests that follow.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Literal, Protocol

import pytest
from playwright.sync_api import (
    Browser,
    Page,
    Playwright,
    StorageState,
    expect,
    sync_playwright,
)

from tests.browser.server import Portal, serving
from tests.browser.watch import Watch
from tests.conftest import SEED

PHONE = (390, 844)
DESK = (1440, 900)

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",  # it refuses to run as root otherwise
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 20_000  # milliseconds: the machine may be busy
expect.set_options(timeout=PATIENCE)


def executable() -> str:
    """Debian's Chromium."""
    found = shutil.which("chromium")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail("chromium is not there")
    pytest.skip("needs chromium: apt-get install chromium")


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    executable()  # no need to start anything without it
    with serving(tmp_path_factory.mktemp("portal")) as started:
        if SEED.is_file():
            started.manage("import_issue", SEED, "--publish", "--verbosity", "0")
        yield started


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=executable(), args=CHROMIUM_ARGUMENTS)
    yield browser
    browser.close()


def sign_in(page: Page, who: str, password: str) -> None:
    """Fill in the sign-in page that is open, and send it."""
    page.get_by_label("会员号、手机号或电子邮箱").fill(who)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    """The cookies of those who have signed in: attempts are limited, and take their time."""
    return {}


class SitDown(Protocol):
    """A fresh browser, of one person or of a stranger."""

    def __call__(
        self,
        who: str = "",
        *,
        size: tuple[int, int] = DESK,
        script: bool = True,
        scheme: Literal["light", "dark"] = "light",
        may_be_refused: bool = False,
        browser: Browser | None = None,
    ) -> Page:
        """
        Args:
            who: a member number of the demo; a stranger without one.
            size: of the window; one of a phone's width is touched too.
            script: whether JavaScript runs.
            scheme: the colours that the person's system asks for.
            may_be_refused: whether 403 and 404 are answers that the journey is about.
            browser: another one than the tests' own.
        """


@pytest.fixture
def sit_down(
    portal: Portal, chromium: Browser, sessions: dict[str, StorageState]
) -> Iterator[SitDown]:
    watches: list[Watch] = []
    opened = []

    def open_page(
        who: str = "",
        *,
        size: tuple[int, int] = DESK,
        script: bool = True,
        scheme: Literal["light", "dark"] = "light",
        may_be_refused: bool = False,
        browser: Browser | None = None,
    ) -> Page:
        phone = size[0] < 600
        context = (browser or chromium).new_context(
            base_url=portal.url,
            viewport={"width": size[0], "height": size[1]},
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=script,
            color_scheme=scheme,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            storage_state=sessions.get(who) if who else None,
        )
        context.set_default_timeout(PATIENCE)
        watch = Watch(context, portal.url, script=script)
        if may_be_refused:
            watch.expect(403, 404)
        watches.append(watch)
        opened.append(context)
        page = context.new_page()
        if who and who not in sessions:
            page.goto("/accounts/login/?next=/me/")
            sign_in(page, who, portal.password)
            page.wait_for_url("**/me/")
            sessions[who] = context.storage_state()
        return page

    yield open_page

    for context in opened:
        context.close()
    for watch in watches:
        watch.check()
