"""TRUST_CONTACTS: what a contact's word does at once, how far it goes, and what is said of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db.models.signals import pre_save
from django.test import Client
from django.utils import timezone

from members import contacts, proposals
from members.models import AuditEntry, Invitation, Organization, Proposal, Seat, User
from tests import factories
from tests.firm import NEW, PROPOSE, firm_of, page_of, said
from tests.processes import programs

SignIn = Callable[[User], Client]
State = Proposal.State

RECEIVED = (
    "已收到。信息核对无误的，席位随即安排好；需要秘书处确认的，办妥后在本页显示。"
    "没有电子邮箱的，席位安排好以后，请点“发登录条”。"
)


@pytest.fixture
def contact(settings: Any) -> User:
    settings.TRUST_CONTACTS = True
    return factories.create_contact(name="甲联系人")


def bring_in(contact: User, number: int) -> Proposal:
    return factories.create_proposal(contact, name=f"新人{number}", phone=f"1391111{number:04d}")


@contextmanager
def somebody_registers(**fields: Any) -> Iterator[None]:
    """Somebody else's row comes between the look at who is there and the new row."""

    def register(instance: User, **_: Any) -> None:
        other = User(member_number="M99999999", name="抢先者", **fields)
        User.objects.bulk_create([other])

    pre_save.connect(register, sender=User, weak=False)
    try:
        yield
    finally:
        pre_save.disconnect(register, sender=User)


