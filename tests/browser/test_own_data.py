"""Own data on a phone: seen, corrected, taken along; then erased by staff, and opened by none."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SitDown, sign_in
from tests.browser.server import Portal
from tests.browser.test_accessibility import EVERYTHING, at_each_size
from tests.browser.test_html import checker, complaints, save
from tests.browser.test_joining import barriers

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser

STAFF, AUDITOR = "S10000001", "A10000001"
NAME = "样例·要走"


def create(portal: Portal, number: str, phone: str) -> None:
    portal.manage(
        "shell",
        "--verbosity",
        "0",
        "-c",
        "from members.models import User;"
        f"User.objects.create_user({number!r}, password={portal.password!r}, name={NAME!r},"
        f" phone={phone!r})",
    )


def ask(page: Page, password: str) -> None:
    page.goto("/me/data/erase/")
    page.get_by_label("当前密码").fill(password)
    page.get_by_role("button", name="申请注销并删除").click()
    expect(page.get_by_text("注销申请已收到")).to_be_visible()


def in_admin(page: Page, name: str) -> list[str]:
    """The admin follows the system's scheme; a theme of the reader's is nothing to it."""
    found = []
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += at_each_size(page, EVERYTHING, name=f"{name} {scheme}")
    return found


def test_a_member_looks_corrects_takes_along_and_is_erased(
    portal: Portal, sit_down: SitDown, tmp_path: Path
) -> None:
    create(portal, "M20000077", "+8613900007788")
    phone = sit_down("M20000077", size=PHONE, may_be_refused=True)
    phone.goto("/me/")
    expect(phone.get_by_text("139****7788")).to_be_visible()
    phone.get_by_role("link", name="我的数据").click()
    expect(phone.get_by_text("13900007788", exact=True)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE[0]

    phone.get_by_role("link", name="更正姓名和联系方式").click()
    phone.get_by_label("手机号码").fill("139 0000 7799")
    phone.get_by_label("当前密码").fill("not the password")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_label("当前密码")).to_have_accessible_description(
        re.compile("密码不正确，请重填")
    )
    expect(phone.get_by_label("手机号码")).to_have_value("139 0000 7799")
    phone.get_by_label("当前密码").fill(portal.password)
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("13900007799", exact=True)).to_be_visible()

    phone.get_by_label("当前密码").fill(portal.password)
    with phone.expect_download() as download:
        phone.get_by_role("button", name="下载我的数据").click()
    assert download.value.suggested_filename == "本人数据-M20000077.json"
    file = tmp_path / "own.json"
    download.value.save_as(file)
    found = json.loads(file.read_text("utf-8"))
    assert found["profile"]["phone"] == "+8613900007799"
    assert found["audit"][-1]["action"] == "data.download"

    ask(phone, portal.password)
    expect(phone.get_by_text("收到后 15 个工作日内办完")).to_be_visible()

    desk = sit_down(STAFF)
    desk.goto("/admin/members/erasurerequest/")
    desk.get_by_role("link", name=f"办理：{NAME}").click()
    desk.get_by_label("已核对是本人的要求").check()
    desk.get_by_role("button", name="注销并删除").click()
    expect(desk.get_by_text("已注销并删除")).to_be_visible()
    expect(desk.get_by_text(NAME)).to_have_count(0)

    phone.goto("/me/")
    phone.wait_for_url("**/accounts/login/**")
    sign_in(phone, "13900007799", portal.password)
    expect(phone.get_by_text("账号或密码不正确").first).to_be_visible()


def test_a_sealed_identity_is_opened_by_the_auditor_with_a_reason(
    portal: Portal, sit_down: SitDown
) -> None:
    create(portal, "M20000078", "+8613900006688")
    desk = sit_down(STAFF)
    desk.goto("/admin/members/user/?q=M20000078")
    desk.get_by_role("link", name="M20000078").click()
    desk.get_by_role("link", name="注销并删除").click()
    desk.get_by_label("依据").fill("样例：收到书面申请")
    desk.get_by_label("已核对是本人的要求").check()
    desk.get_by_role("button", name="注销并删除").click()
    told = desk.get_by_text("已注销并删除").inner_text()
    code = re.search(r"[0-9a-f-]{36}", told)
    assert code

    auditor = sit_down(AUDITOR)
    auditor.goto("/admin/members/sealedlink/")
    auditor.get_by_role("link", name=f"打开 {code[0]}").click()
    expect(auditor.get_by_label("代号")).to_have_value(code[0])
    auditor.get_by_label("事由").fill("样例追查")
    auditor.get_by_role("button", name="启封").click()
    expect(auditor.get_by_text("M20000078").first).to_be_visible()
    expect(auditor.get_by_text("+8613900006688")).to_be_visible()


def test_the_pages_have_no_barrier_and_no_error(
    portal: Portal, sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    create(portal, "M20000079", "+8613900005588")
    objections = []
    page = sit_down("M20000079")
    for name, address in (
        ("my-data", "/me/data/"),
        ("correct", "/me/data/correct/"),
        ("ask-erasure", "/me/data/erase/"),
    ):
        page.goto(address)
        save(tmp_path, name, page.content())
        objections += barriers(page, name)
    page.goto("/me/data/correct/")
    page.get_by_label("手机号码").fill("1")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_be_visible()
    save(tmp_path, "correct-wrong", page.content())
    objections += barriers(page, "correct-wrong")
    ask(page, portal.password)
    save(tmp_path, "my-data-pending", page.content())

    desk = sit_down(STAFF)
    desk.goto("/admin/members/erasurerequest/")
    objections += in_admin(desk, "requests")
    desk.get_by_role("link", name=f"办理：{NAME}").click()
    expect(desk.get_by_label("已核对是本人的要求")).to_be_visible()
    objections += in_admin(desk, "erase")
    desk.get_by_role("button", name="注销并删除").click()
    expect(desk.get_by_role("alert")).to_be_visible()
    objections += in_admin(desk, "erase-wrong")

    auditor = sit_down(AUDITOR)
    for address in ("/admin/members/sealedlink/", "/admin/members/sealedlink/open/"):
        auditor.goto(address)
        objections += in_admin(auditor, address)
    auditor.goto("/admin/members/leakcase/add/")
    objections += in_admin(auditor, "leak case")
    auditor.get_by_label("事由").fill("样例追查")
    auditor.get_by_role("button", name="保存", exact=True).click()
    expect(auditor.get_by_text("成功")).to_be_visible()
    objections += in_admin(auditor, "leak cases")
    auditor.locator("#result_list").get_by_role("link", name="样例追查").click()
    expect(auditor.get_by_role("link", name="结案")).to_be_visible()
    objections += in_admin(auditor, "an open leak case")
    desk.goto("/admin/members/erasurerequest/")
    desk.get_by_role("link", name=f"办理：{NAME}").click()
    expect(desk.get_by_text("有泄密追查在办")).to_be_visible()
    objections += in_admin(desk, "held")
    page.goto("/me/data/")
    expect(page.get_by_text("依法须暂缓的")).to_be_visible()
    # Open, it would hold up the other journeys.
    auditor.get_by_role("link", name="结案").click()
    expect(auditor.get_by_role("button", name="结案")).to_be_visible()
    objections += in_admin(auditor, "close")
    auditor.get_by_role("button", name="结案").click()
    expect(auditor.get_by_text("已结案")).to_be_visible()

    objections += complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)
