"""Joining: slips made in the admin, printed, and redeemed on a phone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.server import Portal
from tests.browser.test_accessibility import EVERYTHING, THEME, at_each_size
from tests.browser.test_html import checker, complaints, save
from tests.processes import until

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser

STAFF = "S10000001"
NEW = "one quite new password"
ADDRESS = re.compile(r"http://localhost:\d+/join/[a-z2-7]{52}")


def choose(page: Page, action: str, *names: str) -> None:
    """Tick people in the list, choose what is to be done, and go on to the confirmation."""
    page.goto("/admin/members/user/")
    for name in names:
        page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()
    page.get_by_label("动作").select_option(action)
    page.get_by_role("button", name="执行").click()


def make_slips(page: Page, *names: str) -> None:
    choose(page, "print_slips", *names)
    page.get_by_role("button", name=f"制作 {len(names)} 张登录条").click()
    expect(page.get_by_role("article")).to_have_count(len(names))


def create_person(page: Page, number: str, **fields: str) -> None:
    page.goto("/admin/members/user/add/")
    page.get_by_label("会员号").fill(number)
    for label, value in fields.items():
        page.get_by_label(label).fill(value)
    expect(page.get_by_label("不设，由本人凭邀请自己设")).to_be_checked()
    expect(page.get_by_label("再填一次新密码")).to_be_hidden()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("成功")).to_be_visible()


@pytest.mark.smoke
def test_a_slip_is_made_at_the_desk_and_redeemed_on_a_phone(
    portal: Portal, sit_down: SitDown
) -> None:
    desk = sit_down(STAFF)
    create_person(desk, "M20000001", 姓名="样例·来宾", 电话="139 0000 2468")
    make_slips(desk, "M20000001")
    message = desk.get_by_label("发到微信的文字：样例·来宾")
    found = ADDRESS.search(message.input_value())
    assert found
    address, token = found[0], found[0].rpartition("/")[2]

    phone = sit_down(size=PHONE, may_be_refused=True)
    asked: list[Request] = []
    phone.on("request", lambda request: asked.append(request))
    phone.goto(address)
    expect(phone.get_by_role("heading", name="设定密码")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == PHONE[0]
    assert "样例·来宾" not in phone.content()

    # A wrong proof is told at its box, and what was typed there stays.
    redeem(phone, "1111")
    expect(phone.get_by_label("电话后四位")).to_have_accessible_description(
        re.compile("与登记的不一致，请核对后再填；还可以试 4 次。")
    )
    expect(phone.get_by_label("电话后四位")).to_have_value("1111")
    redeem(phone, "2468")

    # In, and told why reading is closed: nobody has given them a seat yet.
    phone.wait_for_url(f"{portal.url}/")
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert all(token not in request.headers.get("referer", "") for request in asked)
    assert any("/static/" in request.url for request in asked)
    phone.goto("/me/")
    expect(phone.get_by_text("M20000001")).to_be_visible()

    phone.goto(address)
    expect(phone.get_by_role("heading", name="这个链接不能用")).to_be_visible()


def redeem(page: Page, proof: str) -> None:
    page.get_by_label("电话后四位").fill(proof)
    page.get_by_label("新密码", exact=True).fill(NEW)
    page.get_by_label("再填一次新密码").fill(NEW)
    page.get_by_label("我已阅读并同意").check()
    page.get_by_role("button", name="设定密码并登录").click()


def test_slips_are_printed_one_a_page_without_the_screens_furniture(
    sit_down: SitDown, tmp_path: Path
) -> None:
    page = sit_down(STAFF, scheme="dark")
    make_slips(page, "M10000031", "M10000034", "M10000036")
    file = tmp_path / "slips.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    assert file.read_bytes().count(b"/Type /Page\n") == 3

    page.emulate_media(media="print")
    for furniture in (".bar", ".foot", ".slips-head", ".login-slip-message"):
        expect(page.locator(furniture).first).to_be_hidden()
    slip = page.get_by_role("article").first
    for words in ("样例·华英", "M10000031", "电话后四位", "中小企业合作发展促进中心秘书处"):
        expect(slip.locator(".login-slip-sheet")).to_contain_text(words)
    code = slip.get_by_role("img", name="二维码")
    box = code.bounding_box()
    assert box
    assert box["width"] == pytest.approx(70 / 25.4 * 96, abs=1), "70 mm: read from an arm's length"
    assert box["height"] == pytest.approx(box["width"], abs=1)
    expect(slip.locator(".login-slip-sheet")).to_have_css("color", "rgb(0, 0, 0)")
    assert page.locator("html").evaluate(
        "e => getComputedStyle(e.ownerDocument.body).backgroundColor"
    ) in (
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    )


def test_the_words_for_wechat_are_copied_and_the_picture_is_saved(
    sit_down: SitDown, tmp_path: Path
) -> None:
    page = sit_down(STAFF)
    make_slips(page, "M10000031")
    page.evaluate(
        "() => { navigator.clipboard.writeText = async (words) => { window.copied = words; } }"
    )
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_role("status").filter(has_text="已复制")).to_be_visible()
    assert ADDRESS.search(page.evaluate("window.copied"))
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error(); } }")
    page.get_by_role("button", name="复制文字").click()
    expect(page.get_by_role("status").filter(has_text="长按或用Ctrl+C复制")).to_be_visible()
    assert ADDRESS.search(page.evaluate("getSelection().toString()"))

    with page.expect_download() as download:
        page.get_by_role("button", name="存为图片").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "登录条-M10000031.png"
    with Image.open(file) as picture:
        assert picture.width == 1080
    # The slips are still there.
    expect(page.get_by_role("article")).to_have_count(1)


def test_slips_are_made_from_a_persons_page_too(sit_down: SitDown) -> None:
    page = sit_down(STAFF)
    page.goto("/admin/members/user/?q=M10000031")
    page.get_by_role("link", name="M10000031").click()
    expect(page.get_by_role("button", name="发邀请（电子邮件）")).to_have_count(0)
    page.get_by_role("button", name="打印登录条").click()
    page.get_by_role("button", name="制作 1 张登录条").click()
    expect(page.get_by_role("article")).to_contain_text("M10000031")


def test_an_invitation_by_mail_leaves_through_the_worker(portal: Portal, sit_down: SitDown) -> None:
    page = sit_down(STAFF)
    choose(page, "invite_by_email", "M10000001", "M10000002")
    expect(page.get_by_role("listitem").filter(has_text="M10000001")).to_contain_text(
        "没有登记电子邮箱"
    )
    page.get_by_role("button", name="发出 1 封邀请").click()
    expect(page.get_by_text("1 封邀请正在发出")).to_be_visible()

    mail = Path(portal.environment["VAR_DIR"]) / "mail"

    def has_left() -> bool:
        letters = (file.read_text("utf-8") for file in mail.glob("*"))
        return any("To: lapsed@example.org" in letter for letter in letters)

    assert until(has_left, seconds=30), "the task worker has sent it"


def test_the_pages_of_joining_have_no_barrier_and_no_error(
    sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    """They have no address of their own to be looked at with the others."""
    desk = sit_down(STAFF)
    make_slips(desk, "M10000036")
    found = ADDRESS.search(desk.get_by_label("发到微信的文字").input_value())
    assert found
    save(tmp_path, "slips", desk.content())
    objections = barriers(desk, "slips")

    guest = sit_down(may_be_refused=True)
    guest.goto(found[0])
    save(tmp_path, "invitation", guest.content())
    objections += barriers(guest, "invitation")
    redeem(guest, "0000")
    expect(guest.get_by_role("alert")).to_be_visible()
    save(tmp_path, "invitation-wrong", guest.content())
    objections += barriers(guest, "invitation-wrong")

    objections += complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)


def barriers(page: Page, name: str) -> list[str]:
    found = []
    for theme in ("light", "dark"):
        page.evaluate(THEME, theme)
        found += at_each_size(page, EVERYTHING, name=f"{name} {theme}")
    return found
