"""An article on paper: all of its text, nothing of the screen's furniture."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import SitDown
from tests.browser.places import FIGURES

pytestmark = pytest.mark.browser


def test_an_article_prints_its_text_without_the_navigation(
    sit_down: SitDown, tmp_path: Path
) -> None:
    page = sit_down(FIGURES.who, scheme="dark")
    FIGURES.open(page)
    navigation = page.get_by_role("navigation")
    expect(navigation).to_have_count(3)
    page.emulate_media(media="print")

    expect(page.get_by_role("navigation")).to_have_count(0)
    for furniture in (".bar", ".skip", ".rail-wide", ".rail-sheet", ".turn"):
        expect(page.locator(furniture)).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    images = page.locator(".body figure img")
    expect(images).to_have_count(4)
    for paragraph in page.locator(".body p").all():
        expect(paragraph).to_be_visible()
    # Ink on white, whatever the screen wears.
    body = page.locator("body")
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
