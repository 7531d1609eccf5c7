"""What each line of a list means for the members there are: found, added, changed, or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.listing import plan, portal
from members.listing.plan import Plan
from members.models import Membership, Organization, Seat, User
from members.roles import Role
from tests import factories, spreadsheets

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 6, 1)
CODE, OTHER_CODE = spreadsheets.code(1), spreadsheets.code(2)


def planned(headings: str, *rows: Sequence[Any], **options: Any) -> Plan:
    lines = spreadsheets.lines_of(spreadsheets.workbook([headings.split(), *rows]))
    return plan.make(lines, portal.load(), today=TODAY, **options)


def errors(found: Plan) -> list[tuple[int, str, str]]:
    return [
        (outcome.line.number, field, error)
        for outcome in found.outcomes
        for field, error in outcome.errors.items()
    ]


def changes(found: Plan) -> list[tuple[str, str, str]]:
    assert not found.wrong, errors(found)
    return [tuple(change) for outcome in found.outcomes for change in outcome.changes]  # type: ignore[misc]


def only(found: Plan, field: str, words: str) -> None:
    """One error and no other, in this field, in these words."""
    told = errors(found)
    assert [name for _, name, _ in told] == [field], told
    assert words in told[0][2]


def firm_of(name: str = "样例甲公司", *people: User, **fields: Any) -> Organization:
    firm = Organization.objects.create(name=name, **fields)
    for person in people:
        Seat.objects.create(organization=firm, person=person)
    return firm


# Which firm ---------------------------------------------------------------------------------
def test_a_firm_is_found_by_its_code_and_takes_the_new_name() -> None:
    firm = firm_of(credit_code=CODE)
    found = planned("单位名称 信用代码", ["样例改名公司", CODE])

    assert [one.firm and one.firm.pk for one in found.firms] == [firm.pk]
    assert changes(found) == [("单位名称", "样例甲公司", "样例改名公司")]


def test_a_firm_is_found_by_its_name_however_it_is_written_and_takes_the_code() -> None:
    firm = firm_of("样例（深圳）ABC 公司")
    found = planned("单位名称 信用代码", ["样例(深圳)ＡＢＣ公司", CODE])

    assert found.firms[0].firm is not None
    assert found.firms[0].firm.pk == firm.pk
    assert changes(found) == [("统一社会信用代码", "", CODE)], "the spelling is no change"


def test_a_code_that_is_not_the_firms_is_told() -> None:
    firm_of(credit_code=CODE)
    only(planned("单位名称 信用代码", ["样例甲公司", OTHER_CODE]), "credit_code", f"代码是 {CODE}")


def test_a_code_of_one_firm_with_the_name_of_another_is_told() -> None:
    firm_of(credit_code=CODE)
    firm_of("样例乙公司", credit_code=OTHER_CODE)
    found = planned("单位名称 信用代码", ["样例乙公司", CODE])

    only(found, "credit_code", "这个代码是「样例甲公司」的")
    assert not found.absent_firms[1:], "the firm of that name is not told as missing"


def test_of_two_firms_with_one_name_the_code_tells_which() -> None:
    firm_of(credit_code=CODE)
    second = firm_of(credit_code=OTHER_CODE)

    only(planned("单位名称 地区", ["样例甲公司", "深圳"]), "credit_code", "有 2 家单位叫")
    found = planned("单位名称 信用代码", ["样例甲公司", OTHER_CODE])
    assert found.firms[0].firm is not None
    assert found.firms[0].firm.pk == second.pk


def test_one_firm_under_two_names_is_told_at_both() -> None:
    firm_of(credit_code=CODE)
    found = planned("单位名称 信用代码", ["样例甲公司", ""], ["样例新名公司", CODE])

    assert [(line, field) for line, field, _ in errors(found)] == [
        (2, "organization"),
        (3, "organization"),
    ]


def test_the_remark_of_a_line_without_a_person_is_the_firms() -> None:
    firm_of()
    found = planned(
        "单位名称 姓名 备注", ["样例甲公司", "", "理事单位"], ["样例甲公司", "张一", "男"]
    )

    assert changes(found)[0] == ("单位备注", "", "理事单位")
    assert found.firms[0].values == {"remark": "理事单位"}
    assert found.people[0].values == {"name": "张一", "remark": "男"}


# Which person -------------------------------------------------------------------------------
HEADINGS = "单位名称 姓名 手机 邮箱 会员号"


@pytest.mark.parametrize(
    "row",
    [
        ["张一", "", "", "m1"],
        ["张一", "13900000001", "", ""],
        ["张一", "", "A@example.org", ""],
        ["张一", "", "", ""],
        ["张 一", "13900000001", "a@example.org", "M1"],
    ],
)
def test_a_person_is_found_by_number_phone_address_or_name_in_the_firm(row: list[str]) -> None:
    person = factories.create_user("M1", name="张一", phone="+8613900000001", email="a@example.org")
    firm_of("样例甲公司", person)
    found = planned(HEADINGS, ["样例甲公司", *row])

    assert [one.person and one.person.pk for one in found.people] == [person.pk]
    assert changes(found) == []
    assert found.absent_people == []


def test_the_same_name_in_another_firm_is_somebody_else() -> None:
    firm_of("样例乙公司", factories.create_user(name="张一"))
    found = planned(HEADINGS, ["样例甲公司", "张一", "", "", ""])

    assert [one.person for one in found.people] == [None]
    assert not found.wrong


def test_by_the_number_a_name_is_changed_and_by_the_phone_it_is_asked_about() -> None:
    firm_of("样例甲公司", factories.create_user("M1", name="张一", phone="+8613900000001"))

    assert changes(planned(HEADINGS, ["样例甲公司", "张依", "", "", "M1"])) == [
        ("姓名", "张一", "张依")
    ]
    only(
        planned(HEADINGS, ["样例甲公司", "李四", "13900000001", "", ""]),
        "phone",
        "请补填会员号 M1",
    )


def test_ways_that_lead_to_two_people_are_told() -> None:
    first = factories.create_user("M1", name="张一", phone="+8613900000001")
    second = factories.create_user("M2", name="张一", email="b@example.org")
    firm_of("样例甲公司", first, second)

    only(
        planned(HEADINGS, ["样例甲公司", "张一", "13900000001", "b@example.org", ""]), "email", "M2"
    )
    only(planned(HEADINGS, ["样例甲公司", "张一", "13900000001", "", "M2"]), "phone", "M1")
    only(planned(HEADINGS, ["样例甲公司", "张一", "13900000001", "", "M9"]), "member_number", "M1")
    only(planned(HEADINGS, ["样例甲公司", "张一", "", "", ""]), "name", "有 2 位「张一」")


def test_who_is_named_by_phone_is_not_taken_for_another_of_that_name() -> None:
    known = factories.create_user("M1", name="张一", phone="+8613900000001")
    firm_of("样例甲公司", known)
    found = planned(
        HEADINGS,
        ["样例甲公司", "张一", "13900000009", "", ""],
        ["样例甲公司", "张一", "13900000001", "", ""],
    )

    assert [one.person and one.person.pk for one in found.people] == [None, known.pk]


def test_one_person_on_two_lines_is_told_at_both() -> None:
    firm_of("样例甲公司", factories.create_user("M1", name="张一", phone="+8613900000001"))
    found = planned(
        HEADINGS,
        ["样例甲公司", "张一", "13900000001", "", ""],
        ["样例甲公司", "张依", "", "", "M1"],
    )

    assert [(line, field) for line, field, _ in errors(found)] == [(2, "name"), (3, "name")]


def test_a_number_of_her_own_becomes_the_member_number() -> None:
    found = planned(HEADINGS, ["样例甲公司", "张一", "", "", "hy-007"])

    assert found.people[0].values == {"name": "张一", "member_number": "hy-007"}


def test_the_number_of_a_merged_record_leads_to_the_one_it_went_into() -> None:
    kept = factories.create_user("M1", name="张一")
    factories.create_user("M2", name="张一", is_active=False, merged_into=kept)
    firm_of("样例甲公司", kept)

    found = planned(HEADINGS, ["样例甲公司", "张一", "", "", "M2"])
    assert [one.person and one.person.pk for one in found.people] == [kept.pk]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_active": False}, "已停用"),
        ({"suspended_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "已被暂停"),
        ({"is_active": False, "erased_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "已注销"),
    ],
)
def test_whose_state_is_not_plain_is_told_when_the_line_would_change_them(
    fields: dict[str, Any], words: str
) -> None:
    person = factories.create_user("M1", name="张一", **fields)
    firm = firm_of()

    only(planned(HEADINGS, ["样例甲公司", "张一", "", "", "M1"]), "name", words)
    Seat.objects.create(organization=firm, person=person)
    assert changes(planned(HEADINGS, ["样例甲公司", "张一", "", "", "M1"])) == []


def test_a_holder_of_a_role_is_changed_only_by_who_gives_roles() -> None:
    person = factories.create_user("M1", name="张一")
    person.groups.add(Group.objects.get(name=Role.EDITOR.value))
    firm_of("样例甲公司")
    row = ["样例甲公司", "张一", "13900000001", "", "M1"]

    only(planned(HEADINGS, row), "name", "担任角色")
    assert len(changes(planned(HEADINGS, row, may_change_holders=True))) == 2
    assert changes(planned(HEADINGS, [*row[:2], "", "", "M1"])) == [("席位", "", "安排席位")]


# Seats --------------------------------------------------------------------------------------
def test_who_sits_for_another_firm_is_told() -> None:
    firm_of("样例乙公司", factories.create_user("M1", name="张一"))
    only(
        planned(HEADINGS, ["样例甲公司", "张一", "", "", "M1"]),
        "organization",
        "现在是「样例乙公司」的人",
    )


def test_a_number_of_seats_that_is_too_small_is_told_even_without_anybody_new() -> None:
    firm_of("样例甲公司", factories.create_user(name="张一"), factories.create_user(name="张二"))
    found = planned("单位名称 席位数", ["样例甲公司", 1])

    only(found, "seats", "现有 2 人占着席位")
    assert found.short_of_seats == {2: 2}


def test_the_list_raises_the_number_of_seats_itself() -> None:
    firm_of("样例甲公司", factories.create_user(name="张一"), seat_limit=1)

    only(planned("单位名称 姓名", ["样例甲公司", "张二"]), "seats", "共 2 人，席位只有 1 个")
    found = planned("单位名称 姓名 席位数", ["样例甲公司", "张二", 2])
    assert ("席位数", "1", "2") in changes(found)


def test_whoever_cannot_be_made_out_yet_is_not_counted_as_new() -> None:
    firm_of("样例甲公司", factories.create_user(name="张一"), seat_limit=1)

    only(planned("单位名称 姓名 手机", ["样例甲公司", "张一", "坏"]), "phone", "坏")


def test_no_means_that_the_contact_is_it_no_more() -> None:
    person = factories.create_user(name="张一")
    firm = firm_of()
    Seat.objects.create(organization=firm, person=person, is_contact=True)

    assert changes(planned("单位名称 姓名 是否联系人", ["样例甲公司", "张一", ""])) == []
    found = planned("单位名称 姓名 是否联系人", ["样例甲公司", "张一", "否"])
    assert changes(found) == [("联系人", "张一", "不再是联系人")]
    assert found.people[0].is_contact is False


def test_a_personal_member_is_no_contact() -> None:
    only(planned("单位名称 姓名 是否联系人", ["个人会员", "张一", "是"]), "is_contact", "没有单位")


# Days ---------------------------------------------------------------------------------------
DAYS = "单位名称 会籍开始 会籍到期"


@pytest.mark.parametrize(
    ("starts", "ends", "added"),
    [
        ("2026-01-01", "2026-12-31", None),  # as it is
        ("", "2026-12-31", None),
        ("2026-01-01", "", None),
        ("", "", None),
        ("2026-01-01", "2027-12-31", ("2027-01-01", "2027-12-31")),  # renewed
        ("", "2027-06-30", ("2027-01-01", "2027-06-30")),
        ("2027-01-01", "2027-12-31", ("2027-01-01", "2027-12-31")),
        ("2025-01-01", "2025-12-31", ("2025-01-01", "2025-12-31")),  # history
        ("2028-01-01", "2028-12-31", ("2028-01-01", "2028-12-31")),  # after a gap
    ],
)
def test_days_are_added_and_none_is_added_twice(
    starts: str, ends: str, added: tuple[str, str] | None
) -> None:
    firm = firm_of()
    Membership.objects.create(
        organization=firm, first_day=dt.date(2026, 1, 1), last_day=dt.date(2026, 12, 31)
    )
    found = planned(DAYS, ["样例甲公司", starts, ends])

    assert not found.wrong, errors(found)
    days = found.firms[0].days
    assert days == (added and tuple(map(dt.date.fromisoformat, added)))
    if days:
        Membership.objects.create(organization=firm, first_day=days[0], last_day=days[1])
        assert changes(planned(DAYS, ["样例甲公司", starts, ends])) == []


@pytest.mark.parametrize(
    ("starts", "ends", "field", "words"),
    [
        ("2026-01-01", "2026-06-30", "ends", "不会缩短会籍"),
        ("", "2026-06-30", "ends", "不会缩短会籍"),
        ("2025-07-01", "2026-12-31", "starts", "重叠"),
        ("2026-07-01", "2027-12-31", "starts", "请把会籍开始改成 2026-01-01"),
        ("2015-07-01", "", "ends", "没有写会籍到期"),
    ],
)
def test_days_that_contradict_a_membership_are_told(
    starts: str, ends: str, field: str, words: str
) -> None:
    Membership.objects.create(
        organization=firm_of(), first_day=dt.date(2026, 1, 1), last_day=dt.date(2026, 12, 31)
    )
    only(planned(DAYS, ["样例甲公司", starts, ends]), field, words)


def test_days_that_nobody_could_read_are_not_counted() -> None:
    Membership.objects.create(
        organization=firm_of(), first_day=dt.date(2024, 1, 1), last_day=dt.date(2024, 12, 31)
    )
    found = planned(DAYS, ["样例甲公司", "", "2026-12-31"])

    assert found.firms[0].days == (TODAY, dt.date(2026, 12, 31))
    only(planned(DAYS, ["样例甲公司", "", "2025-12-31"]), "starts", "已经过去")


def test_a_firm_that_is_new_begins_today_when_only_its_end_is_said() -> None:
    found = planned(DAYS, ["样例甲公司", "", "2026-12-31"])

    assert found.firms[0].days == (TODAY, dt.date(2026, 12, 31))


def test_what_leaves_somebody_unable_to_read_is_noted() -> None:
    found = planned("单位名称 姓名", ["样例甲公司", "张一"], ["个人会员", "李四"])

    assert [len(one.notes) for one in found.outcomes] == [1, 1]
    assert all("还不能阅读" in note for one in found.outcomes for note in one.notes)


# Who is not listed --------------------------------------------------------------------------
def test_who_is_not_on_the_list_is_told_and_who_was_set_aside_is_on_it() -> None:
    first, second, third = (factories.create_user(name=f"张{n}") for n in "一二三")
    firm_of("样例甲公司", first, second)
    firm_of("样例乙公司", third)
    factories.create_membership(person=factories.create_user(name="个人甲"))
    factories.create_user(name="无席位")
    rows = [["样例甲公司", "张一"], ["样例甲公司", "张二"]]
    lines = spreadsheets.lines_of(spreadsheets.workbook([["单位名称", "姓名"], *rows]))

    found = plan.make(lines[:1], portal.load(), today=timezone.localdate(), aside=lines[1:])

    assert [firm.name for firm in found.absent_firms] == ["样例乙公司"]
    assert sorted(person.name for person in found.absent_people) == ["个人甲", "张三"]


def test_a_list_of_firms_says_nothing_of_people() -> None:
    firm_of("样例甲公司", factories.create_user(name="张一"))

    assert planned("单位名称 地区", ["样例甲公司", "深圳"]).absent_people == []


# Bounds -------------------------------------------------------------------------------------
def test_the_portal_is_read_in_five_queries_whatever_it_holds() -> None:
    for _ in range(3):
        factories.create_member()
    with CaptureQueriesContext(connection) as asked:
        portal.load()
    assert len(asked) == 5
