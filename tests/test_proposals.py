"""推荐: a firm's contact proposes somebody for a seat; trusted, with effect at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from members import contacts, proposals, seats
from members.audit import COMMAND_LINE
from members.models import AuditEntry, Organization, Proposal, Seat, User
from members.tasks import send_invitation
from tests import factories
from tests.firm import NEW, PAGE, PROPOSE, firm_of, said

SignIn = Callable[[User], Client]
State = Proposal.State

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> User:
    return factories.create_contact(name="甲联系人")


def holder(contact: User, **fields: Any) -> Seat:
    return seats.give(firm_of(contact), factories.create_user(**fields), by=COMMAND_LINE)


# To propose ---------------------------------------------------------------------------------
def test_a_proposal_waits_for_the_secretariat(contact: User, signed_in: SignIn) -> None:
    people = User.objects.count()

    words = said(signed_in(contact).post(PROPOSE, NEW, follow=True))

    assert "对乙新人的推荐已交秘书处办理" in words
    assert "等秘书处办理的推荐 乙新人 138********" in words
    made = Proposal.objects.get()
    assert (made.name, made.phone, made.email, made.note) == (
        "乙新人",
        "+8613812345678",
        "yi@example.org",
        "财务",
    )
    assert (made.state, made.organization, made.proposed_by) == (
        State.PENDING,
        firm_of(contact),
        contact,
    )
    assert User.objects.count() == people
    entry = AuditEntry.objects.get(action="proposal.add")
    assert (entry.actor, entry.subject) == (contact.audit_ref, str(made.pk))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "请填写姓名。"),
        ({"name": "　 "}, "请填写姓名。"),
        ({"name": "长" * 51}, "50"),
        ({"phone": "", "email": ""}, "请填写手机号或电子邮箱，至少一项"),
        ({"phone": "12345"}, "不是有效的电话号码"),
        ({"email": "yi at example"}, "这个电子邮箱写得不对"),
        ({"note": "长" * 201}, "200"),
    ],
)
def test_what_is_wrong_is_told_at_its_box_and_nothing_is_kept(
    values: dict[str, str], words: str, contact: User, signed_in: SignIn
) -> None:
    answer = signed_in(contact).post(PROPOSE, NEW | values)

    [summary] = html.fromstring(answer.content).xpath("//*[@role='alert']")
    assert words in summary.text_content()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    "values", [{"phone": "13812345678", "email": ""}, {"phone": "", "email": "YI@example.org"}]
)
def test_a_colleague_who_sits_there_is_told_and_so_is_one_already_proposed(
    values: dict[str, str], contact: User, signed_in: SignIn
) -> None:
    client = signed_in(contact)
    client.post(PROPOSE, NEW)
    assert "正等秘书处办理" in said(client.post(PROPOSE, NEW | values))

    Proposal.objects.all().delete()
    holder(contact, name="乙同事", phone="+8613812345678", email="yi@example.org")
    assert "乙同事已经在本单位的席位上" in said(client.post(PROPOSE, NEW | values))
    assert not Proposal.objects.exists()


def test_the_contact_is_not_told_that_somebody_is_known_elsewhere(
    contact: User, signed_in: SignIn
) -> None:
    """The answer for a member of another firm is word for word that for one nobody knows."""
    factories.create_member(name="乙新人", phone="+8613812345678", email="yi@example.org")
    namesake = NEW | {"phone": "13912345678", "email": "", "note": ""}
    client = signed_in(contact)

    known = said(client.post(PROPOSE, NEW, follow=True))
    assert "对乙新人的推荐已交秘书处办理" in known
    Proposal.objects.all().delete()

    other = said(client.post(PROPOSE, namesake, follow=True))
    assert "对乙新人的推荐已交秘书处办理" in other, "a namesake waits too"


def test_no_more_is_proposed_than_there_are_free_seats(contact: User, signed_in: SignIn) -> None:
    client = signed_in(contact)
    for _ in range(2):
        factories.create_proposal(contact)

    assert "3 个席位都有人了（含待办的推荐）" in said(client.post(PROPOSE, NEW))
    assert Proposal.objects.count() == 2
    Organization.objects.update(seat_limit=4)
    assert "已交秘书处" in said(client.post(PROPOSE, NEW, follow=True))


def test_who_is_to_be_replaced_needs_no_free_seat_until_that_one_ends(
    contact: User, signed_in: SignIn
) -> None:
    Organization.objects.update(seat_limit=2)
    held = holder(contact, name="丙离任")
    client = signed_in(contact)
    path = reverse("members:seat_replace", args=[held.pk])

    assert "移交丙离任的席位" in said(client.get(path))
    assert "接替丙离任" in said(client.post(path, NEW, follow=True))
    assert Proposal.objects.get().replaces == held
    again = NEW | {"phone": "13912345678", "email": ""}
    assert "已经为这个席位推荐了接替的人" in said(client.post(path, again))

    # Released meanwhile, its place is the one that is waited for.
    contacts.release(held, by=contact)
    assert "席位都有人了" in said(client.post(PROPOSE, again))
    assert "丙离任的席位已经结束" in said(client.post(path, again, follow=True))


def test_ones_own_seat_is_not_given_to_another(contact: User, signed_in: SignIn) -> None:
    own = Seat.objects.current().get(person=contact)

    answer = signed_in(contact).post(reverse("members:seat_replace", args=[own.pk]), NEW)

    assert "请先把联系人移交给别人" in said(answer)
    assert not Proposal.objects.exists()


def test_the_queue_of_one_firm_is_bounded(contact: User, signed_in: SignIn) -> None:
    Organization.objects.update(seat_limit=500)
    for _ in range(proposals.MOST_PENDING):
        factories.create_proposal(contact)

    assert "待办的推荐已有 20 条" in said(signed_in(contact).post(PROPOSE, NEW))
    assert Proposal.objects.count() == proposals.MOST_PENDING


def test_guessing_is_slowed_down(contact: User, signed_in: SignIn, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"propose": "3/h/user"}
    client = signed_in(contact)

    answers = [client.post(PROPOSE, {"name": "x"}).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 429, 429]
    assert client.get(PROPOSE).status_code == 200


def test_a_proposal_is_withdrawn_and_nothing_of_the_person_stays(
    contact: User, signed_in: SignIn
) -> None:
    made = factories.create_proposal(contact, name="乙新人", note="说明")
    client = signed_in(contact)

    path = reverse("members:proposal_withdraw", args=[made.pk])
    assert "已撤回对乙新人的推荐" in said(client.post(path, follow=True))

    made.refresh_from_db()
    assert (made.state, made.name, made.phone, made.email, made.note) == (
        State.WITHDRAWN,
        *[""] * 4,
    )
    assert AuditEntry.objects.filter(action="proposal.withdraw", actor=contact.audit_ref).exists()
    assert "已经办结（已撤回）" in said(client.post(path, follow=True))


# Trusted contacts ---------------------------------------------------------------------------
def test_where_contacts_are_trusted_a_new_person_has_a_seat_and_a_letter_at_once(
    contact: User, signed_in: SignIn, settings: Any
) -> None:
    settings.TRUST_CONTACTS = True

    words = said(signed_in(contact).post(PROPOSE, NEW, follow=True))

    assert "乙新人 会员号" in words, "at a seat"
    person = User.objects.get(name="乙新人")
    assert not person.has_usable_password()
    assert person.seats.get().organization == firm_of(contact)
    letter = person.invitations.get()
    assert letter.created_by == contact
    send_invitation.call_local(letter.pk)
    assert mail.outbox[0].to == ["yi@example.org"]
    made = Proposal.objects.get()
    assert (made.state, made.decided_by, made.name) == (State.APPROVED, contact, "")
    trail = AuditEntry.objects.filter(actor=contact.audit_ref).order_by("id")
    assert list(trail.values_list("action", flat=True)) == [
        "proposal.add",
        "user.add",
        "seat.add",
        "invitation.send",
        "proposal.approve",
    ]


def test_a_trusted_contact_then_makes_the_slip(
    contact: User, signed_in: SignIn, settings: Any
) -> None:
    settings.TRUST_CONTACTS = True
    client = signed_in(contact)

    client.post(PROPOSE, NEW | {"email": ""})

    seat = Seat.objects.current().get(person__name="乙新人")
    path = reverse("members:seat_invite", args=[seat.pk])
    assert f'href="{path}"' in client.get(PAGE).content.decode()
    assert "登录条（1 张）" in said(client.post(path))


@pytest.mark.parametrize(
    "known",
    [{"phone": "+8613812345678"}, {"email": "yi@example.org"}, {"name": "乙新人"}],
    ids=["phone", "e-mail", "name"],
)
def test_who_resembles_somebody_waits_for_staff_even_so(
    known: dict[str, Any], contact: User, signed_in: SignIn, settings: Any
) -> None:
    settings.TRUST_CONTACTS = True
    factories.create_user(**known)
    before = User.objects.count()

    words = said(signed_in(contact).post(PROPOSE, NEW, follow=True))
    assert "等秘书处办理的推荐 乙新人" in words
    assert Proposal.objects.get().state == State.PENDING
    assert User.objects.count() == before


def test_a_trusted_contact_replaces_somebody_in_one_step(
    contact: User, signed_in: SignIn, settings: Any
) -> None:
    settings.TRUST_CONTACTS = True
    Organization.objects.update(seat_limit=2)
    held = holder(contact)

    signed_in(contact).post(reverse("members:seat_replace", args=[held.pk]), NEW)

    held.refresh_from_db()
    assert held.until == timezone.localdate()
    assert firm_of(contact).seats.current().filter(person__name="乙新人").exists()
