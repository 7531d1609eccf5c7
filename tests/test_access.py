"""The one rule: who may read, and why not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from members.access import Reason, may_enter_admin, may_read
from members.models import Organization, Seat, User
from members.roles import Role
from tests import factories

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_stranger_may_not_read() -> None:
    assert may_read(AnonymousUser()).reason is Reason.STRANGER


def test_a_seat_in_a_member_organisation_opens_reading(member: User) -> None:
    assert may_read(member).allowed
    assert may_read(member).reason is Reason.SEAT


def test_a_personal_membership_opens_reading(db: None) -> None:
    user = factories.create_user()
    factories.create_membership(person=user)

    assert may_read(user).reason is Reason.MEMBERSHIP


def test_a_lapsed_member_is_told_the_last_day(lapsed: User) -> None:
    decision = may_read(lapsed)

    assert not decision.allowed
    assert decision.reason is Reason.LAPSED
    assert decision.day == timezone.localdate() - dt.timedelta(days=1)


def test_a_membership_that_is_to_begin_tells_its_first_day(db: None) -> None:
    user = factories.create_user()
    membership = factories.create_membership(person=user, days_left=400)

    decision = may_read(user)

    assert decision.reason is Reason.NOT_YET
    assert decision.day == membership.first_day


def test_who_has_left_their_seat_is_seatless(seatless: User) -> None:
    assert may_read(seatless).reason is Reason.SEATLESS


def test_a_planned_end_of_a_seat_closes_nothing_before_the_seat_is_ended(member: User) -> None:
    Seat.objects.filter(person=member).update(planned_until=dt.date(2020, 1, 1))

    assert may_read(member).allowed


def test_suspension_of_the_person_beats_every_role(editor: User) -> None:
    editor.suspended_at = timezone.now()
    editor.save()
    fresh = User.objects.get(pk=editor.pk)

    assert may_read(fresh).reason is Reason.SUSPENDED
    assert not may_enter_admin(fresh)


def test_suspension_of_the_organisation_beats_every_role(editor: User) -> None:
    organization = factories.create_organization(suspended_at=timezone.now())
    Seat.objects.create(organization=organization, person=editor)
    fresh = User.objects.get(pk=editor.pk)

    assert may_read(fresh).reason is Reason.ORGANIZATION_SUSPENDED
    assert not may_enter_admin(fresh)


def test_a_firms_suspension_leaves_a_personal_membership_alone(member: User) -> None:
    factories.create_membership(person=member)
    Organization.objects.update(suspended_at=timezone.now())

    assert may_read(User.objects.get(pk=member.pk)).reason is Reason.MEMBERSHIP


@pytest.mark.parametrize(
    ("role", "reads"),
    [
        (Role.EDITOR, True),
        (Role.CHIEF_EDITOR, True),
        (Role.MEMBERSHIP, True),
        (Role.AUDITOR, False),
        (Role.ADMINISTRATOR, False),
    ],
)
def test_which_roles_read_without_a_membership(db: None, role: Role, reads: bool) -> None:
    user = factories.create_user()
    user.groups.add(Group.objects.get(name=role.value))

    assert may_read(user).allowed is reads
    assert may_enter_admin(user)


def test_an_auditor_with_a_seat_reads(auditor: User) -> None:
    Seat.objects.create(organization=factories.create_organization(), person=auditor)

    assert may_read(User.objects.get(pk=auditor.pk)).allowed


def test_first_and_last_day_are_both_included_in_shanghai(db: None) -> None:
    user = factories.create_user()
    membership = factories.create_membership(person=user)
    midnight = dt.datetime.combine(membership.last_day, dt.time(), tzinfo=SHANGHAI)
    morning = dt.datetime.combine(membership.first_day, dt.time(), tzinfo=SHANGHAI)
    second = dt.timedelta(seconds=1)
    day = dt.timedelta(days=1)

    for moment, allowed in [
        (morning - second, False),
        (morning, True),
        (midnight + day - second, True),
        (midnight + day, False),
    ]:
        with time_machine.travel(moment, tick=False):
            assert may_read(User.objects.get(pk=user.pk)).allowed is allowed, moment


def test_the_rule_takes_one_query(
    member: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = User.objects.with_access().get(pk=member.pk)
        assert may_read(found).allowed
        assert not may_enter_admin(found)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("lapse", "会籍"),
        ("suspend", "暂停"),
        ("suspend-organisation", "暂停"),
        ("release", "席位"),
    ],
)
def test_revocation_bites_on_the_next_request_and_says_why(
    member: User, signed_in: Callable[[User], Client], act: str, words: str
) -> None:
    client = signed_in(member)
    assert client.get("/issues/").status_code == 200
    seat = Seat.objects.get(person=member)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    match act:
        case "lapse":
            seat.organization.memberships.update(last_day=yesterday)
        case "suspend":
            User.objects.filter(pk=member.pk).update(suspended_at=timezone.now())
        case "suspend-organisation":
            Organization.objects.update(suspended_at=timezone.now())
        case "release":
            seat.until = timezone.localdate()
            seat.save()

    answer = client.get("/issues/")

    assert answer.status_code == 403
    assert words in answer.content.decode()
    # One's own account stays open, to see why and to sign out.
    assert client.get("/me/").status_code == 200


def test_deactivation_ends_the_session(member: User, signed_in: Callable[[User], Client]) -> None:
    client = signed_in(member)
    User.objects.filter(pk=member.pk).update(is_active=False)

    answer = client.get("/me/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_last_seen_is_written_at_most_every_five_minutes(
    member: User, signed_in: Callable[[User], Client]
) -> None:
    client = signed_in(member)
    User.objects.filter(pk=member.pk).update(last_seen_at=None)
    client.get("/me/")
    first = User.objects.get(pk=member.pk).last_seen_at
    client.get("/me/")
    assert first is not None
    assert User.objects.get(pk=member.pk).last_seen_at == first

    with time_machine.travel(first + dt.timedelta(minutes=6)):
        client.get("/me/")

    seen = User.objects.get(pk=member.pk).last_seen_at
    assert seen is not None
    assert seen > first
