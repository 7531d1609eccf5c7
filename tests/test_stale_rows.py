"""A request that began before somebody was erased or changed writes nothing back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory
from django.urls import reverse

from members.adapters import AccountAdapter
from members.models import AuditEntry, User
from tests.erased import erase
from tests.forms import form_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


def test_a_password_that_is_changed_while_somebody_is_erased_brings_nothing_back(
    member: User, membership_staff: User
) -> None:
    read_before = User.objects.get(pk=member.pk)
    erase(member, by=membership_staff)
    erased = User.objects.filter(pk=member.pk).values().get()

    with pytest.raises(PermissionDenied):
        AccountAdapter(RequestFactory().post("/")).set_password(read_before, "one of theirs")

    assert User.objects.filter(pk=member.pk).values().get() == erased
    assert not AuditEntry.objects.filter(action="user.password").exists()


def test_a_change_of_password_writes_the_password_alone(member: User) -> None:
    read_before = User.objects.get(pk=member.pk)
    User.objects.filter(pk=member.pk).update(name="改名", suspension_reason="刚刚")

    AccountAdapter(RequestFactory().post("/")).set_password(read_before, "one of theirs")

    after = User.objects.get(pk=member.pk)
    assert (after.name, after.suspension_reason) == ("改名", "刚刚")
    assert after.check_password("one of theirs")


def test_a_form_of_the_admin_is_saved_over_the_row_as_it_is_now(
    member: User, membership_staff: User, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(membership_staff)
    address = reverse("admin:members_user_change", args=[member.pk])
    values = form_of(client.get(address))
    read = admin.ModelAdmin.get_object
    times = iter([True, False])

    def read_and_then(*arguments: Any, **named: Any) -> Any:
        found = read(*arguments, **named)
        if next(times):
            User.objects.filter(pk=member.pk).update(session_generation=7)
        return found

    monkeypatch.setattr(admin.ModelAdmin, "get_object", read_and_then)
    assert client.post(address, values | {"remark": "改过"}).status_code == 302

    after = User.objects.get(pk=member.pk)
    assert (after.remark, after.session_generation) == ("改过", 7)


@pytest.mark.parametrize(
    "query",
    [
        "groups__user__password__startswith=pbkdf2",
        "groups__user__audit_ref__startswith=1",
        "groups__user__notes__text__contains=a",
        "is_active__regex=(",
        "suspended_at__year__gte=99999999",
        "password__startswith=p",
    ],
)
def test_no_list_answers_what_its_filters_do_not_ask(
    query: str, membership_staff: User, signed_in: SignIn
) -> None:
    answer = signed_in(membership_staff).get(f"/admin/members/user/?{query}")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query", ["is_active__exact=1", "groups__id__exact=1", "suspended_at__isempty=1", "q=a"]
)
def test_a_list_answers_what_its_filters_ask(
    query: str, membership_staff: User, signed_in: SignIn
) -> None:
    assert signed_in(membership_staff).get(f"/admin/members/user/?{query}").status_code == 200
