"""Letters of invitation: owed until they are sent, sent once, and telling nobody else."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from members import audit, letters
from members.invitations import Channel, invite
from members.models import Invitation, User
from members.tasks import send_invitation, send_owed_invitations
from tests.invited import guest, letter_of, log, slip
from tests.test_email import Inbox, inbox, use

__all__ = ["guest", "inbox"]  # fixtures
pytestmark = pytest.mark.django_db


def test_a_letter_goes_out_through_a_real_server_in_text_and_html(
    inbox: Inbox, guest: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(inbox.url, settings, monkeypatch)
    settings.BASE_URL = "https://portal.example.org"
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)

    send_owed_invitations.call_local()

    [letter] = inbox.letters
    assert inbox.recipients == [["guest@example.org"]]
    assert letter["Subject"] == "〔财税动态〕会员登录邀请"
    plain, rich = (part.get_content() for part in letter.iter_parts())
    day = timezone.localdate() + dt.timedelta(days=7)
    for text in (plain, rich):
        assert "甄来宾，您好" in text
        assert f"{day.year}年{day.month}月{day.day}日" in text
        # One address in it, ours, and nothing that tells of its being opened.
        links = set(re.findall(r"https?://[^\s\"<]+", text))
        assert len(links) == 1
        assert links.pop().startswith("https://portal.example.org/join/")
        assert guest.member_number not in text
    assert not re.search(r"<img|<script|<link|url\(", rich)
    assert issued.invitation.channel == Channel.EMAIL


def test_a_letter_is_owed_until_it_is_sent_and_sent_once(guest: User) -> None:
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    assert list(Invitation.objects.owed()) == [issued.invitation]

    for _ in range(3):
        send_invitation.call_local(issued.invitation.pk)
        send_owed_invitations.call_local()

    assert len(mail.outbox) == 1
    assert not Invitation.objects.owed().exists()


def test_a_letter_that_was_not_taken_is_owed_again_and_the_log_tells_no_address(
    guest: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = log(monkeypatch)
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    with monkeypatch.context() as down:
        use("smtp://127.0.0.1:9", settings, down)
        send_invitation.call_local(issued.invitation.pk)
    assert "not sent (ConnectionRefusedError)" in said.getvalue()
    assert "guest@" not in said.getvalue()
    assert list(Invitation.objects.owed()) == [issued.invitation]

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_owed_invitations.call_local()

    assert len(mail.outbox) == 1


@pytest.mark.parametrize("what", ["revoked", "expired", "suspended", "slip", "address gone"])
def test_what_is_not_owed_is_not_sent(guest: User, what: str) -> None:
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    now = timezone.now()
    if what == "revoked":
        slip(guest)
    elif what == "expired":
        now += dt.timedelta(days=8)
    elif what == "suspended":
        User.objects.filter(pk=guest.pk).update(suspended_at=now)
    elif what == "slip":
        Invitation.objects.update(channel=Channel.SLIP)
    else:
        User.objects.filter(pk=guest.pk).update(email="")

    with time_machine.travel(now):
        send_owed_invitations.call_local()
        letters.send(issued.invitation.pk)

    assert not mail.outbox


def test_nobody_could_use_a_letter_before_it_is_written(guest: User) -> None:
    [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    before = issued.invitation.token_hash

    letter_of(guest)

    assert not Invitation.objects.filter(token_hash=before, sent_at__isnull=False).exists()


def test_the_task_is_queued_with_the_commit_and_not_before(
    guest: User, django_capture_on_commit_callbacks: Any
) -> None:
    HUEY.flush()
    with django_capture_on_commit_callbacks() as waiting:
        [issued] = invite([guest], by=audit.COMMAND_LINE, channel=Channel.EMAIL)
    assert HUEY.pending_count() == 0
    for callback in waiting:
        callback()

    [task] = HUEY.pending()
    assert (task.name, task.args) == ("send_invitation", (issued.invitation.pk,))
    HUEY.flush()
