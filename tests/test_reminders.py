"""会籍提醒: due by the day, owed as rows, told once; what no letter tells is a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from members import memberships, reminders
from members.models import Membership, Reminder, Seat, User
from members.tasks import remind_of_ends
from tests import factories
from tests.reminded import (
    DAY,
    LAST_DAY,
    at,
    caller,
    firm,
    member_until,
    states,
    work,
    writer,
)

pytestmark = pytest.mark.django_db

MONTH, FORTNIGHT, WEEK, AFTER = 30, 15, 7, -1


# When ----------------------------------------------------------------------------------------
def test_four_letters_go_out_in_the_course_of_a_membership_and_no_more() -> None:
    firm(contact=writer())
    sent: dict[int, int] = {}

    for left in range(40, -45, -1):
        for hour in (8, 14, 20):
            with time_machine.travel(at(left, hour=hour)):
                before = len(mail.outbox)
                remind_of_ends.call_local()
                if len(mail.outbox) > before:
                    sent[left] = len(mail.outbox) - before

    assert sent == {MONTH: 1, FORTNIGHT: 1, WEEK: 1, AFTER: 1}
    assert states() == dict.fromkeys((MONTH, FORTNIGHT, WEEK, AFTER), "sent")


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (31, {}),
        (30, {MONTH: "sent"}),
        (16, {MONTH: "sent"}),
        (15, {MONTH: "passed", FORTNIGHT: "sent"}),
        (8, {MONTH: "passed", FORTNIGHT: "sent"}),
        (7, {MONTH: "passed", FORTNIGHT: "passed", WEEK: "sent"}),
        (0, {MONTH: "passed", FORTNIGHT: "passed", WEEK: "sent"}),
        (-1, {MONTH: "passed", FORTNIGHT: "passed", WEEK: "passed", AFTER: "sent"}),
        (-30, {MONTH: "passed", FORTNIGHT: "passed", WEEK: "passed", AFTER: "sent"}),
        (-31, {}),
    ],
)
def test_after_days_without_a_server_only_the_nearest_is_sent(
    left: int, expected: dict[int, str]
) -> None:
    firm(contact=writer())

    with time_machine.travel(at(left)):
        work()
        work()

    assert states() == expected
    assert len(mail.outbox) == list(expected.values()).count("sent")


@pytest.mark.parametrize(("hour", "minute", "due"), [(23, 59, False), (0, 1, True)])
def test_the_day_begins_at_midnight_in_shanghai(hour: int, minute: int, due: bool) -> None:
    firm(contact=writer())
    left = 31 if hour == 23 else 30

    with time_machine.travel(at(left, hour=hour, minute=minute)):
        work()

    assert bool(mail.outbox) is due


def test_a_call_that_nobody_made_gives_way_to_the_next_reminder() -> None:
    firm(contact=caller())
    with time_machine.travel(at(MONTH)):
        work()
        assert states() == {MONTH: "owed"}

    with time_machine.travel(at(FORTNIGHT)):
        work()
        assert states() == {MONTH: "passed", FORTNIGHT: "owed"}
        assert [one.kind for one in Reminder.objects.calls()] == [FORTNIGHT]


def test_a_call_about_a_day_that_was_moved_is_void() -> None:
    membership = firm(contact=caller()).memberships.get()
    with time_machine.travel(at(WEEK)):
        work()
        assert Reminder.objects.calls().count() == 1
        membership.last_day += 3 * DAY
        membership.save()

        assert not Reminder.objects.calls().exists()
        work()
        [call] = Reminder.objects.calls()
        assert (call.kind, call.last_day) == (FORTNIGHT, membership.last_day)


def test_two_who_look_at_the_same_moment_owe_one_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    firm(contact=writer())
    make = reminders._make

    def both(missing: Any) -> None:
        # The other has looked, found nothing made, and makes it first.
        make(missing)
        make(missing)

    monkeypatch.setattr(reminders, "_make", both)
    with time_machine.travel(at(FORTNIGHT)):
        work()

    assert states() == {MONTH: "passed", FORTNIGHT: "sent"}
    assert len(mail.outbox) == 1


def test_the_database_holds_one_reminder_a_membership_and_kind() -> None:
    membership = firm().memberships.get()
    row = {"membership": membership, "last_day": LAST_DAY, "kind": WEEK}
    Reminder.objects.create(**row)

    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        Reminder.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.update(status="told")


def test_a_last_day_that_is_moved_is_reminded_of_in_its_turn() -> None:
    """Staff, or a list, have prolonged the row itself."""
    membership = firm(contact=writer()).memberships.get()
    with time_machine.travel(at(MONTH)):
        work()
        membership.last_day += 365 * DAY
        membership.save()
        work()
        assert len(mail.outbox) == 1

    with time_machine.travel(at(MONTH) + 365 * DAY):
        work()
        work()

    assert len(mail.outbox) == 2


# To whom -------------------------------------------------------------------------------------
def renewed(holder: str) -> None:
    membership = Membership.objects.get()
    memberships.renew([membership], by=factories.create_user())


def suspended(holder: str) -> None:
    now = timezone.now()
    if holder == "firm":
        membership = Membership.objects.get()
        assert membership.organization
        membership.organization.suspended_at = now
        membership.organization.save()
    else:
        User.objects.update(suspended_at=now)


def deactivated(holder: str) -> None:
    User.objects.update(is_active=False)


def not_yet_begun(holder: str) -> None:
    Membership.objects.update(first_day=LAST_DAY - 5 * DAY)


@pytest.mark.parametrize("holder", ["firm", "person"])
@pytest.mark.parametrize(
    ("change", "when"),
    [
        (renewed, "before"),
        (renewed, "between"),
        (suspended, "before"),
        (suspended, "between"),
        (not_yet_begun, "before"),
    ],
)
def test_nothing_goes_to_whom_it_does_not_concern(
    holder: str, change: Callable[[str], None], when: str
) -> None:
    with time_machine.travel(at(MONTH)):
        if holder == "firm":
            firm(contact=writer())
        else:
            member_until(LAST_DAY, person=writer())
        if when == "before":
            change(holder)
        reminders.make_due()
        assert Reminder.objects.exists() is (when == "between")
        if when == "between":
            change(holder)
        reminders.send_owed()

        assert not mail.outbox
        assert not Reminder.objects.calls().exists()


def test_a_deactivated_member_in_person_is_left_alone() -> None:
    member_until(LAST_DAY, person=writer())
    deactivated("person")

    with time_machine.travel(at(WEEK)):
        work()

    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"is_active": False}, "联系人的账号已停用或暂停"),
        ({"suspended_at": timezone.now() - DAY}, "联系人的账号已停用或暂停"),
        ({"email": ""}, "没有电子邮箱"),
        (None, "没有联系人"),
    ],
    ids=["deactivated", "suspended", "no address", "nobody"],
)
def test_a_firm_whose_contact_cannot_be_written_to_is_a_call(
    fields: dict[str, Any] | None, why: str
) -> None:
    person = writer()
    organization = firm(contact=person)
    if fields is None:
        Seat.objects.update(is_contact=False)
    else:
        User.objects.filter(pk=person.pk).update(**fields)

    with time_machine.travel(at(WEEK)):
        work()
        [call] = reminders.with_recipients(Reminder.objects.calls())

    assert not mail.outbox
    assert call.membership.organization == organization
    assert reminders.why_call(call) == why


def test_the_contact_of_this_day_is_written_to_and_no_one_else() -> None:
    former, present = writer("former@example.org"), writer("present@example.org")
    organization = firm(contact=former, seat_limit=3)
    seat = Seat.objects.get()
    seat.until = timezone.localdate()
    seat.save()
    Seat.objects.create(organization=organization, person=present, is_contact=True)
    Seat.objects.create(organization=organization, person=writer("third@example.org"))
    member_until(LAST_DAY, person=former)

    with time_machine.travel(at(WEEK)):
        work()

    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "former@example.org",
        "present@example.org",
    ]
    about = {letter.to[0]: str(letter.body) for letter in mail.outbox}
    assert "您的个人会籍将于" in about["former@example.org"]
    assert "样例市提醒公司的会籍将于" in about["present@example.org"]


def test_a_call_becomes_a_letter_when_an_address_is_known_and_the_reverse() -> None:
    person = caller()
    firm(contact=person)
    with time_machine.travel(at(WEEK)):
        work()
        assert Reminder.objects.calls().count() == 1
        assert not Reminder.objects.letters().exists()

        User.objects.filter(pk=person.pk).update(email="late@example.org")
        assert not Reminder.objects.calls().exists()
        assert Reminder.objects.letters().count() == 1


def test_without_letters_every_reminder_is_a_call(settings: Any) -> None:
    settings.REMINDER_LETTERS = False
    firm(contact=writer())

    with time_machine.travel(at(WEEK)):
        work()
        [call] = reminders.with_recipients(Reminder.objects.calls())

    assert not mail.outbox
    assert reminders.why_call(call) == "门户不发邮件"


# The work ------------------------------------------------------------------------------------
def test_what_is_due_is_found_by_a_constant_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(20):
        firm(name=f"样例{number}")
    with time_machine.travel(at(WEEK)), django_assert_max_num_queries(10):
        assert reminders.make_due() == 20
    with time_machine.travel(at(WEEK)), django_assert_max_num_queries(2):
        assert reminders.make_due() == 0


@pytest.mark.parametrize("left", range(30, -31, -1))
def test_the_kind_that_is_due_is_the_nearest(left: int) -> None:
    kind = reminders.kind_due(LAST_DAY, LAST_DAY - left * DAY)
    days = [MONTH, FORTNIGHT, WEEK, AFTER]
    assert kind == [one for one in days if left <= one][-1]
