"""名单: from her spreadsheet to members, by the pages of the admin."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.test import Client

from members.models import (
    AuditEntry,
    ListImport,
    Membership,
    Organization,
    Seat,
    User,
)
from tests import factories, spreadsheets
from tests.lists import (
    HEADINGS,
    SOUND,
    WRONG,
    accept,
    looked_at,
    numbers,
    page,
    uploaded,
)

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


# From the file to members -------------------------------------------------------------------
def test_a_list_becomes_firms_people_seats_and_memberships(desk: Client) -> None:
    kept = uploaded(desk, SOUND)

    assert not Organization.objects.exists(), "nothing goes in before it is accepted"
    told = accept(desk, kept).content.decode()

    assert "名单已经全部导入" in told
    firm = Organization.objects.get()
    assert firm.name == "样例甲公司"
    assert firm.initials == "yljgs"
    assert [(one.first_day, one.last_day) for one in firm.memberships.all()] == [
        (dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    ]
    people = [seat.person for seat in firm.seats.current().order_by("person__phone")]
    assert [(one.name, one.phone) for one in people] == [
        ("张一", "+8613900000001"),
        ("张二", "+8613900000002"),
    ]
    assert all(re.fullmatch(r"M\d{8}", one.member_number) for one in people)
    assert not any(one.has_usable_password() for one in people)
    assert people[0].initials


def test_a_list_that_is_imported_again_changes_nothing(desk: Client) -> None:
    accept(desk, uploaded(desk, SOUND))
    again = uploaded(desk, SOUND)

    assert numbers(desk, again)["same"] == 2
    assert "完全一致" in looked_at(desk, again)
    entries = AuditEntry.objects.count()
    accept(desk, again)
    assert Organization.objects.count() == 1
    assert Membership.objects.count() == 1
    assert AuditEntry.objects.count() == entries + 1, "that it was imported, and nothing else"


def test_what_a_list_changes_is_shown_before_and_after(desk: Client) -> None:
    accept(desk, uploaded(desk, SOUND))
    kept = uploaded(
        desk,
        [
            [*HEADINGS, "地区", "备注"],
            ["样例甲公司", "张一", "13900000009", "2026-01-01", "2027-12-31", "深圳", "爱读政策"],
        ],
    )

    text = looked_at(desk, kept, "changed")
    assert "<del>13900000001</del> → <ins>13900000009</ins>" in text
    assert "<ins>深圳</ins>" in text
    assert "至 2026-12-31" in text
    assert "<ins>2027-01-01 至 2027-12-31</ins>" in text
    assert numbers(desk, kept)["absent"] == 1
    assert "张二" in looked_at(desk, kept, "absent")

    accept(desk, kept)
    person = User.objects.get(name="张一")
    assert (person.phone, person.remark) == ("+8613900000009", "爱读政策")
    firm = Organization.objects.get()
    assert firm.region == "深圳"
    assert firm.memberships.count() == 2
    assert firm.seats.current().count() == 2, "who is not on the list stays"


def test_an_empty_cell_erases_nothing(desk: Client) -> None:
    firm = factories.create_organization(name="样例甲公司", region="深圳", seat_limit=5)
    person = factories.create_user(name="张一", phone="+8613900000001", email="a@example.org")
    Seat.objects.create(organization=firm, person=person)
    headings = ["单位名称", "地区", "席位数", "姓名", "手机", "邮箱", "备注"]

    kept = uploaded(desk, [headings, ["样例甲公司", "", "", "张一", "13900000001", "", ""]])
    assert numbers(desk, kept)["same"] == 1
    accept(desk, kept)

    person.refresh_from_db()
    firm.refresh_from_db()
    assert (person.email, firm.region, firm.seat_limit) == ("a@example.org", "深圳", 5)


def test_a_personal_member_gets_a_membership_of_their_own(desk: Client) -> None:
    row = ["个人会员", "张一", "13900000001", "2026-01-01", "2026-12-31"]
    accept(desk, uploaded(desk, [HEADINGS, row]))

    person = User.objects.get(phone="+8613900000001")
    assert person.memberships.get().last_day == dt.date(2026, 12, 31)
    assert not person.seats.exists()
    assert not Organization.objects.exists()


def test_a_second_phone_goes_to_the_remark(desk: Client) -> None:
    accept(desk, uploaded(desk, [SOUND[0], ["样例甲公司", "张一", "13900000001/010-88888888"]]))

    assert User.objects.get(name="张一").remark == "其他电话：010-88888888"


def test_the_contact_changes_and_the_preview_says_who_it_was(desk: Client) -> None:
    firm = factories.create_organization(name="样例甲公司")
    former = factories.create_user(name="旧联系人")
    Seat.objects.create(organization=firm, person=former, is_contact=True)
    headings = ["单位名称", "姓名", "手机", "是否联系人"]

    kept = uploaded(desk, [headings, ["样例甲公司", "张一", "13900000001", "是"]])
    assert "<del>旧联系人</del> → <ins>张一</ins>" in looked_at(desk, kept, "new")
    accept(desk, kept)

    assert firm.seats.get(is_contact=True).person.name == "张一"
    assert firm.seats.current().count() == 2


# Errors -------------------------------------------------------------------------------------
def test_wrong_lines_come_first_each_with_its_sentence_and_stop_everything(desk: Client) -> None:
    kept = uploaded(desk, WRONG)

    text = looked_at(desk, kept)
    assert "第 2 行" in text
    assert 'value="2026-02-30"' in text, "the box holds what stood in the cell"
    assert "没有「2026-02-30」这一天" in text
    assert "张二" not in text
    assert "导入 3 行" not in text
    answer = accept(desk, kept, desk.get(page("change", kept)).context["seen"])
    assert "还有 2 行有误，一行也没有导入" in answer.content.decode()
    assert not Organization.objects.exists()


def test_a_wrong_cell_is_mended_on_the_page(desk: Client) -> None:
    kept = uploaded(desk, WRONG)
    desk.post(
        page("change", kept),
        {"cell-2-phone": "139 0000 0001", "cell-4-starts": "2026-02-28", "save": "1"},
    )

    assert numbers(desk, kept)["wrong"] == 0
    accept(desk, kept)
    assert User.objects.get(name="张一").phone == "+8613900000001"
    firm = Organization.objects.get(name="样例乙公司")
    assert firm.memberships.get().first_day == dt.date(2026, 2, 28)


def test_a_box_that_nobody_touched_leaves_its_cell_what_it_was(desk: Client) -> None:
    kept = uploaded(desk, [HEADINGS, ["样例甲公司", "张一", dt.date(2026, 1, 5), "", ""]])
    before = looked_at(desk, kept)
    assert "这一格是日期" in before

    desk.post(page("change", kept), {"cell-2-phone": "2026-01-05", "save": "1"})

    assert ListImport.objects.get().mended == {}
    assert "这一格是日期" in looked_at(desk, kept)


def test_lines_are_set_aside_taken_back_and_downloaded(desk: Client) -> None:
    kept = uploaded(desk, WRONG)
    desk.post(page("change", kept), {"aside_all": "1"})
    assert numbers(desk, kept) == {
        "wrong": 0,
        "new": 1,
        "changed": 0,
        "same": 0,
        "aside": 2,
        "absent": 0,
    }
    assert "不是有效的电话号码" in looked_at(desk, kept, "aside")

    desk.post(page("change", kept), {"back": "4"})
    assert numbers(desk, kept)["wrong"] == 1
    desk.post(page("change", kept), {"aside": "4"})

    answer = accept(desk, kept)
    assert "请先下载搁置的行" in answer.content.decode()
    assert not Organization.objects.exists()

    answer = desk.post(page("aside", kept))
    assert "attachment" in answer.headers["Content-Disposition"]
    shown = spreadsheets.shown(spreadsheets.sheet_of(answer.content))
    assert [row[8] for row in shown[1:]] == ["张一", "李一"]
    assert "139" in shown[1]
    assert "有效的电话号码" in shown[1][-1]
    accept(desk, kept)
    assert [person.name for person in User.objects.filter(name__startswith="张")] == ["张二"]

    # Mended in her spreadsheet, they come in another time.
    mended = [[text.replace("2026-02-30", "2026-02-28") for text in row] for row in shown]
    mended[1][mended[1].index("139")] = "13900000001"
    later = uploaded(desk, mended)
    assert numbers(desk, later)["wrong"] == 0
    accept(desk, later)
    assert User.objects.filter(name__in=["张一", "李一"]).count() == 2


def test_set_aside_again_they_have_to_be_downloaded_again(desk: Client) -> None:
    kept = uploaded(desk, WRONG)
    desk.post(page("change", kept), {"aside": "2"})
    desk.post(page("aside", kept))
    desk.post(page("change", kept), {"aside": "4"})

    assert "请先下载搁置的行" in accept(desk, kept).content.decode()


def test_every_field_of_a_line_can_be_mended_on_its_own_page(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    text = desk.get(page("line", kept, 3)).content.decode()
    assert 'value="张二"' in text
    assert "邮箱" in text, "a field without a column as well"

    desk.post(page("line", kept, 3), {"cell-3-name": "张三", "cell-3-email": "c@example.org"})
    accept(desk, kept)

    person = User.objects.get(phone="+8613900000002")
    assert (person.name, person.email) == ("张三", "c@example.org")
    assert desk.get(page("line", kept, 99)).status_code == 302, "it is closed now"


def test_a_line_that_is_not_there_is_not_found(desk: Client) -> None:
    assert desk.get(page("line", uploaded(desk, SOUND), 99)).status_code == 404


FORM = "application/x-www-form-urlencoded"


def test_a_line_with_thousands_of_digits_is_none(desk: Client) -> None:
    kept = uploaded(desk, SOUND)
    digits = "1" * 5000
    for posted in ({"aside": digits}, {"back": digits}, {f"cell-{digits}-name": "张三"}):
        answer = desk.post(page("change", kept), urlencode(posted), FORM)
        assert answer.status_code == 302


def test_firms_with_more_people_than_seats_are_told_and_given_seats_at_once(desk: Client) -> None:
    rows = [
        [f"样例{firm}公司", f"{firm}人{number}", f"139{ord(firm)}{number:03d}"]
        for firm in "甲乙"
        for number in range(4)
    ]
    kept = uploaded(desk, [HEADINGS[:3], *rows])
    text = looked_at(desk, kept)
    assert text.count("名单新增 4 人，共 4 人，席位只有 3 个") == 2

    desk.post(page("change", kept), {"raise_seats": "1"})
    assert numbers(desk, kept)["wrong"] == 0
    accept(desk, kept)
    assert {firm.seat_limit for firm in Organization.objects.all()} == {4}


def test_a_number_of_seats_is_mended_in_all_lines_of_the_firm(desk: Client) -> None:
    rows = [["样例甲公司", f"人{number}", "2"] for number in range(3)]
    kept = uploaded(desk, [["单位名称", "姓名", "席位数"], *rows])

    desk.post(page("change", kept), {"cell-2-seats": "5", "save": "1"})

    assert numbers(desk, kept)["wrong"] == 0
    accept(desk, kept)
    assert Organization.objects.get().seat_limit == 5


def test_a_line_of_sums_makes_no_firm(desk: Client) -> None:
    rows = [["序号", *HEADINGS], ["1", *SOUND[1]], ["合计", "20人", "", "", "", ""]]
    kept = uploaded(desk, rows)

    assert numbers(desk, kept)["wrong"] == 1
    accept(desk, kept)
    assert not Organization.objects.exists()
    desk.post(page("change", kept), {"aside_all": "1"})
    desk.post(page("aside", kept))
    accept(desk, kept)
    assert [firm.name for firm in Organization.objects.all()] == ["样例甲公司"]


def test_a_note_on_namesakes_is_shown_beside_errors_too(desk: Client) -> None:
    rows = [[*SOUND[0]], SOUND[1], [*SOUND[2][:1], "张一", "13900000002", "2026-02-30", ""]]
    kept = uploaded(desk, rows)

    assert "同一单位有两位「张一」" in looked_at(desk, kept, "wrong")
    assert "同一单位有两位「张一」" in looked_at(desk, kept, "new")
