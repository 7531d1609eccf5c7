"""邀请: a person's first way in, or the way back in. Made, redeemed, revoked.

The token goes to one person and nowhere else: the database has its SHA-256; no log, audit entry
or Referer has any of it.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from members import audit, privacy_notices
from members.models import Invitation, PrivacyNotice, User

Channel = Invitation.Channel

TOKEN_BYTES = 32
MOST_ATTEMPTS = 5


@dataclass(frozen=True)
class Issued:
    """An invitation just made.

    Attributes:
        token: shown this once; "" for a letter, whose token is made when it leaves.
    """

    invitation: Invitation
    token: str = field(repr=False)


class Reason(StrEnum):
    """Why somebody does not come in by an invitation."""

    CLOSED = "closed"  # never was, spent, revoked or expired: not told apart
    WRONG = "wrong"  # the proof is not theirs
    BARRED = "barred"  # deactivated or suspended


class Refused(Exception):
    def __init__(self, reason: Reason, *, attempts_left: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.attempts_left = attempts_left


def new_token() -> str:
    """256 random bits in base32 (RFC 4648, section 6), to be typed from paper if need be."""
    return base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().rstrip("=").lower()


def address_of(token: str) -> str:
    """Where an invitation is redeemed: from our own address, never from a request's Host."""
    return f"{settings.BASE_URL}{reverse('members:redeem', args=[token])}"


def why_barred(person: User) -> str:
    """Why nothing opens the door to this person, in a few words; "" when nothing bars them."""
    if not person.is_active:
        return "账号已停用"
    if person.suspended_at is not None:
        return "账号已暂停"
    return ""


def obstacle(person: User, channel: Channel, *, verified: bool = False) -> str:
    """Why this person cannot be invited this way, in a few words; "" when nothing is in it.

    Args:
        verified: staff have made sure on the telephone who it is (members/verifying.py). Whoever
            has signed in before gets no slip without: it would open an account that is in use.
    """
    if words := why_barred(person):
        return words
    if channel is Channel.EMAIL and not person.email:
        return "没有登记电子邮箱"
    if channel is Channel.SLIP and person.last_login is not None and not verified:
        return "已经登录过，请在其人员页上先电话核对"
    return ""


def invite(
    people: Iterable[User],
    *,
    by: User | audit.Actor,
    channel: Channel,
    verified: bool = False,
    request: HttpRequest | None = None,
) -> list[Issued]:
    """Invite people, all or none; what each had open before is revoked.

    Args:
        people: by member number they come back.
        by: who may change them: that is for the caller to see to.
        channel: a letter is owed from the commit on (members/tasks.py); a slip is handed out
            by the caller, who alone gets its token.
        verified: by `obstacle`.

    Raises:
        ValidationError: somebody cannot be invited this way, by `obstacle`.
    """
    wanted = {person.pk for person in people}
    with transaction.atomic():
        # Locked in one order: of two who invite at once, the later revokes the earlier's.
        locked = list(User.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
        for person in locked:
            if words := obstacle(person, channel, verified=verified):
                raise ValidationError(f"{person}：{words}，不能邀请。", code="not_invitable")
        revoke_open(locked, by=by, request=request, because="newer")
        issued = [_issue(person, by=by, channel=channel, request=request) for person in locked]
    return sorted(issued, key=lambda one: one.invitation.person.member_number)


def revoke_open(
    people: Iterable[User],
    *,
    by: User | audit.Actor,
    because: str,
    request: HttpRequest | None = None,
) -> None:
    """Revoke what these people could still come in by, each with its entry."""
    for former in Invitation.objects.open().filter(person__in=people).select_related("person"):
        _revoke(former, by=by, request=request, because=because)


def is_open(token: str) -> bool:
    """Whether somebody could still come in by it. Asking spends nothing."""
    found = Invitation.objects.open().for_token(token).select_related("person", "created_by")
    invitation = found.first()
    return invitation is not None and _may_open(invitation, invitation.person)


def close_for_role(person: User, *, by: User, request: HttpRequest | None = None) -> bool:
    """Close every way in that others had a hand in, before a person has the role given to them.

    Whoever keeps members may invite them and set their passwords; whoever holds a role only by
    those who give roles. So what was made before does not open it: invitations are revoked,
    sessions end, and a password is void that somebody else must have set.

    Args:
        by: who gives the role; inside their transaction.

    Returns:
        Whether the person has no password now, and so needs an invitation.
    """
    has_come_in = (
        person.last_login is not None
        or person.invitations.filter(redeemed_at__isnull=False).exists()
    )
    revoke_open([person], by=by, request=request, because="role")
    values: dict[str, Any] = {"session_generation": F("session_generation") + 1}
    if not has_come_in:
        values["password"] = make_password(None)
    User.objects.filter(pk=person.pk).update(**values)
    return not has_come_in


def prove(token: str, proof: str, *, request: HttpRequest) -> Invitation:
    """See that whoever has the token is who was invited; a wrong proof is counted.

    Args:
        proof: the last four digits of their phone, or their member number as far as that does
            not stand on the slip.

    Raises:
        Refused: CLOSED, WRONG or BARRED. At the fifth wrong proof the invitation is revoked.
    """
    with transaction.atomic():
        invitation = (
            Invitation.objects.open()
            .for_token(token)
            .select_related("person", "created_by")
            # One after the other: no two tries are counted as one.
            .select_for_update(of=("self",))
            .first()
        )
        refusal = _try(invitation, proof, request)
    # Outside of the transaction, which would otherwise forget the try.
    if refusal is not None:
        raise refusal
    assert invitation is not None
    return invitation


def redeem(
    invitation: Invitation,
    *,
    password: str,
    notice: PrivacyNotice | None = None,
    request: HttpRequest,
) -> User:
    """Spend the invitation on a new password; every session there is ends.

    Args:
        invitation: from `prove`.
        password: one that the validators have let pass.
        notice: the version of the privacy notice that they agree to.

    Raises:
        Refused: CLOSED: of several at the same time one comes in; BARRED.
    """
    # Slow by design: not while others wait for the lock.
    encoded = make_password(password)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=invitation.person_id)
        if why_barred(person):
            raise Refused(Reason.BARRED)
        if not _may_open(invitation, person):
            raise Refused(Reason.CLOSED)
        still_open = Invitation.objects.open().filter(
            pk=invitation.pk, token_hash=invitation.token_hash
        )
        if still_open.update(redeemed_at=timezone.now()) != 1:
            raise Refused(Reason.CLOSED)
        User.objects.filter(pk=person.pk).update(
            password=encoded, session_generation=F("session_generation") + 1
        )
        _record("redeem", invitation, by=person, request=request)
        if notice is not None:
            occasion = privacy_notices.Occasion.JOINING
            privacy_notices.agree(person, notice, occasion=occasion, request=request)
    return User.objects.with_access().get(pk=person.pk)


