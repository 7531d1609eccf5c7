"""Help at the desk for people without e-mail: known by their voice, let in by a new slip."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from members import audit, invitations
from members.invitations import Channel, Issued
from members.models import User


def verify(person: User, *, note: str, by: User, request: HttpRequest | None = None) -> Issued:
    """Note that somebody was verified on the telephone; end their sessions, make a new slip.

    Args:
        note: how, and with whom on the telephone; kept where personal values are.

    Raises:
        ValidationError: there is no note, or the person cannot be invited.
    """
    if not note.strip():
        raise ValidationError("请写明怎样核对的、与谁通的电话。", code="note_missing")
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=person.pk)
        audit.record(
            "user.verify",
            by=by,
            subject=person,
            request=request,
            personal={"note": note.strip()},
            person=person,
        )
        # Whoever has their telephone or their place at a computer is out as of now.
        User.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
        [issued] = invitations.invite(
            [person], by=by, channel=Channel.SLIP, verified=True, request=request
        )
    return issued
