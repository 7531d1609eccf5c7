"""会籍延续 in the admin: who is due, renewing many of them, and the list of calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members import memberships, own_data, reminders, seats
from members.admin.renewal import MOST_RENEWED
from members.models import AuditEntry, AuditPersonal, Membership, Organization, Reminder, User
from tests import factories
from tests.reminded import DAY, LAST_DAY, at, caller, firm, member_until, work, writer

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db
DUE = "/admin/members/reminder/"
RENEW = f"{DUE}renew/"
CALLS = f"{DUE}calls/"
PRINT = f"{CALLS}print/"


@pytest.fixture(autouse=True)
def _a_week_before() -> Iterator[None]:
    with time_machine.travel(at(7)):
        yield


@pytest.fixture
def desk(membership_staff: User, signed_in: SignIn) -> Client:
    return signed_in(membership_staff)


def words(answer: Any) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text


def call_of(person: User, **fields: Any) -> Reminder:
    """A firm with this contact, and the call that is owed to it."""
    organization = firm(contact=person, **fields)
    work()
    return Reminder.objects.get(membership__organization=organization, status="owed")


# Who is due ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("", ["九十天前", "昨天", "今天", "三十天后"]),
        ("soon", ["今天", "三十天后"]),
        ("lapsed", ["九十天前", "昨天"]),
    ],
)
def test_the_list_shows_who_is_due_and_nobody_else(
    desk: Client, state: str, shown: list[str]
) -> None:
    today = timezone.localdate()
    for name, left in [
        ("九十一天前", -91),
        ("九十天前", -90),
        ("昨天", -1),
        ("今天", 0),
        ("三十天后", 30),
        ("三十一天后", 31),
    ]:
        firm(name=name, last_day=today + left * DAY)
    renewed = firm(name="已延续", last_day=today)
    memberships.renew([renewed.memberships.get()], by=factories.create_user())

    page = desk.get(DUE, {"state": state})

    assert [row["membership"].organization.name for row in page.context["rows"]] == shown


def test_firms_and_members_in_person_stand_in_one_list_with_what_they_were_told(
    desk: Client,
) -> None:
    firm(name="样例市甲公司", contact=writer())
    firm(name="样例市乙公司")
    member_until(LAST_DAY, person=caller(name="甄个人"))
    firm(name="样例市停", suspended_at=timezone.now())
    work()

    text = words(desk.get(DUE))

    assert text.count("还有 7 天") == 4
    assert "到期前 7 天：已发信" in text
    assert "到期前 7 天：待提醒" in text
    assert "到期前 30 天" not in text, "what was passed over says nothing"
    assert "没有联系人" in text
    assert "甄个人" in text
    assert "已暂停" in text
    assert "电话提醒（2）" in text
    assert "13900001234" not in text.replace(" ", ""), "numbers stand in the list of calls alone"


def test_the_list_and_the_calls_take_a_constant_number_of_queries(desk: Client) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            firm(name=f"样例{number}", contact=caller(f"+86139000{number:05d}"))
            member_until(LAST_DAY, person=caller(f"+86138000{number:05d}"))
        work()

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            words(desk.get(address))
        return len(captured.captured_queries)

    fill(0, 2)
    few = {address: queries(address) for address in (DUE, CALLS, PRINT)}
    fill(2, 12)
    assert {address: queries(address) for address in (DUE, CALLS, PRINT)} == few


def test_long_lists_come_in_pages_and_keep_their_filter(desk: Client) -> None:
    Organization.objects.bulk_create(Organization(name=f"样例{n:03d}") for n in range(101))
    Membership.objects.bulk_create(
        Membership(organization=one, first_day=LAST_DAY - 364 * DAY, last_day=LAST_DAY)
        for one in Organization.objects.all()
    )
    work()

    assert len(desk.get(DUE).context["rows"]) == 100
    page = desk.get(DUE, {"state": "soon", "page": "2"})
    assert len(page.context["rows"]) == 1
    assert "state=soon" in words(page)
    assert len(desk.get(CALLS).context["rows"]) == 50
    assert len(desk.get(CALLS, {"page": "3"}).context["rows"]) == 1


# Renewing ------------------------------------------------------------------------------------
def test_ten_firms_and_a_member_in_person_are_renewed_at_once_after_a_look(
    desk: Client, membership_staff: User
) -> None:
    firms = [firm(name=f"样例{number}") for number in range(10)]
    person = caller(name="甄个人")
    seen = [one.memberships.get().pk for one in firms]
    seen.append(member_until(LAST_DAY, person=person).pk)

    looked = words(desk.post(RENEW, {"seen": seen}))

    assert "将延续10家、1位个人会员" in looked
    assert looked.count("2026年7月1日") == 11, "the day after the last"
    assert Membership.objects.count() == 11, "nothing was done yet"

    done = words(desk.post(RENEW, {"seen": seen, "years": "2"}, follow=True))

    assert "已延续 10 家会员单位、1 位个人会员的会籍。" in done
    assert "没有要延续的会籍" in done
    assert {one.last_day for one in Membership.objects.filter(first_day__gt=LAST_DAY)} == {
        dt.date(2028, 6, 30)
    }
    entries = AuditEntry.objects.filter(action="membership.add", actor=membership_staff.audit_ref)
    assert entries.count() == 11


def test_what_somebody_else_has_renewed_meanwhile_renews_nothing(desk: Client) -> None:
    one, other = firm(name="样例一"), firm(name="样例二")
    seen = [each.memberships.get().pk for each in (one, other)]
    memberships.renew([one.memberships.get()], by=factories.create_user())

    assert "已有更晚的会籍，不在其列" in words(desk.post(RENEW, {"seen": seen}))
    answer = desk.post(RENEW, {"seen": seen, "years": "1"}, follow=True)

    assert "一家也没有延续" in words(answer)
    assert other.memberships.count() == 1


@pytest.mark.parametrize(
    ("seen", "sentence"),
    [
        ([], "还没有勾选"),
        (["x", "9" * 30], "还没有勾选"),
        (list(range(1, MOST_RENEWED + 2)), "请分几次选"),
    ],
    ids=["nothing", "nonsense", "too many"],
)
def test_a_choice_that_cannot_be_gets_its_sentence(
    desk: Client, seen: list[Any], sentence: str
) -> None:
    firm()

    assert sentence in words(desk.post(RENEW, {"seen": seen, "years": "1"}, follow=True))
    assert Membership.objects.count() == 1


def test_a_length_that_is_not_offered_renews_nothing(desk: Client) -> None:
    membership = firm().memberships.get()

    assert "将延续1家" in words(desk.post(RENEW, {"seen": [membership.pk], "years": "99"}))
    assert Membership.objects.count() == 1


# Calls ---------------------------------------------------------------------------------------
def test_the_list_of_calls_has_all_that_a_call_needs(desk: Client) -> None:
    call_of(caller(name="甄电话"), name="样例市甲公司")

    text = words(desk.get(CALLS))

    for expected in (
        "样例市甲公司",
        "联系人 甄电话",
        'href="tel:+8613900001234"',
        "139 0000 1234",
        "2026年6月30日",
        "到期前 7 天",
        "没有电子邮箱",
        "自6月23日",
    ):
        assert expected in text, expected


def test_a_call_is_ticked_with_a_note_and_by_whom(desk: Client, membership_staff: User) -> None:
    contact = caller()
    call = call_of(contact, name="样例市甲公司")

    answer = desk.post(f"{CALLS}{call.pk}/told/", {"note": "  下周\n来办 "}, follow=True)

    assert "已记下：样例市甲公司，电话告知。" in words(answer)
    assert "现在没有要打的电话" in words(answer)
    call.refresh_from_db()
    assert (call.status, call.told_by, call.note) == ("told", membership_staff, "下周 来办")
    entry = AuditEntry.objects.get(action="reminder.tell")
    assert entry.subject == str(call.pk)
    assert entry.detail["kind"] == 7
    assert "下周" not in str(entry.detail)
    assert noted(entry) == {contact.audit_ref: "下周 来办"}
    done = words(desk.get(CALLS, {"done": "1"}))
    assert "下周 来办" in done
    assert membership_staff.name in done
    # A told member is told no more of this.
    work()
    assert not Reminder.objects.calls().exists()


def noted(entry: AuditEntry) -> dict[Any, str]:
    """What the trail has of a note, by whose it is."""
    return {
        row.person: row.values["note"]
        for row in AuditPersonal.objects.filter(entry=entry)
        if "note" in row.values
    }


def test_a_note_on_a_member_in_person_is_theirs(desk: Client) -> None:
    person = caller()
    member_until(LAST_DAY, person=person)
    work()
    call = Reminder.objects.calls().get()

    desk.post(f"{CALLS}{call.pk}/told/", {"note": "住院，月底再打"})

    assert noted(AuditEntry.objects.get(action="reminder.tell")) == {
        person.audit_ref: "住院，月底再打"
    }


def test_a_note_on_a_firm_is_its_contacts_of_now_and_of_no_former_one(desk: Client) -> None:
    former, present = caller(), caller("+8613900005678")
    call = call_of(former)
    organization = call.membership.organization
    assert organization is not None
    seats.name_contact(organization, present, by=former, former_stays=False)

    desk.post(f"{CALLS}{call.pk}/told/", {"note": "出差"})

    assert noted(AuditEntry.objects.get(action="reminder.tell")) == {present.audit_ref: "出差"}
    assert "出差" in "".join(own_data.write(present))
    assert "出差" not in "".join(own_data.write(former))


def test_a_firm_without_a_contact_is_ticked_with_a_note_too(
    desk: Client, membership_staff: User
) -> None:
    firm()
    work()
    call = Reminder.objects.calls().get()

    desk.post(f"{CALLS}{call.pk}/told/", {"note": "打了总机"})

    assert noted(AuditEntry.objects.get(action="reminder.tell")) == {
        membership_staff.audit_ref: "打了总机"
    }


def test_of_two_who_tick_the_same_call_the_later_is_told(desk: Client) -> None:
    call = call_of(caller())
    address = f"{CALLS}{call.pk}/told/"
    desk.post(address, {"note": "第一位"})

    answer = desk.post(address, {"note": "第二位"}, follow=True)

    assert "已经不在待办里" in words(answer)
    call.refresh_from_db()
    assert call.note == "第一位"
    assert AuditEntry.objects.filter(action="reminder.tell").count() == 1


def test_both_at_the_same_moment_are_told_apart_too(membership_staff: User) -> None:
    call = call_of(caller())
    [first], [second] = (
        list(reminders.with_recipients(Reminder.objects.calls())) for _ in range(2)
    )

    assert reminders.tell(first, by=membership_staff)
    assert not reminders.tell(second, by=membership_staff)
    assert AuditEntry.objects.filter(action="reminder.tell").count() == 1
    assert call.pk == first.pk


def test_a_tick_by_mistake_is_taken_back(desk: Client) -> None:
    call = call_of(caller())
    desk.post(f"{CALLS}{call.pk}/told/", {"note": "误点"})

    answer = desk.post(f"{CALLS}{call.pk}/reopen/", follow=True)

    assert "又在待提醒之列" in words(answer)
    call.refresh_from_db()
    assert (call.status, call.told_by, call.note) == ("owed", None, "")
    assert AuditEntry.objects.filter(action="reminder.reopen").count() == 1
    again = desk.post(f"{CALLS}{call.pk}/reopen/", follow=True)
    assert "没有记作电话告知" in words(again)


def test_a_note_too_long_changes_nothing(desk: Client) -> None:
    call = call_of(caller())

    answer = desk.post(f"{CALLS}{call.pk}/told/", {"note": "长" * 201, "page": "1"}, follow=True)

    assert "备注最多 200 个字" in words(answer)
    assert Reminder.objects.calls().count() == 1


def test_a_call_disappears_when_the_holder_is_renewed(desk: Client) -> None:
    call = call_of(caller())
    desk.post(RENEW, {"seen": [call.membership_id], "years": "1"})

    assert "现在没有要打的电话" in words(desk.get(CALLS))
    answer = desk.post(f"{CALLS}{call.pk}/told/", follow=True)
    assert "会籍已经延续" in words(answer)
    call.refresh_from_db()
    assert call.status == "owed"


def test_calls_go_onto_paper_and_the_audit_trail_knows(desk: Client) -> None:
    call_of(caller(name="甄电话"), name="样例市甲公司")

    text = words(desk.get(PRINT))

    assert "样例市甲公司" in text
    assert "139 0000 1234" in text
    assert AuditEntry.objects.get(action="reminder.print").detail == {"count": 1}


# Who may -------------------------------------------------------------------------------------
ROLES = ["editor", "chief_editor", "auditor", "administrator", "member"]


@pytest.mark.parametrize("who", ROLES)
def test_nobody_else_sees_or_does_any_of_it(
    who: str, signed_in: SignIn, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    call = call_of(caller())
    client = signed_in(person)
    refused = 404 if who == "member" else 403

    for address in (DUE, CALLS, PRINT):
        assert client.get(address).status_code == refused, address
    for address, values in (
        (RENEW, {"seen": [call.membership_id], "years": "1"}),
        (f"{CALLS}{call.pk}/told/", {"note": "不该"}),
        (f"{CALLS}{call.pk}/reopen/", {}),
    ):
        assert client.post(address, values).status_code == refused, address

    call.refresh_from_db()
    assert call.status == "owed"
    assert Membership.objects.filter(organization=call.membership.organization).count() == 1
    assert not AuditEntry.objects.filter(action__startswith="reminder").exists()


@pytest.mark.parametrize("act", ["renew/", "calls/{}/told/", "calls/{}/reopen/"])
def test_an_act_is_a_post(desk: Client, act: str) -> None:
    call = call_of(caller())

    assert desk.get(f"{DUE}{act.format(call.pk)}").status_code == 405


@pytest.mark.parametrize("act", ["told", "reopen"])
def test_a_reminder_that_is_not_there_is_not_found(desk: Client, act: str) -> None:
    assert desk.post(f"{CALLS}999999/{act}/").status_code == 404


# On one's own page ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("left", "renewed", "said"),
    [(30, False, True), (31, False, False), (0, False, True), (7, True, False)],
)
def test_members_see_on_their_own_page_that_the_end_is_near(
    left: int, renewed: bool, said: bool, signed_in: SignIn
) -> None:
    last_day = timezone.localdate() + left * DAY
    person = caller()
    organization = firm(last_day=last_day, contact=person)
    if renewed:
        memberships.renew([organization.memberships.get()], by=person)
        last_day = last_day.replace(year=last_day.year + 1)

    text = words(signed_in(person).get("/me/"))

    assert ("请及早延续" in text) is said
    assert f"{last_day.year}年{last_day.month}月{last_day.day}日" in text
