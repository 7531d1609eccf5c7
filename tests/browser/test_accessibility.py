"""axe finds nothing in any theme, on a phone or a desk (WCAG 2.2, levels A and AA)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.places import EDITOR, EDITORS_PLACES, READERS_PLACES, Place, elder_mode
from tests.browser.printed_issue import printed_issue

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
EVERYTHING = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},  # WCAG 2.5.8; off unless asked for
}
# All that colours alone decide: for the themes that differ in nothing else.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
# 长者模式 promises level AAA: 7:1, and 4.5:1 for large text (WCAG 1.4.6).
ENHANCED = {"runOnly": {"type": "rule", "values": ["color-contrast-enhanced"]}}

RUN = """
async (options) => {
  const found = await axe.run(document, {
    ...options,
    resultTypes: ["violations"],
    // It would copy style sheets into the page, which the page's policy rightly forbids.
    preload: false,
  });
  return {
    looked: found.passes.length + found.violations.length,
    violations: found.violations.flatMap((violation) => violation.nodes.map((node) =>
      `${violation.id}: ${node.failureSummary.split("\\n").at(-1).trim()} ` +
      `| ${node.target.join(" ")} | ${node.html.slice(0, 120)}`)),
  };
}
"""
# Links of the admin fade from one scheme's colours into the other's.
AT_REST = "() => Promise.all(document.getAnimations().map((animation) => animation.finished))"
THEME = "(theme) => { document.documentElement.dataset.theme = theme; }"


def look(page: Page, options: dict[str, Any], *, name: str) -> list[str]:
    """What axe objects to in the page as it is now, a line each."""
    page.evaluate(AT_REST)
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    result = page.evaluate(RUN, options)
    assert result["looked"], "it looked"
    return [f"{name}: {violation}" for violation in result["violations"]]


def at_each_size(page: Page, options: dict[str, Any], *, name: str) -> list[str]:
    found = []
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        found += look(page, options, name=f"{name} at {width}")
    return found


def open_again(page: Page) -> None:
    page.goto(page.url.partition("#")[0])


@pytest.mark.parametrize("place", [pytest.param(place, id=place.name) for place in READERS_PLACES])
def test_a_page_has_no_barrier_that_axe_can_find_in_any_theme(
    sit_down: SitDown, place: Place, request: pytest.FixtureRequest
) -> None:
    if place.real:
        request.getfixturevalue("seed")
    page = sit_down(place.who, may_be_refused=True)
    place.open(page)
    found = at_each_size(page, EVERYTHING, name="light")
    for theme in ("sepia", "dark"):
        page.evaluate(THEME, theme)
        found += at_each_size(page, COLOURS, name=theme)
    with elder_mode(page):
        open_again(page)
        found += at_each_size(page, EVERYTHING, name="elder")
        found += at_each_size(page, ENHANCED, name="elder")
        page.evaluate(THEME, "dark")
        found += at_each_size(page, ENHANCED, name="elder, dark")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", [pytest.param(place, id=place.name) for place in EDITORS_PLACES])
def test_a_page_of_the_editors_has_none_in_either_scheme(sit_down: SitDown, place: Place) -> None:
    page = sit_down(place.who)
    place.open(page)
    assert not (found := in_either_scheme(page)), "\n".join(found)


def in_either_scheme(page: Page) -> list[str]:
    found = look(page, EVERYTHING, name="light")
    page.emulate_media(color_scheme="dark")
    return found + look(page, COLOURS, name="dark")


def test_a_form_with_errors_has_none_either(sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("alert").wait_for()
    assert not (found := in_either_scheme(page)), "\n".join(found)


def test_the_import_report_has_none_either(sit_down: SitDown) -> None:
    page = sit_down(EDITOR)
    page.goto("/admin/newsletter/issue/import/")
    page.get_by_label("成稿文件").set_input_files(
        {"name": "2025-1.txt", "mimeType": "text/plain", "buffer": printed_issue(2025, 1, 72)}
    )
    page.get_by_role("button", name="读取并查看报告").click()
    page.get_by_role("heading", name="目录与文章").wait_for()
    assert not (found := in_either_scheme(page)), "\n".join(found)
    page.get_by_role("button", name="不要了").click()
    page.get_by_text("没有导入，2025-1.txt 已删除。").wait_for()


def test_what_is_wrong_is_found(sit_down: SitDown) -> None:
    page = sit_down()
    page.goto("/join/")
    page.evaluate(
        """() => {
          const words = document.querySelector("main p");
          Object.assign(words.style, { color: "#999", background: "#888" });
          for (const name of ["甲", "乙"]) {
            const button = document.createElement("button");
            button.textContent = name;
            Object.assign(button.style, { all: "unset", fontSize: "9px", lineHeight: "1" });
            words.after(button);
          }
        }"""
    )
    for options, rules in (
        (EVERYTHING, {"color-contrast", "target-size"}),
        (COLOURS, {"color-contrast"}),
        (ENHANCED, {"color-contrast-enhanced"}),
    ):
        found = {line.split(": ")[1] for line in look(page, options, name="wrong")}
        assert rules <= found
