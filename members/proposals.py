"""推荐: a firm's contact proposes somebody for a seat, staff decide.

Whoever resembles a person that is here waits for staff, also where contacts are trusted, and the
contact is answered in the same words whatever becomes of it. Where they are not trusted, that tells
nothing of who is known to the portal. Where they are (TRUST_CONTACTS), the page shows at once
whether somebody has the seat, and so it tells something: who waits is somebody that we know, or a
namesake, or one more than a firm may bring in a day, or one whom another was registering in the
same moment. Which of these, and which of name, phone and e-mail is the same, it does not tell. That
is the price of acting at once, stated in docs/operations.md for whoever turns the setting on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.utils import timezone

from members import audit, contacts, invitations, seats
from members.bulk.cells import tidy
from members.invitations import Channel
from members.models import Organization, Proposal, Seat, User

State = Proposal.State

# However many seats a firm has: the desk decides them one by one.
MOST_PENDING = 20
# A trusted contact brings in as many people within 24 hours as the firm has seats, and this many
# where it has fewer: seats released and given anew would bring in any number otherwise.
MOST_TRUSTED = 3
# Name, phone and e-mail of somebody who was declined are kept for as long.
KEPT_FOR = dt.timedelta(days=180)
# What an emptied proposal has of the person no more.
EMPTIED: dict[str, Any] = {"name": "", "phone": "", "email": "", "note": ""}


def propose(
    *,
    by: User,
    name: str,
    phone: str = "",
    email: str = "",
    note: str = "",
    replaces: Seat | None = None,
    request: HttpRequest | None = None,
) -> Proposal:
    """Propose somebody for a seat of one's own firm.

    Args:
        by: its contact.
        replaces: the seat that they are to have instead of its holder; a free one without it.

    Returns:
        The proposal: approved at once where contacts are trusted, nobody resembles them, and the
        firm has not brought in too many today; otherwise pending.

    Raises:
        contacts.NoContact: `by` is no contact, or the seat is not of their firm.
        ValidationError: no seat is free, or they sit there or were proposed already.
    """
    with contacts.at_desk(by) as desk:
        desk.require_membership()
        _require_place(desk, replaces)
        proposal = Proposal(
            organization=desk.organization,
            proposed_by=by,
            name=tidy(name),
            phone=phone,
            email=email,
            note=tidy(note),
            replaces=replaces,
        )
        proposal.full_clean()
        _refuse_who_sits_there(proposal)
        proposal.save()
        # No personal values: they would stay in the trail under the contact's reference, out of
        # the reach of whom they are about. The proposal has them, and loses them.
        _record("add", proposal, by=by, request=request)
        if settings.TRUST_CONTACTS and _may_trust(proposal):
            _settle_or_wait(proposal, by=by, request=request)
    return proposal


def withdraw(proposal: Proposal, *, by: User, request: HttpRequest | None = None) -> None:
    """Take a proposal back before it is decided; of the person nothing stays.

    Raises:
        contacts.NoContact: `by` is not the contact of the firm.
        ValidationError: it has been decided.
    """
    with contacts.at_desk(by) as desk:
        if proposal.organization_id != desk.organization.pk:
            raise contacts.NoContact
        _close(_pending(proposal), State.WITHDRAWN, by=by, request=request, **EMPTIED)


def approve(
    proposal: Proposal,
    *,
    by: User,
    person: User | None = None,
    may_invite: bool = True,
    request: HttpRequest | None = None,
) -> Seat:
    """Give the person proposed their seat, and an invitation if it can go by mail.

    Args:
        person: who they are, if they are somebody known; a new person is made without.
        may_invite: whether `by` may set this person's password, as an invitation lets them.

    Returns:
        The seat.

    Raises:
        ValidationError: it has been decided, the seat is none to be replaced, none is free, or
            the person cannot have it. Nothing has changed then.
    """
    with transaction.atomic():
        proposal.organization.lock()
        row = _pending(proposal)
        with _alone():
            return _settle(row, person, by=by, may_invite=may_invite, request=request)


def decline(
    proposal: Proposal, *, by: User, reason: str, request: HttpRequest | None = None
) -> None:
    """Decline a proposal; the contact reads why.

    Raises:
        ValidationError: it has been decided, or no reason is given.
    """
    with transaction.atomic():
        proposal.organization.lock()
        row = _pending(proposal)
        words = Proposal._meta.get_field("reason").clean(tidy(reason), row)
        if not words:
            raise ValidationError("请写明原因，推荐人会看到。")
        _close(row, State.DECLINED, by=by, request=request, reason=words)


def free_seats(organization: Organization) -> int:
    """How many seats nobody holds and nobody waits for."""
    # One that was to replace somebody whose seat has ended since needs a free seat too.
    needs_one = Q(replaces__isnull=True) | Q(replaces__until__isnull=False)
    waiting = organization.proposals.pending().filter(needs_one).count()
    return max(0, organization.seat_limit - organization.seats.current().count() - waiting)


def matching(proposal: Proposal) -> QuerySet[User]:
    """People whom the one proposed resembles, annotated `same_phone` and `same_email`."""
    same_phone = Q(phone=proposal.phone) & ~Q(phone="")
    same_email = Q(email__iexact=proposal.email) & ~Q(email="")
    return (
        User.objects.filter(same_phone | same_email | Q(name=proposal.name))
        .filter(merged_into__isnull=True, erased_at__isnull=True)
        .annotate(
            same_phone=Case(When(same_phone, then=Value(True)), default=Value(False)),
            same_email=Case(When(same_email, then=Value(True)), default=Value(False)),
        )
        .order_by("-same_phone", "-same_email", "-is_active", "member_number")
    )


def forget() -> int:
    """Empty what was declined long enough ago of the person; how many proposals it was."""
    with transaction.atomic():
        old = Proposal.objects.filter(
            state=State.DECLINED, decided_at__lte=timezone.now() - KEPT_FOR
        ).exclude(name="")
        count = old.update(**EMPTIED, reason="")
        if count:
            audit.record("proposal.forget", by=audit.SYSTEM, proposals=count)
    return count


def _refuse_who_sits_there(proposal: Proposal) -> None:
    """Colleagues may be named; nobody else's phone or e-mail is compared here."""
    own = proposal.organization.seats.current().select_related("person")
    for seat in own:
        person = seat.person
        if (proposal.phone and person.phone == proposal.phone) or (
            proposal.email and person.email.lower() == proposal.email
        ):
            raise ValidationError(
                f"{person.name}已经在本单位的席位上，用的是同样的电话或电子邮箱，不必再推荐。",
                code="sits_there",
            )


