"""会籍提醒: 30, 15 and 7 days before the last day of a membership, and on the day after.

Who is owed one is a row, made by whatever is due by now, however long nothing ran. A letter is
claimed, handed to the mail server once, and marked. What the server may have taken is never sent
again: a crash in between, or an answer that does not come, leaves the reminder to the telephone,
which can ask first. A second letter would be the smaller harm to one member and the greater to
the word of the secretariat; a lost one is none, for it stands on the list of calls.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from members import audit
from members.memberships import holder_of
from members.models import Membership, Reminder, Seat, User
from members.models.reminder import AFTERWARDS, open_holders, unrenewed

logger = logging.getLogger(__name__)

Kind, Status = Reminder.Kind, Reminder.Status
DAY = dt.timedelta(days=1)
SOON = dt.timedelta(days=max(Kind.values))
AT_ONCE = 500
# A mailbox that is not there, and the like (RFC 5321, section 4.2.1).
PERMANENT = 500
# The server has answered, and said no.
_NO = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
)


def make_due() -> int:
    """Make the reminders that are due by today and not yet made; run twice, it makes none.

    Of several that were missed only the nearest to the last day is owed; the others, and what
    was left undone of earlier ones, are passed over.

    Returns:
        How many are newly owed.
    """
    today = timezone.localdate()
    ending = (
        unrenewed()
        .filter(
            open_holders(),
            first_day__lte=today,
            last_day__range=(today - AFTERWARDS, today + SOON),
        )
        .order_by("pk")
    )
    # The kind nearest to the last day is the one that tells whether anything is to be done.
    missing = []
    made = set(
        Reminder.objects.filter(membership__in=ending).values_list(
            "membership_id", "last_day", "kind"
        )
    )
    for pk, last_day in ending.values_list("pk", "last_day"):
        kind = kind_due(last_day, today)
        if (pk, last_day, kind) not in made:
            missing.append((pk, last_day, kind))
    for start in range(0, len(missing), AT_ONCE):
        _make(missing[start : start + AT_ONCE])
    return len(missing)


def kind_due(last_day: dt.date, today: dt.date) -> Reminder.Kind:
    """The reminder nearest to the last day that is due by today, of a day within `SOON`."""
    left = (last_day - today).days
    return min(kind for kind in Kind if left <= kind)


def _make(missing: list[tuple[int, dt.date, Reminder.Kind]]) -> None:
    with transaction.atomic():
        for nearest in Kind:
            Reminder.objects.unsettled().filter(
                membership__in=[pk for pk, _, kind in missing if kind == nearest],
                # Never the nearest itself: another process may just have made it.
                kind__gt=nearest,
            ).update(status=Status.PASSED, changed_at=timezone.now())
        Reminder.objects.bulk_create(
            [
                Reminder(
                    membership_id=pk,
                    last_day=last_day,
                    kind=kind,
                    status=Status.OWED if kind == nearest else Status.PASSED,
                )
                for pk, last_day, nearest in missing
                for kind in Kind
                if kind >= nearest
            ],
            # Made on an earlier day, or by another process at this moment.
            ignore_conflicts=True,
        )


def send_owed() -> None:
    """Send the letters that are owed, until the mail server cannot be reached."""
    for pk in list(Reminder.objects.letters().order_by("pk").values_list("pk", flat=True)):
        try:
            send(pk)
        except Unreachable:
            return


class Unreachable(Exception):
    """The mail server does not answer, or does not let us in; no letter would leave."""


def send(pk: int) -> None:
    """Send one letter if it is owed; called twice, or by two at once, it is sent once.

    Raises:
        Unreachable: it stays owed.
    """
    reminder = with_recipients(Reminder.objects.letters().filter(pk=pk)).first()
    person = recipient(reminder.membership) if reminder else None
    if reminder is None or person is None or not _move(reminder, Status.CLAIMED):
        return
    connection = mail.get_connection()
    try:
        letter = _write(reminder, person)
        letter.message()
    except Exception as error:
        # Nothing that can be written: the next try would fare no better.
        _move(reminder, Status.REFUSED)
        _complain(reminder, error)
        return
    try:
        connection.open()
    except Exception as error:
        _move(reminder, Status.OWED)
        _complain(reminder, error)
        raise Unreachable from error
    try:
        # From here on the server may have it.
        if _move(reminder, Status.HANDED):
            connection.send_messages([letter])
            with transaction.atomic():
                _move(reminder, Status.SENT)
                _record("send", reminder, by=audit.SYSTEM)
    except _NO as error:
        _move(reminder, Status.REFUSED if _is_permanent(error) else Status.OWED)
        _complain(reminder, error)
    except (smtplib.SMTPException, OSError) as error:
        _complain(reminder, error)
    finally:
        _close(connection)


def tell(
    reminder: Reminder, *, by: User, note: str = "", request: HttpRequest | None = None
) -> bool:
    """Note that somebody was told by telephone.

    Args:
        reminder: one of `Reminder.objects.calls()`.

    Returns:
        Whether it was still to be done.
    """
    with transaction.atomic():
        if not _move(reminder, Status.TOLD, told_by=by, note=note):
            return False
        _record("tell", reminder, by=by, request=request, note=note)
    return True


def reopen(reminder: Reminder, *, by: User, request: HttpRequest | None = None) -> bool:
    """Take back what was noted by mistake: it is owed again.

    Returns:
        Whether it was noted as told.
    """
    with transaction.atomic():
        if reminder.status != Status.TOLD or not _move(
            reminder, Status.OWED, told_by=None, note=""
        ):
            return False
        _record("reopen", reminder, by=by, request=request)
    return True


# Whom to tell --------------------------------------------------------------------------------
def with_contacts(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Memberships with their holders and all that `contact` asks, in two queries."""
    return memberships.select_related("organization", "person").prefetch_related(
        Prefetch("organization__seats", _contacts(), to_attr="contacts")
    )


