"""席位: given, ended, handed over, and never more than a firm has."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from members import seats
from members.models import AuditEntry, Organization, Seat, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm() -> Organization:
    return factories.create_organization(name="样例市甲公司", seat_limit=2)


def people(count: int) -> list[User]:
    return [factories.create_user() for _ in range(count)]


def test_a_firm_gives_as_many_seats_as_it_has(firm: Organization, membership_staff: User) -> None:
    one, two, three = people(3)
    seats.give(firm, one, by=membership_staff)
    second = seats.give(firm, two, by=membership_staff)

    with pytest.raises(ValidationError, match="「样例市甲公司」的 2 个席位都有人了"):
        seats.give(firm, three, by=membership_staff)
    with pytest.raises(ValidationError, match="都有人了"):
        Seat.objects.create(organization=firm, person=three)

    seats.end(second, by=membership_staff)
    seats.give(firm, three, by=membership_staff)
    assert firm.seats.current().count() == 2
    assert firm.seats.count() == 3, "the one that ended is history"


def test_a_seat_that_is_held_may_be_changed_in_a_firm_that_is_full(firm: Organization) -> None:
    for person in people(2):
        seat = Seat.objects.create(organization=firm, person=person)

    seat.planned_until = dt.date(2030, 1, 1)
    seat.save()

    assert Seat.objects.get(pk=seat.pk).planned_until == dt.date(2030, 1, 1)


def test_an_ended_seat_does_not_come_back_where_none_is_left(firm: Organization) -> None:
    former, *others = people(3)
    today = timezone.localdate()
    seat = Seat.objects.create(organization=firm, person=former, since=today, until=today)
    for person in others:
        Seat.objects.create(organization=firm, person=person)

    seat.until = None
    with pytest.raises(ValidationError, match="都有人了"):
        seat.save()


def test_the_number_of_seats_is_not_lowered_below_those_held(firm: Organization) -> None:
    for person in people(2):
        Seat.objects.create(organization=firm, person=person)

    firm.seat_limit = 1
    for attempt in (firm.full_clean, firm.save):
        with pytest.raises(ValidationError, match="现有 2 人占着席位"):
            attempt()

    firm.seat_limit = 3
    firm.save()


def test_a_person_with_a_seat_gets_no_second_one(
    firm: Organization, member: User, membership_staff: User
) -> None:
    with pytest.raises(ValidationError, match="已有现任席位"):
        seats.give(firm, member, by=membership_staff)
    assert not AuditEntry.objects.filter(action="seat.add").exists()


def test_ending_a_seat_twice_is_ending_it_once(firm: Organization, membership_staff: User) -> None:
    [person] = people(1)
    seat = seats.give(firm, person, by=membership_staff)

    seats.end(seat, by=membership_staff)
    seats.end(seat, by=membership_staff)

    assert seat.until == timezone.localdate()
    assert AuditEntry.objects.filter(action="seat.change").count() == 1


def test_a_seat_that_was_to_begin_later_ends_on_the_day_it_is_ended(
    firm: Organization, membership_staff: User
) -> None:
    [person] = people(1)
    later = timezone.localdate() + dt.timedelta(days=9)
    seat = Seat.objects.create(organization=firm, person=person, since=later)

    seats.end(seat, by=membership_staff)

    assert seat.since == seat.until == timezone.localdate()


def test_a_seat_is_handed_over_with_the_duty_of_contact(
    firm: Organization, membership_staff: User
) -> None:
    former, new = people(2)
    seat = seats.give(firm, former, by=membership_staff, is_contact=True)

    seats.hand_over(seat, new, by=membership_staff)

    assert [held.person for held in firm.seats.current()] == [new]
    assert firm.seats.current().get().is_contact
    with pytest.raises(ValidationError, match="已经结束"):
        seats.hand_over(seat, former, by=membership_staff)


def test_what_cannot_be_handed_over_stays_where_it_is(
    firm: Organization, member: User, membership_staff: User
) -> None:
    [former] = people(1)
    seat = seats.give(firm, former, by=membership_staff)

    with pytest.raises(ValidationError, match="已有现任席位"):
        seats.hand_over(seat, member, by=membership_staff)

    assert firm.seats.current().get().person == former


@pytest.mark.parametrize("stays", [True, False])
@pytest.mark.parametrize("has_seat", [True, False])
def test_a_departed_contact_is_replaced_in_one_step(
    firm: Organization, membership_staff: User, stays: bool, has_seat: bool
) -> None:
    former, new = people(2)
    seats.give(firm, former, by=membership_staff, is_contact=True)
    if has_seat:
        seats.give(firm, new, by=membership_staff)

    seats.name_contact(firm, new, by=membership_staff, former_stays=stays)

    assert firm.seats.get(is_contact=True, until=None).person == new
    assert firm.seats.current().filter(person=former).exists() is stays
    assert firm.seats.filter(person=former).exists(), "the history stays"


def test_naming_the_contact_again_changes_nothing(
    firm: Organization, membership_staff: User
) -> None:
    [person] = people(1)
    seats.name_contact(firm, person, by=membership_staff)
    entries = AuditEntry.objects.count()

    seats.name_contact(firm, person, by=membership_staff, former_stays=False)

    assert firm.seats.current().get().person == person
    assert AuditEntry.objects.count() == entries


def test_a_full_firm_keeps_its_contact_when_the_new_one_has_no_seat(
    firm: Organization, membership_staff: User
) -> None:
    former, other, new = people(3)
    seats.give(firm, former, by=membership_staff, is_contact=True)
    seats.give(firm, other, by=membership_staff)

    with pytest.raises(ValidationError, match="都有人了"):
        seats.name_contact(firm, new, by=membership_staff)

    assert firm.seats.current().get(is_contact=True).person == former


def test_every_change_of_a_seat_is_in_the_audit_trail_without_a_name(
    firm: Organization, membership_staff: User
) -> None:
    former, new = people(2)
    seats.give(firm, former, by=membership_staff, is_contact=True)
    seats.name_contact(firm, new, by=membership_staff, former_stays=False)

    entries = AuditEntry.objects.filter(subject_type="members.seat").order_by("pk")
    assert [entry.action for entry in entries] == ["seat.add", "seat.change", "seat.add"]
    assert [entry.detail["of"]["person"] for entry in entries] == [
        str(former.audit_ref),
        str(former.audit_ref),
        str(new.audit_ref),
    ]
    assert {entry.actor for entry in entries} == {membership_staff.audit_ref}
    assert new.name not in str([entry.detail for entry in entries])
