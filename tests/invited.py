"""Somebody who was invited, and what they do: shared by the tests of joining."""

from __future__ import annotations

import io
import logging
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from members import audit
from members.invitations import Channel, invite
from members.models import User
from members.tasks import send_invitation
from tests import factories

NEW = "one quite new password"
PHONE = "+8613900002468"


@pytest.fixture
def guest() -> User:
    """A current member who has never signed in."""
    user = factories.create_member(name="甄来宾", phone=PHONE, email="guest@example.org")
    user.set_unusable_password()
    user.save()
    return user


def slip(person: User, **more: Any) -> str:
    [issued] = invite([person], by=audit.COMMAND_LINE, channel=Channel.SLIP, verified=True, **more)
    return issued.token


def redeem(
    token: str, proof: str = "2468", password: str = NEW, again: str | None = None, **client: Any
) -> Any:
    return Client(**client).post(
        f"/join/{token}/",
        {
            "proof": proof,
            "password1": password,
            "password2": password if again is None else again,
        },
    )


def letter_of(person: User) -> str:
    """Invite by e-mail and read the token from the letter."""
    [issued] = invite([person], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    assert issued.token == ""
    send_invitation.call_local(issued.invitation.pk)
    found = re.search(r"/join/([a-z2-7]{52})\s", str(mail.outbox[-1].body))
    assert found
    return found[1]


def log(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The log as the settings make it, into memory."""
    stream = io.StringIO()
    [handler] = [one for one in logging.getLogger().handlers if one.filters]
    monkeypatch.setattr(handler, "stream", stream)
    return stream
