"""Periodic work on who is signed in, and letters of invitation."""

from __future__ import annotations

from django.core.management import call_command
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from members import application_letters, applications, letters, proposals, reminders, seals
from members.listing import keeping
from members.models import Application, Invitation


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


@db_task()
def send_application_letter(pk: int) -> None:
    """Tell one applicant that it was declined, if they are still to be told."""
    application_letters.send(pk)


@db_periodic_task(crontab(minute="*/5"))
def send_owed_application_letters() -> None:
    """As for invitations."""
    for pk in Application.objects.owed().order_by("pk").values_list("pk", flat=True):
        application_letters.send(pk)


@db_periodic_task(crontab(minute="50", hour="3"))
def forget_applications() -> None:
    """Who applied and was decided upon long ago, or waited until it was no use any more."""
    applications.expire()
    applications.forget()


@db_periodic_task(crontab(minute="10", hour="4"))
def forget_lists() -> None:
    """Lists that nobody has finished: who is on them may be nobody of ours."""
    keeping.forget()


# In the daytime: nobody's phone is to ring at night for a letter.
@db_periodic_task(crontab(minute="10", hour="8-20"))
def remind_of_ends() -> None:
    """What is due of the ends of memberships, however long nobody looked."""
    reminders.make_due()
    reminders.send_owed()


@db_periodic_task(crontab(minute="30", hour="3"))
def forget_declined_proposals() -> None:
    """Whoever was not given a seat is nobody of ours."""
    proposals.forget()


@db_periodic_task(crontab(minute="0", hour="4"))
def destroy_sealed_links() -> None:
    """Nobody can be traced any more whose records need no longer be kept."""
    seals.destroy_due()
