"""联系人: what a firm's contact may do with its seats, and whose desk that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.http import HttpRequest
from django.utils import timezone

from members import invitations, seats
from members.invitations import Channel, Issued
from members.models import Invitation, Membership, Organization, Proposal, Seat, User
from members.models.organization import SeatQuerySet

# Between two invitations of one person, and how many they get without the secretariat: letters to
# one address, and doors to one account, are not a contact's to make without end.
PAUSE = dt.timedelta(minutes=10)
DAY = dt.timedelta(hours=24)
MOST_A_DAY = 3
MOST_IN_ALL = 10


class Closed(StrEnum):
    """Why a contact may not manage the seats."""

    PERSON = "person"  # they are suspended
    ORGANIZATION = "organization"  # their firm is


class NoContact(Exception):
    """Whoever acts is no contact, or not any more, or may not act now."""


@dataclass(frozen=True)
class Desk:
    """What a contact manages: their own firm, and no other.

    Attributes:
        seat: their own.
        last: the firm's last membership, or None.
    """

    seat: Seat
    last: Membership | None

    @property
    def organization(self) -> Organization:
        return self.seat.organization

    @property
    def closed(self) -> Closed | None:
        """Suspension beats everything: of the person first, as in members/access.py."""
        if self.seat.person.suspended_at is not None or not self.seat.person.is_active:
            return Closed.PERSON
        return Closed.ORGANIZATION if self.organization.suspended_at is not None else None

    @property
    def is_lapsed(self) -> bool:
        """Neither now nor later is the firm a member: nobody new comes in through it."""
        return self.last is None or self.last.last_day < timezone.localdate()

    def require_membership(self) -> None:
        """
        Raises:
            ValidationError: the firm's membership has ended.
        """
        if self.is_lapsed:
            raise ValidationError(
                "本单位没有有效的会籍，暂不能推荐人员、移交席位或发邀请；会籍延续后即可办理。",
                code="lapsed",
            )


def desk_of(user: User) -> Desk | None:
    """The desk of a firm's contact; None for everybody else. THE rule, the only place."""
    seat = (
        Seat.objects.current()
        .filter(person=user, is_contact=True)
        .select_related("organization", "person")
        .first()
    )
    if seat is None:
        return None
    return Desk(seat, seat.organization.memberships.order_by("-last_day").first())


@contextmanager
def at_desk(by: User) -> Iterator[Desk]:
    """One transaction in which nobody else changes the firm's seats.

    Raises:
        NoContact: the duty was handed over, or a suspension came in between.
    """
    with transaction.atomic():
        before = desk_of(by)
        if before is None:
            raise NoContact
        before.organization.lock()
        desk = desk_of(by)
        if desk is None or desk.organization != before.organization or desk.closed:
            raise NoContact
        yield desk


def holders(organization: Organization) -> SeatQuerySet:
    """The seats held now, each with its person and how far they are with coming in.

    Annotated: `has_redeemed`; `open_until`, `open_channel` and `open_sent_at` of the invitation
    that can still be used.
    """
    of_person = Invitation.objects.filter(person=OuterRef("person"))
    usable = of_person.open().order_by("-created_at")
    return (
        organization.seats.current()
        .select_related("person")
        .annotate(
            has_redeemed=Exists(of_person.filter(redeemed_at__isnull=False)),
            open_until=Subquery(usable.values("expires_at")[:1]),
            open_channel=Subquery(usable.values("channel")[:1]),
            open_sent_at=Subquery(usable.values("sent_at")[:1]),
        )
        .order_by(F("is_contact").desc(), "since", "pk")
    )


def has_come_in(person: User) -> bool:
    """Whether they have signed in before, or just chosen a password."""
    return (
        person.last_login is not None
        or person.invitations.filter(redeemed_at__isnull=False).exists()
    )


