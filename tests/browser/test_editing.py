"""Editors turn a finished file into a published issue, in the admin."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.conftest import SitDown
from tests.browser.printed_issue import COSTS, FIGURE, POWER_TITLE, TALKS_TITLE, printed_issue
from tests.browser.server import Portal

pytestmark = pytest.mark.browser

MEMBER, EDITOR, CHIEF = "M10000001", "E10000001", "E10000002"
ISSUES = "/admin/newsletter/issue/"


def upload(page: Page, name: str, data: bytes, kind: str = "text/plain") -> None:
    """Choose a file on the import page that is open, and send it."""
    payload: FilePayload = {"name": name, "mimeType": kind, "buffer": data}
    page.get_by_label("成稿文件").set_input_files(payload)
    page.get_by_role("button", name="读取并查看报告").click()


def row(page: Page, issue: str) -> Locator:
    """The line of an issue in the admin's list."""
    page.goto(ISSUES)
    expect(page.get_by_role("link", name="2026年第3期")).to_be_visible()
    return page.get_by_role("row").filter(has_text=issue)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def picture(width: int, height: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "#a92b1f").save(data, "PNG")
    return data.getvalue()


@pytest.mark.smoke
def test_an_issue_is_imported_looked_through_published_read_and_withdrawn(
    sit_down: SitDown,
) -> None:
    editor = sit_down(EDITOR, may_be_refused=True)
    member = sit_down(MEMBER, may_be_refused=True)
    chief = sit_down(CHIEF)
    issue = "2025年第4期"

    # The report comes first, and nothing is kept yet.
    editor.goto(ISSUES)
    editor.get_by_role("link", name="导入一期").click()
    upload(editor, "2025-4.txt", printed_issue(2025, 4, 75))
    expect(editor.get_by_text("2025年第4期 总第75期")).to_be_visible()
    expect(editor.get_by_text("以下只是读到的内容，尚未入库。")).to_be_visible()
    tally = editor.get_by_role("listitem")
    expect(tally.filter(has_text="篇文章")).to_have_text("2篇文章")
    expect(tally.filter(has_text="字丢失")).to_have_text("0字丢失")
    expect(editor.get_by_role("cell", name=POWER_TITLE)).to_be_visible()
    report = editor.url
    expect(row(editor, issue)).to_have_count(0)

    editor.goto(report)
    editor.get_by_role("button", name="存为草稿").click()
    expect(editor.get_by_text(f"{issue}已存为草稿，请核对存疑后发布。")).to_be_visible()
    draft = editor.url
    expect(row(editor, issue)).to_contain_text("草稿")

    # The editor sees it as a member will; a member does not, nor can the editor publish.
    editor.goto(draft)
    editor.get_by_role("link", name="预览").click()
    expect(heading(editor)).to_contain_text("2025年 第4期")
    editor.get_by_role("link", name=POWER_TITLE).click()
    expect(heading(editor)).to_have_text(POWER_TITLE)
    expect(editor.get_by_text("预览 · 尚未发布")).to_be_visible()
    expect(editor.get_by_text(COSTS)).to_be_visible()
    expect(editor.get_by_role("table")).to_contain_text("样例新区")
    member.goto("/issues/2025-4/")
    expect(heading(member)).to_have_text("没有找到这一页")
    editor.goto(draft)
    expect(editor.get_by_role("link", name="发布", exact=True)).to_have_count(0)
    refused = editor.goto(draft.replace("/change/", "/publish/"))
    assert refused
    assert refused.status == 403
    expect(heading(editor)).to_have_text("这个账号不能打开这一页")

    # 主编 publishes after a look at what will be published, and a member reads it at once.
    row(chief, issue).get_by_role("link", name=issue).click()
    chief.get_by_role("link", name="发布", exact=True).click()
    expect(heading(chief)).to_contain_text(f"发布{issue}")
    expect(chief.get_by_role("link", name=TALKS_TITLE)).to_be_visible()
    member.goto("/issues/2025-4/")
    expect(heading(member)).to_have_text("没有找到这一页")
    chief.get_by_role("button", name="确认发布，会员即可阅读").click()
    expect(chief.get_by_text(f"{issue}已发布，会员现在可以阅读。")).to_be_visible()
    member.reload()
    expect(heading(member)).to_contain_text("2025年 第4期")
    member.get_by_role("link", name=POWER_TITLE).click()
    expect(member.get_by_text(COSTS)).to_be_visible()

    # Withdrawn, with its reason, it is gone on the next request.
    row(chief, issue).get_by_role("link", name=issue).click()
    chief.get_by_role("link", name="撤回", exact=True).click()
    chief.get_by_role("button", name="确认撤下").click()
    expect(chief.get_by_role("alert")).to_have_text("请写明撤下的原因，审计时要用。")
    chief.get_by_label("原因").fill("样例：数字有误")
    chief.get_by_role("button", name="确认撤下").click()
    expect(chief.get_by_text(f"{issue}已撤回，会员不能再读到。")).to_be_visible()
    member.reload()
    expect(heading(member)).to_have_text("没有找到这一页")
    assert COSTS not in member.content()
    member.goto("/issues/")
    expect(member.get_by_role("link", name="2026年第3期", exact=True)).to_be_visible()
    expect(member.get_by_role("link", name=issue)).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "data", "kind", "sentence"),
    [
        ("照片.png", picture(40, 30), "image/png", "文本"),
        ("空.txt", b"", "text/plain", "这个文件是空的，请核对后重选。"),
        ("小说.txt", "从前有座山，山上有座庙。\n\n".encode() * 400, "text/plain", "目录"),
    ],
    ids=["picture", "empty", "novel"],
)
def test_a_file_that_is_no_issue_is_refused_in_a_sentence_on_the_page(
    sit_down: SitDown, name: str, data: bytes, kind: str, sentence: str
) -> None:
    page = sit_down(EDITOR)
    page.goto(f"{ISSUES}import/")
    upload(page, name, data, kind)

    refusal = page.get_by_role("alert")
    expect(refusal).to_have_count(1)
    expect(refusal).to_contain_text(sentence)
    assert re.search(r"[一-鿿].*。$", refusal.inner_text())
    assert page.url.endswith("/import/")
    expect(page.get_by_label("成稿文件")).to_be_visible()


