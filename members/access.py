"""Who may read, and who may enter the admin: the rule, in the only place it is written.

Everything here decides by what `User.objects.with_access()` brings in one query. A person who
came another way (a form, a test) is looked up again, so that the answer is never a stale one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

if TYPE_CHECKING:
    from members.models import User


class Reason(StrEnum):
    """Why reading is open or closed."""

    MEMBERSHIP = "membership"
    SEAT = "seat"
    ROLE = "role"
    STRANGER = "stranger"
    DEACTIVATED = "deactivated"
    SUSPENDED = "suspended"
    ORGANIZATION_SUSPENDED = "organization-suspended"
    LAPSED = "lapsed"
    NOT_YET = "not-yet"
    SEATLESS = "seatless"


@dataclass(frozen=True)
class Decision:
    """Whether somebody may read, and why.

    `day` is the last day of a lapsed membership, or the first of one that is still to begin.
    """

    allowed: bool
    reason: Reason
    day: dt.date | None = None


def may_read(user: User | AnonymousUser | Any) -> Decision:
    """May this person read articles now, and why or why not."""
    if not user.is_authenticated:
        return Decision(False, Reason.STRANGER)
    user = _with_access(user)
    if user is None or not user.is_active:
        return Decision(False, Reason.DEACTIVATED)
    if user.suspended_at is not None:
        return Decision(False, Reason.SUSPENDED)
    if user.has_own_membership:
        return Decision(True, Reason.MEMBERSHIP)
    # A firm's suspension closes what comes through its seat, and beats every role.
    if user.has_suspended_seat:
        return Decision(False, Reason.ORGANIZATION_SUSPENDED)
    if user.has_member_seat:
        return Decision(True, Reason.SEAT)
    if user.has_reading_role or user.is_superuser:
        return Decision(True, Reason.ROLE)
    return _why_closed(user)


def may_enter_admin(user: User | AnonymousUser | Any) -> bool:
    """Holds a role and is not suspended; what they may do there is a matter of permissions."""
    if not user.is_authenticated:
        return False
    user = _with_access(user)
    if user is None or not user.is_active or user.suspended_at is not None:
        return False
    # Staff keep firms and their seats: with them they must not shut out who gives the roles.
    closed = user.has_suspended_seat and not user.has_own_membership
    if closed and not user.is_administrator:
        return False
    return bool(user.has_role or user.is_superuser)


def must_agree(user: User | AnonymousUser | Any) -> bool:
    """Whether the privacy notice in force is still to be agreed to before anything is read."""
    if not user.is_authenticated:
        return False
    user = _with_access(user)
    return bool(user is not None and user.notice_due)


def _with_access(user: Any) -> Any:
    if hasattr(user, "has_own_membership"):
        return user
    from members.models import User

    return User.objects.with_access().filter(pk=user.pk).first()


def _why_closed(user: Any) -> Decision:
    """Asked only when reading is closed, so its queries are not on any reader's path."""
    from django.utils import timezone

    from members.models import Membership

    mine = Membership.objects.filter(
        Q(person=user.pk)
        | Q(organization__seats__person=user.pk, organization__seats__until__isnull=True)
    )
    coming = mine.filter(first_day__gt=timezone.localdate()).order_by("first_day").first()
    if coming:
        return Decision(False, Reason.NOT_YET, coming.first_day)
    last = mine.order_by("-last_day").first()
    if last:
        return Decision(False, Reason.LAPSED, last.last_day)
    return Decision(False, Reason.LAPSED if user.has_seat else Reason.SEATLESS)
