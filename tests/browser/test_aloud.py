"""朗读: the article by the voice of the device, a paragraph after the other."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.marks import MARKER, VOICE, open_fresh, said, settled
from tests.browser.places import FIGURES, NOTICE, TABLE

pytestmark = pytest.mark.browser


def tools(page: Page) -> Locator:
    return page.get_by_role("group", name="阅读工具")


# 朗读: where there is none ----------------------------------------------------------------------


def test_a_browser_without_a_chinese_voice_offers_no_reading_aloud(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    TABLE.open(page)
    assert page.evaluate("speechSynthesis.getVoices().length") == 0, "this browser has no voice"
    expect(tools(page).get_by_text("朗读")).to_be_hidden()

    page.add_init_script("window.voices = [{ lang: 'en-GB', localService: true, name: 'Sample' }]")
    page.add_init_script(path=VOICE)
    page.reload()
    expect(tools(page).get_by_text("朗读")).to_be_hidden()
    expect(page.locator("[data-aloud-here]")).to_be_hidden()


def test_voices_that_come_late_are_welcome(sit_down: SitDown) -> None:
    page = sit_down(MARKER)
    page.add_init_script("window.voices = []")
    page.add_init_script(path=VOICE)
    TABLE.open(page)
    button = tools(page).get_by_text("朗读")
    expect(button).to_be_hidden()
    page.evaluate("voicesCome([{ lang: 'cmn-Hans-CN', localService: true, name: 'Late' }])")
    expect(button).to_be_visible()
    button.click()
    assert spoken(page)[-1]["voice"] == "Late"


def test_a_browser_without_the_interface_offers_none_and_misses_nothing(
    sit_down: SitDown,
) -> None:
    page = sit_down(MARKER)
    page.add_init_script("delete window.speechSynthesis")
    TABLE.open(page)
    if page.evaluate("'speechSynthesis' in window"):
        page.add_init_script("delete Window.prototype.speechSynthesis")
        page.reload()
    assert not page.evaluate("'speechSynthesis' in window")
    expect(tools(page).get_by_text("朗读")).to_be_hidden()
    expect(tools(page).get_by_role("button", name="打印")).to_be_visible()


# 朗读: a paragraph after the other --------------------------------------------------------------


def spoken(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("spoken")
    return found


def listen(page: Page, most: int = 400) -> list[str]:
    """Let everything be read to the end; what was said."""
    for _ in range(most):
        if not page.evaluate("() => { endOne(); return isSpeaking(); }"):
            return [part["text"] for part in spoken(page)]
    raise AssertionError("it does not end")


@pytest.fixture
def voiced(sit_down: SitDown) -> Page:
    page = sit_down(MARKER)
    page.add_init_script(path=VOICE)
    return page


def test_an_article_is_read_from_its_title_to_its_end(voiced: Page) -> None:
    open_fresh(voiced, NOTICE)
    tools(voiced).get_by_role("button", name="朗读").click()
    bar = voiced.get_by_role("region", name="朗读")
    expect(bar.get_by_role("button", name="暂停")).to_be_focused()
    said_parts = listen(voiced)
    expect(bar).to_be_hidden()
    expect(said(voiced)).to_have_text("读完了。")
    expect(tools(voiced).get_by_role("button", name="朗读")).to_be_focused()

    assert said_parts[0] == NOTICE.title
    assert {part["voice"] for part in spoken(voiced)} == {"Sample Beijing"}
    # Longer utterances are cut off by some engines.
    assert max(len(part) for part in said_parts) <= 50
    everything = "".join("".join(said_parts).split())
    paragraphs = voiced.locator(".body p:not(td p, th p, .table-files)")
    for text in paragraphs.all_inner_texts():
        assert "".join(text.split()).replace("\u2060", "") in everything, text


def test_what_is_read_is_marked_and_followed_and_one_may_step_pause_and_stop(
    voiced: Page,
) -> None:
    open_fresh(voiced, NOTICE)
    tools(voiced).get_by_role("button", name="朗读").click()
    bar = voiced.get_by_role("region", name="朗读")
    now = voiced.locator(".aloud-now")
    expect(now).to_have_text(NOTICE.title)
    for _ in range(14):
        bar.get_by_role("button", name="下段").click()
    expect(now).to_have_count(1)
    expect(now).to_be_in_viewport()
    here = now.inner_text()
    bar.get_by_role("button", name="下段").click()
    expect(now).not_to_have_text(here)
    bar.get_by_role("button", name="上段").click()
    expect(now).to_have_text(here)

    pause = bar.get_by_role("button", name="暂停")
    first = spoken(voiced)[-1]["text"]
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "true")
    assert not voiced.evaluate("isSpeaking()")
    count = len(spoken(voiced))
    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "false")
    assert [part["text"] for part in spoken(voiced)[count:]] == [first], "it begins it again"

    bar.get_by_label("语速").select_option("快")
    assert spoken(voiced)[-1] == {"text": first, "rate": 1.5, "voice": "Sample Beijing"}

    voiced.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    expect(now).to_have_count(0)
    assert not voiced.evaluate("isSpeaking()")


def test_reading_begins_with_the_paragraph_in_view_and_with_the_one_in_hand(
    voiced: Page,
) -> None:
    open_fresh(voiced, NOTICE)
    voiced.evaluate("tools.blocks[20].scrollIntoView({ block: 'start', behavior: 'instant' })")
    tools(voiced).get_by_role("button", name="朗读").click()
    first = voiced.evaluate("tools.blocks[20].textContent")
    assert first.startswith(spoken(voiced)[0]["text"])

    voiced.locator(".body > p").nth(24).hover()
    voiced.get_by_role("region", name="这一段").get_by_role("button", name="朗读").click()
    paragraph = voiced.locator(".body > p").nth(24)
    expect(paragraph).to_contain_class("aloud-now")


def test_a_table_is_read_row_by_row_with_the_heads_of_its_columns(voiced: Page) -> None:
    open_fresh(voiced, TABLE)
    table = voiced.locator(".body table")
    heads = table.locator("thead th").all_inner_texts()
    row = table.locator("tbody tr").nth(1).locator("th, td").all_inner_texts()
    caption = table.locator("caption").inner_text()
    tools(voiced).get_by_role("button", name="朗读").click()
    everything = "".join(listen(voiced))
    assert f"表：{caption}" in everything
    first, *values = row
    start = everything.index(first, everything.index(f"表：{caption}"))
    for head, value in zip(heads[1:], values, strict=True):
        start = everything.index(f"{head} {value}", start)


def test_a_table_with_merged_cells_gives_each_value_its_own_heads(voiced: Page) -> None:
    open_fresh(voiced, TABLE)
    voiced.evaluate(
        """() => {
          document.querySelector(".body table").innerHTML = `
            <caption>样例合并表</caption>
            <thead><tr><th rowspan="2">地区</th><th colspan="2">用电</th></tr>
            <tr><th>数量</th><th>增速</th></tr></thead>
            <tbody><tr><th rowspan="2">东区</th><td>1204</td><td>2.1</td></tr>
            <tr><td>986</td><td></td></tr></tbody>`;
        }"""
    )
    tools(voiced).get_by_role("button", name="朗读").click()
    everything = listen(voiced)
    assert "表：样例合并表" in everything
    assert "东区，用电数量 1204，用电增速 2.1" in everything
    assert "东区，用电数量 986" in everything


def test_a_figure_is_read_by_its_caption_and_its_alternative_once(voiced: Page) -> None:
    open_fresh(voiced, FIGURES)
    figures = voiced.locator(".body figure")
    figures.first.locator("img").evaluate("image => { image.alt = '折线先升后平'; }")
    tools(voiced).get_by_role("button", name="朗读").click()
    parts = ["".join(part.split()) for part in listen(voiced)]
    captions = ["".join(text.split()) for text in figures.locator("figcaption").all_inner_texts()]
    assert len(captions) == 4
    assert [part for part in parts if part.startswith("图：")] == [
        f"图：{captions[0]}。折线先升后平",
        # Their alternatives say what the captions say.
        *(f"图：{caption}" for caption in captions[1:]),
    ]


def test_marks_of_notes_and_downloads_are_not_read(sit_down: SitDown) -> None:
    voiced = sit_down(MARKER, size=PHONE)  # the panel of a note stands in the text
    voiced.add_init_script(path=VOICE)
    open_fresh(voiced, TABLE)
    block = voiced.evaluate("tools.blocks[1].id")
    voiced.evaluate("block => tools.send(tools.urls.notes, { block, text: '自己写的话' })", block)
    voiced.reload()
    settled(voiced)
    voiced.get_by_role("button", name="批注1条").click()
    voiced.evaluate(
        "tools.blocks[1].append(Object.assign(document.createElement('sup'), "
        "{ textContent: '[9]' }))"
    )
    tools(voiced).get_by_role("button", name="朗读").click()
    everything = "".join(listen(voiced))
    for silent in ["自己写的话", "[9]", "下载", "只有自己看得到"]:
        assert silent not in everything


def test_an_engine_that_fails_stops_with_a_sentence(voiced: Page) -> None:
    open_fresh(voiced, TABLE)
    tools(voiced).get_by_role("button", name="朗读").click()
    voiced.evaluate("fail()")
    expect(said(voiced)).to_have_text("朗读中断了，可以再按“朗读”。")
    expect(voiced.get_by_role("region", name="朗读")).to_be_hidden()


def test_nothing_is_heard_after_one_has_left(voiced: Page) -> None:
    open_fresh(voiced, TABLE)
    tools(voiced).get_by_role("button", name="朗读").click()
    assert voiced.evaluate("isSpeaking()")
    voiced.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert not voiced.evaluate("isSpeaking()")
