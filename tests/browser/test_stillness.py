"""Nothing moves under the reader's eyes: no layout shift, through load and whatever comes later."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.places import (
    ARTICLES,
    FIGURES,
    HOME,
    MEMBERS_PLACES,
    READER,
    SEARCH,
    Place,
)

pytestmark = pytest.mark.browser

# https://wicg.github.io/layout-instability/: what a person's own act moved is not counted.
LISTEN = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const shift of list.getEntries())
    if (!shift.hadRecentInput)
      shifts.push(`${shift.value.toFixed(4)} ` + shift.sources.map((source) => {
        const at = source.node?.nodeType === 1 ? source.node : source.node?.parentElement;
        return at ? `${at.tagName}.${at.className} ${source.previousRect.y}→${source.currentRect.y}`
          : "?";
      }).join(", "));
}).observe({ type: "layout-shift", buffered: true });
"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The answers that come after the text, made to come late enough to be seen coming.
LATER = re.compile(r"/me/(resume/|articles/\d+/marks/)$")
WAIT = 0.4  # seconds

MARKED = next(place for place in MEMBERS_PLACES if place.name == "marked")
BEGUN = next(place for place in MEMBERS_PLACES if place.name == "home-begun")
PLACES = [*ARTICLES, MARKED, BEGUN, HOME, SEARCH]


def listen(page: Page) -> None:
    def late(route: Route) -> None:
        time.sleep(WAIT)
        route.continue_()

    page.route(LATER, late)
    page.add_init_script(LISTEN)


def shifts(page: Page) -> list[str]:
    page.evaluate(FRAMES)
    found: list[str] = page.evaluate("shifts")
    return found


@pytest.mark.parametrize("place", [pytest.param(place, id=place.name) for place in PLACES])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_moves_while_a_page_loads_and_is_read(
    sit_down: SitDown, size: tuple[int, int], place: Place, request: pytest.FixtureRequest
) -> None:
    if place.real:
        request.getfixturevalue("seed")
    page = sit_down(place.who, size=size)
    listen(page)
    place.open(page)
    page.wait_for_load_state("networkidle")
    assert shifts(page) == []

    # Down to the end in the steps of a reader; pictures come as they are reached.
    for _ in range(60):
        if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1"):
            break
        page.evaluate("scrollBy(0, innerHeight * 0.9)")
        page.evaluate(FRAMES)
    page.wait_for_load_state("networkidle")
    assert shifts(page) == []


def test_the_marks_are_there_when_nothing_has_moved(sit_down: SitDown) -> None:
    page = sit_down(READER, size=DESK)
    listen(page)
    MARKED.open(page)
    expect(page.get_by_role("button", name="收藏").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".body .note-mark")).to_have_count(1)
    assert shifts(page) == []


def test_what_moves_is_noticed(sit_down: SitDown) -> None:
    page = sit_down(FIGURES.who)
    listen(page)
    FIGURES.open(page)
    page.evaluate(FRAMES)
    page.evaluate(
        "() => { const late = document.createElement('div'); late.style.height = '200px';"
        " document.querySelector('main').prepend(late); }"
    )
    page.evaluate(FRAMES)
    page.wait_for_function("() => shifts.length > 0")
