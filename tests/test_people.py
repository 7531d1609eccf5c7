"""People, seats and memberships: what the database itself refuses, whatever a form let through."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from members.models import Invitation, Membership, Organization, Seat, User
from members.phone import normalise_phone
from tests import factories

TODAY = dt.date(2026, 6, 1)
DAY = dt.timedelta(days=1)


def refused(constraint: str) -> Any:
    """The database refuses, by the constraint of this name (SQLite may name the column)."""
    return pytest.raises(IntegrityError, match=constraint)


# Telephone numbers -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13912345678", "+8613912345678"),
        (" 139 1234 5678 ", "+8613912345678"),
        ("139-1234-5678", "+8613912345678"),
        ("１３９１２３４５６７８", "+8613912345678"),
        ("+86 139 1234 5678", "+8613912345678"),
        ("008613912345678", "+8613912345678"),
        ("＋８６１３９１２３４５６７８", "+8613912345678"),
        ("010-6205 3888", "+861062053888"),
        ("(010) 62053888", "+861062053888"),
        ("+852 5123 4567", "+85251234567"),
        ("+1 202-456-1111", "+12024561111"),
        ("", ""),
        ("　", ""),
    ],
)
def test_a_number_is_kept_in_one_form_however_it_is_written(written: str, kept: str) -> None:
    assert normalise_phone(written) == kept
    assert normalise_phone(kept) == kept


@pytest.mark.parametrize(
    "written", ["1391234567", "139123456789", "12345", "abc", "+", "+999123456789", "1" * 200]
)
def test_what_is_no_number_is_refused_in_chinese(written: str) -> None:
    with pytest.raises(ValidationError, match="不是有效的电话号码"):
        normalise_phone(written)


# Who somebody is ---------------------------------------------------------------------------
pytestmark = pytest.mark.django_db


def insert(**fields: Any) -> User:
    """A row as it comes when no form has looked at it."""
    (made,) = User.objects.bulk_create([User(**{"name": "甲", "password": "!"} | fields)])
    return made


@pytest.mark.parametrize(
    ("there", "new", "name"),
    [
        ({"member_number": "M1"}, {"member_number": "M1"}, "member_number"),
        ({"member_number": "M1"}, {"member_number": "m1"}, "user_member_number_unique"),
        (
            {"member_number": "M1", "email": "a@example.org"},
            {"member_number": "M2", "email": "A@Example.ORG"},
            "user_email_unique",
        ),
        (
            {"member_number": "M1", "phone": "+8613912345678"},
            {"member_number": "M2", "phone": "+8613912345678"},
            "phone",
        ),
    ],
)
def test_number_address_and_phone_are_each_one_persons(
    there: dict[str, str], new: dict[str, str], name: str
) -> None:
    insert(**there)

    with refused(name), transaction.atomic():
        insert(**new)


def test_many_have_neither_address_nor_phone() -> None:
    for number in ("M1", "M2", "M3"):
        insert(member_number=number)

    assert User.objects.filter(email="", phone="").count() == 3


def test_nobody_is_without_a_number() -> None:
    with refused("user_member_number_present"), transaction.atomic():
        insert(member_number="")


def test_a_phone_is_in_the_one_form_or_absent() -> None:
    with refused("user_phone_e164"), transaction.atomic():
        insert(member_number="M1", phone="13912345678")


def test_a_new_person_is_put_in_the_one_form() -> None:
    user = User.objects.create_user(
        "M1", name="甲", email="Reader@Example.ORG", phone="139 1234 5678"
    )

    assert (user.email, user.phone) == ("reader@example.org", "+8613912345678")
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"member_number": "甲1"}, "只用字母、数字和短横线"),
        ({"member_number": "-M1"}, "只用字母、数字和短横线"),
        ({"member_number": "M1", "phone": "12345"}, "不是有效的电话号码"),
        ({"member_number": "M1", "email": "THERE@example.org"}, "已有人使用这个电子邮箱"),
        ({"member_number": "M1", "phone": "139 1234 5678"}, "已有人使用这个电话"),
    ],
)
def test_what_cannot_be_is_told_in_chinese(fields: dict[str, str], words: str) -> None:
    insert(member_number="THERE", email="there@example.org", phone="+8613912345678")

    with pytest.raises(ValidationError, match=words):
        User.objects.create_user(**{"name": "甲"} | fields)


def test_made_up_member_numbers_are_free_and_tell_nothing() -> None:
    numbers = {User.next_member_number() for _ in range(20)}

    assert len(numbers) == 20
    assert all(len(number) == 9 and number[1:].isdigit() for number in numbers)


def test_no_made_up_member_number_is_a_phone_number(monkeypatch: pytest.MonkeyPatch) -> None:
    lots = iter([85495880, 23960415, 11])
    monkeypatch.setattr("secrets.randbelow", lambda below: next(lots))

    assert User.objects.create_user(name="甲").member_number == "M00000011"


# Found by any of the three -----------------------------------------------------------------
@pytest.fixture
def reader() -> User:
    return factories.create_user(
        "M12345678", email="reader@example.org", phone="+8613912345678", name="甄"
    )


@pytest.mark.parametrize(
    "written",
    ["m12345678", " Ｍ１２３４５６７８ ", "READER@example.org", "139 1234 5678", "+8613912345678"],
)
def test_number_address_and_phone_lead_to_the_person(reader: User, written: str) -> None:
    assert User.objects.by_identifier(written) == reader


@pytest.mark.parametrize(
    "written",
    ["", " ", "M1234567", "M12345678%", "_12345678", "13912345679", "@", "reader", "甄", "+"],
)
def test_anything_else_leads_to_nobody(reader: User, written: str) -> None:
    assert User.objects.by_identifier(written) is None


def test_the_empty_phone_of_others_is_nobodys_name() -> None:
    factories.create_user("M1")

    assert User.objects.by_identifier("　") is None


def test_a_member_number_is_no_phone_number_so_that_nobody_is_kept_out_by_it(
    reader: User,
) -> None:
    for number in ("13912345678", "13800000001"):
        with pytest.raises(ValidationError, match="会员号不能是一个电话号码"):
            factories.create_user(number)

    assert User.objects.by_identifier("13912345678") == reader


# Organisations and seats -------------------------------------------------------------------
def test_a_credit_code_is_one_organisations_and_may_be_absent() -> None:
    for code in ("", "", "91110000000000001X"):
        Organization.objects.create(name="甲", credit_code=code)

    with refused("credit_code"), transaction.atomic():
        Organization.objects.create(name="乙", credit_code="91110000000000001X")


def test_an_organisation_has_a_seat_to_give() -> None:
    with refused("organization_seat_limit_positive"), transaction.atomic():
        Organization.objects.create(name="甲", seat_limit=0)


def test_a_person_has_one_current_seat_and_keeps_the_former_ones(reader: User) -> None:
    first, second = factories.create_organization(), factories.create_organization()
    seat = Seat.objects.create(organization=first, person=reader, since=TODAY)
    with refused("person_id|seat_one_current_a_person"), transaction.atomic():
        Seat.objects.create(organization=second, person=reader)
    with refused("person_id|seat_one_current_a_person"), transaction.atomic():
        Seat.objects.create(organization=first, person=reader)

    seat.until = TODAY
    seat.save()
    Seat.objects.create(organization=second, person=reader, since=TODAY)

    assert reader.seats.count() == 2
    assert [seat.organization for seat in Seat.objects.current()] == [second]
    with refused("person_id|seat_one_current_a_person"), transaction.atomic():
        Seat.objects.update(until=None)


def test_an_organisation_has_one_contact_at_a_time(reader: User) -> None:
    organization = factories.create_organization()
    seat = Seat.objects.create(organization=organization, person=reader, is_contact=True)
    other = factories.create_user()
    with refused("organization_id|seat_one_contact"), transaction.atomic():
        Seat.objects.create(organization=organization, person=other, is_contact=True)

    seat.until = timezone.localdate()
    seat.save()

    Seat.objects.create(organization=organization, person=other, is_contact=True)


def test_a_seat_does_not_end_before_it_began(reader: User) -> None:
    with refused("seat_since_before_until"), transaction.atomic():
        Seat.objects.create(
            organization=factories.create_organization(),
            person=reader,
            since=TODAY,
            until=TODAY - DAY,
        )


def test_who_had_a_seat_or_a_membership_is_not_deleted(reader: User) -> None:
    organization = factories.create_organization()
    Seat.objects.create(organization=organization, person=reader)

    for kept in (reader, organization):
        with pytest.raises(IntegrityError), transaction.atomic():
            kept.delete()


# Memberships -------------------------------------------------------------------------------
def test_a_membership_has_a_first_day_that_is_not_after_its_last(reader: User) -> None:
    Membership.objects.create(person=reader, first_day=TODAY, last_day=TODAY)

    with refused("membership_first_day_before_last"), transaction.atomic():
        Membership.objects.create(person=reader, first_day=TODAY + DAY, last_day=TODAY)


def test_a_membership_has_one_holder(reader: User) -> None:
    days = {"first_day": TODAY, "last_day": TODAY + DAY}
    organization = factories.create_organization()
    with refused("membership_one_holder"), transaction.atomic():
        Membership.objects.create(**days)
    with refused("membership_one_holder"), transaction.atomic():
        both = Membership(person=reader, organization=organization, **days)
        Membership.objects.bulk_create([both])


def test_a_holder_has_one_membership_from_a_day(reader: User) -> None:
    for holder in ({"person": reader}, {"organization": Organization.objects.create(name="乙")}):
        Membership.objects.create(first_day=TODAY, last_day=TODAY, **holder)
        # By itself: `Membership.save` refuses what overlaps.
        second = Membership(first_day=TODAY, last_day=TODAY + DAY, **holder)
        with refused("first_day"), transaction.atomic():
            Membership.objects.bulk_create([second])


def test_a_membership_is_current_on_both_its_days_and_between(reader: User) -> None:
    Membership.objects.create(person=reader, first_day=TODAY, last_day=TODAY + 2 * DAY)

    current = [
        offset
        for offset in range(-1, 4)
        if Membership.objects.current(on=TODAY + offset * DAY).filter(person=reader).exists()
    ]

    assert current == [0, 1, 2]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first_day": TODAY + DAY, "last_day": TODAY}, "首日不能晚于末日"),
        ({"first_day": TODAY, "last_day": TODAY, "person": None}, "只选其一"),
    ],
)
def test_a_form_is_told_why_in_chinese(reader: User, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Membership(**{"person": reader} | fields).full_clean()


# Invitations -------------------------------------------------------------------------------
def invite(person: User, token: str = "x" * 43, **fields: Any) -> Invitation:
    now = timezone.now()
    return Invitation.objects.create(
        person=person,
        token_hash=Invitation.hash_token(token),
        **{"created_at": now, "expires_at": now + 14 * DAY} | fields,
    )


def test_only_the_hash_of_a_token_is_kept(reader: User) -> None:
    invitation = invite(reader, "a-token-that-was-sent")

    assert "a-token" not in str(Invitation.objects.values().get())
    assert list(Invitation.objects.for_token("a-token-that-was-sent")) == [invitation]
    assert not Invitation.objects.for_token("a-token-that-was-not-sent").exists()
    assert not Invitation.objects.for_token(invitation.token_hash).exists()


def test_a_token_is_given_once(reader: User) -> None:
    invite(reader)

    with refused("token_hash"), transaction.atomic():
        invite(factories.create_user())


def test_an_invitation_ends_after_it_began(reader: User) -> None:
    now = timezone.now()

    with refused("invitation_expires_later"), transaction.atomic():
        invite(reader, created_at=now, expires_at=now)


def test_an_invitation_is_redeemed_or_revoked_and_not_both(reader: User) -> None:
    now = timezone.now()

    with refused("invitation_redeemed_or_revoked"), transaction.atomic():
        invite(reader, redeemed_at=now, revoked_at=now)


def test_an_invitation_is_open_until_used_revoked_or_expired(reader: User) -> None:
    now = timezone.now()
    open_one = invite(reader, "a")
    invite(reader, "b", redeemed_at=now)
    invite(reader, "c", revoked_at=now)
    invite(reader, "d", created_at=now - 15 * DAY, expires_at=now - DAY)

    assert list(Invitation.objects.open()) == [open_one]
