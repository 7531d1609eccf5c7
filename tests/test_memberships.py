"""会籍: days that never overlap, and the next ones of many holders at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members import memberships
from members.models import AuditEntry, Membership, Organization, User
from tests import factories
from tests.processes import programs

DAY = dt.timedelta(days=1)
JULY = dt.date(2026, 7, 1)


def holder_of(kind: str) -> dict[str, Organization | User]:
    if kind == "person":
        return {"person": factories.create_user()}
    return {"organization": Organization.objects.create(name="样例市乙公司")}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["organization", "person"])
def test_two_memberships_of_one_holder_have_no_day_in_common(kind: str) -> None:
    holder = holder_of(kind)
    old = Membership.objects.create(first_day=JULY, last_day=JULY + 9 * DAY, **holder)

    for first, last in [(-5, 0), (9, 20), (3, 4), (-5, 20)]:
        with pytest.raises(ValidationError, match="2026-07-01 至 2026-07-10 的会籍重叠"):
            Membership.objects.create(
                first_day=JULY + first * DAY, last_day=JULY + last * DAY, **holder
            )
    Membership.objects.create(first_day=JULY - DAY, last_day=JULY - DAY, **holder)
    Membership.objects.create(first_day=JULY + 10 * DAY, last_day=JULY + 20 * DAY, **holder)
    other = holder_of(kind)
    Membership.objects.create(first_day=JULY, last_day=JULY, **other)

    old.last_day += DAY
    with pytest.raises(ValidationError, match="重叠"):
        old.save()


@pytest.mark.parametrize(
    ("today", "last", "years", "expected"),
    [
        ("2026-06-01", "2026-12-31", 1, ("2027-01-01", "2027-12-31")),
        ("2026-06-01", "2026-06-30", 3, ("2026-07-01", "2029-06-30")),
        ("2026-06-01", "2026-06-01", 1, ("2026-06-02", "2027-06-01")),
        ("2026-06-01", "2026-05-31", 1, ("2026-06-01", "2027-05-31")),
        # Lapsed: from today, not from a day that nobody could read on.
        ("2026-06-01", "2025-01-31", 1, ("2026-06-01", "2027-05-31")),
        ("2028-01-05", "2028-02-28", 1, ("2028-02-29", "2029-02-28")),
        ("2028-01-05", "2028-02-29", 1, ("2028-03-01", "2029-02-28")),
        ("2027-01-05", "2027-02-28", 1, ("2027-03-01", "2028-02-29")),
    ],
)
def test_the_next_membership_begins_where_this_one_ends_and_lasts_whole_years(
    today: str, last: str, years: int, expected: tuple[str, str]
) -> None:
    day = dt.date.fromisoformat(last)
    membership = Membership(first_day=day, last_day=day)
    with time_machine.travel(f"{today} 12:00+08:00", tick=False):
        found = memberships.next_days(membership, years=years)
    assert tuple(map(str, found)) == expected


@pytest.mark.django_db
def test_many_are_renewed_at_once_each_with_its_entry(membership_staff: User) -> None:
    firms = [factories.create_organization(days_left=left) for left in (-40, 0, 100)]
    person = factories.create_membership(person=factories.create_user(), days_left=5)
    old = [firm.memberships.get() for firm in firms] + [person]

    made = memberships.renew(old, by=membership_staff, years=2)

    today = timezone.localdate()
    expected = [today, today + DAY, today + 101 * DAY, today + 6 * DAY]
    assert [one.first_day for one in made] == expected
    assert [(one.organization, one.person) for one in made] == [
        (one.organization, one.person) for one in old
    ]
    entries = AuditEntry.objects.filter(action="membership.add").order_by("pk")
    assert [entry.detail["renewed"] for entry in entries] == [one.pk for one in old]


@pytest.mark.django_db
def test_a_second_press_renews_nothing_a_second_time(membership_staff: User) -> None:
    first, second = (factories.create_organization().memberships.get() for _ in range(2))
    memberships.renew([second], by=membership_staff)

    with pytest.raises(ValidationError, match=r"已有更晚的会籍.*一家也没有延续"):
        memberships.renew([first, second], by=membership_staff)

    assert Membership.objects.count() == 3
    assert AuditEntry.objects.filter(action="membership.add").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last"), [("2026-01-01", "9999-12-31"), ("0026-01-01", "2026-12-31")]
)
def test_a_year_that_is_a_slip_of_the_pen_is_refused_by_form_and_database(
    first: str, last: str
) -> None:
    days = {
        "first_day": dt.date.fromisoformat(first),
        "last_day": dt.date.fromisoformat(last),
    }
    wrong = Membership(person=factories.create_user(), **days)

    with pytest.raises(ValidationError, match="1949 年至 2099 年之间"):
        wrong.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong.save()


@pytest.mark.django_db
def test_the_last_day_of_all_is_not_renewed_beyond(membership_staff: User) -> None:
    last = Membership.objects.create(
        organization=factories.create_organization(),
        first_day=dt.date(2099, 1, 1),
        last_day=dt.date(2099, 12, 31),
    )
    with pytest.raises(ValidationError, match="1949 年至 2099 年之间"):
        memberships.renew([last], by=membership_staff)


@pytest.mark.django_db
@pytest.mark.parametrize("years", [0, -1, 11])
def test_a_membership_is_renewed_for_some_years_and_not_for_ever(
    years: int, membership_staff: User
) -> None:
    membership = factories.create_organization().memberships.get()
    with pytest.raises(ValidationError, match="1 至 10 年"):
        memberships.renew([membership], by=membership_staff, years=years)


# Many at once ------------------------------------------------------------------------------
PREPARE = """
import datetime as dt
from members.models import Organization, Seat, User
firm = Organization.objects.create(name="样例市丙公司", seat_limit=3)
people = [User.objects.create_user(f"M{number:08d}", name=f"某{number}") for number in range(8)]
for person in people[:2]:
    Seat.objects.create(organization=firm, person=person)
"""
BEFORE = """
import datetime as dt
from django.core.exceptions import ValidationError
from members import audit, seats
from members.models import Membership, Organization, User
number = {number}
firm, person = Organization.objects.get(), User.objects.get(member_number="M{number:08d}")
"""
ACT = """
try:
    {act}
    print("taken")
except ValidationError as error:
    print(getattr(error, "code", ""))
"""
ACTS = {
    "seat": "seats.give(firm, person, by=audit.COMMAND_LINE)",
    "membership": (
        "Membership.objects.create(organization=firm, last_day=dt.date(2026, 12, 31),"
        " first_day=dt.date(2026, 1, 1) + dt.timedelta(days=number))"
    ),
}


@pytest.mark.parametrize(
    ("what", "told"), [("seat", "seats_taken"), ("membership", "membership_overlaps")]
)
def test_of_many_processes_that_reach_for_one_thing_one_gets_it(
    what: str, told: str, tmp_path: Path
) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        answers = portal.at_once(
            (BEFORE.format(number=number), ACT.format(act=ACTS[what])) for number in range(2, 8)
        )
    assert sorted(answers) == sorted(["taken", *[told] * 5])