def _issue(
    person: User, *, by: User | audit.Actor, channel: Channel, request: HttpRequest | None
) -> Issued:
    is_slip = channel is Channel.SLIP
    token = new_token()
    invitation = Invitation.objects.create(
        person=person,
        channel=channel,
        # A letter's is made when it leaves; until then the row has one that nobody knows.
        token_hash=Invitation.hash_token(token),
        created_by=by if isinstance(by, User) else None,
        expires_at=_end_of_day(settings.SLIP_DAYS if is_slip else settings.INVITATION_DAYS),
        sent_at=timezone.now() if is_slip else None,
    )
    _record("send", invitation, by=by, request=request)
    if is_slip:
        return Issued(invitation, token)
    from members.tasks import send_invitation

    # Robust: without a queue the letter stays owed, and the sweep finds it.
    transaction.on_commit(partial(send_invitation, invitation.pk), robust=True)
    return Issued(invitation, "")


def _end_of_day(days: int) -> dt.datetime:
    """The day that is printed counts whole."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time.max, tzinfo=timezone.get_current_timezone())


def _try(invitation: Invitation | None, proof: str, request: HttpRequest) -> Refused | None:
    if invitation is None:
        return Refused(Reason.CLOSED)
    if not _may_open(invitation, invitation.person):
        _revoke(invitation, by=audit.SYSTEM, request=request, because="role")
        return Refused(Reason.CLOSED)
    if not _is_theirs(invitation, proof):
        row = Invitation.objects.open().filter(pk=invitation.pk)
        row.update(attempts=F("attempts") + 1)
        invitation.refresh_from_db(fields=["attempts"])
        _record("refuse", invitation, by=audit.STRANGER, request=request, because="proof")
        left = MOST_ATTEMPTS - invitation.attempts
        if left > 0:
            return Refused(Reason.WRONG, attempts_left=left)
        _revoke(invitation, by=audit.SYSTEM, request=request, because="attempts")
        return Refused(Reason.CLOSED)
    if why_barred(invitation.person):
        _record("refuse", invitation, by=invitation.person, request=request, because="barred")
        return Refused(Reason.BARRED)
    return None


def _may_open(invitation: Invitation, person: User) -> bool:
    """Whether whoever made it may set this person's password: a role is opened by those alone
    who may give one, also when it was given after the invitation was made."""
    if not (person.is_superuser or person.groups.exists()):
        return True
    maker = invitation.created_by
    # Nobody: the system, or whoever is at the machine.
    return maker is None or maker.has_perm("members.assign_roles")


def _is_theirs(invitation: Invitation, proof: str) -> bool:
    person = invitation.person
    written = unicodedata.normalize("NFKC", proof).strip().lower()
    accepted = [person.phone[-4:]] if person.phone else []
    # A slip has the member number printed on it: that proves something only for want of a phone.
    if invitation.channel != Channel.SLIP or not person.phone:
        accepted.append(person.member_number.lower())
    return any(constant_time_compare(written, one) for one in accepted)


def _revoke(
    invitation: Invitation, *, by: User | audit.Actor, request: HttpRequest | None, because: str
) -> None:
    row = Invitation.objects.open().filter(pk=invitation.pk)
    if row.update(revoked_at=timezone.now()) == 1:
        _record("revoke", invitation, by=by, request=request, because=because)


def _record(
    verb: str,
    invitation: Invitation,
    *,
    by: User | audit.Actor,
    request: HttpRequest | None,
    because: str = "",
) -> None:
    detail: dict[str, Any] = {"because": because} if because else {}
    audit.record(
        f"invitation.{verb}",
        by=by,
        subject=invitation,
        succeeded=verb != "refuse",
        request=request,
        channel=str(invitation.channel),
        of={"person": str(invitation.person.audit_ref)},
        **detail,
    )