def test_sending_no_file_at_all_is_answered_too(sit_down: SitDown) -> None:
    page = sit_down(EDITOR)
    page.goto(f"{ISSUES}import/")
    page.get_by_role("button", name="读取并查看报告").click()
    expect(page.get_by_role("alert")).to_have_text("请选择成稿文件。")


@pytest.fixture
def draft(portal: Portal, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An issue that waits for its editor; one of its own for every test."""
    made = DRAFTS.index(request.node.originalname) + 1
    file = tmp_path / "draft.txt"
    file.write_bytes(printed_issue(2024, made, 67 + made))
    portal.manage("import_issue", file, "--verbosity", "0")
    return f"2024年第{made}期"


def open_article(page: Page, issue: str, title: str) -> None:
    row(page, issue).get_by_role("link", name=issue).click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("textbox", name="正文")).to_be_visible()


def test_one_character_typed_into_a_body_is_all_that_changes(sit_down: SitDown, draft: str) -> None:
    page = sit_down(EDITOR)
    open_article(page, draft, POWER_TITLE)
    body = page.get_by_role("textbox", name="正文")
    before = body.input_value()
    at = before.index("其中夜间")
    body.evaluate("(box, at) => { box.focus(); box.setSelectionRange(at, at); }", at)
    page.keyboard.type("尤")
    page.get_by_role("button", name="保存并继续编辑").click()

    expect(page.get_by_role("listitem").filter(has_text="成功")).to_be_visible()
    assert (
        page.get_by_role("textbox", name="正文").input_value() == before[:at] + "尤" + before[at:]
    )
    page.get_by_role("link", name="预览").click()
    expect(page.get_by_text(COSTS.replace("其中", "尤其中"))).to_be_visible()


def test_a_figure_gets_its_image_and_the_preview_shows_it(sit_down: SitDown, draft: str) -> None:
    page = sit_down(EDITOR)
    open_article(page, draft, POWER_TITLE)
    figure = page.get_by_role("group", name="图").get_by_role("row").filter(has_text="图1")
    expect(figure).to_have_count(1)
    page.locator("input[type=file][name^=figures]").first.set_input_files(
        {"name": "走势.png", "mimeType": "image/png", "buffer": picture(600, 300)}
    )
    page.get_by_role("button", name="保存并继续编辑").click()
    expect(page.get_by_text("已有文件")).to_be_visible()

    page.get_by_role("link", name="预览").click()
    image = page.locator(".body figure img")
    expect(image).to_have_count(1)
    expect(image).to_have_js_property("naturalWidth", 600)
    expect(page.locator(".body figcaption")).to_have_text(FIGURE)


DRAFTS = [
    test_one_character_typed_into_a_body_is_all_that_changes.__name__,
    test_a_figure_gets_its_image_and_the_preview_shows_it.__name__,
]
