"""会籍延续: the next membership of many holders at once."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from members import audit
from members.models import Membership, User

DAY = dt.timedelta(days=1)
MAX_YEARS = 10


def next_days(membership: Membership, *, years: int = 1) -> tuple[dt.date, dt.date]:
    """First and last day of the membership that follows, both included.

    It begins on the day after the last; where that lies behind us, today: days that nobody could
    read are not counted. It ends on the day before the same date, on 28 February before the 29th.
    """
    first = max(membership.last_day + DAY, timezone.localdate())
    year, month = first.year + years, first.month
    days_of_month = calendar.monthrange(year, month)[1]
    if first.day > days_of_month:
        return first, dt.date(year, month, days_of_month)
    return first, dt.date(year, month, first.day) - DAY


def until_when(days: Iterable[tuple[dt.date, dt.date]]) -> dt.date | None:
    """The last day on which these memberships, without a gap from today on, are in force.

    Args:
        days: first and last day of each.

    Returns:
        None when none of them is in force today.
    """
    reached = timezone.localdate() - DAY
    for first, last in sorted(days):
        if first <= reached + DAY:
            reached = max(reached, last)
    return reached if reached >= timezone.localdate() else None


def renew(
    memberships: Iterable[Membership],
    *,
    by: User | audit.Actor,
    years: int = 1,
    request: HttpRequest | None = None,
) -> list[Membership]:
    """Give each holder the membership that follows this one: all of them, or none.

    Args:
        memberships: the last one of each holder.
        years: how long the next ones last, from 1 to `MAX_YEARS`.

    Returns:
        The new memberships, in the same order.

    Raises:
        ValidationError: one of them is not its holder's last any more; says which.
    """
    if not 1 <= years <= MAX_YEARS:
        raise ValidationError(f"会籍一次可以延续 1 至 {MAX_YEARS} 年。")
    made: list[Membership] = []
    with transaction.atomic():
        for old in memberships:
            of_holder = old.of_its_holder()
            if of_holder.filter(last_day__gt=old.last_day).exists():
                raise ValidationError(
                    f"「{old.organization or old.person}」已有更晚的会籍，可能刚刚延续过。"
                    "请刷新后重选；这一次一家也没有延续。",
                    code="membership_renewed",
                )
            first, last = next_days(old, years=years)
            new = Membership(
                organization=old.organization, person=old.person, first_day=first, last_day=last
            )
            new.full_clean()
            new.save()
            made.append(new)
            audit.record(
                "membership.add",
                by=by,
                subject=new,
                request=request,
                of=holder_of(new),
                renewed=old.pk,
            )
    return made


def holder_of(membership: Membership) -> dict[str, str]:
    """Whose it is, as the audit trail refers to them."""
    if membership.person is not None:
        return {"person": str(membership.person.audit_ref)}
    return {"organization": str(membership.organization_id)}
