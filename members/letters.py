"""Letters of invitation: who is owed one is a row; here it is claimed, written and sent."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone

from members.invitations import address_of, new_token, obstacle
from members.models import Invitation

logger = logging.getLogger(__name__)


def send(pk: int) -> None:
    """Send a letter of invitation if it is owed; called twice, it is sent once.

    Its token is made here and now: none waits anywhere to be read. A letter that could not be
    sent is owed again, until the invitation expires.
    """
    invitation = Invitation.objects.owed().select_related("person").filter(pk=pk).first()
    if invitation is None or obstacle(invitation.person, Invitation.Channel.EMAIL):
        return
    token = new_token()
    token_hash = Invitation.hash_token(token)
    claimed = Invitation.objects.owed().filter(pk=pk)
    if claimed.update(token_hash=token_hash, sent_at=timezone.now()) != 1:
        return
    try:
        _write(invitation, address_of(token)).send()
    except Exception as error:
        # Whatever it was: nobody has the letter.
        Invitation.objects.filter(pk=pk, token_hash=token_hash).update(sent_at=None)
        # Neither the address nor the error's own words, which may hold it.
        logger.error("invitation %d not sent (%s)", pk, type(error).__name__)


def _write(invitation: Invitation, address: str) -> EmailMultiAlternatives:
    context = {
        "name": invitation.person.name,
        "address": address,
        "last_day": timezone.localdate(invitation.expires_at),
        "association": settings.ASSOCIATION,
        "contact": settings.CONTACT,
    }
    letter = EmailMultiAlternatives(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}会员登录邀请",
        body=render_to_string("emails/invitation.txt", context),
        to=[invitation.person.email],
    )
    letter.attach_alternative(render_to_string("emails/invitation.html", context), "text/html")
    return letter
