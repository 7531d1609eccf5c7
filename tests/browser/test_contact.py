"""A firm's contact at work: proposing on a phone, the secretariat's yes, the new one's way in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, SitDown
from tests.browser.server import Portal
from tests.browser.test_accessibility import COLOURS, EVERYTHING, look
from tests.browser.test_joining import ADDRESS, redeem
from tests.browser.test_layout import sticking_out

pytestmark = pytest.mark.browser

CONTACT, STAFF = "M10000001", "S10000001"
CONTACTS_NAME = "样例·会员"
NEW = "样例·接任"


def barriers(page: Page, name: str, size: tuple[int, int]) -> list[str]:
    """What is wrong with the page as it stands there, on a phone and at a desk, in both lights."""
    found = [f"{name}: {what}" for what in sticking_out(page, [320, 390, 1440]).items()]
    page.set_viewport_size({"width": size[0], "height": size[1]})
    found += look(page, EVERYTHING, name=name)
    page.emulate_media(color_scheme="dark")
    found += look(page, COLOURS, name=f"{name}, dark")
    page.emulate_media(color_scheme="light")
    return found


def test_a_contact_proposes_on_a_phone_staff_agree_and_the_new_one_comes_in(
    portal: Portal, sit_down: SitDown
) -> None:
    contact = sit_down(CONTACT, size=PHONE)
    contact.goto("/me/")
    contact.get_by_role("link", name="本单位").click()
    expect(contact.get_by_role("heading", level=1)).to_have_text("样例市精工机械有限公司")
    objections = barriers(contact, "firm", PHONE)

    # What is missing is told at its box; what was typed stays.
    contact.get_by_role("link", name="推荐人员").click()
    contact.get_by_label("姓名").fill(NEW)
    contact.get_by_role("button", name="提交推荐").click()
    expect(contact.get_by_label("手机号")).to_have_accessible_description(
        re.compile("请填写手机号或电子邮箱")
    )
    expect(contact.get_by_label("姓名")).to_have_value(NEW)
    objections += barriers(contact, "propose", PHONE)
    contact.get_by_label("手机号").fill("139 0000 1357")
    contact.get_by_role("button", name="提交推荐").click()
    expect(contact.get_by_role("status")).to_contain_text(f"对{NEW}的推荐已交秘书处办理")
    expect(contact.get_by_text("139********")).to_be_visible()
    objections += barriers(contact, "firm-pending", PHONE)

    # The secretariat finds it in the queue, agrees, and makes the slip.
    desk = sit_down(STAFF)
    desk.goto("/admin/members/proposal/")
    objections += barriers(desk, "queue", DESK)
    desk.get_by_role("link", name=NEW).click()
    expect(desk.get_by_label("新人员")).to_be_checked()
    objections += barriers(desk, "proposal", DESK)
    desk.get_by_role("button", name="同意，安排席位").click()
    expect(desk.get_by_text(f"已为{NEW}")).to_be_visible()
    objections += barriers(desk, "proposal-approved", DESK)
    desk.get_by_role("button", name="打印登录条").click()
    desk.get_by_role("button", name="制作 1 张登录条").click()
    found = ADDRESS.search(desk.get_by_label(f"发到微信的文字：{NEW}").input_value())
    assert found

    phone = sit_down(size=PHONE)
    phone.goto(found[0])
    phone.get_by_label(re.compile("我已阅读并同意")).check()
    redeem(phone, "1357")
    phone.wait_for_url(f"{portal.url}/")
    expect(phone.get_by_role("navigation", name="主导航")).to_be_visible()

    contact.reload()
    row = contact.get_by_role("listitem").filter(has_text=NEW)
    expect(row).to_contain_text("已登录过")
    objections += barriers(contact, "firm-full", PHONE)

    # The contact is replaced by the secretariat in one step…
    desk.goto("/admin/members/organization/")
    desk.get_by_role("link", name="样例市精工机械有限公司").click()
    desk.get_by_role("link", name="更换联系人").click()
    desk.get_by_label("新联系人").fill("13900001357")
    desk.get_by_label("原联系人保留席位").check()
    desk.get_by_role("button", name="更换联系人").click()
    expect(desk.get_by_text(f"的联系人现在是{NEW}。")).to_be_visible()

    # … and gives the duty back; to look at the page of the question does nothing.
    phone.goto("/organization/")
    handing = phone.get_by_role("link", name=re.compile(f"移交联系人.*{CONTACTS_NAME}"))
    handing.click()
    expect(phone.get_by_label("我保留自己的席位，继续阅读")).to_be_checked()
    objections += barriers(phone, "hand-over", PHONE)
    phone.get_by_role("link", name="不移交，返回").click()
    handing.click()
    phone.get_by_role("button", name="移交联系人").click()
    expect(phone.get_by_role("status")).to_contain_text(f"联系人现在是{CONTACTS_NAME}")
    expect(phone.get_by_role("link", name="本单位")).to_have_count(0)

    # Who leaves is out on the next page.
    contact.goto("/organization/")
    contact.get_by_role("link", name=re.compile(f"收回席位.*{NEW}")).click()
    expect(contact.get_by_role("button", name="收回席位")).to_be_visible()
    objections += barriers(contact, "release", PHONE)
    contact.get_by_role("button", name="收回席位").click()
    expect(contact.get_by_role("status")).to_contain_text(f"{NEW}的席位已收回")
    expect(contact.get_by_role("link", name=re.compile(f"移交.*{NEW}"))).to_have_count(0)
    assert not objections, "\n".join(objections)


def test_a_contact_makes_a_slip_on_a_phone_and_it_is_never_shown_again(
    sit_down: SitDown,
) -> None:
    contact = sit_down(CONTACT, size=PHONE)
    propose(contact, "样例·无邮箱", "139 0000 2357")
    desk = sit_down(STAFF)
    desk.goto("/admin/members/proposal/")
    desk.get_by_role("link", name="样例·无邮箱").click()
    desk.get_by_role("button", name="同意，安排席位").click()
    expect(desk.get_by_role("button", name="打印登录条")).to_be_visible()

    contact.goto("/organization/")
    contact.get_by_role("link", name=re.compile("发登录条.*样例·无邮箱")).click()
    expect(contact.get_by_role("button", name="做登录条")).to_be_visible()
    objections = barriers(contact, "invite", PHONE)
    contact.get_by_role("button", name="做登录条").click()
    expect(contact.get_by_role("article")).to_have_count(1)
    expect(contact.get_by_role("link", name="回到人员")).to_have_count(0)
    expect(contact.get_by_role("button", name="存为图片")).to_have_count(0)
    assert ADDRESS.search(contact.get_by_label("发到微信的文字：样例·无邮箱").input_value())
    objections += barriers(contact, "slip", PHONE)
    contact.get_by_role("link", name="回到本单位").click()
    expect(contact.get_by_text(re.compile("尚未登录，登录条.*前有效"))).to_be_visible()
    assert "/join/" not in contact.content()
    contact.get_by_role("link", name=re.compile("收回席位.*样例·无邮箱")).click()
    contact.get_by_role("button", name="收回席位").click()
    assert not objections, "\n".join(objections)


def test_a_proposal_is_declined_and_the_contact_reads_why(sit_down: SitDown) -> None:
    contact = sit_down(CONTACT, size=PHONE)
    propose(contact, "样例·婉拒", "139 0000 3357")
    desk = sit_down(STAFF)
    desk.goto("/admin/members/proposal/")
    desk.get_by_role("link", name="样例·婉拒").click()
    desk.get_by_label("原因").fill("请先补交名单")
    desk.get_by_role("button", name="婉拒", exact=True).click()
    expect(desk.get_by_text("已婉拒，推荐人会看到原因。")).to_be_visible()

    contact.reload()
    expect(contact.get_by_role("listitem").filter(has_text="样例·婉拒")).to_contain_text(
        "请先补交名单"
    )


def propose(page: Page, name: str, phone: str) -> None:
    page.goto("/organization/propose/")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="提交推荐").click()
    expect(page.get_by_role("status")).to_contain_text("已交秘书处办理")