def _require_place(desk: contacts.Desk, replaces: Seat | None) -> None:
    organization = desk.organization
    pending = organization.proposals.pending()
    if pending.count() >= MOST_PENDING:
        raise ValidationError(
            f"待办的推荐已有 {MOST_PENDING} 条。请等秘书处办理一些，或先撤回几条。", code="too_many"
        )
    if replaces is not None:
        if replaces.organization_id != organization.pk:
            raise contacts.NoContact
        if replaces.pk == desk.seat.pk:
            raise ValidationError(
                "这是您自己的席位。请先把联系人移交给别人，再由新联系人推荐接替您的人。"
            )
        if not organization.seats.current().filter(pk=replaces.pk).exists():
            raise ValidationError("这个席位已经结束，不能移交。请直接推荐人员。", code="ended")
        return
    if not free_seats(organization):
        raise ValidationError(
            f"本单位的 {organization.seat_limit} 个席位都有人了（含待办的推荐）。"
            "请先收回一个席位，或用“移交席位”推荐接替的人；要增加席位，请联系秘书处。",
            code="seats_taken",
        )


def _may_trust(proposal: Proposal) -> bool:
    """Whether a trusted contact's word is enough; inside `contacts.at_desk`."""
    organization = proposal.organization
    # Decided by whoever proposed: nobody of staff has looked.
    made = organization.proposals.filter(
        state=State.APPROVED,
        decided_by=F("proposed_by"),
        decided_at__gt=timezone.now() - contacts.DAY,
    )
    most = max(MOST_TRUSTED, organization.seat_limit)
    return made.count() < most and not matching(proposal).exists()


def _settle_or_wait(proposal: Proposal, *, by: User, request: HttpRequest | None) -> None:
    """Give a new person the seat; whoever somebody else registers in this moment waits for staff.

    To say that their phone or e-mail is taken would tell that they are known.
    """
    try:
        with transaction.atomic():
            _settle(proposal, None, by=by, may_invite=True, request=request)
    except (IntegrityError, ValidationError):
        proposal.refresh_from_db()


