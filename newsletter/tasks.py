"""Periodic work on what is published."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from newsletter.importing import receive
from newsletter.models import IncomingFile

# Time enough to come back to a report; a leaflet of articles must not lie about for ever.
UNKEPT_FOR = dt.timedelta(days=7)


@db_periodic_task(crontab(minute="40", hour="3"))
def forget_unkept_files() -> None:
    """Drop files that were uploaded, looked at and never made an issue."""
    due = IncomingFile.objects.filter(
        issue__isnull=True, received_at__lte=timezone.now() - UNKEPT_FOR
    )
    for received in due:
        receive.forget(received)