# What is said ---------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("email", ["yi@example.org", ""])
@pytest.mark.parametrize("known", [True, False])
def test_a_trusted_contact_is_answered_in_the_same_words_whatever_becomes_of_it(
    known: bool, email: str, contact: User, signed_in: SignIn
) -> None:
    if known:
        factories.create_member(phone="+8613812345678")

    answer = signed_in(contact).post(PROPOSE, NEW | {"email": email}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [RECEIVED]
    # The page itself says what stands.
    assert Proposal.objects.get().state == (State.PENDING if known else State.APPROVED)
    assert ("等秘书处办理的推荐 乙新人" in said(answer)) is known


# How many -------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize(("seat_limit", "most"), [(2, 3), (5, 5)])
def test_a_firm_brings_in_no_more_in_a_day_than_it_has_seats_and_the_next_waits_for_staff(
    seat_limit: int, most: int, contact: User
) -> None:
    """Released and given anew, one seat would let in any number."""
    Organization.objects.update(seat_limit=seat_limit)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(most):
            made = bring_in(contact, number)
            assert made.state == State.APPROVED
            assert made.seat is not None
            contacts.release(made.seat, by=contact)
        waiting = bring_in(contact, most)
        assert (waiting.state, waiting.seat) == (State.PENDING, None)
        assert not User.objects.filter(name=f"新人{most}").exists()

        clock.shift(contacts.DAY - dt.timedelta(seconds=1))
        proposals.withdraw(waiting, by=contact)
        waiting = bring_in(contact, most)
        assert waiting.state == State.PENDING
        clock.shift(dt.timedelta(seconds=1))
        proposals.withdraw(waiting, by=contact)
        assert bring_in(contact, most).state == State.APPROVED


@pytest.mark.django_db
def test_what_staff_decided_and_what_another_firm_did_counts_for_nobody(
    contact: User, membership_staff: User, settings: Any
) -> None:
    Organization.objects.update(seat_limit=5)
    settings.TRUST_CONTACTS = False
    for number in range(3):
        proposals.approve(bring_in(contact, number), by=membership_staff)
    settings.TRUST_CONTACTS = True
    other = factories.create_contact()
    for number in range(3, 5):
        assert bring_in(other, number).state == State.APPROVED
    Organization.objects.filter(pk=firm_of(contact).pk).update(seat_limit=6)

    # Five were decided, none of them by this contact: three are theirs to bring in, two seats free.
    assert bring_in(contact, 6).state == State.APPROVED
    assert bring_in(contact, 7).state == State.APPROVED


@pytest.mark.django_db
def test_what_a_released_newcomer_was_invited_by_opens_nothing(contact: User) -> None:
    made = factories.create_proposal(contact, name="乙新人", email="yi@example.org")
    assert made.seat is not None
    letter = made.seat.person.invitations.get()

    contacts.release(made.seat, by=contact)

    letter.refresh_from_db()
    assert letter.revoked_at is not None
    entry = AuditEntry.objects.get(action="invitation.revoke")
    assert (entry.actor, entry.subject) == (contact.audit_ref, str(letter.pk))
    assert entry.detail["because"] == "released"


@pytest.mark.django_db
def test_who_is_replaced_before_they_came_in_comes_in_no_more(contact: User) -> None:
    first = factories.create_proposal(contact, email="yi@example.org")
    second = factories.create_proposal(contact, email="bing@example.org", replaces=first.seat)

    assert second.state == State.APPROVED
    assert first.seat is not None
    assert not first.seat.person.invitations.open().exists()
    assert second.seat is not None
    assert second.seat.person.invitations.open().exists()


# At the same time -----------------------------------------------------------------------
TAKEN = [{"phone": "+8613812345678"}, {"email": "yi@example.org"}]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", TAKEN, ids=["phone", "e-mail"])
def test_whom_another_registers_in_this_moment_waits_for_staff(
    fields: dict[str, str], contact: User, signed_in: SignIn
) -> None:
    client = signed_in(contact)
    people, trail = User.objects.count(), AuditEntry.objects.count()

    with somebody_registers(**fields):
        answer = client.post(PROPOSE, NEW, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [RECEIVED]
    made = Proposal.objects.get()
    assert (made.state, made.seat, made.name) == (State.PENDING, None, "乙新人")
    assert User.objects.count() == people
    assert AuditEntry.objects.count() == trail + 1, "that it was proposed, and no more"
    assert not Invitation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("fields", TAKEN, ids=["phone", "e-mail"])
def test_staff_are_told_that_another_registered_them_in_this_moment(
    fields: dict[str, str],
    contact: User,
    membership_staff: User,
    signed_in: SignIn,
    settings: Any,
) -> None:
    settings.TRUST_CONTACTS = False
    signed_in(contact).post(PROPOSE, NEW)
    made = Proposal.objects.get()
    client = signed_in(membership_staff)
    values = {"act": "approve", "approve-whose": "new"}

    with somebody_registers(**fields):
        assert "请重新打开这条推荐，再选他是哪一位" in said(client.post(page_of(made), values))

    made.refresh_from_db()
    assert (made.state, made.seat) == (State.PENDING, None)
    assert Seat.objects.current().count() == 1
    assert not Invitation.objects.exists()


@pytest.mark.django_db
def test_a_refusal_of_the_model_is_not_told_to_the_contact_either(
    contact: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Registered a moment earlier, it is `full_clean` that finds the phone taken, and says so."""
    whole = User.set_password

    def late(person: User, password: str | None) -> None:
        User.objects.bulk_create(
            [User(member_number="M99999999", name="抢先者", phone="+8613812345678")]
        )
        whole(person, password)

    client = signed_in(contact)
    monkeypatch.setattr(User, "set_password", late)

    words = said(client.post(PROPOSE, NEW, follow=True))

    assert RECEIVED in words
    assert "已有人使用" not in words
    assert Proposal.objects.get().state == State.PENDING


PREPARE = """
from tests import factories
for number in range(4):
    factories.create_contact(member_number=f"M1000000{number}", name="联系人")
"""
BEFORE = """
from django.conf import settings
from members import proposals
from members.models import User
settings.TRUST_CONTACTS = True
by = User.objects.get(member_number="M1000000{number}")
"""
ACT = """
made = proposals.propose(by=by, name="{name}", phone="13812345678", email="yi@example.org")
print(made.state)
"""
TELL = """
from members.models import AuditEntry, Invitation, Proposal, Seat, User
states = sorted(Proposal.objects.values_list("state", flat=True))
people = User.objects.filter(phone="+8613812345678")
print(*states, people.count(), Seat.objects.count(), Invitation.objects.count())
print(AuditEntry.objects.filter(action="user.add").count())
"""


def test_of_several_firms_that_propose_one_phone_at_once_one_has_the_seat_and_the_others_wait(
    tmp_path: Path,
) -> None:
    with programs(tmp_path) as portal:
        portal.shell(PREPARE)
        answers = portal.at_once(
            (BEFORE.format(number=number), ACT.format(name=f"第{number}名")) for number in range(4)
        )
        told = portal.shell(TELL)

    assert sorted(answers) == ["approved", "pending", "pending", "pending"]
    assert told.split() == ["approved", "pending", "pending", "pending", "1", "5", "1", "1"]
