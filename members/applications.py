"""申请入会: taken in from strangers, decided by staff, told, and in time forgotten.

Anybody can apply in anybody's name. So what a stranger wrote binds nobody whom we know (an
approval records consent of whom it makes alone), and is sent back to the address that they gave
as seldom as can be: one letter a day, with none but their firm's name in it, and none at all if
staff say so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from members import application_letters as letters
from members import audit, invitations, memberships, privacy_notices, seats
from members.bulk import firm_key
from members.invitations import Channel, Issued
from members.models import Application, Membership, Organization, Seat, User

State = Application.State

# So many wait at most: a queue that a stranger can fill for ever is one that nobody reads.
MOST_PENDING = 300
# From everywhere together: a limit for one address stops nobody who has many.
MOST_AN_HOUR = 60
MOST_MATCHES = 20
FORGOTTEN_AFTER = dt.timedelta(days=90)
# Nobody waits a year for an answer; and what is no use any more is not kept (PIPL art. 19).
EXPIRED_AFTER = dt.timedelta(days=365)


@dataclass(frozen=True)
class Matches:
    """Whom and what we know already, that an application may be about."""

    organizations: list[Organization]
    people: list[User]
    applications: list[Application]


@dataclass(frozen=True)
class Approved:
    """What an approval made, or found.

    Attributes:
        issued: the invitation; None where the person has an account that they use.
    """

    application: Application
    organization: Organization
    person: User
    issued: Issued | None


def is_full() -> bool:
    """Whether so many applications wait, or came in the last hour, that no more are taken."""
    hour_ago = timezone.now() - dt.timedelta(hours=1)
    return (
        Application.objects.pending().count() >= MOST_PENDING
        or Application.objects.filter(created_at__gt=hour_ago).count() >= MOST_AN_HOUR
    )


def add(application: Application, *, request: HttpRequest) -> Application:
    """Take in what a stranger sent, cleaned; whether we know them changes nothing."""
    with transaction.atomic():
        application.save()
        # Without a name: the row has it, and is emptied in time.
        audit.record("application.add", by=audit.STRANGER, subject=application, request=request)
    return application


def matches(application: Application) -> Matches:
    """The firm by code or name, the person by phone or e-mail, and what else they sent.

    The firm where such a person has a seat now is among the firms: the application may be a
    colleague's, or one for a firm that has been renamed.
    """
    key, code = firm_key(application.organization_name), application.credit_code
    known = Organization.objects.values_list("pk", "name", "credit_code")
    firms = [
        pk
        for pk, name, its_code in known.iterator()
        if (code and its_code == code) or firm_key(name) == key
    ]
    of_person = _by_contact(application)
    of_others = of_person | Q(organization_name__iexact=application.organization_name)
    if code:
        of_others |= Q(credit_code=code)
    others = Application.objects.pending().filter(of_others).exclude(pk=application.pk)
    people = list(User.objects.filter(of_person)[:MOST_MATCHES])
    theirs = Seat.objects.current().filter(person__in=people).values("organization")
    return Matches(
        list(Organization.objects.filter(Q(pk__in=firms[:MOST_MATCHES]) | Q(pk__in=theirs))),
        people,
        list(others[:MOST_MATCHES]),
    )


def usual_days() -> tuple[dt.date, dt.date]:
    """First and last day of a membership of a year from today, by the rule of `memberships`."""
    return memberships.next_days(Membership(last_day=timezone.localdate() - memberships.DAY))


def approve(
    application: Application,
    *,
    by: User,
    organization: Organization | None = None,
    person: User | None = None,
    days: tuple[dt.date, dt.date] | None,
    seat_limit: int,
    is_contact: bool,
    request: HttpRequest | None = None,
) -> Approved:
    """Make the firm, its membership, the person, their seat and their invitation: all or none.

    Args:
        organization: the firm that it is, when we know it; its data stay as they are.
        person: who it is, when we know them; their data stay as they are. Whether `by` may
            invite them is for the caller to see to.
        days: of the membership; None when the firm has one.
        seat_limit: of a new firm.
        is_contact: whether the person is the firm's contact.

    Raises:
        ValidationError: it was decided already, or one of the steps is refused; says which.
    """
    with transaction.atomic():
        application = _claim(application, State.APPROVED, by=by)
        with _alone():
            firm = organization or _new_organization(application, seat_limit, by, request)
            _refuse_suspended(firm)
            _give_membership(firm, days, by, request)
            holder = person or _new_person(application, by, request)
            seats.give(firm, holder, by=by, is_contact=is_contact, request=request)
        # Whom we know is asked by the portal itself: the application may not be theirs.
        if person is None:
            privacy_notices.agree(
                holder,
                application.notice,
                occasion=privacy_notices.Occasion.APPLICATION,
                at=application.created_at,
                by=by,
                request=request,
            )
        issued = _invite(holder, by, request)
        application.organization, application.person = firm, holder
        application.save()
        audit.record(
            "application.approve",
            by=by,
            subject=application,
            request=request,
            of={"organization": str(firm.pk), "person": str(holder.audit_ref)},
        )
    return Approved(application, firm, holder, issued)


def decline(
    application: Application,
    *,
    by: User,
    reason: str = "",
    is_silent: bool = False,
    request: HttpRequest | None = None,
) -> Application:
    """Decline; the applicant is owed a letter, or a call by whoever has no e-mail.

    Args:
        reason: it stands in the letter.
        is_silent: whether they get no word of it; so it is as well, whatever is said here, if
            `letters.is_enough`.

    Raises:
        ValidationError: it was decided already.
    """
    with transaction.atomic():
        if application.email:
            # In turn, of several with one address. By their keys: never one for another.
            same = Application.objects.filter(email=application.email).order_by("pk")
            list(same.select_for_update().values_list("pk"))
        application = _claim(application, State.DECLINED, by=by)
        application.reason = reason
        application.is_silent = is_silent or letters.is_enough(application)
        application.save()
        _record_decline(application, by, request)
        if application.email and not application.is_silent:
            from members.tasks import send_application_letter

            # Robust: without a queue the letter stays owed, and the sweep finds it.
            transaction.on_commit(partial(send_application_letter, application.pk), robust=True)
    return application


def decline_silently(
    chosen: Iterable[Application], *, by: User, request: HttpRequest | None = None
) -> int:
    """Decline all of them or none; nobody gets word of it.

    Returns:
        How many.

    Raises:
        ValidationError: one was decided already.
    """
    with transaction.atomic():
        found = [
            _claim(one, State.DECLINED, by=by) for one in sorted(chosen, key=lambda one: one.pk)
        ]
        for application in found:
            application.is_silent = True
            application.save()
            _record_decline(application, by, request)
    return len(found)


def note_told(application: Application, *, by: User, request: HttpRequest | None = None) -> None:
    """Somebody told the applicant by telephone that it was declined.

    Raises:
        ValidationError: they were told already, or there is nothing to tell.
    """
    with transaction.atomic():
        row = Application.objects.untold().filter(pk=application.pk)
        if row.update(told_at=timezone.now(), told_by=by) != 1:
            raise ValidationError("这份申请已经告知过了，或者不需要告知。")
        audit.record("application.tell", by=by, subject=application, request=request)


def expire() -> int:
    """Decline, without a word, whatever waits longer than `EXPIRED_AFTER`, and empty it.

    Returns:
        How many.
    """
    now = timezone.now()
    with transaction.atomic():
        lying = Application.objects.pending().filter(created_at__lte=now - EXPIRED_AFTER)
        found = list(lying.select_for_update().order_by("pk"))
        for application in found:
            audit.record("application.expire", by=audit.SYSTEM, subject=application)
        chosen = Application.objects.filter(pk__in=[one.pk for one in found])
        chosen.update(state=State.DECLINED, decided_at=now, is_silent=True)
        empty(chosen)
    return len(found)


def forget() -> int:
    """Empty what is personal in applications decided long ago (PIPL art. 19: the shortest time).

    Returns:
        How many.
    """
    before = timezone.now() - FORGOTTEN_AFTER
    decided = Application.objects.filter(decided_at__lte=before)
    with transaction.atomic():
        if count := empty(decided):
            audit.record("application.forget", by=audit.SYSTEM, count=count)
    return count


def empty(applications: Any) -> int:
    """Take out of decided applications who sent them; pending ones stay as they are.

    Args:
        applications: a queryset of them.
    """
    rows = applications.exclude(state=State.PENDING).filter(emptied_at__isnull=True)
    count: int = rows.update(
        name="", phone="", email="", remark="", reason="", emptied_at=timezone.now()
    )
    return count


def _claim(application: Application, state: State, *, by: User) -> Application:
    """The row, locked and decided, still to be saved; of two at the same time one gets it.

    Raises:
        ValidationError: it was decided already.
    """
    found = Application.objects.select_for_update().filter(pk=application.pk).first()
    if found is None or found.state != State.PENDING:
        raise ValidationError("这份申请刚刚由别人办过了，这一次什么也没有改。", code="decided")
    found.state, found.decided_at, found.decided_by = state, timezone.now(), by
    return found


def _record_decline(application: Application, by: User, request: HttpRequest | None) -> None:
    audit.record(
        "application.decline",
        by=by,
        subject=application,
        request=request,
        is_silent=application.is_silent,
    )


@contextmanager
def _alone() -> Iterator[None]:
    """What the database alone saw: somebody made the same firm or person in this very moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError(
            "刚刚有人登记了同一家单位或同一个人。请重新打开这份申请，从“已有的”里选。"
        ) from None


