"""An article as somebody opens it who has left no mark in it yet."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

from playwright.sync_api import Locator, Page

from tests.browser.conftest import PATIENCE
from tests.browser.places import EDITOR, Place

# Reads by role, and no other journey looks at the marks of this name.
MARKER = EDITOR

# Takes every mark away through the page's own way of sending.
FORGET = """
async () => {
  for (const note of (await tools.marks).notes)
    await tools.send(tools.urls.note.replace("/0/", `/${note.id}/`), { delete: "1" });
  for (const mark of ["finished", "bookmarked"]) {
    const { form } = document.querySelector(`[data-mark=${mark}]`);
    await tools.send(form.getAttribute("action"), { on: "0" });
  }
  sessionStorage.clear();
}
"""

# A voice of the device, as the Web Speech API has it: headless browsers come without one. What
# is spoken is written down, and ends when the test says so.
VOICE = Path(__file__).with_name("voice.js")


def open_fresh(page: Page, place: Place) -> None:
    """Open a place of the reader's without a mark of an earlier journey."""
    place.open(page)
    settled(page)
    page.evaluate(FORGET)
    page.goto(page.url.split("#")[0])
    settled(page)


def settled(page: Page) -> None:
    """Wait until the page knows the reader's marks."""
    # A click may not have arrived yet. A function, for it is evaluated once: a bare expression is
    # evaluated at each look, and from the second on the page's policy refuses that.
    page.wait_for_function("() => typeof tools === 'object'")
    page.evaluate("async () => { await tools.marks; }")


def wait_for_answer(page: Page, question: str, arg: str) -> None:
    """Ask a page until its answer is true; `wait_for_function` takes any promise for a yes.

    Args:
        question: a function of one argument that promises true or false.
        arg: what it is called with.
    """
    deadline = monotonic() + PATIENCE / 1000
    while not page.evaluate(question, arg):
        assert monotonic() < deadline, f"{question} with {arg} did not come true"
        page.wait_for_timeout(100)


def said(page: Page) -> Locator:
    """The line in which the tools say what happened."""
    return page.locator("[data-said]")


def paragraph(page: Page, number: int) -> Locator:
    """A plain paragraph of the text, counted from 0."""
    # By its id: classes come and go with what is done to it.
    found = page.locator(".body > p:not([class])").nth(number).get_attribute("id")
    return page.locator(f"#{found}")
