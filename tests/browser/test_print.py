"""An article on paper: all of its text, nothing of the screen's furniture."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SitDown
from tests.browser.places import FIGURES, TABLE
from tests.factories import png

pytestmark = pytest.mark.browser


def test_an_article_prints_its_text_without_the_navigation(
    sit_down: SitDown, tmp_path: Path
) -> None:
    page = sit_down(FIGURES.who, scheme="dark")
    FIGURES.open(page)
    page.evaluate("Object.assign(document.documentElement.dataset, { theme: 'dark', size: '200' })")
    navigation = page.get_by_role("navigation")
    expect(navigation).to_have_count(3)
    page.emulate_media(media="print")

    expect(page.get_by_role("navigation")).to_have_count(0)
    for furniture in (".bar", ".skip", ".rail-wide", ".handles", ".tools", ".finish", ".turn"):
        expect(page.locator(furniture)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    images = page.locator(".body figure img")
    expect(images).to_have_count(4)
    for paragraph in page.locator(".body p").all():
        expect(paragraph).to_be_visible()
    # Ink on white, whatever the screen wears.
    body = page.locator("body")
    expect(page.locator(".body p").first).to_have_css("font-size", "14px")  # 10.5pt
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(body).to_have_css("color", "rgb(0, 0, 0)")

    for image in images.all():  # figures are loaded as one comes near
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", value=True)
    file = tmp_path / "article.pdf"
    page.pdf(path=file)
    data = file.read_bytes()
    assert data.startswith(b"%PDF-")
    assert 2 <= data.count(b"/Type /Page\n") <= 6
    assert data.count(b"/Subtype /Image") >= 4
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", file, "-"], capture_output=True, text=True, check=True, timeout=60
        ).stdout.replace("\n", "")
        assert "社会物流总费用" in text
        assert "往期" not in text
        # Above and below the text: what it is, and how it is cited.
        assert text.count("《财税动态》2026年第3期") == data.count(b"/Type /Page\n") + 1
        assert f"《{FIGURES.title}》，《财税动态》2026年第3期，总第78期，第32页。" in text


def test_who_needs_large_type_gets_it_on_paper_black_on_white(sit_down: SitDown) -> None:
    page = sit_down(TABLE.who, scheme="dark")
    TABLE.open(page)
    page.evaluate("Object.assign(document.documentElement.dataset, { elder: 'on', theme: 'dark' })")
    page.emulate_media(media="print", color_scheme="dark")
    body = page.locator("body")
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(body).to_have_css("color", "rgb(0, 0, 0)")
    size = page.locator(".body p").first.evaluate("p => parseFloat(getComputedStyle(p).fontSize)")
    assert size == pytest.approx(16 * 96 / 72, abs=0.1)


def test_a_table_is_printed_whole_with_its_head_on_every_page(sit_down: SitDown) -> None:
    page = sit_down(TABLE.who)
    TABLE.open(page)
    page.emulate_media(media="print")
    frame = page.locator(".body .table").first
    expect(frame).to_have_css("overflow", "visible")
    assert frame.evaluate("frame => frame.scrollHeight <= frame.clientHeight + 1")
    expect(frame.locator("thead")).to_have_css("display", "table-header-group")
    expect(frame.locator("thead")).to_have_css("position", "static")
    expect(page.locator(".table-files").first).to_be_hidden()


def test_a_figure_on_paper_is_never_higher_than_a_page(sit_down: SitDown) -> None:
    page = sit_down(FIGURES.who)
    page.route("**/figures/**", lambda route: route.fulfill(body=png(200, 4000)))
    FIGURES.open(page)
    page.emulate_media(media="print")
    image = page.locator(".body figure img").first
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("naturalHeight", 4000)
    box = image.bounding_box()
    assert box
    assert 250 < box["height"] <= 80 / 25.4 * 96 + 1
    assert box["width"] == pytest.approx(box["height"] / 20, abs=1), "its shape is kept"


def test_an_issue_on_paper_says_above_the_text_which_it_is(sit_down: SitDown) -> None:
    page = sit_down(TABLE.who)
    page.goto("/issues/2026-3/")
    page.wait_for_load_state("networkidle")
    heads = page.evaluate(
        "document.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map((r) => r.cssText))"
    )
    assert any("《财税动态》2026年第3期" in head and "总第78期" in head for head in heads), heads
