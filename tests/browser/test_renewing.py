"""会籍延续 at the desk: ten firms renewed in one go, a call made and ticked, the list on paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.server import Portal
from tests.browser.test_accessibility import in_either_scheme
from tests.browser.test_html import checker, complaints, save
from tests.browser.test_layout import sticking_out

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser

STAFF = "S10000001"
DUE = "/admin/members/reminder/"
CALLS = f"{DUE}calls/"

TEN_FIRMS = """
import datetime as dt
from django.utils import timezone
from members import reminders
from members.models import Membership, Organization, Seat, User
last = timezone.localdate() + dt.timedelta(days=12)
for number in range(10):
    firm = Organization.objects.create(name=f"样例市延续{number}号公司")
    Membership.objects.create(
        organization=firm, first_day=last - dt.timedelta(days=364), last_day=last
    )
    person = User.objects.create_user(
        f"M3000000{number}", name=f"样例·延续{number}", phone=f"+861390003000{number}"
    )
    Seat.objects.create(organization=firm, person=person, is_contact=True)
reminders.make_due()
"""


@pytest.fixture(scope="module", autouse=True)
def _ten_firms(portal: Portal) -> None:
    portal.manage("shell", "--verbosity", "0", "--command", TEN_FIRMS)


def rows_of(page: Page) -> Locator:
    return page.get_by_role("row").filter(has_text="样例市延续")


def test_a_call_is_made_and_ticked_on_a_phone(sit_down: SitDown) -> None:
    page = sit_down(STAFF, size=PHONE)
    page.goto(DUE)
    page.get_by_role("link", name="电话提醒").click()
    call = page.locator(".calls > li").filter(has_text="样例市延续0号公司")
    expect(call).to_contain_text("联系人 样例·延续0")
    expect(call.get_by_role("link", name="139 0003 0000")).to_have_attribute(
        "href", "tel:+8613900030000"
    )
    expect(call).to_contain_text("到期前 15 天")
    assert sticking_out(page, [320, PHONE[0]]) == {}

    page.get_by_label("备注：样例市延续0号公司").fill("本周来办")
    call.get_by_role("button", name="已电话告知").click()

    expect(page.get_by_text("已记下：样例市延续0号公司")).to_be_visible()
    expect(call).to_have_count(0)
    page.get_by_role("link", name="已告知").click()
    expect(call).to_contain_text("本周来办")
    expect(call).to_contain_text("样例·会员管理")
    call.get_by_role("button", name="撤回").click()
    expect(page.get_by_text("样例市延续0号公司又在待提醒之列")).to_be_visible()
    expect(call).to_have_count(1)


def test_the_list_of_calls_is_printed_without_the_screens_furniture(sit_down: SitDown) -> None:
    page = sit_down(STAFF, scheme="dark")
    page.goto(CALLS)
    page.get_by_role("link", name="打印这张名单").click()
    expect(page.get_by_role("button", name="打印")).to_be_visible()
    page.emulate_media(media="print")

    for furniture in ("#header", ".breadcrumbs", "#content > h1", ".not-printed"):
        expect(page.locator(furniture).first).to_be_hidden()
    row = page.get_by_role("row").filter(has_text="样例市延续9号公司")
    expect(row).to_contain_text("139 0003 0009")
    expect(row.get_by_role("cell").first).to_have_css("color", "rgb(0, 0, 0)")


def test_the_pages_have_no_barrier_and_no_error(
    sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    page = sit_down(STAFF)
    objections = []
    for name, address in (
        ("due", f"{DUE}?all=1"),
        ("calls", CALLS),
        ("calls-told", f"{CALLS}?done=1"),
        ("calls-printed", f"{CALLS}print/"),
    ):
        page.emulate_media(color_scheme="light")
        page.goto(address)
        save(tmp_path, name, page.content())
        objections += [f"{name} {one}" for one in in_either_scheme(page)]
        objections += [f"{name} {one}" for one in sticking_out(page, [320, 390, 1440]).items()]
    page.goto(f"{DUE}?all=1")
    page.get_by_role("button", name="延续勾选的会籍").click()
    expect(page.get_by_role("button", name=re.compile("^延续"))).not_to_have_count(0)
    save(tmp_path, "renew", page.content())
    objections += [f"renew {one}" for one in in_either_scheme(page)]

    objections += complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)


def test_ten_firms_are_renewed_at_once_without_a_script(sit_down: SitDown) -> None:
    page = sit_down(STAFF, script=False)
    page.goto(f"{DUE}?state=soon")
    firms = rows_of(page)
    expect(firms).to_have_count(10)
    for box in firms.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="延续勾选的会籍").click()

    expect(page.get_by_role("heading", name="将延续10家")).to_be_visible()
    expect(firms).to_have_count(10)
    page.get_by_role("button", name="延续一年").click()

    expect(page.get_by_text("已延续 10 家会员单位的会籍。")).to_be_visible()
    expect(firms).to_have_count(0)
    # Their calls went with it, and the list of firms knows the new last day.
    page.goto(CALLS)
    expect(page.get_by_text("样例市延续", exact=False)).to_have_count(0)
    page.goto("/admin/members/organization/?membership=soon&q=样例市延续")
    expect(firms).to_have_count(0)
    page.goto("/admin/members/organization/?membership=current&q=样例市延续")
    expect(firms).to_have_count(10)
