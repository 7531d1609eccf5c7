"""本单位: seats released and handed over, invitations made again, by a firm's contact."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone
from lxml import html

from members import contacts, invitations, seats
from members.audit import COMMAND_LINE
from members.invitations import Channel
from members.models import AuditEntry, AuditPersonal, Invitation, Seat, User
from members.roles import Role
from members.tasks import send_invitation
from tests import factories
from tests.firm import PAGE, PROPOSE, address, colleague, said, seat_of
from tests.invited import redeem

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact() -> User:
    return factories.create_contact(name="甲联系人", phone="+8613700000001", seat_limit=4)


def acts(contact: User) -> set[tuple[str, str]]:
    entries = AuditEntry.objects.filter(actor=contact.audit_ref)
    return set(entries.values_list("action", "subject"))


# Release --------------------------------------------------------------------------------------
def test_a_seat_is_released_after_a_look(contact: User, signed_in: SignIn) -> None:
    other = colleague(contact, name="乙离任", is_in=True)
    client, theirs = signed_in(contact), signed_in(other)
    seat = seat_of(other)
    path = address("release", other)
    assert theirs.get("/").status_code == 200

    assert "收回乙离任的席位？" in said(client.get(path))
    assert seat_of(other) == seat, "to look ends nothing"
    assert "乙离任的席位已收回。" in said(client.post(path, follow=True))

    seat.refresh_from_db()
    assert seat.until == timezone.localdate()
    assert theirs.get("/").status_code == 403, "on the next request"
    assert ("seat.change", str(seat.pk)) in acts(contact)
    # Pressed twice: told, and nothing is done again.
    assert "已经结束" in said(client.post(path, follow=True))
    assert len(acts(contact)) == 1


@pytest.mark.parametrize("why", ["nothing", "role", "membership", "has come in"])
def test_a_release_revokes_the_invitation_of_whoever_has_nothing_but_the_seat(
    why: str, contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact, email="yi@example.org")
    match why:
        case "role":
            other.groups.add(Group.objects.get(name=Role.EDITOR.value))
        case "membership":
            factories.create_membership(person=other)
        case "has come in":
            User.objects.filter(pk=other.pk).update(last_login=timezone.now())
    [issued] = invitations.invite([other], by=COMMAND_LINE, channel=Channel.EMAIL)

    signed_in(contact).post(address("release", other))

    issued.invitation.refresh_from_db()
    assert (issued.invitation.revoked_at is not None) is (why == "nothing")
    assert (("invitation.revoke", str(issued.invitation.pk)) in acts(contact)) is (why == "nothing")


def test_ones_own_seat_is_not_released(contact: User, signed_in: SignIn) -> None:
    answer = signed_in(contact).post(address("release", contact), follow=True)

    assert "请先把联系人移交给别人" in said(answer)
    assert seat_of(contact).is_contact


# Handing over the duty ------------------------------------------------------------------------
@pytest.mark.parametrize("stays", [True, False])
def test_the_duty_goes_to_a_colleague_and_the_former_keeps_a_seat_or_not(
    stays: bool, contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact, name="乙接任", is_in=True)
    client = signed_in(contact)
    path = address("hand_over", other)
    assert "请乙接任担任联系人？" in said(client.get(path))
    assert seat_of(contact).is_contact

    answer = client.post(path, {"stays": "on"} if stays else {}, follow=True)

    assert answer.redirect_chain == [("/me/", 302)]
    assert "的联系人现在是乙接任。" in said(answer)
    assert client.get(PAGE).status_code == 404
    assert signed_in(other).get(PAGE).status_code == 200
    kept = Seat.objects.current().filter(person=contact)
    assert [seat.is_contact for seat in kept] == ([False] if stays else [])


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("self", "您现在就是联系人"),
        ("suspended", "不能担任联系人"),
        ("inactive", "不能担任联系人"),
        ("ended", "已经结束"),
        ("replaced", "请先撤回那条推荐"),
    ],
)
def test_who_cannot_be_contact_is_told(
    why: str, words: str, contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact)
    path = address("hand_over", contact if why == "self" else other)
    match why:
        case "suspended":
            User.objects.filter(pk=other.pk).update(suspended_at=timezone.now())
        case "inactive":
            User.objects.filter(pk=other.pk).update(is_active=False)
        case "ended":
            seats.end(seat_of(other), by=COMMAND_LINE)
        case "replaced":
            factories.create_proposal(contact, replaces=seat_of(other))

    assert words in said(signed_in(contact).post(path, follow=True))
    assert seat_of(contact).is_contact


# Inviting again --------------------------------------------------------------------------------
def test_who_has_an_e_mail_gets_another_letter(contact: User, signed_in: SignIn) -> None:
    other = colleague(contact, name="乙未登录", email="yi@example.org")
    [old] = invitations.invite([other], by=COMMAND_LINE, channel=Channel.EMAIL)
    Invitation.objects.update(created_at=timezone.now() - contacts.PAUSE)
    client = signed_in(contact)
    path = address("invite", other)

    client.get(path)
    assert Invitation.objects.count() == 1, "to look sends nothing"
    assert "给乙未登录的邀请正在发出" in said(client.post(path, follow=True))

    new = Invitation.objects.exclude(pk=old.invitation.pk).get()
    assert new.created_by == contact
    send_invitation.call_local(new.pk)
    assert [letter.to for letter in mail.outbox] == [["yi@example.org"]]
    old.invitation.refresh_from_db()
    assert old.invitation.revoked_at is not None
    assert ("invitation.send", str(new.pk)) in acts(contact)


def test_who_has_none_gets_a_slip_that_is_shown_once_and_opens_the_door(
    contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact, name="乙无邮箱", phone="+8613812340000")
    client = signed_in(contact)

    answer = client.post(address("invite", other))

    words = said(answer)
    assert "登录条（1 张）" in words
    assert "后台" not in words
    assert "admin" not in answer.content.decode()
    assert "没有中文字体" not in words
    found = re.search(r"/join/([a-z2-7]{52})", answer.content.decode())
    assert found
    assert redeem(found[1], proof="0000").status_code == 302
    assert "已登录过" in said(client.get(PAGE))
    assert found[1] not in client.get(PAGE).content.decode()


@pytest.mark.parametrize("how", ["signed in", "chose a password"])
def test_who_has_come_in_before_is_not_invited(how: str, contact: User, signed_in: SignIn) -> None:
    """An invitation sets a password: a contact must not get into a colleague's account."""
    other = colleague(contact, email="yi@example.org", is_in=how == "signed in")
    if how != "signed in":
        invitations.invite([other], by=COMMAND_LINE, channel=Channel.SLIP)
        Invitation.objects.update(
            redeemed_at=timezone.now(), created_at=timezone.now() - contacts.PAUSE
        )
    before = Invitation.objects.count()
    client = signed_in(contact)

    assert "已经登录过，不必再邀请" in said(client.post(address("invite", other), follow=True))

    assert Invitation.objects.count() == before
    page = html.fromstring(client.get(PAGE).content)
    assert not page.xpath(f"//a[@href='{address('invite', other)}']")


