"""Where one was: kept while reading, offered on the next visit, exact after Back and reload."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.marks import MARKER, open_fresh, settled, wait_for_answer
from tests.browser.places import FIGURES, NOTICE, TABLE, Place
from tests.browser.test_accessibility import EVERYTHING, look

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])

# The block that the window begins with, and how far below its top.
SPOT = """
() => {
  const block = tools.blocks.find((found) => found.getBoundingClientRect().bottom > 80);
  return [block.id, Math.round(block.getBoundingClientRect().top)];
}
"""


# What the server has kept, asked from within the page.
KEPT = "fetch(tools.urls.marks).then((answer) => answer.json())"


def open_timed(sit_down: SitDown, place: Place = NOTICE) -> Page:
    """An article without a mark, in which time passes when the test says so."""
    page = sit_down(MARKER)
    page.clock.install()
    open_fresh(page, place)
    return page


def marks(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(KEPT)
    return found


def offer(page: Page) -> Locator:
    return page.get_by_role("region", name="接着读")


def read_to(page: Page, block: int) -> str:
    """Read on by wheel until a block is at the top; its id."""
    found: str = page.evaluate("number => tools.blocks[number].id", block)
    page.mouse.move(200, 400)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, 60)
    page.wait_for_function("before => scrollY !== before", arg=before)
    page.wait_for_timeout(200)  # the wheel runs out
    page.evaluate(
        "id => scrollBy({ top: document.getElementById(id).getBoundingClientRect().top - 1, "
        "behavior: 'instant' })",
        found,
    )
    return found


def begin(page: Page, block: int = 20, share: int = 41) -> str:
    """Somebody has read so far, on whatever device."""
    found: str = page.evaluate(
        """async ([number, share]) => {
          const block = tools.blocks[number].id;
          await tools.send(tools.urls.place, { block, share });
          sessionStorage.clear();
          return block;
        }""",
        [block, share],
    )
    return found


# Kept ------------------------------------------------------------------------------------------


def test_a_place_is_kept_while_one_reads_and_not_after_a_glance(sit_down: SitDown) -> None:
    page = open_timed(sit_down)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))

    def places() -> list[str]:
        return [url for url in sent if url.endswith("/place/")]

    block = read_to(page, 12)
    page.clock.run_for(2_000)
    assert marks(page)["share"] == 0
    page.goto("/issues/")
    assert places() == [], "two seconds are no reading"

    page.go_back()
    settled(page)
    block = read_to(page, 12)
    page.clock.run_for(5_500)
    expect_place(page, block)
    first = marks(page)["share"]
    assert 0 < first < 95
    page.clock.run_for(30_000)
    assert len(places()) == 1, "nothing is sent while nothing moves"

    read_to(page, 18)
    page.clock.run_for(9_000)
    further = read_to(page, 19)
    page.clock.run_for(1_500)
    assert len(places()) <= 2, "at most one in ten seconds"
    page.clock.run_for(10_000)
    expect_place(page, further)
    assert marks(page)["share"] > first


def expect_place(page: Page, block: str) -> None:
    wait_for_answer(page, f"block => {KEPT}.then((marks) => marks.block === block)", block)


def test_a_place_is_kept_when_one_leaves(sit_down: SitDown) -> None:
    page = open_timed(sit_down)
    page.clock.run_for(5_000)
    block = read_to(page, 12)
    page.clock.run_for(2_000)
    page.goto("/issues/")
    NOTICE.open(page)
    expect_place(page, block)


def test_who_reaches_the_end_has_read_the_article(sit_down: SitDown) -> None:
    page = open_timed(sit_down, TABLE)
    button = page.get_by_role("button", name="已读")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.mouse.move(200, 400)
    page.mouse.wheel(0, 100)
    page.evaluate("document.querySelector('.finish').scrollIntoView({ behavior: 'instant' })")
    page.clock.run_for(6_000)
    expect(button).to_have_attribute("aria-pressed", "true")
    assert marks(page)["finished"] is True

    # Put back on purpose, it stays so, though the end is still in the window.
    with page.expect_response("**/finished/"):
        button.click()
    page.mouse.wheel(0, -30)
    page.clock.run_for(30_000)
    assert marks(page)["finished"] is False
    expect(button).to_have_attribute("aria-pressed", "false")


def test_progress_is_shown_as_one_reads(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    shown = page.locator("[data-read]:visible").first
    expect(shown).to_have_text("已读0%")
    page.evaluate("document.querySelector('.finish').scrollIntoView({ behavior: 'instant' })")
    expect(shown).to_have_text("已读100%")
    assert page.evaluate("document.documentElement.style.getPropertyValue('--read')") == "1"


# Offered ---------------------------------------------------------------------------------------


@SIZES
def test_the_next_visit_offers_to_read_on_without_taking_the_focus(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, NOTICE)
    block = begin(page)
    page.goto(page.url)
    strip = offer(page)
    expect(strip).to_be_visible()
    expect(strip).to_contain_text("上次读到“")
    expect(strip).to_contain_text("（41%）")
    assert page.evaluate("document.activeElement === document.body")
    assert page.evaluate("scrollY") == 0
    expect(page.locator("[data-whisper]")).to_contain_text("上次读到")
    assert look(page, EVERYTHING, name="resume") == []

    strip.get_by_role("button", name="接着读").click()
    expect(strip).to_be_hidden()
    target = page.locator(f"#{block}")
    expect(target).to_be_in_viewport()
    expect(target).to_be_focused()
    top = target.bounding_box()
    assert top
    assert 0 <= top["y"] < size[1] / 3


def test_an_offer_is_declined_by_button_by_escape_and_by_reading(sit_down: SitDown) -> None:
    page = open_timed(sit_down)
    block = begin(page)

    page.goto(page.url)
    page.clock.run_for(200)
    offer(page).get_by_role("button", name="从头读").click()
    expect(offer(page)).to_be_hidden()
    assert page.evaluate("scrollY") == 0

    page.goto(page.url)
    expect(offer(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(offer(page)).to_be_hidden()

    page.goto(page.url)
    expect(offer(page)).to_be_visible()
    page.mouse.move(200, 400)
    page.mouse.wheel(0, 10)
    page.clock.run_for(40_000)
    assert marks(page)["block"] == block, "while it is offered, the place is not written over"
    page.evaluate("scrollBy({ top: innerHeight * 2, behavior: 'instant' })")
    page.clock.run_for(1_100)
    expect(offer(page)).to_be_hidden()


@pytest.mark.parametrize("share", [0, 2, 95, 100])
def test_nothing_is_offered_at_the_beginning_or_after_the_end(
    sit_down: SitDown, share: int
) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    begin(page, share=share)
    page.goto(page.url)
    settled(page)
    page.wait_for_timeout(200)
    expect(offer(page)).to_be_hidden()


def test_who_follows_a_link_to_a_paragraph_is_left_there(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    begin(page)
    wanted = page.evaluate("tools.blocks[30].id")
    address = page.url
    page.goto("about:blank")
    page.goto(f"{address}#{wanted}")
    settled(page)
    page.wait_for_timeout(200)
    expect(offer(page)).to_be_hidden()
    expect(page.locator(f"#{wanted}")).to_be_in_viewport()


def test_a_look_at_the_head_of_the_article_does_not_lose_the_place(sit_down: SitDown) -> None:
    page = open_timed(sit_down)
    block = read_to(page, 20)
    page.clock.run_for(6_000)
    expect_place(page, block)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))

    # At the very top, however long.
    page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    page.clock.run_for(60_000)
    # A glance at something above, and a tool used there.
    read_to(page, 12)
    page.clock.run_for(20_000)
    page.get_by_role("group", name="阅读工具").get_by_role("button", name="收藏").click()
    page.clock.run_for(20_000)
    page.goto("/issues/")
    assert [url for url in sent if url.endswith("/place/")] == []
    NOTICE.open(page)
    expect_place(page, block)


def test_who_reads_on_further_above_has_her_place_there(sit_down: SitDown) -> None:
    page = open_timed(sit_down)
    block = read_to(page, 24)
    page.clock.run_for(6_000)
    expect_place(page, block)
    read_to(page, 12)
    page.clock.run_for(40_000)
    assert marks(page)["block"] == block, "she has not moved on from there"
    page.evaluate("scrollBy({ top: innerHeight / 2, behavior: 'instant' })")
    page.clock.run_for(11_000)
    wait_for_answer(page, f"block => {KEPT}.then((marks) => marks.block !== block)", block)
    assert marks(page)["share"] >= 3


# Exact -----------------------------------------------------------------------------------------


@SIZES
@pytest.mark.parametrize("fragment", [False, True], ids=["", "with-fragment"])
def test_back_and_reload_return_to_the_exact_spot(
    sit_down: SitDown, size: tuple[int, int], fragment: bool
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, FIGURES)
    if fragment:
        address = f"{page.url}#{page.evaluate('tools.blocks[2].id')}"
        page.goto("about:blank")
        page.goto(address)
    read_to(page, 14)
    page.evaluate("scrollBy({ top: 37, behavior: 'instant' })")
    spot = page.evaluate(SPOT)
    page.wait_for_timeout(1_100)  # the spot is noted once a second

    page.reload()
    settled(page)
    page.wait_for_timeout(300)
    assert close(page.evaluate(SPOT), spot)
    expect(offer(page)).to_be_hidden()

    page.goto("/issues/")
    page.go_back()
    settled(page)
    page.wait_for_timeout(300)
    assert close(page.evaluate(SPOT), spot)


def close(found: list[Any], wanted: list[Any]) -> bool:
    return bool(found[0] == wanted[0] and abs(found[1] - wanted[1]) <= 2)


def test_after_another_text_size_the_same_paragraph_is_there(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    block = read_to(page, 25)
    page.wait_for_timeout(1_100)
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => "
        "{ document.documentElement.dataset.size = '200'; }, { once: true, capture: true })"
    )
    page.reload()
    page.evaluate("document.documentElement.dataset.size = '200'")
    page.reload()
    settled(page)
    page.wait_for_timeout(300)
    expect(page.locator(f"#{block}")).to_be_in_viewport()
