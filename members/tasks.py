"""Periodic work on who is signed in."""

from __future__ import annotations

from django.core.management import call_command
from huey import crontab
from huey.contrib.djhuey import db_periodic_task


@db_periodic_task(crontab(minute="20", hour="3"))
def forget_ended_sessions() -> None:
    """Rows of sessions past their end carry nothing but weight."""
    call_command("clearsessions")