@contextmanager
def _alone() -> Iterator[None]:
    """What the database alone saw: somebody was registered with the same phone or e-mail, or got
    a seat, in this very moment."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError(
            "刚刚有人登记了电话或电子邮箱相同的人，或给他安排了席位；这一次没有改动什么。"
            "请重新打开这条推荐，再选他是哪一位。",
            code="just_made",
        ) from None


def _pending(proposal: Proposal) -> Proposal:
    """The proposal as it is now; inside a transaction that has the firm locked."""
    row = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if row.state != State.PENDING:
        raise _decided(row)
    return row


def _decided(row: Proposal) -> ValidationError:
    return ValidationError(
        f"这条推荐刚刚已经办结（{row.get_state_display()}）；这一次没有改动什么。", code="decided"
    )


def _settle(
    proposal: Proposal,
    person: User | None,
    *,
    by: User,
    may_invite: bool,
    request: HttpRequest | None,
) -> Seat:
    organization = proposal.organization
    is_new = person is None
    whose = person or _new_person(proposal, by=by, request=request)
    if not whose.is_active or whose.suspended_at is not None:
        raise ValidationError(f"{whose}的账号已停用或暂停，不能安排席位。")
    if organization.seats.current().filter(person=whose).exists():
        raise ValidationError(f"{whose}已经在本单位的席位上，不必再安排；请婉拒这条推荐并说明。")
    _vacate(proposal, by=by, request=request)
    seat = seats.give(organization, whose, by=by, request=request)
    if may_invite and whose.email and not contacts.has_come_in(whose):
        invitations.invite([whose], by=by, channel=Channel.EMAIL, request=request)
    # Who they are stands at the seat from now on.
    _close(
        proposal,
        State.APPROVED,
        by=by,
        request=request,
        recorded={"person": str(whose.audit_ref), "seat": seat.pk, "is_new": is_new},
        seat=seat,
        **EMPTIED,
    )
    return seat


def _vacate(proposal: Proposal, *, by: User, request: HttpRequest | None) -> None:
    """End the seat that is to be replaced, unless it has ended by itself."""
    replaced = proposal.replaces
    if replaced is None:
        return
    replaced.refresh_from_db()
    if replaced.until is None and replaced.is_contact:
        raise ValidationError(
            f"{replaced.person.name}现在是该单位的联系人，席位不能这样移交。"
            "请先更换联系人，或婉拒这条推荐。",
            code="contact",
        )
    contacts.end(replaced, by=by, request=request)


def _new_person(proposal: Proposal, *, by: User, request: HttpRequest | None) -> User:
    """
    Raises:
        ValidationError: somebody has the phone or the e-mail.
    """
    person = User.objects.create_user(
        name=proposal.name, phone=proposal.phone, email=proposal.email
    )
    fields = ("member_number", "name", "phone", "email")
    audit.record(
        "user.add",
        by=by,
        subject=person,
        request=request,
        person=person,
        personal={name: ["", getattr(person, name)] for name in fields if getattr(person, name)},
        proposal=proposal.pk,
    )
    return person


def _close(
    proposal: Proposal,
    state: Proposal.State,
    *,
    by: User,
    request: HttpRequest | None,
    recorded: dict[str, Any] | None = None,
    **values: Any,
) -> None:
    """Decided once: of two at the same time the other finds it decided."""
    row = Proposal.objects.pending().filter(pk=proposal.pk)
    values |= {"state": state, "decided_at": timezone.now(), "decided_by": by}
    if row.update(**values) != 1:
        raise _decided(Proposal.objects.get(pk=proposal.pk))
    for name, value in values.items():
        setattr(proposal, name, value)
    verb = {State.APPROVED: "approve", State.DECLINED: "decline", State.WITHDRAWN: "withdraw"}
    _record(verb[state], proposal, by=by, request=request, **(recorded or {}))


def _record(
    verb: str, proposal: Proposal, *, by: User, request: HttpRequest | None, **detail: Any
) -> None:
    of = {"organization": str(proposal.organization_id)}
    if proposal.replaces_id:
        of["replaces"] = str(proposal.replaces_id)
    audit.record(f"proposal.{verb}", by=by, subject=proposal, request=request, of=of, **detail)
