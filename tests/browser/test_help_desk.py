"""At the desk with somebody on the telephone: two records merged, a slip after a check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, SitDown
from tests.browser.server import Portal
from tests.browser.test_html import checker, complaints, save
from tests.browser.test_joining import ADDRESS, STAFF, barriers, create_person, redeem

__all__ = ["checker"]  # a fixture
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("script", [True, False])
def test_two_records_of_one_person_are_merged_at_the_desk(
    sit_down: SitDown, checker: Path, tmp_path: Path, script: bool
) -> None:
    numbers = ("M20000021", "M20000022") if script else ("M20000023", "M20000024")
    name = f"样例·重名{'甲' if script else '乙'}"
    page = sit_down(STAFF, size=PHONE, script=script)
    for number in numbers:
        create_person(page, number, 姓名=name, 电话=f"137{number[1:]}")
    page.goto(f"/admin/members/user/?q={numbers[0]}")
    page.get_by_role("link", name=numbers[0]).click()
    page.get_by_role("link", name="与另一人合并").click()
    # The one of the same name is offered without a search.
    page.get_by_role("link", name=numbers[1]).click()
    page.get_by_role("radio", name=re.compile(f"留下这一条.*{numbers[0]}")).check()
    page.get_by_role("radio", name=re.compile(f"{numbers[1]}的电话")).check()
    if script:
        save(tmp_path, "merge", page.content())
        objections = barriers(page, "merge")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("合并不能撤回")).to_be_visible()
    if script:
        save(tmp_path, "merge-confirm", page.content())
        objections += barriers(page, "merge-confirm") + complaints(checker, tmp_path)
        assert not objections, "\n".join(objections)
    page.get_by_role("button", name="合并这两条记录").click()

    expect(page.get_by_text("已合并")).to_be_visible()
    expect(page.get_by_label("电话")).to_have_value(f"+86137{numbers[1][1:]}")


def test_somebody_who_was_verified_on_the_telephone_comes_in_by_a_new_slip(
    portal: Portal, sit_down: SitDown, checker: Path, tmp_path: Path
) -> None:
    desk = sit_down(STAFF)
    create_person(desk, "M20000025", 姓名="样例·来电", 电话="13700002468")
    desk.goto("/admin/members/user/?q=137+0000+2468")
    desk.get_by_role("link", name="M20000025").click()
    desk.get_by_role("link", name="电话核对后发登录条").click()
    desk.get_by_role("button", name="发登录条").click()
    expect(desk.get_by_text("没有核对，不能发登录条")).to_be_visible()
    save(tmp_path, "verify", desk.content())
    objections = barriers(desk, "verify") + complaints(checker, tmp_path)
    assert not objections, "\n".join(objections)
    desk.get_by_label("怎样核对、与谁通话").fill("拨回登记的手机号，本人接听")
    desk.get_by_label("已电话核对身份").check()
    desk.get_by_role("button", name="发登录条").click()
    found = ADDRESS.search(desk.get_by_label("发到微信的文字").input_value())
    assert found

    phone = sit_down(size=PHONE, may_be_refused=True)
    phone.goto(found[0])
    redeem(phone, "2468")
    phone.wait_for_url(f"{portal.url}/")
    phone.goto("/me/")
    expect(phone.get_by_text("M20000025")).to_be_visible()
    # From now on only after a check.
    desk.goto("/admin/members/user/?q=M20000025")
    desk.get_by_role("link", name="M20000025").click()
    expect(desk.get_by_role("link", name="电话核对后发登录条")).to_be_visible()
    expect(desk.get_by_role("button", name="打印登录条")).to_have_count(0)
