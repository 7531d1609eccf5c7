"""Whoever keeps members may invite them; a role is opened by those alone who may give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members import contacts, invitations
from members.invitations import Channel
from members.models import AuditEntry, Invitation, Seat, User
from members.roles import Role
from tests import factories
from tests.factories import PASSWORD
from tests.forms import form_of
from tests.invited import NEW, guest, redeem

__all__ = ["guest"]  # a fixture
pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def slip(person: User, by: User) -> str:
    [issued] = invitations.invite([person], by=by, channel=Channel.SLIP)
    return issued.token


def grant(client: Client, person: User, role: Role = Role.EDITOR) -> str:
    """Give a role in the admin; the page that follows."""
    address = reverse("admin:members_user_change", args=[person.pk])
    groups = [group.pk for group in person.groups.all()]
    groups.append(Group.objects.get(name=role.value).pk)
    values: dict[str, Any] = form_of(client.get(address)) | {"groups": groups}
    answer = client.post(address, values, follow=True)
    assert answer.redirect_chain, answer.context["errors"]
    return answer.content.decode()


@pytest.fixture
def keeper_and_giver() -> User:
    """Somebody with both roles: they may invite a holder of a role."""
    both = factories.create_user(name="两职")
    both.groups.set(Group.objects.filter(name__in=[Role.MEMBERSHIP, Role.ADMINISTRATOR]))
    return both


# When a role is given ----------------------------------------------------------------------
def test_a_slip_made_before_does_not_open_the_role(
    guest: User, membership_staff: User, administrator: User, signed_in: SignIn
) -> None:
    token = slip(guest, membership_staff)

    page = grant(signed_in(administrator), guest)

    assert "先前的邀请和密码都已作废" in page
    assert redeem(token).status_code == 404
    assert not invitations.is_open(token)
    guest.refresh_from_db()
    assert not guest.check_password(NEW)
    entry = AuditEntry.objects.get(action="invitation.revoke")
    assert (entry.actor, entry.detail["because"]) == (administrator.audit_ref, "role")


def test_nor_does_one_by_the_contact_of_their_firm(
    guest: User, administrator: User, signed_in: SignIn
) -> None:
    contact = factories.create_contact(name="联系人")
    Seat.objects.filter(person=guest).update(
        organization=contact.seats.get().organization, is_contact=False
    )
    User.objects.filter(pk=guest.pk).update(email="")
    token = contacts.invite_again(guest.seats.get(), by=contact).token
    assert invitations.is_open(token)

    grant(signed_in(administrator), guest)

    assert redeem(token).status_code == 404


def test_a_password_that_somebody_else_set_opens_it_neither(
    administrator: User, signed_in: SignIn
) -> None:
    """Staff may set the password of a person without a role."""
    person = factories.create_user(name="未来过")
    assert person.check_password(PASSWORD)

    grant(signed_in(administrator), person)

    person.refresh_from_db()
    assert not person.has_usable_password()


@pytest.mark.parametrize("came", ["signed in", "redeemed"])
def test_who_has_come_in_keeps_their_password_and_signs_in_anew(
    guest: User, administrator: User, signed_in: SignIn, came: str
) -> None:
    guest.set_password(PASSWORD)
    guest.save()
    if came == "signed in":
        User.objects.filter(pk=guest.pk).update(last_login=timezone.now())
    else:
        slip(guest, administrator)
        Invitation.objects.update(redeemed_at=timezone.now())
    theirs = signed_in(guest)
    if came == "redeemed":
        User.objects.filter(pk=guest.pk).update(last_login=None)
    assert theirs.get("/me/data/").status_code == 200

    page = grant(signed_in(administrator), guest)

    assert "作废" not in page
    assert theirs.get("/me/data/").status_code == 302
    guest.refresh_from_db()
    assert guest.check_password(PASSWORD)


def test_taking_a_role_or_leaving_it_ends_nobodys_session(
    editor: User, administrator: User, signed_in: SignIn
) -> None:
    theirs, client = signed_in(editor), signed_in(administrator)
    address = reverse("admin:members_user_change", args=[editor.pk])

    assert client.post(address, form_of(client.get(address))).status_code == 302
    assert client.post(address, form_of(client.get(address)) | {"groups": []}).status_code == 302

    assert not editor.groups.exists()
    assert theirs.get("/me/data/").status_code == 200


def test_a_further_role_closes_what_was_open_too(
    editor: User, keeper_and_giver: User, administrator: User, signed_in: SignIn
) -> None:
    token = slip(editor, keeper_and_giver)

    grant(signed_in(administrator), editor, Role.CHIEF_EDITOR)

    assert not invitations.is_open(token)


# When it is redeemed -----------------------------------------------------------------------
def test_however_the_role_was_given_only_who_may_give_one_opens_it(
    guest: User, membership_staff: User
) -> None:
    token = slip(guest, membership_staff)
    assert invitations.is_open(token)
    guest.groups.add(Group.objects.get(name=Role.EDITOR.value))

    assert Client().get(f"/join/{token}/").status_code == 404
    # As for every one that is closed, whatever the proof is.
    assert redeem(token, "0000").status_code == 404
    assert redeem(token).status_code == 404

    guest.refresh_from_db()
    assert not guest.has_usable_password()
    [entry] = AuditEntry.objects.filter(action="invitation.revoke")
    assert entry.detail["because"] == "role"
    assert not AuditEntry.objects.filter(action="invitation.redeem").exists()


def test_nor_by_a_role_given_between_the_proof_and_the_password(
    guest: User, membership_staff: User, rf: Any
) -> None:
    request = rf.post("/")
    invitation = invitations.prove(slip(guest, membership_staff), "2468", request=request)
    guest.groups.add(Group.objects.get(name=Role.EDITOR.value))

    with pytest.raises(invitations.Refused, match="closed"):
        invitations.redeem(invitation, password=NEW, request=request)

    guest.refresh_from_db()
    assert not guest.has_usable_password()


def test_a_superuser_is_not_opened_by_staff(guest: User, membership_staff: User) -> None:
    token = slip(guest, membership_staff)
    User.objects.filter(pk=guest.pk).update(is_superuser=True)

    assert redeem(token).status_code == 404


def test_who_may_give_roles_lets_a_holder_in(
    guest: User, keeper_and_giver: User, administrator: User, signed_in: SignIn
) -> None:
    grant(signed_in(administrator), guest)
    token = slip(guest, keeper_and_giver)

    assert redeem(token).status_code == 302

    guest.refresh_from_db()
    assert guest.check_password(NEW)


def test_who_may_do_so_no_more_has_let_nobody_in(guest: User, keeper_and_giver: User) -> None:
    guest.groups.add(Group.objects.get(name=Role.EDITOR.value))
    token = slip(guest, keeper_and_giver)
    keeper_and_giver.groups.set(Group.objects.filter(name=Role.MEMBERSHIP.value))

    assert redeem(token).status_code == 404