def _by_contact(application: Application) -> Q:
    found = Q(pk__in=[])
    if application.phone:
        found |= Q(phone=application.phone)
    if application.email:
        found |= Q(email__iexact=application.email)
    return found


def _new_organization(
    application: Application, seat_limit: int, by: User, request: HttpRequest | None
) -> Organization:
    organization = Organization(
        name=application.organization_name,
        credit_code=application.credit_code,
        region=application.region,
        industry=application.industry,
        size=application.size,
        seat_limit=seat_limit,
    )
    organization.full_clean()
    organization.save()
    audit.record("organization.add", by=by, subject=organization, request=request)
    return organization


def _refuse_suspended(organization: Organization) -> None:
    if organization.suspended_at is not None:
        raise ValidationError(f"「{organization}」已暂停。请先恢复，再办这份申请。")


def _give_membership(
    organization: Organization,
    days: tuple[dt.date, dt.date] | None,
    by: User,
    request: HttpRequest | None,
) -> None:
    if days is None:
        if not organization.memberships.filter(last_day__gte=timezone.localdate()).exists():
            raise ValidationError(f"「{organization}」没有有效的会籍，请填会籍的首日和末日。")
        return
    membership = Membership(organization=organization, first_day=days[0], last_day=days[1])
    membership.full_clean()
    membership.save()
    audit.record(
        "membership.add",
        by=by,
        subject=membership,
        request=request,
        of={"organization": str(organization.pk)},
    )


def _new_person(application: Application, by: User, request: HttpRequest | None) -> User:
    person = User.objects.create_user(
        name=application.name, phone=application.phone, email=application.email
    )
    audit.record(
        "user.add",
        by=by,
        subject=person,
        request=request,
        personal={
            "name": ["", person.name],
            "phone": ["", person.phone],
            "email": ["", person.email],
        },
        person=person,
    )
    return person


def _invite(person: User, by: User, request: HttpRequest | None) -> Issued | None:
    """By letter, or with a slip where there is no e-mail; whoever signs in already needs none."""
    if words := invitations.why_barred(person):
        raise ValidationError(f"{person}：{words}，不能安排席位。")
    if person.last_login is not None:
        return None
    channel = Channel.EMAIL if person.email else Channel.SLIP
    [issued] = invitations.invite([person], by=by, channel=channel, request=request)
    return issued
