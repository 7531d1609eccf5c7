"""Periodic work on who is signed in, and letters of invitation."""

from __future__ import annotations

from django.core.management import call_command
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from members import letters
from members.models import Invitation


@db_periodic_task(crontab(minute="20", hour="3"))
def forget_ended_sessions() -> None:
    """Rows of sessions past their end carry nothing but weight."""
    call_command("clearsessions")


@db_task()
def send_invitation(pk: int) -> None:
    """Send one letter, if it is still owed."""
    letters.send(pk)


@db_periodic_task(crontab(minute="*/5"))
def send_owed_invitations() -> None:
    """Letters that the queue lost, or that the mail server did not take."""
    for pk in Invitation.objects.owed().order_by("pk").values_list("pk", flat=True):
        letters.send(pk)
