"""The letter that an application was declined."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit
from members.models import Application

EVERY = dt.timedelta(days=1)

logger = logging.getLogger(__name__)


def is_enough(application: Application) -> bool:
    """Whether the address that was given is owed a letter, or had one within `EVERY`."""
    others = Application.objects.filter(
        Q(told_at__isnull=True, emptied_at__isnull=True)
        | Q(told_at__gt=timezone.now() - EVERY, told_by=None),
        state=Application.State.DECLINED,
        is_silent=False,
        email=application.email,
    )
    return application.email != "" and others.exclude(pk=application.pk).exists()


def send(pk: int) -> None:
    """Send the letter if it is owed; called twice, it is sent once.

    One that could not be sent is owed again, until the application is emptied.
    """
    application = Application.objects.owed().filter(pk=pk).first()
    if application is None:
        return
    now = timezone.now()
    if Application.objects.owed().filter(pk=pk).update(told_at=now) != 1:
        return
    try:
        _write(application).send()
    except Exception as error:
        # Whatever it was: nobody has the letter.
        Application.objects.filter(pk=pk, told_at=now, told_by=None).update(told_at=None)
        # Neither the address nor the error's own words, which may hold it.
        logger.error("application %d: letter not sent (%s)", pk, type(error).__name__)
    else:
        audit.record("application.tell", by=audit.SYSTEM, subject=application)


def _write(application: Application) -> EmailMultiAlternatives:
    """It may go to somebody who never applied: of a stranger's words, the firm's name alone."""
    context = {
        # On one line: nothing of it stands in the letter as a sentence of ours.
        "organization": " ".join(application.organization_name.split()),
        "reference": application.reference,
        "applied_at": application.created_at,
        "reason": application.reason,
        "association": settings.ASSOCIATION,
        "contact": settings.CONTACT,
    }
    prefix = settings.ACCOUNT_EMAIL_SUBJECT_PREFIX
    letter = EmailMultiAlternatives(
        subject=f"{prefix}入会申请的答复（{application.reference}）",
        body=render_to_string("emails/application.txt", context),
        to=[application.email],
    )
    letter.attach_alternative(render_to_string("emails/application.html", context), "text/html")
    return letter