def test_a_holder_of_a_role_is_not_invited_by_a_contact(contact: User, signed_in: SignIn) -> None:
    other = colleague(contact)
    other.groups.add(Group.objects.get(name=Role.EDITOR.value))

    answer = signed_in(contact).post(address("invite", other), follow=True)

    assert "请与秘书处联系" in said(answer)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("state", ["suspended_at", "is_active"])
def test_who_is_barred_is_not_invited(state: str, contact: User, signed_in: SignIn) -> None:
    other = colleague(contact)
    User.objects.filter(pk=other.pk).update(
        **{state: timezone.now() if state == "suspended_at" else False}
    )

    answer = signed_in(contact).post(address("invite", other), follow=True)

    assert "不能在这里邀请" in said(answer)
    assert not Invitation.objects.exists()


def test_a_second_invitation_waits_ten_minutes(contact: User, signed_in: SignIn) -> None:
    other = colleague(contact)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in(contact)
        client.post(address("invite", other))
        clock.shift(contacts.PAUSE - dt.timedelta(seconds=1))
        assert "请过 10 分钟再试" in said(client.post(address("invite", other), follow=True))
        clock.shift(dt.timedelta(seconds=2))
        assert "登录条（1 张）" in said(client.post(address("invite", other)))

    assert Invitation.objects.count() == 2
    assert Invitation.objects.open().count() == 1


def test_a_fourth_invitation_in_a_day_waits_for_the_next(contact: User, signed_in: SignIn) -> None:
    other = colleague(contact, name="乙其人")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in(contact)
        for _ in range(contacts.MOST_A_DAY):
            assert "登录条（1 张）" in said(client.post(address("invite", other)))
            clock.shift(contacts.PAUSE)
        words = said(client.post(address("invite", other), follow=True))
        assert "24 小时内已给乙其人做过 3 次邀请。请明天再试，或与秘书处联系。" in words
        assert Invitation.objects.count() == contacts.MOST_A_DAY
        assert Invitation.objects.open().exists(), "the last one stays good"

        clock.shift(contacts.DAY - contacts.MOST_A_DAY * contacts.PAUSE)
        assert "登录条（1 张）" in said(client.post(address("invite", other)))


def test_after_ten_invitations_the_secretariat_is_asked_whoever_made_them(
    contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact, name="乙其人")
    for number in range(contacts.MOST_IN_ALL):
        [made] = invitations.invite([other], by=COMMAND_LINE, channel=Channel.SLIP)
        Invitation.objects.filter(pk=made.invitation.pk).update(
            created_at=timezone.now() - dt.timedelta(days=2 + number)
        )
    client = signed_in(contact)

    words = said(client.post(address("invite", other), follow=True))

    assert "给乙其人的邀请已做过 10 次" in words
    assert "请与秘书处联系" in words
    assert Invitation.objects.count() == contacts.MOST_IN_ALL
    Invitation.objects.order_by("pk")[0].delete()
    assert "登录条（1 张）" in said(client.post(address("invite", other)))


def test_nothing_personal_of_a_colleague_lies_under_the_contacts_code(
    contact: User, signed_in: SignIn
) -> None:
    other = colleague(contact, name="乙其人", phone="+8613812345678")
    client = signed_in(contact)
    client.post(address("invite", other))
    client.post(PROPOSE, {"name": "丙其人", "phone": "13912345678", "note": "丙的说明"})
    client.post(address("release", other))

    kept = AuditPersonal.objects.filter(person=contact.audit_ref).values_list("values", flat=True)
    assert kept
    for word in ("乙其人", "13812345678", "丙其人", "13912345678", "丙的说明"):
        assert word not in str(list(kept)), word
        assert word not in str(list(AuditEntry.objects.values_list("detail", flat=True))), word
