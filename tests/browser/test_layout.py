"""Nothing sticks out, from the narrowest phone to a desk, and with text at twice its size."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.places import (
    EDITORS_PLACES,
    READERS_PLACES,
    REAL_TABLE,
    TABLE,
    Place,
)

pytestmark = pytest.mark.browser

WIDTHS = [320, 390, 768, 1440]  # CSS pixels; 320 is what WCAG 1.4.10 asks for
PLACES = [pytest.param(place, id=place.name) for place in (*READERS_PLACES, *EDITORS_PLACES)]
LARGEST = {"elder": "on", "size": "200", "leading": "loose", "face": "sans"}
TABLES = [pytest.param(place, id=place.name) for place in (TABLE, REAL_TABLE)]

# What lies beyond the right edge and is in no frame that scrolls: named, so that it is found.
STICKING_OUT = """
() => {
  const root = document.documentElement;
  const edge = root.clientWidth;
  const framed = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement)
      if (getComputedStyle(at).overflowX !== "visible") return true;
    return false;
  };
  const found = [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > edge + 1 && !framed(element))
    .map((element) => `${element.tagName}.${element.className}`);
  return root.scrollWidth > edge ? [`${root.scrollWidth} > ${edge}`, ...found] : found;
}
"""


def sticking_out(page: Page, widths: list[int] = WIDTHS) -> dict[str, list[str]]:
    """What overflows, by width."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        if names := page.evaluate(STICKING_OUT):
            found[f"{width} px"] = names
    return found


@pytest.mark.parametrize("place", PLACES)
def test_no_page_is_wider_than_its_window(
    sit_down: SitDown, place: Place, request: pytest.FixtureRequest
) -> None:
    if place.real:
        request.getfixturevalue("seed")
    page = sit_down(place.who, may_be_refused=True)
    place.open(page)
    assert sticking_out(page) == {}
    # WCAG 1.4.4: the text at 200 %; so does a host app that enlarges it.
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert sticking_out(page) == {}
    if place in READERS_PLACES:
        # The largest that can be chosen, on top of each other.
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.evaluate("chosen => Object.assign(document.documentElement.dataset, chosen)", LARGEST)
        assert sticking_out(page, [320, 390, 1440]) == {}


@pytest.mark.parametrize("place", TABLES)
def test_a_wide_table_scrolls_in_its_frame_and_by_keyboard(
    sit_down: SitDown, place: Place, request: pytest.FixtureRequest
) -> None:
    if place.real:
        request.getfixturevalue("seed")
    page = sit_down(place.who, size=(320, 844))
    place.open(page)
    frame = page.locator(".body .table")
    expect(frame).to_have_count(1)
    page.evaluate("document.documentElement.style.fontSize = '150%'")
    assert frame.evaluate("frame => frame.scrollWidth > frame.clientWidth"), "it is wide"

    for _ in range(40):
        page.keyboard.press("Tab")
        if frame.evaluate("frame => frame === document.activeElement"):
            break
    expect(frame).to_be_focused()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("frame => frame.scrollLeft > 40", arg=frame.element_handle())
    assert page.evaluate("scrollX") == 0


def test_a_phone_shows_a_page_at_its_own_size(sit_down: SitDown) -> None:
    page = sit_down(TABLE.who, size=PHONE)
    TABLE.open(page)
    # Anything wider than the screen would make the phone zoom out.
    assert page.evaluate("visualViewport.scale") == 1
    assert page.evaluate("innerWidth") == PHONE[0]


# Links within text keep the height of its lines, as WCAG 2.5.8 allows.
CONTROLS = """
() => [...document.querySelectorAll("button, summary, select, input, textarea, nav a, .button")]
  .filter((control) => control.checkVisibility({ visibilityProperty: true }))
  .map((control) => {
    const box = (control.matches("[type=radio]") ? control.labels[0] : control)
      .getBoundingClientRect();
    return [control.outerHTML.slice(0, 90), box.width, box.height];
  })
  .filter(([, width, height]) => width && height)
"""


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(place, id=place.name)
        for place in READERS_PLACES
        if place.name in ("home", "figures", "table", "search", "archive", "notes", "sign-in")
    ],
)
def test_every_control_of_a_phone_is_as_high_as_a_thumb(sit_down: SitDown, place: Place) -> None:
    page = sit_down(place.who, size=PHONE)
    place.open(page)
    # 44 CSS pixels of the design's own; more in 长者模式. WCAG 2.5.8 asks for 24.
    for elder, high in (("off", 44), ("on", 52)):
        page.evaluate("elder => { document.documentElement.dataset.elder = elder; }", elder)
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        controls = page.evaluate(CONTROLS)
        assert len(controls) >= 4
        small = [control for control in controls if control[1] < 30 or control[2] < high - 0.1]
        assert small == [], elder
