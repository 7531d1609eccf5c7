"""批注 beside a paragraph: by finger, pointer, selection and keyboard; kept whatever fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, StorageState, expect

from tests.browser.conftest import DESK, PATIENCE, PHONE, SitDown
from tests.browser.marks import MARKER, VOICE, open_fresh, paragraph, said, settled
from tests.browser.places import FIGURES, MEMBER, NOTICE, TABLE
from tests.browser.server import Portal
from tests.browser.test_accessibility import EVERYTHING, look
from tests.browser.test_layout import sticking_out

pytestmark = pytest.mark.browser

SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
WORDS = "这一条要和去年的口径对一对。"
# How far a block begins below its mark; both at one moment, for the page may be scrolling.
ABOVE = """
(block) => block.getBoundingClientRect().top
  - document.querySelector(".note-mark").getBoundingClientRect().top
"""


def grip(page: Page) -> Locator:
    return page.get_by_role("region", name="这一段")


def panel(page: Page) -> Locator:
    return page.locator(".note-panel")


def marks(page: Page) -> Locator:
    return page.get_by_role("button", name="批注1条")


def take(page: Page, block: Locator, size: tuple[int, int]) -> None:
    """Take hold of a paragraph, as one does with a finger or a mouse."""
    block.scroll_into_view_if_needed()
    if size == PHONE:
        block.tap(position={"x": 60, "y": 10})
    else:
        block.hover(position={"x": 60, "y": 10})
    grip(page).get_by_role("button", name="批注").click()


def write(page: Page, block: Locator, size: tuple[int, int], text: str = WORDS) -> None:
    take(page, block, size)
    box = panel(page).get_by_label("批注", exact=True)
    expect(box).to_be_focused()
    box.fill(text)
    panel(page).get_by_role("button", name="保存").click()
    expect(said(page)).to_have_text("批注已保存。")
    expect(panel(page)).to_have_count(0)


@SIZES
def test_a_note_is_written_found_again_changed_deleted_and_brought_back(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, NOTICE)
    block = paragraph(page, 5)
    write(page, block, size)
    mark = block.get_by_role("button", name="批注1条")
    expect(mark).to_be_focused()

    page.reload()
    settled(page)
    expect(marks(page)).to_have_count(1)
    mark.click()
    expect(panel(page)).to_be_focused()
    expect(panel(page)).to_contain_text(WORDS)
    box = panel(page).get_by_role("textbox")
    save = panel(page).get_by_role("button", name="保存")
    expect(box).to_have_count(0)
    expect(save).to_have_count(0)
    panel(page).get_by_text("再写一条").click()
    expect(box).to_be_focused()
    expect(save).to_be_visible()
    panel(page).get_by_role("button", name="修改").click()
    expect(box).to_have_value(WORDS)
    box.fill("已经对过。")
    panel(page).get_by_role("button", name="保存").click()
    expect(panel(page)).to_have_count(0)

    mark.click()
    expect(panel(page)).to_contain_text("已经对过。")
    expect(panel(page)).not_to_contain_text(WORDS)
    panel(page).get_by_role("button", name="删除").click()
    undo = panel(page).get_by_role("button", name="撤销")
    expect(undo).to_be_focused()
    expect(said(page)).to_have_text("批注已删除，可以撤销。")
    expect(marks(page)).to_have_count(0)
    undo.click()
    expect(panel(page)).to_contain_text("已经对过。")
    expect(marks(page)).to_have_count(1)

    page.goto("/me/notes/")
    expect(page.get_by_text("已经对过。").first).to_be_visible()


def test_a_note_is_written_by_keyboard_alone_and_the_focus_comes_back(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    begin = page.get_by_role("group", name="阅读工具").get_by_role("button", name="批注")
    begin.focus()
    page.keyboard.press("Enter")
    write_button = grip(page).get_by_role("button", name="批注")
    expect(write_button).to_be_focused()
    names = set()
    for _ in range(4):
        names.add(write_button.get_attribute("aria-label"))
        page.keyboard.press("ArrowDown")
    assert len(names) == 4, "each paragraph is named"
    page.keyboard.press("ArrowUp")
    held = page.locator(".held")
    expect(held).to_be_in_viewport()
    chosen = held.get_attribute("id")

    page.keyboard.press("Enter")
    page.keyboard.type(WORDS)
    page.keyboard.press("Escape")
    expect(panel(page)).to_have_count(0)
    expect(begin).to_be_focused()
    expect(marks(page)).to_have_count(0)

    # Closed by mistake: what was typed is there again.
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("textbox")).to_have_value(WORDS)
    page.keyboard.press("Tab")
    expect(panel(page).get_by_role("button", name="保存")).to_be_focused()
    page.keyboard.press("Enter")
    expect(marks(page)).to_be_focused()
    assert marks(page).evaluate("mark => mark.parentElement.id") == chosen

    begin.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(grip(page)).to_be_hidden()
    expect(begin).to_be_focused()


def test_selected_words_offer_a_note_on_their_paragraph(sit_down: SitDown) -> None:
    page = sit_down(MARKER, size=PHONE)
    open_fresh(page, NOTICE)
    block = paragraph(page, 3)
    block.scroll_into_view_if_needed()
    block.evaluate(
        """block => {
          const range = document.createRange();
          range.setStart(block.firstChild, 2);
          range.setEnd(block.firstChild, 8);
          getSelection().addRange(range);
        }"""
    )
    expect(grip(page)).to_be_visible()
    expect(block).to_contain_class("held")
    opening = block.inner_text()[:12]
    expect(grip(page)).to_contain_text(opening)
    grip(page).get_by_role("button", name="关闭").click()
    expect(grip(page)).to_be_hidden()


def test_a_link_in_the_text_is_followed_and_takes_no_paragraph_in_hand(sit_down: SitDown) -> None:
    page = sit_down(MARKER, size=PHONE)
    open_fresh(page, NOTICE)
    block = paragraph(page, 3)
    block.evaluate(
        "block => block.append(Object.assign(document.createElement('a'), "
        "{ href: '#main', textContent: '去正文' }))"
    )
    page.get_by_role("link", name="去正文").tap()
    page.wait_for_url("**#main")
    expect(grip(page)).to_be_hidden()


@SIZES
def test_tables_figures_and_headings_take_notes_and_nothing_sticks_out(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    for place, kind in [(TABLE, "table"), (FIGURES, "figure"), (FIGURES, "h2")]:
        open_fresh(page, place)
        block = page.locator(f".body {kind}").first
        # A picture is a link to itself in large: its words are what one takes hold of.
        take(page, block.locator("figcaption") if kind == "figure" else block, size)
        panel(page).get_by_role("textbox").fill(WORDS)
        panel(page).get_by_role("button", name="保存").click()
        expect(marks(page)).to_have_count(1)
        expect(marks(page)).to_be_visible()
        page.reload()
        settled(page)
        marks(page).click()
        expect(panel(page)).to_contain_text(WORDS)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # The mark stands at the head of its block.
        assert abs(block.evaluate(ABOVE)) < 40
        page.keyboard.press("Escape")
    assert sticking_out(page) == {}


def test_marks_of_notes_change_no_word_of_the_text(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    before = page.locator(".body").evaluate("body => body.textContent")
    write(page, paragraph(page, 2), DESK)
    assert page.locator(".body").evaluate("body => body.textContent") == before


@SIZES
def test_what_was_typed_survives_a_session_that_has_ended_and_a_reload(
    sit_down: SitDown, size: tuple[int, int]
) -> None:
    page = sit_down(MARKER, size=size)
    open_fresh(page, NOTICE)
    kept = page.context.cookies()
    block = paragraph(page, 4)
    take(page, block, size)
    page.context.clear_cookies()
    panel(page).get_by_role("textbox").fill(WORDS)
    panel(page).get_by_role("button", name="保存").click()
    expect(panel(page).get_by_role("alert")).to_contain_text("没有保存")
    expect(panel(page).get_by_role("textbox")).to_have_value(WORDS)
    expect(panel(page).get_by_role("textbox")).to_be_focused()

    page.context.add_cookies([dict(cookie) for cookie in kept])  # type: ignore[misc]
    page.reload()
    settled(page)
    take(page, block, size)
    expect(panel(page).get_by_role("textbox")).to_have_value(WORDS)
    panel(page).get_by_role("button", name="保存").click()
    expect(marks(page)).to_have_count(1)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => /note/.test(key))") == []


def test_the_next_person_in_the_same_tab_finds_nothing_of_what_was_typed(
    sit_down: SitDown,
) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    block = paragraph(page, 4)
    take(page, block, DESK)
    panel(page).get_by_role("textbox").fill(WORDS)
    kept = "JSON.stringify(Object.entries(sessionStorage))"
    assert WORDS in page.evaluate(kept)

    other = sit_down(MEMBER).context.cookies()
    page.context.clear_cookies()
    page.context.add_cookies([dict(cookie) for cookie in other])  # type: ignore[misc]
    page.goto(page.url)
    settled(page)
    assert WORDS not in page.evaluate(kept)
    take(page, block, DESK)
    expect(panel(page).get_by_role("textbox")).to_have_value("")


def test_without_a_script_a_note_is_deleted_after_a_question(sit_down: SitDown) -> None:
    writer = sit_down(MARKER)
    open_fresh(writer, NOTICE)
    write(writer, paragraph(writer, 3), DESK)
    page = sit_down(MARKER, script=False)

    def ask(page: Page) -> None:
        page.goto("/me/notes/")
        note = page.get_by_role("listitem").filter(has_text=WORDS).first
        note.get_by_text("修改或删除").click()
        note.get_by_role("button", name="删除这条批注").click()
        expect(page.get_by_role("heading", name="删除这条批注？")).to_be_visible()
        expect(page.get_by_text(WORDS)).to_be_visible()

    ask(writer)
    # With a script, because axe is one.
    assert look(writer, EVERYTHING, name="note-delete") == []
    ask(page)
    page.get_by_role("button", name="不删，返回").click()
    expect(page).to_have_url(re.compile("/me/notes/$"))
    expect(page.get_by_role("listitem").filter(has_text=WORDS).first).to_be_visible()
    ask(page)
    page.get_by_role("button", name="删除").click()
    expect(page.get_by_text("批注已删除。")).to_be_visible()


@pytest.fixture
def unwatched(
    portal: Portal, chromium: Browser, sit_down: SitDown, sessions: dict[str, StorageState]
) -> Iterator[Page]:
    """A page whose console may name a lost network or a refusal, as browsers rightly do."""
    open_fresh(sit_down(MARKER), NOTICE)
    context = chromium.new_context(base_url=portal.url, storage_state=sessions[MARKER])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    NOTICE.open(page)
    settled(page)
    yield page
    context.close()


def test_what_was_typed_survives_a_lost_network(unwatched: Page) -> None:
    take(unwatched, paragraph(unwatched, 4), DESK)
    box = panel(unwatched).get_by_role("textbox")
    save = panel(unwatched).get_by_role("button", name="保存")
    box.fill(WORDS)
    unwatched.context.set_offline(True)
    save.click()
    expect(panel(unwatched).get_by_role("alert")).to_contain_text("没有保存")
    expect(box).to_have_value(WORDS)
    unwatched.context.set_offline(False)
    save.click()
    expect(marks(unwatched)).to_have_count(1)


def test_a_refused_note_says_why_in_the_servers_own_sentence(unwatched: Page) -> None:
    take(unwatched, paragraph(unwatched, 4), DESK)
    panel(unwatched).get_by_role("textbox").fill("   ")
    panel(unwatched).get_by_role("button", name="保存").click()
    expect(panel(unwatched).get_by_role("alert")).to_have_text("请先写下批注，再保存。")
    expect(marks(unwatched)).to_have_count(0)


def test_a_note_whose_paragraph_is_gone_stands_after_the_text(
    portal: Portal, sit_down: SitDown
) -> None:
    page = sit_down(MARKER)
    open_fresh(page, NOTICE)
    block = paragraph(page, 2)
    excerpt = block.inner_text()[:20]
    write(page, block, DESK, "原段不在了，话还在。")
    # As after a correction that took the paragraph away.
    portal.manage(
        "shell",
        "-v0",
        "-c",
        "from newsletter.models import Note;"
        "Note.objects.filter(text='原段不在了，话还在。').update(block='bgone1')",
    )
    page.reload()
    settled(page)
    lost = page.get_by_role("region", name="读到这里")
    expect(lost.get_by_role("heading", name="原段已改的批注")).to_be_visible()
    expect(lost).to_contain_text("原段不在了，话还在。")
    expect(lost).to_contain_text(excerpt)
    expect(marks(page)).to_have_count(0)
    lost.get_by_role("link", name="修改或删除").click()
    expect(page.get_by_text("原段不在了，话还在。").first).to_be_visible()
    open_fresh(page, NOTICE)
    expect(lost.get_by_role("heading")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "sepia", "dark"])
@SIZES
def test_axe_finds_nothing_in_panels_and_strips(
    sit_down: SitDown, size: tuple[int, int], theme: str
) -> None:
    page = sit_down(MARKER, size=size)
    page.add_init_script(path=VOICE)
    open_fresh(page, NOTICE)
    write(page, paragraph(page, 0), size)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.get_by_text("引用", exact=True).click()
    found = look(page, EVERYTHING, name="citation")
    page.keyboard.press("Escape")
    page.get_by_role("group", name="阅读工具").get_by_role("button", name="批注").click()
    found += look(page, EVERYTHING, name="grip")
    page.keyboard.press("Escape")
    marks(page).click()
    found += look(page, EVERYTHING, name="panel")
    page.keyboard.press("Escape")
    page.get_by_role("group", name="阅读工具").get_by_role("button", name="朗读").click()
    found += look(page, EVERYTHING, name="aloud")
    assert found == [], json.dumps(found, ensure_ascii=False, indent=1)
