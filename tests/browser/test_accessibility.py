"""axe finds nothing, in light and in dark (WCAG 2.2, levels A and AA)."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import SitDown
from tests.browser.places import EDITOR, EDITORS_PLACES, READERS_PLACES, Place
from tests.browser.printed_issue import printed_issue

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"],
    },
    "resultTypes": ["violations"],
    # It would copy style sheets into the page, which the page's policy rightly forbids.
    "preload": False,
}
# Links of the admin fade from one scheme's colours into the other's.
AT_REST = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"
PLACES = [pytest.param(place, id=place.name) for place in (*READERS_PLACES, *EDITORS_PLACES)]


def violations(page: Page) -> list[str]:
    """What axe objects to in either scheme, a line each."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(AT_REST)
        results = Axe().run(page, options=OPTIONS).response
        assert len(results["passes"]) > 5, "it looked"
        found += [
            f"{scheme}: {violation['id']}: {violation['help']}: {node['html'][:160]}"
            for violation in results["violations"]
            for node in violation["nodes"]
        ]
    return found


@pytest.mark.parametrize("place", PLACES)
def test_a_page_has_no_barrier_that_axe_can_find(
    sit_down: SitDown, place: Place, request: pytest.FixtureRequest
) -> None:
    if place.real:
        request.getfixturevalue("seed")
    page = sit_down(place.who, may_be_refused=True)
    place.open(page)
    assert not (found := violations(page)), "\n".join(found)


def test_a_form_with_errors_has_none_either(sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("alert").wait_for()
    assert not (found := violations(page)), "\n".join(found)


def test_the_import_report_has_none_either(sit_down: SitDown) -> None:
    page = sit_down(EDITOR)
    page.goto("/admin/newsletter/issue/import/")
    page.get_by_label("成稿文件").set_input_files(
        {"name": "2025-1.txt", "mimeType": "text/plain", "buffer": printed_issue(2025, 1, 72)}
    )
    page.get_by_role("button", name="读取并查看报告").click()
    page.get_by_role("heading", name="目录与文章").wait_for()
    assert not (found := violations(page)), "\n".join(found)
    page.get_by_role("button", name="不要了").click()
    page.get_by_text("没有导入，2025-1.txt 已删去。").wait_for()