def with_recipients(reminders: QuerySet[Reminder]) -> QuerySet[Reminder]:
    """Reminders with all that `recipient` asks, in two queries."""
    return reminders.select_related(
        "membership__organization", "membership__person", "told_by"
    ).prefetch_related(Prefetch("membership__organization__seats", _contacts(), to_attr="contacts"))


def contact(membership: Membership) -> User | None:
    """The member in person, or the firm's contact, whatever the state of their account."""
    if membership.organization is None:
        return membership.person
    contacts: list[Seat] = membership.organization.contacts  # type: ignore[attr-defined]
    return contacts[0].person if contacts else None


def recipient(membership: Membership) -> User | None:
    """`contact`, unless suspended or deactivated."""
    person = contact(membership)
    if person is None or not person.is_active or person.suspended_at is not None:
        return None
    return person


def why_call(reminder: Reminder) -> str:
    """Why no letter tells it, in a few words."""
    if reminder.status == Status.REFUSED:
        return "邮件被退回"
    if reminder.status == Status.HANDED:
        return "不知邮件是否送到"
    person = contact(reminder.membership)
    if person is None:
        return "没有联系人"
    if recipient(reminder.membership) is None:
        return "联系人的账号已停用或暂停"
    return "没有电子邮箱" if not person.email else "门户不发邮件"


def _contacts() -> QuerySet[Seat]:
    return Seat.objects.current().filter(is_contact=True).select_related("person")


# Rows ----------------------------------------------------------------------------------------
def _move(reminder: Reminder, status: Reminder.Status, **values: object) -> bool:
    """Change a row if it is still as it was read: of several processes one wins."""
    now = timezone.now()
    as_read = Reminder.objects.filter(
        pk=reminder.pk, status=reminder.status, changed_at=reminder.changed_at
    )
    if as_read.update(status=status, changed_at=now, **values) != 1:
        return False
    reminder.status, reminder.changed_at = status, now
    return True


def _record(
    verb: str,
    reminder: Reminder,
    *,
    by: User | audit.Actor,
    request: HttpRequest | None = None,
    note: str = "",
) -> None:
    audit.record(
        f"reminder.{verb}",
        by=by,
        subject=reminder,
        request=request,
        personal={"note": note} if note else None,
        person=_told(reminder.membership) if note else None,
        kind=reminder.kind,
        membership=reminder.membership_id,
        of=holder_of(reminder.membership),
    )


def _told(membership: Membership) -> User | None:
    """Whose a note of a call is: the member's in person, or the firm's present contact's.

    It tells of them, and goes with them (PIPL art. 45 and 47); not with whoever wrote it.
    """
    if membership.person is not None:
        return membership.person
    seat = _contacts().filter(organization=membership.organization_id).first()
    return seat.person if seat else None


# Letters -------------------------------------------------------------------------------------
def _write(reminder: Reminder, person: User) -> mail.EmailMultiAlternatives:
    membership = reminder.membership
    context = {
        "name": person.name,
        "holder": membership.organization,
        "last_day": membership.last_day,
        "closed_from": membership.last_day + DAY,
        "has_ended": membership.last_day < timezone.localdate(),
        "address": f"{settings.BASE_URL}/",
        "association": settings.ASSOCIATION,
        "contact": settings.CONTACT,
    }
    words = "会籍已经届满" if context["has_ended"] else "会籍即将届满"
    letter = mail.EmailMultiAlternatives(
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{words}",
        body=render_to_string("emails/reminder.txt", context),
        to=[person.email],
    )
    letter.attach_alternative(
        render_to_string("emails/reminder.html", context | {"title": words}), "text/html"
    )
    return letter


def _is_permanent(error: smtplib.SMTPException) -> bool:
    """Whether the server refuses this letter for good, and not for this hour."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= PERMANENT
    return isinstance(error, smtplib.SMTPNotSupportedError)


def _close(connection: object) -> None:
    try:
        connection.close()  # type: ignore[attr-defined]
    except Exception as error:
        logger.warning("mail server did not say goodbye (%s)", type(error).__name__)


def _complain(reminder: Reminder, error: Exception) -> None:
    # Neither the address nor the error's own words, which may hold it.
    logger.error("reminder %d not sent (%s)", reminder.pk, type(error).__name__)
