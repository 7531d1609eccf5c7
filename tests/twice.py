"""Somebody of whom there are two records: shared by the tests of merging."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from members.models import Seat, User
from tests import factories


@pytest.fixture
def first(db: None) -> User:
    """The record that somebody uses."""
    return factories.create_user(
        name="甄样例", phone="+8613900002468", email="old@example.org", last_login=timezone.now()
    )


@pytest.fixture
def second(db: None) -> User:
    """Another record of them, with a number and an address that are newer."""
    return factories.create_user(name="甄样列", phone="+8613700001357", email="new@example.org")


def again(person: User) -> User:
    return User.objects.get(pk=person.pk)


def act(client: Client, person: User, **values: Any) -> Any:
    return client.post(f"/admin/members/user/{person.pk}/merge/", values)


def seat_of(person: User, **fields: Any) -> Seat:
    organization = fields.pop("organization", None) or factories.create_organization()
    return Seat.objects.create(organization=organization, person=person, **fields)