def invite_again(seat: Seat, *, by: User, request: HttpRequest | None = None) -> Issued:
    """Invite somebody who holds a seat and has never signed in: by letter, else by a slip.

    Raises:
        NoContact: `by` is not the contact of the seat's firm.
        ValidationError: they have signed in, cannot be invited, or were just now or often enough.
    """
    with at_desk(by) as desk:
        desk.require_membership()
        held = _held(desk, seat)
        person = User.objects.select_for_update().get(pk=held.person_id)
        if has_come_in(person):
            raise ValidationError(
                f"{person.name}已经登录过，不必再邀请。忘记密码的，请本人在登录页用电子邮箱重设；"
                "没有登记电子邮箱的，请本人联系秘书处。",
                code="has_come_in",
            )
        channel = Channel.EMAIL if person.email else Channel.SLIP
        words = invitations.obstacle(person, channel)
        if not words and _has_role(person):
            # An invitation sets a password, and so would give a role away.
            words = "由秘书处办理"
        if words:
            raise ValidationError(
                f"{person.name}：{words}，不能在这里邀请。请与秘书处联系。", code="not_invitable"
            )
        _require_few(person)
        [issued] = invitations.invite([person], by=by, channel=channel, request=request)
        return issued


def release(seat: Seat, *, by: User, request: HttpRequest | None = None) -> None:
    """End somebody's seat, as `end` does.

    Raises:
        NoContact: `by` is not the contact of the seat's firm.
        ValidationError: it is the contact's own, or has ended.
    """
    with at_desk(by) as desk:
        held = _held(desk, seat)
        if held == desk.seat:
            raise ValidationError("这是您自己的席位。请先把联系人移交给别人，再由新联系人收回。")
        end(held, by=by, request=request)


def end(seat: Seat, *, by: User, request: HttpRequest | None = None) -> None:
    """End a seat inside a transaction that has the firm locked; one that has ended stays.

    Whoever never came in, and has nothing here but this seat, comes in no more: what they were
    invited by is revoked. An invitation for more than the firm's seat is not the firm's to revoke.
    """
    seats.end(seat, by=by, request=request)
    person = seat.person
    own = person.memberships.filter(last_day__gte=timezone.localdate())
    elsewhere = Seat.objects.current().filter(person=person)
    if has_come_in(person) or _has_role(person) or own.exists() or elsewhere.exists():
        return
    invitations.revoke_open([person], by=by, request=request, because="released")


def hand_over(seat: Seat, *, by: User, stays: bool, request: HttpRequest | None = None) -> None:
    """Make somebody else who holds a seat the firm's contact.

    Args:
        stays: whether the contact before keeps a seat.

    Raises:
        NoContact: `by` is not the contact of the seat's firm.
        ValidationError: they are the contact, barred, or about to be replaced, or have no seat.
    """
    with at_desk(by) as desk:
        held = _held(desk, seat)
        person = held.person
        if held == desk.seat:
            raise ValidationError("您现在就是联系人。")
        if not person.is_active or person.suspended_at is not None:
            raise ValidationError(f"{person.name}的账号已停用或暂停，不能担任联系人。")
        if Proposal.objects.pending().filter(replaces=held).exists():
            raise ValidationError(
                f"已推荐别人接替{person.name}的席位。要让{person.name}担任联系人，请先撤回那条推荐。"
            )
        seats.name_contact(desk.organization, person, by=by, former_stays=stays, request=request)


def _has_role(person: User) -> bool:
    return person.is_superuser or person.groups.exists()


def _require_few(person: User) -> None:
    """
    Raises:
        ValidationError: they were invited just now, or too often, whoever it was by.
    """
    now = timezone.now()
    since = {
        name: Count("pk", filter=Q(created_at__gt=now - span))
        for name, span in (("just_now", PAUSE), ("today", DAY))
    }
    made = person.invitations.aggregate(in_all=Count("pk"), **since)
    if made["in_all"] >= MOST_IN_ALL:
        raise ValidationError(
            f"给{person.name}的邀请已做过 {made['in_all']} 次，不能再在这里做。"
            "请与秘书处联系，由秘书处办理。",
            code="too_many",
        )
    if made["today"] >= MOST_A_DAY:
        raise ValidationError(
            f"24 小时内已给{person.name}做过 {made['today']} 次邀请。请明天再试，或与秘书处联系。",
            code="too_many_today",
        )
    if made["just_now"]:
        raise ValidationError(
            f"刚刚给{person.name}做过邀请。请过 {PAUSE // dt.timedelta(minutes=1)} 分钟再试。",
            code="too_soon",
        )


def _held(desk: Desk, seat: Seat) -> Seat:
    """The seat as it is now, if it is one of this desk's."""
    found = desk.organization.seats.filter(pk=seat.pk).select_related("person").first()
    if found is None:
        raise NoContact
    if found.until is not None:
        raise ValidationError(f"{found.person.name}的席位已经结束。", code="ended")
    return found
