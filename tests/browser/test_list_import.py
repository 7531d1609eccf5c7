"""A secretary's own spreadsheet of 200 people: looked at, mended, set aside, imported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import spreadsheets
from tests.browser.conftest import PHONE, SitDown
from tests.browser.test_accessibility import EVERYTHING, THEME, at_each_size
from tests.browser.test_html import checker, complaints, save

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser

STAFF = "S10000001"
PEOPLE, IN_A_FIRM = 200, 5
BROKEN_CODE = 914403001922038216
LISTS = "/admin/members/listimport/"


def messy(
    path: Path, *, people: int = PEOPLE, prefix: str = "样例导入", unknown: str = "分管领导"
) -> Path:
    """As such lists are: titles above, her own headings, a total below, and three lines wrong.

    Args:
        unknown: a heading that is asked about, until somebody has said what it is.
    """
    rows: list[list[Any]] = [
        ["某市中小企业合作发展促进中心会员名册"],
        ["（2026 年度）", "", "", "制表：秘书处"],
        [],
        ["序号", "会员企业", "税号", "联系人", "联系电话", "会员编号", "名额", "入会时间",
         "有效期至", unknown],
    ]  # fmt: skip
    for number in range(people):
        firm = number // IN_A_FIRM
        phone = f"139{number + 10_000_000}"
        rows.append(
            [
                number + 1,
                f"{prefix}{firm}　有限公司 ",
                spreadsheets.code(firm + 700),
                f"样例{number}",
                f"{phone}、0755-8888{number:04d}" if number % 7 == 0 else int(phone),
                60_000_001 + number,
                IN_A_FIRM,
                "2026年1月5日",
                "2027年1月4日",
                "",
            ]
        )
    rows[6][4] = "1391000"
    rows[11][2] = BROKEN_CODE
    rows.append(["", f"合计：{people} 人"])
    path.write_bytes(spreadsheets.workbook(rows, more={"去年": [["旧名册"]]}))
    return path


def upload(page: Page, file: Path) -> None:
    page.goto("/admin/")
    page.get_by_role("link", name="名单", exact=True).click()
    page.get_by_role("link", name="上传名单").click()
    page.get_by_label("名单文件").set_input_files(file)
    page.get_by_role("button", name="上传并核对").click()


def test_200_people_come_in_from_a_messy_spreadsheet_with_three_wrong_lines(
    sit_down: SitDown, tmp_path: Path
) -> None:
    page = sit_down(STAFF)
    upload(page, messy(tmp_path / "会员名册.xlsx"))

    # Her headings: all but one are known.
    leader = page.get_by_role("listitem").filter(has_text="分管领导")
    expect(leader).to_contain_text("没有认出")
    expect(page.get_by_label("会员企业")).to_have_value("organization")
    page.get_by_role("button", name="保存，看核对结果").click()

    expect(page.get_by_role("status")).to_contain_text("还有 3 行有误")
    expect(page.get_by_role("button", name="导入")).to_have_count(0)

    # The total below is no member: set aside, downloaded.
    page.get_by_role("button", name="搁置第 205 行").click()
    expect(page.get_by_text("已搁置 1 行")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载搁置的 1 行").click()
    shown = spreadsheets.shown(spreadsheets.sheet_of(Path(download.value.path()).read_bytes()))
    assert "合计：200 人" in shown[1]
    assert "表尾" in shown[1][-1]

    # Two are mended: one here, and one on a phone, where she goes on later.
    page.get_by_label("手机").fill("139 1000 0002")
    page.get_by_role("button", name="保存改动，重新核对").first.click()
    expect(page.get_by_role("status")).to_contain_text("还有 1 行有误")

    phone = sit_down(STAFF, size=PHONE)
    phone.goto(LISTS)
    phone.get_by_role("link", name="会员名册.xlsx").click()
    box = phone.get_by_label("统一社会信用代码")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(phone.get_by_text("第 15 位以后的数字已经丢失")).to_be_visible()
    box.fill(spreadsheets.code(701))
    box.press("Enter")
    expect(phone.get_by_role("status")).to_contain_text("没有错误，可以导入")
    expect(phone.get_by_role("status")).to_contain_text("会员单位 40 家、人员 200 人")

    # Looked through again at the desk, and imported.
    page.reload()
    expect(page.get_by_role("link", name="新增 200")).to_have_count(0)  # it is the one shown
    expect(page.locator(".list-lines > li").first).to_contain_text("其他电话：0755-88880000")
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("第2页，共4页")).to_be_visible()
    page.get_by_role("button", name="导入 200 行").click()
    expect(page.get_by_text("名单已经全部导入")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="位新人员")).to_contain_text("200")

    page.goto("/admin/members/organization/?q=样例导入1%20有限公司")
    page.goto("/admin/members/user/?q=60000008")
    row = page.get_by_role("row").filter(has_text="60000008")
    expect(row).to_contain_text("样例7")


def test_what_was_exported_comes_back_without_a_change(sit_down: SitDown, tmp_path: Path) -> None:
    page = sit_down(STAFF)
    page.goto("/admin/members/organization/")
    page.get_by_role("link", name="导出全部").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出表格（XLSX）").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.startswith("会员名单-")

    upload(page, file)
    expect(page.get_by_role("status")).to_contain_text("名单和门户完全一致")
    for words in ("有误 0", "新增 0", "有变化 0", "名单上没有的 0"):
        expect(page.get_by_text(words, exact=True)).to_be_visible()
    page.get_by_role("link", name="放弃这份名单").click()
    page.get_by_role("button", name="放弃并清除").click()
    expect(page.get_by_text("门户没有留下其中的内容")).to_be_visible()


def test_the_pages_of_a_list_have_no_barrier_and_no_error_and_need_no_script(
    sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    """They are reached by a list of one's own only."""
    bare = sit_down(STAFF, script=False)
    pages = tmp_path / "pages"
    pages.mkdir()
    upload(bare, messy(tmp_path / "小名册.xlsx", people=10, prefix="样例小册", unknown="主管"))
    bare.get_by_role("button", name="保存，看核对结果").click()
    expect(bare.get_by_role("status")).to_contain_text("有误")

    page = sit_down(STAFF)
    page.goto(LISTS)
    page.get_by_role("link", name="小名册.xlsx").click()
    preview = page.url
    page.get_by_role("button", name="搁置第 15 行").click()
    addresses = {
        "wrong": preview,
        "aside": f"{preview}?show=aside",
        "new": f"{preview}?show=new",
        "absent": f"{preview}?show=absent",
        "columns": preview.replace("/change/", "/columns/"),
        "line": preview.replace("/change/", "/lines/7/"),
        "abandon": preview.replace("/change/", "/abandon/"),
        "lists": LISTS,
        "upload": f"{LISTS}add/",
        "export": f"{LISTS}export/",
    }
    objections: list[str] = []
    for name, address in addresses.items():
        page.goto(address)
        save(pages, name, page.content())
        objections += at_each_size(page, EVERYTHING, name=f"{name} light")
        page.evaluate(THEME, "dark")
        objections += at_each_size(page, EVERYTHING, name=f"{name} dark")
    page.goto(preview.replace("/change/", "/abandon/"))
    page.get_by_role("button", name="放弃并清除").click()
    objections += complaints(checker, pages)
    assert not objections, "\n".join(objections)
